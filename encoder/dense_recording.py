"""A recording in a codec of its own: pictures taken before they are encoded for the stream, and encoded again on a thread that gives way.

It never harms the stream: it lets its own pictures go, with a notice, before the stream's encoder loses one. Without an encoder of its
own, or on a machine without time for it, it records the stream's packets, and says so.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from encoder.dense import DenseEncoder
from encoder.probe import open_dense
from encoder.recording import RecordingOutput
from encoder.stream_lag import StreamLag
from studio.engine.handoff import Fifo
from studio.engine.priority import stand_behind
from studio.errors import EncoderUnavailable, KnownError, OutputFailed
from studio.model.frames import EncodedPacket, ProgramFrame, StreamHeader
from studio.model.settings import EncoderSettings, OutputSettings, VideoSettings
from studio.ports import OutputStats

log = logging.getLogger(__name__)

_QUEUED_FRAMES = 8
"""As before the stream's encoder: a quarter of a second, 25 MB at 1080p."""
_WAIT_S = 0.1
_MANY, _CALM_S = 6, 10.0
"""So many pictures let go are worth a notice, taken back after so long without another."""
_WINDOW_S, _MOST_LOST = 10.0, 0.5
"""A recording that loses more of so long is worth nothing: the stream's pictures are recorded instead."""
_FILE_SHARE = 0.4
"""Of the time to stop: for the file, when the encoder doesn't come to an end."""
_CLOSE_S = 2.0


class DenseRecording:
    """An Output and RawTaker around a RecordingOutput. The thread `encode:<name>` owns the encoder and what stands below `_run`."""

    def __init__(self, settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> None:
        self._settings = settings
        self._on_state = on_state
        self._file = RecordingOutput(settings, self._tell)
        self._ended = OutputStats(settings.name, "file", "stopped")
        """What files before this one counted."""
        self._frames: Fifo[tuple[ProgramFrame, int]] = Fifo(_QUEUED_FRAMES)
        self._lag = StreamLag()
        self._loss = _Loss(settings.codec)
        self._is_ready = False  # from here on written by the output's own thread
        self._takes_stream = False
        self._encoded = self._let_go = 0
        self._is_stopping = threading.Event()
        self._is_giving_up = threading.Event()
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"DenseRecording({self._settings.name!r}, {self._settings.codec})"

    def start(self, header: StreamHeader) -> None:
        """Start the thread; a second start does nothing."""
        if self._thread is None:
            name = f"encode:{self._settings.name}"
            self._thread = threading.Thread(target=self._run, args=(header,), name=name, daemon=True)
            self._thread.start()

    def put(self, packet: EncodedPacket) -> None:
        """The stream's sound is the recording's too; its pictures tell how far its encoder is (`encode` thread)."""
        if packet.kind == "video":
            self._lag.note_packet(packet)
        if packet.kind == "audio" or self._takes_stream:
            self._file.put(packet)

    def put_frame(self, frame: ProgramFrame, index: int) -> None:
        """A picture to encode; one that finds no room is let go and counted (`program` thread)."""
        self._lag.note_frame(index)
        if self._is_ready:
            self._frames.put((frame, index))

    def put_sound(self, samples: NDArray[np.float32], time_ns: int) -> None:
        """Nothing: sound comes encoded."""

    def mark(self, at_ms: float, title: str) -> None:
        """A chapter begins here."""
        self._file.mark(at_ms, title)

    def stats(self) -> OutputStats:
        """The file's, with the pictures that were let go, and why."""
        return self._as_told(self._file.stats())

    def retry_now(self) -> None:
        """Nothing, as for any recording."""

    def stop(self, deadline_s: float) -> None:
        """Encode what waits, close the file, join; what isn't encoded near the deadline is let go."""
        until_s = time.monotonic() + deadline_s
        self._is_stopping.set()
        self._frames.close()
        if self._thread is not None:
            self._thread.join(deadline_s * (1 - _FILE_SHARE))
            self._is_giving_up.set()
            self._thread.join(deadline_s * _FILE_SHARE / 2)
        self._file.stop(max(0.1, until_s - time.monotonic()))

    def _tell(self, stats: OutputStats) -> None:
        """A change of the file's state; that one of several files has ended is none of ours."""
        if stats.state != "stopped" or self._is_stopping.is_set():
            self._on_state(self._as_told(stats))

    def _as_told(self, file: OutputStats) -> OutputStats:
        ended, trouble = self._ended, self._loss.trouble
        told = replace(
            file,
            frames=ended.frames + file.frames,
            bytes=ended.bytes + file.bytes,
            missed=ended.missed + file.missed,
            dropped=self._let_go + self._frames.lost,
        )
        if trouble is None or file.state != "live" or file.detail:
            return told
        return replace(told, detail=trouble.code, detail_params=(*file.detail_params, ("codec", str(trouble.params["codec"]))))

    def _run(self, header: StreamHeader) -> None:
        stand_behind()
        try:
            encoder = self._open(header)
            if not self._is_stopping.is_set():
                self._file.start(_own(header, encoder))
                self._is_ready = True
                self._encode(encoder)
        except EncoderUnavailable as error:
            log.warning("No %s for the recording %s: %s", self._settings.codec, self._settings.name, error)
            if not self._is_stopping.is_set():
                self._record_the_stream(header, "recording.codec_too_slow" if self._loss.is_hopeless else "recording.codec_away")

    def _open(self, header: StreamHeader) -> DenseEncoder:
        video = VideoSettings(width=header.width, height=header.height, fps=header.fps)
        settings = EncoderSettings(bitrate_kbps=header.video_bitrate_kbps, keyframe_s=header.keyframe_s)
        return open_dense(self._settings.codec, video, settings)

    def _encode(self, encoder: DenseEncoder) -> None:
        """Until the stop, or until the file ends by itself. Raises EncoderUnavailable."""
        while not self._frames.is_drained and self._file.stats().state != "failed":
            taken = self._frames.take(_WAIT_S)
            if taken is not None and (self._lag.is_behind or self._is_giving_up.is_set()):
                self._let_go += 1
            elif taken is not None:
                self._encoded += 1
                self._hand_on(encoder.encode(*taken))
            if self._loss.look(self._encoded, self._let_go + self._frames.lost, time.monotonic()):
                self._on_state(self.stats())
            if self._loss.is_hopeless:
                raise EncoderUnavailable("recording.codec_too_slow", codec=self._settings.codec.upper())
        self._is_ready = False
        self._takes_stream = self._file.stats().state == "failed"  # what comes now finds a file that has ended, and is counted as missed
        if not self._is_giving_up.is_set():
            self._hand_on(encoder.flush())

    def _hand_on(self, packets: Sequence[EncodedPacket]) -> None:
        for packet in packets:
            self._file.put(packet)

    def _record_the_stream(self, header: StreamHeader, why: str) -> None:
        """Without an encoder of its own; in a new file where there is one already, since a file holds one codec."""
        self._is_ready = False
        if self._file.stats().state != "idle":
            self._file.stop(_CLOSE_S)
            self._ended = self._file.stats()
            self._file = RecordingOutput(self._settings, self._tell)
        self._loss.give_up(why)
        self._file.start(header)
        self._takes_stream = True


class _Loss:
    """What is wrong with the recording's own encoder, if anything. Owned by the output's thread; `trouble` is for anybody."""

    def __init__(self, codec: str) -> None:
        self._codec = codec.upper()
        self._lost = self._base = 0
        self._calm_since_s = 0.0
        self._window: tuple[float, int, int] | None = None
        self.is_hopeless = False
        """Half of the pictures and more were let go for a whole window."""
        self.trouble: KnownError | None = None

    def look(self, encoded: int, lost: int, now_s: float) -> bool:
        """Take in how many pictures were encoded and let go by now; whether that changes what is wrong."""
        before = self.trouble
        since_s, encoded_then, lost_then = self._window = self._window or (now_s, encoded, lost)
        if now_s - since_s >= _WINDOW_S:
            gone = lost - lost_then
            self.is_hopeless = gone > _MOST_LOST * (gone + encoded - encoded_then)
            self._window = None
        if lost > self._lost:
            self._lost, self._calm_since_s = lost, now_s
            if lost - self._base >= _MANY:
                self.trouble = self.trouble or OutputFailed("recording.codec_slow", codec=self._codec)
        elif now_s - self._calm_since_s > _CALM_S:
            self._base, self.trouble = lost, None
        return before is not self.trouble

    def give_up(self, why: str) -> None:
        """There is no such encoder, none any more, or no time for one."""
        self.trouble = OutputFailed(why, codec=self._codec)


def _own(header: StreamHeader, encoder: DenseEncoder) -> StreamHeader:
    return replace(
        header,
        video_codec=encoder.codec,
        video_extradata=encoder.extradata,
        video_time_base=encoder.time_base,
        video_bitrate_kbps=encoder.bitrate_kbps,
    )
