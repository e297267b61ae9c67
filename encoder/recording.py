"""A recording: its thread, its queue, its file, and what becomes of them when the disk is full, slow or gone.

It never drops a packet and never overwrites a file: when the disk can't keep up the recording ends with a notice, and stays readable.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from av.error import FFmpegError

from encoder.disk_room import DiskRoom
from encoder.interleave import Interleaver
from encoder.part import Part
from encoder.recording_file import as_failure, whereabouts
from encoder.standing import Standing
from studio.engine.handoff import Fifo
from studio.errors import KnownError, OutputFailed
from studio.model.frames import EncodedPacket, StreamHeader
from studio.model.settings import OutputSettings
from studio.ports import OutputStats

log = logging.getLogger(__name__)

_QUEUE_S = 3
_AUDIO_PACKETS_A_SECOND = 47
_SYNC_S = 2.0
"""A power cut costs this much; each sync costs a spinning disk some 20 ms of this thread."""
_WAIT_S = 0.1
_MOST_MARKS = 10_000
SOUND_TRACKS = ("Voices", "Music")
"""Behind the mix, as an editor's programs show them."""


class RecordingOutput:
    """An Output into a file. The thread `record` owns everything but the queue and the flags.

    The queue holds 3 s; when it is full the recording ends (state failed, recording.too_slow): a gap in a file is worse than its end.
    """

    def __init__(self, settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> None:
        self._wanted = Path(settings.path)
        self._standing = Standing(OutputStats(name=settings.name, kind="file", state="idle"), on_state)
        self._queue: Fifo[EncodedPacket] | None = None
        self._interleaver = Interleaver()
        self._thread: threading.Thread | None = None
        self._is_stopping = threading.Event()
        self._synced_s = 0.0
        self._path = self._wanted
        self._part: Part
        self._room: DiskRoom
        self._split_s, self._split_bytes = settings.split_minutes * 60, settings.split_mb * 1_000_000
        self._marks: deque[tuple[float, str]] = deque(maxlen=_MOST_MARKS)  # from the loop to the `record` thread
        self._written = 0  # bytes of the files before this one
        self._tracks = SOUND_TRACKS if settings.tracks == "separate" else ()
        self._packets_a_second = _AUDIO_PACKETS_A_SECOND
        self._refused = 0  # written by the `encode` thread alone

    def __repr__(self) -> str:
        return f"RecordingOutput({self._standing.stats.name!r}, {str(self._path)!r})"

    def start(self, header: StreamHeader) -> None:
        """Start the thread; a second start does nothing."""
        if self._thread is None:
            header = replace(header, sound_tracks=self._tracks)
            self._packets_a_second = header.fps + _AUDIO_PACKETS_A_SECOND * (1 + len(self._tracks))
            self._queue = Fifo(_QUEUE_S * self._packets_a_second)
            self._thread = threading.Thread(target=self._run, args=(header, self._queue), name="record", daemon=True)
            self._thread.start()

    def put(self, packet: EncodedPacket) -> None:
        """Hand over a packet; never blocks."""
        if packet.track > len(self._tracks):
            return
        if self._queue is not None and not self._queue.put(packet) and packet.kind == "video":
            self._refused += 1

    def mark(self, at_ms: float, title: str) -> None:
        """A chapter begins here."""
        self._marks.append((at_ms, title))

    def stats(self) -> OutputStats:
        """The counters; a full queue shows as failed at once, even while the disk still holds the thread."""
        stats = self._standing.stats
        backlog_ms = self._backlog_ms
        most_ms = max(stats.backlog_ms_max, backlog_ms)
        stats = replace(stats, backlog_ms=backlog_ms, backlog_ms_max=most_ms, missed=stats.missed + self._refused)
        if self._is_overrun and stats.state == "live":
            return replace(stats, state="failed", detail="recording.too_slow", detail_params=tuple(self._facts.items()))
        return stats

    def retry_now(self) -> None:
        """Nothing: a recording that ended is not taken up again under the same name."""

    def stop(self, deadline_s: float) -> None:
        """Write what waits, close the file, join; after the deadline the thread is left to end by itself."""
        self._is_stopping.set()
        if self._queue is None or self._thread is None:
            self._standing.change("stopped", facts=self._facts)
            return
        self._queue.close()
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            log.warning("The recording %s has not ended within %.1f s; it is left to end by itself", self._standing.stats.name, deadline_s)

    @property
    def _facts(self) -> dict[str, str]:
        return {"path": str(self._path)}

    @property
    def _backlog_ms(self) -> float:
        return len(self._queue) * 1000 / self._packets_a_second if self._queue is not None else 0.0

    @property
    def _is_overrun(self) -> bool:
        return self._queue is not None and self._queue.lost > 0 and not self._is_stopping.is_set()

    # From here on everything runs on the `record` thread.

    def _run(self, header: StreamHeader, queue: Fifo[EncodedPacket]) -> None:
        failure: KnownError | None = None
        try:
            self._standing.change("connecting", facts=self._facts)
            self._record(header, queue)
        except OutputFailed as error:
            failure = error
        finally:
            queue.close()
            while queue.take() is not None:
                pass  # what comes too late for the file is nobody's backlog
            if failure is not None:
                self._standing.change("failed", failure)
            else:
                self._standing.change("stopped" if self._is_stopping.is_set() else "failed", facts=self._facts)

    def _record(self, header: StreamHeader, queue: Fifo[EncodedPacket]) -> None:
        """Until the stop. Raises OutputFailed."""
        self._part = self._begin(header)
        self._synced_s = time.monotonic()
        try:
            try:
                while not queue.is_drained:
                    self._take(queue, header)
                for packet in self._interleaver.drain():
                    self._mux(packet, header)
            finally:
                self._close_part()
        except (OSError, FFmpegError) as error:
            raise as_failure(self._part.file.failure or error, self._path) from error
        finally:
            self._standing.count(bytes=self._written + self._part.file.size)

    def _begin(self, header: StreamHeader) -> Part:
        part = Part(self._wanted, header)
        self._path = part.path
        bytes_a_second = (header.video_bitrate_kbps + header.audio_bitrate_kbps * (1 + len(self._tracks))) * 125
        self._room = DiskRoom(self._path, bytes_a_second)
        self._standing.change("live", facts=self._facts)
        return part

    def _close_part(self, until_ms: float = math.inf) -> None:
        """End the file with the marks before `until_ms`; later ones are the next file's, and so is one that came too late for its own."""
        marks = [self._marks.popleft() for _ in range(len(self._marks))]
        self._marks.extend(mark for mark in marks if mark[0] >= until_ms)
        self._part.close([mark for mark in marks if mark[0] < until_ms])
        if self._part.is_put_back:
            raise OutputFailed("recording.put_back", path=str(self._part.path))

    def _take(self, queue: Fifo[EncodedPacket], header: StreamHeader) -> None:
        self._is_stopping.wait(_WAIT_S)  # several packets at a time: a disk is no viewer, and each wake costs the other threads
        while (packet := queue.take()) is not None:
            self._interleaver.put(packet)
        for ready in self._interleaver.take(time.monotonic_ns()):
            self._mux(ready, header)
        if self._is_overrun:
            raise OutputFailed("recording.too_slow", path=str(self._path))
        self._look_at_place()
        if time.monotonic() - self._synced_s > _SYNC_S:
            self._part.file.sync()
            self._synced_s = time.monotonic()
            self._standing.change("live", self._room.look(), self._facts)
        size, backlog_ms = self._written + self._part.file.size, max(self._standing.stats.backlog_ms_max, self._backlog_ms)
        self._standing.count(bytes=size, backlog_ms_max=backlog_ms)

    def _mux(self, packet: EncodedPacket, header: StreamHeader) -> None:
        """Write it; into a new file where the last one is long enough and a picture can stand by itself."""
        if packet.kind == "video" and packet.is_keyframe and self._part.is_as_long_as(self._split_s, self._split_bytes):
            self._close_part(packet.pts_ms)
            self._written += self._part.file.size
            self._part = self._begin(header)
        is_kept = self._part.mux(packet)
        if packet.kind == "video":
            stats = self._standing.stats
            self._standing.count(frames=stats.frames + is_kept, missed=stats.missed + (not is_kept))

    def _look_at_place(self) -> None:
        """A file that isn't there any more ends the recording; told at once, since putting a long one back takes its time."""
        gone = whereabouts(self._part.file, self._path)
        if gone:
            failure = OutputFailed(gone, path=str(self._path))
            self._standing.change("failed", failure)
            raise failure
