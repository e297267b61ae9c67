"""The look on one picture or clip, as on air, without overlays: for people who want to judge it, and for tests.

It refuses pictures larger than a canvas can be, and it never writes over a file before it has something to write.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import IO

import av
import av.error
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from capture.look import beauty
from capture.look.pipeline import BeautyLook
from capture.look.still import LEAST_SIDE, MOST_PIXELS, is_picture, read_picture, to_frame, to_rgb
from studio.errors import InvalidInput, TooLarge
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings
from studio.ports import FaceTrack

SETTLE_FRAMES = 15
"""How often a picture is shown, so that tracking finds the face and the fade is over."""
_READY_S = 60.0
"""Compiling the kernels for the first time takes some 10 s."""
_FRAME_NS = 33_333_333
_EXACTLY = 0x4 | 0x2000 | 0x40000
"""SWS_BICUBIC, SWS_FULL_CHR_H_INT and SWS_ACCURATE_RND of libswscale: without the last two another matrix costs ΔE2000 .9 instead of .3."""

_SHOT = ShotSettings()

Progress = Callable[[int, int], None]
"""(frames done, frames in all; 0 where it isn't known)."""


def run_picture(in_path: Path, out_path: Path, look: LookSettings, progress: Progress | None = None) -> tuple[str, ...]:
    """`in_path` with the look on it to `out_path`: PNG for a picture, FFV1 in mkv for a clip; odd sizes are padded and cropped back.

    What was asked for and can't work on this computer is answered in English words.

    Raises InvalidInput for a file that can't be read, a .cube that can't be used, or an ending of `out_path` that doesn't fit.
    """
    told = progress or (lambda _done, _all: None)
    if is_picture(in_path):
        return _run_still(in_path, out_path, look, told)
    return _run_clip(in_path, out_path, look, told)


class Booth:
    """A look whose two threads are one: each frame is tracked before the next is shown, so the result is the same on any machine."""

    def __init__(self, width: int, height: int, settings: LookSettings) -> None:
        self._look = BeautyLook(VideoSettings(width=width, height=height))
        self._look.wait_ready(_READY_S)
        self._look.configure(settings)
        self._settings = settings
        self.faces: FaceTrack | None = None

    def configure(self, settings: LookSettings) -> None:
        """Another look from the next frame on; the faces stay. Raises InvalidInput for a .cube that can't be used."""
        self._look.configure(settings)
        self._settings = settings

    def lacks(self) -> tuple[str, ...]:
        """What of the settings can't work on this computer, in English words."""
        state = self._look.state()
        behind = self._settings.background.partition(":")[0]
        wanted = {"faces": not beauty.of(self._settings).is_off, "person": behind in {"blur", "image"}}
        is_on = self._settings.enabled
        return tuple(
            state[part].removeprefix("off: ") for part, is_wanted in wanted.items() if is_on and is_wanted and f"{part}_code" in state
        )

    def show(self, source: VideoFrame) -> VideoFrame:
        """A new frame with the look on it."""
        sample = self._look.sample(source, _SHOT)
        if sample is not None:
            self.faces = self._look.track(sample)
        picture = self._look.frame(source, self.faces, _SHOT)
        self._look.apply(picture, self.faces, _SHOT)
        return picture


def _run_still(in_path: Path, out_path: Path, settings: LookSettings, told: Progress) -> tuple[str, ...]:
    if out_path.suffix.lower() != ".png":
        raise InvalidInput("look.picture_needs_png", path=out_path.name)
    rgb = read_picture(in_path)
    source = to_frame(rgb)
    booth = Booth(source.width, source.height, settings)
    picture = source
    for number in range(SETTLE_FRAMES):
        picture = booth.show(VideoFrame(source.planes, number * _FRAME_NS, number))
        told(number + 1, SETTLE_FRAMES)
    result = to_rgb(picture)[: rgb.shape[0], : rgb.shape[1]]
    is_written, content = cv2.imencode(".png", result[..., ::-1])
    if not is_written:
        raise RuntimeError("PNG encoder failed")
    _write(out_path, content.tobytes())
    return booth.lacks()


def _write(path: Path, content: bytes) -> None:
    try:
        with _whole(path) as file:
            file.write(content)
    except OSError as error:
        raise InvalidInput("look.picture_unwritable", path=path.name, reason=error.strerror or "") from error


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _run_clip(in_path: Path, out_path: Path, settings: LookSettings, told: Progress) -> tuple[str, ...]:
    if out_path.suffix.lower() != ".mkv":
        raise InvalidInput("look.clip_needs_mkv", path=out_path.name)
    try:
        with av.open(str(in_path)) as source:
            return _copy_clip(source, in_path, out_path, settings, told)
    except av.error.FFmpegError as error:
        raise InvalidInput("look.picture_unreadable", path=in_path.name, reason=error.strerror or "") from error
    except OSError as error:
        raise InvalidInput("look.picture_unwritable", path=out_path.name, reason=error.strerror or "") from error


def _copy_clip(
    source: av.container.InputContainer, in_path: Path, out_path: Path, settings: LookSettings, told: Progress
) -> tuple[str, ...]:
    frames = source.decode(video=0) if source.streams.video and source.streams.video[0].codec_context else iter(())
    first = next(frames, None)
    if first is None:
        raise InvalidInput("look.picture_unreadable", path=in_path.name, reason="")
    width, height = first.width, first.height
    if width * height > MOST_PIXELS or min(width, height) < LEAST_SIDE:
        raise TooLarge("look.picture_too_large", path=in_path.name, most=MOST_PIXELS)
    booth = Booth(width + width % 2, height + height % 2, settings)
    stream = source.streams.video[0]
    rate = stream.average_rate or Fraction(30)
    with _whole(out_path) as file, av.open(file, "w", format="matroska") as target:
        video = _ffv1(target, width, height, rate)
        for number, decoded in enumerate(itertools.chain([first], frames)):
            if (decoded.width, decoded.height) != (width, height):
                break
            frame = _cropped(booth.show(from_av(decoded, round(number * 1e9 / rate), number)), width, height)
            frame.pts, frame.time_base = number, 1 / rate
            target.mux(video.encode(frame))
            told(number + 1, stream.frames)
        target.mux(video.encode())
    return booth.lacks()


def _ffv1(target: av.container.OutputContainer, width: int, height: int, rate: Fraction) -> av.VideoStream:
    video = target.add_stream("ffv1", rate=rate)
    video.width, video.height, video.pix_fmt = width, height, "yuv420p"
    context = video.codec_context
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1
    return video


def _cropped(frame: VideoFrame, width: int, height: int) -> av.VideoFrame:
    """As PyAV takes it, without the padding."""
    result = av.VideoFrame(width, height, "yuv420p")
    for plane, source in zip(result.planes, (frame.y, frame.u, frame.v), strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = source[: plane.height, : plane.width]
        plane.update(rows)
    return result


def from_av(decoded: av.VideoFrame, time_ns: int, seq: int) -> VideoFrame:
    """A decoded frame as BT.709 limited I420; what says nothing about its colours is taken as that already."""
    width, height = decoded.width, decoded.height
    plain = decoded.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG, interpolation=_EXACTLY)
    frame = VideoFrame.empty(width + width % 2, height + height % 2, time_ns, seq)
    for plane, out in zip(plain.planes, (frame.y, frame.u, frame.v), strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        out[:] = np.pad(rows, ((0, out.shape[0] - rows.shape[0]), (0, out.shape[1] - rows.shape[1])), mode="edge")
    return frame
