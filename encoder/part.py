"""One file of a recording, from a keyframe to its close: its zero, its packets, its chapters.

It knows no threads and no limits; who records says when it ends.
"""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from encoder.mux import Chapter, Muxer
from encoder.recording_file import create_file
from studio.errors import OutputFailed
from studio.model.frames import EncodedPacket, StreamHeader


class Part:
    """Owned by one thread. Raises OutputFailed when the file can't be made, OSError and FFmpegError when it can't be written."""

    def __init__(self, wanted: Path, header: StreamHeader) -> None:
        self.file, self.path = create_file(wanted)
        self.zero_ms: float | None = None
        """On the session's clock; None until the first keyframe."""
        self.end_ms = 0.0
        self.is_put_back = False
        """Whether it had been deleted, and was written once more at its end."""
        self._is_closed = False
        with ExitStack() as undo:
            undo.callback(self.file.close)
            self._muxer = Muxer(self.file, self.path.suffix[1:].lower(), header)
            undo.pop_all()

    def mux(self, packet: EncodedPacket) -> bool:
        """Write a packet; whether it belongs to the file: what comes before the first keyframe doesn't."""
        if self.zero_ms is None:
            if packet.kind != "video" or not packet.is_keyframe:
                return False
            # The first picture is shown at zero; with B-frames it is decoded before.
            self.zero_ms = packet.pts_ms
        if packet.kind == "audio" and packet.dts_ms < self.zero_ms:
            return False
        self._muxer.mux(packet, self.zero_ms)
        self.end_ms = max(self.end_ms, packet.pts_ms)
        return True

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        return (self.end_ms - self.zero_ms) / 1000 if self.zero_ms is not None else 0.0

    def is_as_long_as(self, seconds: float, size: int) -> bool:
        """Whether it has reached one of the lengths in seconds and bytes after which another file begins; 0 is no limit."""
        return bool((seconds and self.seconds >= seconds) or (size and self.file.size >= size))

    def close(self, marks: Sequence[tuple[float, str]] = ()) -> None:
        """Write index and chapters; `marks` are (ms on the session's clock, title), one from before the file begins with it. Idempotent.

        A file that was deleted meanwhile is put back, at what `path` tells afterwards.
        """
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._muxer.set_chapters(self._chapters(marks))
            self._muxer.close()
            self.file.sync()
        finally:
            if self.file.is_unlinked:
                with suppress(OSError, OutputFailed):  # no folder, no room: what is lost has been told as lost
                    self.path = self.file.put_back(self.path)
                    self.is_put_back = True
            self.file.close()

    def _chapters(self, marks: Sequence[tuple[float, str]]) -> list[Chapter]:
        zero_ms = self.zero_ms
        if zero_ms is None:
            return []
        inside = sorted((max(0.0, at_ms - zero_ms), title) for at_ms, title in marks)
        ends = [*(at_ms for at_ms, _ in inside[1:]), self.end_ms - zero_ms]
        return [Chapter(round(start), round(max(end, start + 1)), title) for (start, title), end in zip(inside, ends, strict=False)]
