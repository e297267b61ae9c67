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

from capture.clip_clock import picture_stream
from capture.clip_convert import ClipConverter, upright_size
from capture.look import beauty
from capture.look.pipeline import BeautyLook
from capture.look.soundtrack import soundtrack
from capture.look.still import LEAST_SIDE, MOST_PIXELS, is_picture, read_alpha, read_picture, to_frame, to_rgb
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
_MS = Fraction(1, 1000)
"""Matroska's clock."""
_USUAL_RATE = Fraction(30)
_SHORTEST_S = Fraction(1, 1000)

_SHOT = ShotSettings()

Progress = Callable[[int, int], None]
"""(frames done, frames in all; 0 where it isn't known)."""


def run_picture(in_path: Path, out_path: Path, look: LookSettings, progress: Progress | None = None) -> tuple[str, ...]:
    """`in_path` with the look on it to `out_path`: PNG for a picture, FFV1 in mkv for a clip; odd sizes are padded and cropped back.

    A picture keeps its transparency. A clip comes out upright, in square pixels, each picture at its own moment, its sound beside it as
    it was. All of it has 8 bits a channel: more are rounded.

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
    channels, alpha = result[..., ::-1], read_alpha(in_path)
    if alpha is not None and alpha.shape == result.shape[:2]:
        channels = np.dstack([channels, alpha])
    is_written, content = cv2.imencode(".png", channels)
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
        # Only local files: a playlist among them must not reach out to the network.
        with av.open(f"file:{in_path}", metadata_errors="ignore", options={"protocol_whitelist": "file"}) as source:
            return _copy_clip(source, in_path, out_path, settings, told)
    except av.error.FFmpegError as error:
        raise InvalidInput("look.picture_unreadable", path=in_path.name, reason=error.strerror or "") from error
    except OSError as error:
        raise InvalidInput("look.picture_unwritable", path=out_path.name, reason=error.strerror or "") from error


def _copy_clip(
    source: av.container.InputContainer, in_path: Path, out_path: Path, settings: LookSettings, told: Progress
) -> tuple[str, ...]:
    stream = picture_stream(source)
    pictures = _timed(source, stream) if stream is not None and stream.codec_context else iter(())
    first = next(pictures, None)
    if stream is None or first is None:
        raise InvalidInput("look.picture_unreadable", path=in_path.name, reason="")
    aspect = stream.sample_aspect_ratio or Fraction(1)
    width, height = upright_size(first[1], aspect)
    if min(width, height) < LEAST_SIDE:
        raise InvalidInput("look.picture_too_small", path=in_path.name, least=LEAST_SIDE)
    if width * height > MOST_PIXELS:
        raise TooLarge("look.picture_too_large", path=in_path.name, most=MOST_PIXELS)
    booth = Booth(width + width % 2, height + height % 2, settings)
    converter = ClipConverter((width, height), aspect)
    start_s = first[1].pts * first[1].time_base if first[1].pts is not None and first[1].time_base else Fraction(0)
    with _whole(out_path) as file, av.open(file, "w", format="matroska") as target:
        video = _ffv1(target, width, height, stream.average_rate or _USUAL_RATE)
        with soundtrack(in_path, target, start_s) as sound:
            for number, (at_ms, decoded) in enumerate(itertools.chain([first], pictures)):
                frame = _cropped(booth.show(from_av(decoded, at_ms * 1_000_000, number, converter)), width, height)
                frame.pts, frame.time_base = at_ms, _MS
                target.mux(video.encode(frame))
                sound.copy_until(Fraction(at_ms, 1000))
                told(number + 1, stream.frames)
            target.mux(video.encode())
            sound.copy_until(None)
    return booth.lacks() + sound.lacks()


def _timed(source: av.container.InputContainer, stream: av.VideoStream) -> Iterator[tuple[int, av.VideoFrame]]:
    """(ms since the first, picture), growing; what can't be decoded is left out, and the rest keeps its moment.

    Where a clip's clock begins anew, as in one that was put together from two, its pictures go on at the usual distance.
    """
    usual_s = 1 / (stream.average_rate or _USUAL_RATE)
    start_s, last_s = None, Fraction(0)
    for packet in source.demux(stream):
        try:
            pictures = packet.decode()
        except av.error.InvalidDataError:
            continue
        for picture in pictures:
            clock_s = picture.pts * picture.time_base if picture.pts is not None and picture.time_base else None
            if start_s is None:
                start_s = clock_s or Fraction(0)
            elif clock_s is None or clock_s - start_s < last_s + _SHORTEST_S:
                last_s += usual_s
                start_s = start_s if clock_s is None else clock_s - last_s
            else:
                last_s = clock_s - start_s
            yield round(last_s * 1000), picture


def _ffv1(target: av.container.OutputContainer, width: int, height: int, rate: Fraction) -> av.VideoStream:
    video = target.add_stream("ffv1", rate=rate)
    video.width, video.height, video.pix_fmt = width, height, "yuv420p"
    context = video.codec_context
    context.time_base = _MS
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


def from_av(decoded: av.VideoFrame, time_ns: int, seq: int, converter: ClipConverter | None = None) -> VideoFrame:
    """A decoded frame as BT.709 limited I420, upright, its colours read as on air; an odd size is padded by its last row and column.

    `converter` is the clip's, of the size without padding; a lone frame needs none.
    """
    plain = (converter or ClipConverter(upright_size(decoded), None)).converted(decoded)
    width, height = plain.width, plain.height
    frame = VideoFrame.empty(width + width % 2, height + height % 2, time_ns, seq)
    for plane, out in zip(plain.planes, (frame.y, frame.u, frame.v), strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        out[:] = np.pad(rows, ((0, out.shape[0] - rows.shape[0]), (0, out.shape[1] - rows.shape[1])), mode="edge")
    return frame
