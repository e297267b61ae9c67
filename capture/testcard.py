"""The test card: 75 % colour bars, a moving bar, a frame counter for people and for programs, and a flash every second.

It needs no device and no font; frame n is due at epoch + n / fps and looks the same wherever it is made.
"""

import time

import numpy as np

from capture.pacing import NS, deadline_ns, sleep_until
from studio.errors import InvalidInput
from studio.model.frames import Plane, VideoFrame
from studio.model.settings import VideoSettings
from studio.ports import SourceInfo

FLASH_MS = 100
"""As long as the tone's beep."""

COUNTER_BITS = 24
"""Room for 6 days at 30 a second, after which the counter starts again."""

BLACK, WHITE = 16, 235

BARS_75 = (
    (180, 128, 128),  # white
    (168, 44, 136),  # yellow
    (145, 147, 44),  # cyan
    (133, 63, 52),  # green
    (63, 193, 204),  # magenta
    (51, 109, 212),  # red
    (28, 212, 120),  # blue
    (16, 128, 128),  # black
)
"""Y, U, V in 8 bits of the 75 % bars, from ITU-R BT.709-6, items 3.2 to 3.4 and 4.6, with R'G'B' of 0 or 0.75."""

_DIGITS = (
    "01110 10001 10011 10101 11001 10001 01110",
    "00100 01100 00100 00100 00100 00100 01110",
    "01110 10001 00001 00110 01000 10000 11111",
    "11111 00010 00100 00010 00001 10001 01110",
    "00010 00110 01010 10010 11111 00010 00010",
    "11111 10000 11110 00001 00001 10001 01110",
    "00110 01000 10000 11110 10001 10001 01110",
    "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110",
    "01110 10001 10001 01111 00001 00010 01100",
)
"""Five by seven dots, rows from the top."""


class TestCard:
    """The card on one canvas. One thread, the caller's."""

    __test__ = False  # its name begins as pytest's classes do

    def __init__(self, rest: str, settings: VideoSettings) -> None:
        if rest:
            raise InvalidInput("source.unknown", source=f"testcard:{rest}")
        self._fps = settings.fps
        self._layout = CardLayout(settings.width, settings.height)
        self._epoch_ns: int | None = None

    def open(self, epoch_ns: int) -> SourceInfo:
        """Frame 0, with a flash, is due at `epoch_ns`."""
        self._background = self._layout.background()
        self._epoch_ns = epoch_ns
        self._next = 0
        return SourceInfo("testcard", self._layout.width, self._layout.height, self._fps)

    def read(self, timeout_s: float) -> VideoFrame | None:
        """The next frame at its due time, or None when none is due in time; frames overslept are left out."""
        if self._epoch_ns is None:
            return None
        limit_ns = deadline_ns(timeout_s)
        self._next = max(self._next, (time.monotonic_ns() - self._epoch_ns) * self._fps // NS)
        number = self._next
        due_ns = self._epoch_ns + number * NS // self._fps
        if due_ns > limit_ns:
            sleep_until(due_ns, limit_ns)
            return None
        planes = self._background.copy()
        self._layout.draw(planes, number, number / self._fps)
        sleep_until(due_ns, limit_ns)
        self._next += 1
        return VideoFrame(planes, due_ns, number)

    def close(self) -> None:
        """Nothing is held; idempotent."""
        self._epoch_ns = None


class CardLayout:
    """Where the parts of the card are on a canvas, how they are drawn, and how the counter is read back."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.square = max(2, min(width // (COUNTER_BITS + 2), height // 16) // 2 * 2)
        self.bits_y = height * 5 // 8 // 2 * 2
        self.left = (width - COUNTER_BITS * self.square) // 4 * 2
        self.dot = max(1, height // 90)
        self.digits_y = self.bits_y + 2 * self.square
        self.bar_y = height * 15 // 16 // 2 * 2
        self.flash = (slice(self.digits_y, self.bar_y - self.square // 2), slice(width // 2, width - self.left))
        """Rows and columns of the luma plane that are white for 100 ms at every full second and black otherwise."""

    def background(self) -> Plane:
        """All that stands still: the bars above, black below."""
        frame = VideoFrame.black(self.width, self.height)
        edges = [self.width * number // len(BARS_75) // 2 * 2 for number in range(len(BARS_75) + 1)]
        bottom = self.bits_y - self.square // 2 * 2
        for (luma, blue, red), left, right in zip(BARS_75, edges, edges[1:], strict=False):
            frame.y[:bottom, left:right] = luma
            frame.u[: bottom // 2, left // 2 : right // 2] = blue
            frame.v[: bottom // 2, left // 2 : right // 2] = red
        return frame.planes

    def draw(self, planes: Plane, number: int, time_s: float) -> None:
        """Draw what moves at frame `number`, in place, luma alone: the counter, the bar, the flash."""
        luma = planes[: self.height]
        self.draw_counter(luma, number)
        self._draw_digits(luma, f"{number % 1_000_000:06d}")
        x = int(time_s * self.width / 4) % self.width
        luma[self.bar_y :, x : x + self.square] = WHITE
        if time_s % 1 * 1000 < FLASH_MS:
            luma[self.flash] = WHITE

    def draw_counter(self, luma: Plane, number: int) -> None:
        """Draw the squares of `number` on a (H, W) luma plane, in place."""
        bits = np.array([(number >> bit) & 1 for bit in reversed(range(COUNTER_BITS))], np.uint8)
        row = np.repeat(bits * np.uint8(WHITE - BLACK) + np.uint8(BLACK), self.square)
        luma[self.bits_y : self.bits_y + self.square, self.left : self.left + len(row)] = row

    def read_counter(self, luma: Plane) -> int:
        """The number in the squares of a (H, W) luma plane of any source that shows the card; modulo 2 to the 24th."""
        y = self.bits_y + self.square // 2
        centres = self.left + self.square // 2 + self.square * np.arange(COUNTER_BITS)
        bits = luma[y, centres] > (BLACK + WHITE) // 2
        return int("".join("1" if bit else "0" for bit in bits), 2)

    def _draw_digits(self, luma: Plane, text: str) -> None:
        for place, digit in enumerate(text):
            rows = _DIGITS[int(digit)].split()
            dots = np.array([[sign == "1" for sign in row] for row in rows], np.uint8) * np.uint8(WHITE - BLACK) + np.uint8(BLACK)
            drawn = np.kron(dots, np.ones((self.dot, self.dot), np.uint8))
            x = self.left + place * 6 * self.dot
            room = luma[self.digits_y : self.digits_y + len(drawn), x : x + drawn.shape[1]]
            room[:] = drawn[: room.shape[0], : room.shape[1]]
