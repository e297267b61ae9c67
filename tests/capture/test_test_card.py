"""The test card and the tone: exact colours, a counter that can be read, and flash and beep at the same instants."""

import time
from itertools import pairwise

import numpy as np
import pytest

from capture import audio_sources, video_sources
from capture.testcard import BARS_75, COUNTER_BITS, CardLayout
from capture.tone import Tone
from studio.errors import InvalidInput
from studio.model.frames import AUDIO_RATE_HZ, VideoFrame
from studio.model.settings import VideoSettings
from tests.capture.capture_clips import as_yuv
from tests.servers import PATIENCE_S

SIZES = [(1920, 1080), (1080, 1920), (1280, 720), (640, 360), (360, 640), (64, 64), (3840, 64), (64, 3840)]


def card(width: int, height: int, number: int, fps: int = 30) -> VideoFrame:
    layout = CardLayout(width, height)
    planes = layout.background()
    layout.draw(planes, number, number / fps)
    return VideoFrame(planes, 0, number)


def test_the_bars_are_those_of_bt709() -> None:
    order = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)]
    assert [tuple(np.rint(as_yuv(np.array(rgb) * 0.75, "bt709")).astype(int)) for rgb in order] == list(BARS_75)


@pytest.mark.parametrize("size", SIZES)
def test_the_bars_are_on_the_picture_left_to_right(size: tuple[int, int]) -> None:
    frame = card(*size, 7)
    for place, bar in enumerate(BARS_75):
        x = int((place + 0.5) * size[0] / len(BARS_75))
        y = size[1] // 4
        assert (frame.y[y, x], frame.u[y // 2, x // 2], frame.v[y // 2, x // 2]) == bar


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", [0, 1, 29, 4711, 2**COUNTER_BITS - 1])
def test_the_counter_reads_back(size: tuple[int, int], number: int) -> None:
    assert CardLayout(*size).read_counter(card(*size, number).y) == number


def test_every_picture_is_different_and_the_bar_moves() -> None:
    frames = [card(640, 360, number) for number in range(30)]
    assert all((one.planes != other.planes).any() for one, other in pairwise(frames))
    strip = CardLayout(640, 360).bar_y
    assert all((one.y[strip:] != other.y[strip:]).any() for one, other in pairwise(frames))


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60])
def test_the_flash_stands_at_each_full_second_for_100_ms(fps: int) -> None:
    area = CardLayout(320, 180).flash
    white = [number for number in range(3 * fps) if card(320, 180, number, fps).y[area].mean() > 200]
    assert white == [second * fps + part for second in range(3) for part in range(-(-fps // 10))]


def test_the_digits_can_be_read_by_people() -> None:
    layout = CardLayout(640, 360)
    rows = slice(layout.digits_y, layout.digits_y + 7 * layout.dot)
    last = slice(layout.left + 30 * layout.dot, layout.left + 35 * layout.dot)
    seven = (card(640, 360, 7).y[rows, last][:: layout.dot, :: layout.dot] > 100).astype(int)
    assert ["".join("#" if dot else "." for dot in row) for row in seven] == [
        "#####", "....#", "...#.", "..#..", ".#...", ".#...", ".#...",
    ]  # fmt: skip


def test_flash_and_beep_come_at_the_same_instants() -> None:
    epoch_ns = time.monotonic_ns() - 3_700_000_000
    picture = video_sources["testcard"]("", VideoSettings(width=320, height=180, fps=60))
    tone = audio_sources["tone"]("")
    picture.open(epoch_ns)
    tone.open(epoch_ns)
    area = CardLayout(320, 180).flash
    flash_ns = beep_ns = 0
    while not beep_ns:
        block = tone.read(PATIENCE_S)
        loud = np.flatnonzero(np.abs(block.samples[:, 0]) > 0.001) if block is not None else []
        if block is not None and len(loud):
            beep_ns = block.time_ns + int(loud[0]) * 1_000_000_000 // AUDIO_RATE_HZ
    while not flash_ns:
        frame = picture.read(PATIENCE_S)
        flash_ns = frame.time_ns if frame is not None and frame.y[area].mean() > 200 else 0
    assert (flash_ns - epoch_ns) % 1_000_000_000 == 0
    assert abs(beep_ns - flash_ns) < 100_000


def test_the_beep_is_1_khz_for_100_ms() -> None:
    second = Tone()._second
    loud = np.flatnonzero(np.abs(second[:, 0]) > 1e-4)
    assert loud[-1] - loud[0] == pytest.approx(4798, abs=2)
    assert np.count_nonzero(np.diff(np.signbit(second[1:4799, 0]))) == 199  # two for each of 100 waves
    assert (second[:, 0] == second[:, 1]).all()


@pytest.mark.parametrize("spec", ["testcard", "tone"])
def test_they_take_no_argument(spec: str) -> None:
    with pytest.raises(InvalidInput):
        _ = video_sources[spec]("x", VideoSettings()) if spec in video_sources else audio_sources[spec]("x")
