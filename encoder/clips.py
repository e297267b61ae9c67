"""Stretches of a recording as files of their own, copied packet by packet: nothing is decoded, nothing gets worse.

It reads a file that nobody writes any more; each copy begins with a keyframe, so a little earlier than asked for.
"""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError

from encoder.mux import FORMATS, HEVC_TAG, Chapter, set_chapters
from encoder.recording_file import as_failure, create_file
from studio.errors import InvalidInput

_MANY_TRACKS = frozenset({"mp4", "mkv"})
_MICRO = 1_000_000
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST_NAME = 60

Progress = Callable[[float], None]
"""Told 0..1."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a stretch lies now, and how long it is."""

    path: Path
    seconds: float


def chapters(source: Path) -> list[Chapter]:
    """The moments that were marked. Raises InvalidInput for a file that can't be read."""
    with _reading(source) as container:
        return _chapters(container)


def copy_stretch(source: Path, wanted: Path, start_s: float, end_s: float) -> Copied:
    """From the last keyframe before `start_s` to `end_s`, into a new file. Raises InvalidInput, OutputFailed."""
    with _reading(source) as container:
        container.seek(round(max(0.0, start_s) * _MICRO), backward=True)
        return _copy(container, wanted, end_s, [], lambda _: None)


def cut_marked(source: Path, folder: Path, before_s: float, after_s: float) -> Iterator[Copied]:
    """A file in the folder for each marked moment, from so long before it to so long after. Raises InvalidInput, OutputFailed."""
    for number, chapter in enumerate(chapters(source), 1):
        start_s = chapter.start_ms / 1000
        name = f"{source.stem}-{number:02d}-{_file_name(chapter.title)}{source.suffix}"
        yield copy_stretch(source, folder / name, start_s - before_s, start_s + after_s)


def copy_whole(source: Path, wanted: Path, progress: Progress) -> Copied:
    """All of it, with its chapters and an index: what a crash left behind becomes a plain file. Raises InvalidInput, OutputFailed."""
    with _reading(source) as container:
        return _copy(container, wanted, math.inf, _chapters(container), progress)


def _file_name(title: str) -> str:
    """A title as part of a file's name on any system."""
    return _UNFIT.sub("_", title).strip(" .")[:_LONGEST_NAME] or "clip"


@contextmanager
def _reading(source: Path) -> Iterator[InputContainer]:
    try:
        with av.open(str(source)) as container:
            if not container.streams.video:
                raise InvalidInput("recordings.no_picture", path=str(source))
            yield container
    except (OSError, FFmpegError) as error:
        raise InvalidInput("recordings.unreadable", path=str(source), reason=str(getattr(error, "strerror", "") or "")) from error


def _chapters(container: InputContainer) -> list[Chapter]:
    found: list[Chapter] = []
    for row in container.chapters():
        unit = Fraction(row["time_base"] or Fraction(1, 1000))
        title = row["metadata"].get("title", "")
        found.append(Chapter(round(row["start"] * unit * 1000), round(row["end"] * unit * 1000), title))
    return found


def _copy(container: InputContainer, wanted: Path, end_s: float, marked: list[Chapter], progress: Progress) -> Copied:
    extension = wanted.suffix[1:].lower()
    if extension not in FORMATS:
        raise InvalidInput("recordings.ending", path=str(wanted), endings=", ".join(FORMATS))
    file, path = create_file(wanted)
    try:
        with av.open(file, "w", format=FORMATS[extension]) as out:
            seconds = _pour(container, out, end_s, progress, tracks=len(container.streams.audio) if extension in _MANY_TRACKS else 1)
            set_chapters(out, marked)
        file.sync()
    except OSError as error:
        raise as_failure(file.failure or error, path) from error
    finally:
        file.close()
    return Copied(path, seconds)


def _pour(container: InputContainer, out: OutputContainer, end_s: float, progress: Progress, *, tracks: int) -> float:
    """The packets from the first keyframe on, with so many tracks of sound; how many seconds of picture they are."""
    streams = [container.streams.video[0], *container.streams.audio[:tracks]]
    into = {stream.index: out.add_stream_from_template(stream, opaque=True) for stream in streams}
    if streams[0].codec_context.name == "hevc" and out.format.name == "mp4":
        into[streams[0].index].codec_context.codec_tag = HEVC_TAG
    for stream in streams:
        into[stream.index].metadata.update({name: text for name, text in stream.metadata.items() if name in {"title", "handler_name"}})
    whole_s = container.duration / _MICRO if container.duration else 0.0
    zero_s: float | None = None
    last_s = 0.0
    going = {stream.index for stream in streams}
    for packet in container.demux(*streams):
        if packet.pts is None or packet.dts is None:
            continue
        at_s = float(packet.pts * packet.time_base)
        is_picture = packet.stream.type == "video"
        if zero_s is None and is_picture and packet.is_keyframe:
            zero_s = at_s
        if zero_s is None or at_s < zero_s:
            continue
        if at_s >= end_s:
            going.discard(packet.stream.index)  # the other stream may come a little later in the file
            if not going:
                break
            continue
        if is_picture:
            last_s = max(last_s, at_s + float((packet.duration or 0) * packet.time_base))
            progress(min(1.0, last_s / whole_s) if whole_s else 0.0)
        offset = round(zero_s / packet.time_base)
        packet.pts, packet.dts = packet.pts - offset, packet.dts - offset
        packet.stream = into[packet.stream.index]
        out.mux(packet)
    return last_s - (zero_s or 0.0)
