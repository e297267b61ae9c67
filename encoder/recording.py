"""A recording: its thread, its queue, its file, and what becomes of them when the disk is full, slow or gone.

It never drops a packet and never overwrites a file: when the disk can't keep up the recording ends with a notice, and stays readable.
"""

import contextlib
import errno
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from io import FileIO
from pathlib import Path

from av.error import FFmpegError

from encoder.interleave import Interleaver
from encoder.mux import Muxer
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
_MOST_NAMES = 1000
_WAIT_S = 0.1
_CODES = {
    errno.ENOSPC: "recording.disk_full",
    errno.EDQUOT: "recording.disk_full",
    errno.EACCES: "recording.not_allowed",
    errno.EPERM: "recording.not_allowed",
    errno.EROFS: "recording.not_allowed",
}


class RecordingFile:
    """A file that FFmpeg writes through. Once a write failed all later ones fail too.

    So a closing muxer can't overwrite the head of a file whose tail it couldn't write. Owned by one thread.
    """

    def __init__(self, path: Path) -> None:
        self._file = FileIO(path, "xb+")
        self.failure: OSError | None = None
        """What the disk said first; FFmpeg turns it into something else on its way."""
        self.size = 0

    def write(self, data: bytes) -> int:
        """All of it. Raises OSError."""
        if self.failure is not None:
            raise self.failure
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.failure = error
            raise
        self.size = max(self.size, self._file.tell())
        return len(data)

    def read(self, size: int) -> bytes:
        """For muxers that look back."""
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As files do."""
        return self._file.tell()

    def sync(self) -> None:
        """Put it onto the disk. Raises OSError."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Idempotent; what a full disk says here it has said before."""
        with contextlib.suppress(OSError):
            self._file.close()


def _create(wanted: Path) -> tuple[RecordingFile, Path]:
    """A new file under the wanted name, or the next free one: show.mp4, show-2.mp4 … Raises OutputFailed."""
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_NAMES):
            path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}") if number > 1 else wanted
            with contextlib.suppress(FileExistsError):
                return RecordingFile(path), path
    except OSError as error:
        raise _failure(error, wanted) from error
    raise OutputFailed("recording.no_name", path=str(wanted))


def _failure(error: OSError | FFmpegError, path: Path) -> OutputFailed:
    number = getattr(error, "errno", None) or 0
    return OutputFailed(_CODES.get(number, "recording.failed"), path=str(path), reason=errno.errorcode.get(number, ""))


class RecordingOutput:
    """An Output into a file. The thread `record` owns everything but the queue and the flags.

    The queue holds 3 s; when it is full the recording ends (state failed, recording.too_slow): a gap in a file is worse than its end.
    """

    def __init__(self, settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> None:
        self._wanted = Path(settings.path)
        self._standing = Standing(OutputStats(name=settings.name, kind="file", state="idle"), on_state)
        self._queue: Fifo[EncodedPacket] | None = None
        self._interleaver = Interleaver()
        self._zero_ms: float | None = None
        self._thread: threading.Thread | None = None
        self._is_stopping = threading.Event()
        self._synced_s = 0.0
        self._path = self._wanted
        self._packets_a_second = _AUDIO_PACKETS_A_SECOND
        self._refused = 0  # written by the `encode` thread alone

    def __repr__(self) -> str:
        return f"RecordingOutput({self._standing.stats.name!r}, {str(self._path)!r})"

    def start(self, header: StreamHeader) -> None:
        """Start the thread; a second start does nothing."""
        if self._thread is None:
            self._packets_a_second = header.fps + _AUDIO_PACKETS_A_SECOND
            self._queue = Fifo(_QUEUE_S * self._packets_a_second)
            self._thread = threading.Thread(target=self._run, args=(header, self._queue), name="record", daemon=True)
            self._thread.start()

    def put(self, packet: EncodedPacket) -> None:
        """Hand over a packet; never blocks."""
        if self._queue is not None and not self._queue.put(packet) and packet.kind == "video":
            self._refused += 1

    def stats(self) -> OutputStats:
        """The counters; a full queue shows as failed at once, even while the disk still holds the thread."""
        stats = self._standing.stats
        stats = replace(stats, backlog_ms=self._backlog_ms, missed=stats.missed + self._refused)
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
        file: RecordingFile | None = None
        failure: KnownError | None = None
        try:
            self._standing.change("connecting", facts=self._facts)
            file, self._path = _create(self._wanted)
            self._record(file, Muxer(file, self._path.suffix[1:].lower(), header), queue)
        except OutputFailed as error:
            failure = error
        finally:
            if file is not None:
                file.close()
            queue.close()
            while queue.take() is not None:
                pass  # what comes too late for the file is nobody's backlog
            if failure is not None:
                self._standing.change("failed", failure)
            else:
                self._standing.change("stopped" if self._is_stopping.is_set() else "failed", facts=self._facts)

    def _record(self, file: RecordingFile, muxer: Muxer, queue: Fifo[EncodedPacket]) -> None:
        """Until the stop. Raises OutputFailed."""
        self._standing.change("live", facts=self._facts)
        self._synced_s = time.monotonic()
        try:
            try:
                while not queue.is_drained:
                    self._take(queue, file, muxer)
                for packet in self._interleaver.drain():
                    self._mux(packet, muxer)
            finally:
                muxer.close()
            file.sync()
        except (OSError, FFmpegError) as error:
            raise _failure(file.failure or error, self._path) from error
        finally:
            self._standing.count(bytes=file.size)

    def _take(self, queue: Fifo[EncodedPacket], file: RecordingFile, muxer: Muxer) -> None:
        packet = queue.take(_WAIT_S)
        if packet is not None:
            self._interleaver.put(packet)
        for ready in self._interleaver.take(time.monotonic_ns()):
            self._mux(ready, muxer)
        if self._is_overrun:
            raise OutputFailed("recording.too_slow", path=str(self._path))
        if time.monotonic() - self._synced_s > _SYNC_S:
            file.sync()
            self._synced_s = time.monotonic()
        self._count(file)

    def _mux(self, packet: EncodedPacket, muxer: Muxer) -> None:
        if self._zero_ms is None:
            if packet.kind != "video" or not packet.is_keyframe:
                self._standing.count(missed=self._standing.stats.missed + (packet.kind == "video"))
                return
            # The first picture is shown at zero; with B-frames it is decoded before.
            self._zero_ms = packet.pts * packet.time_base.numerator * 1000 / packet.time_base.denominator
        if packet.kind == "video" or packet.dts_ms >= self._zero_ms:
            muxer.mux(packet, self._zero_ms)
            self._standing.count(frames=self._standing.stats.frames + (packet.kind == "video"))

    def _count(self, file: RecordingFile) -> None:
        self._standing.count(bytes=file.size, backlog_ms_max=max(self._standing.stats.backlog_ms_max, self._backlog_ms))
