"""A sound device by PortAudio: its callback copies, everything else happens on the reader's thread.

It follows the device's drift in its stamps but never bends the sound; opening a lost device again is the stage's part.
"""

import time
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from capture import portaudio
from capture.drift_clock import DriftClock
from capture.pacing import NS, deadline_ns
from capture.sound_ring import Piece, SoundRing
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from studio.ports import SourceInfo

_BLOCK_MS = 20
_POLL_S = 0.005
"""The callback may not wake anybody (that takes a lock), so the reader looks: a quarter of a block late at most."""

_LATENCY_S = 0.04
"""What the device may hold back: the stamps make up for it, and half of it is overrun when both cores are busy."""

_SILENT_NS = 2 * NS
"""A device whose callback hasn't come for so long is gone, whatever it says."""


class Microphone:
    """The input called `name`, or "default". All calls from one thread; `_heard` runs on PortAudio's."""

    def __init__(self, name: str) -> None:
        if not name.strip():
            raise InvalidInput("source.unknown", source="device:")
        self._name = name.strip()
        self._stream: Any = None

    def open(self, epoch_ns: int) -> SourceInfo:  # noqa: ARG002 - a microphone has a clock of its own
        """Open the device and listen. Raises SourceUnavailable, retryable: it may be plugged in later."""
        self.close()
        portaudio.await_start()
        try:
            return self._opened()
        except SourceUnavailable:
            if not portaudio.find_by_force(self._name):
                raise
        return self._opened()

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next 20 ms or so, (N, 2) float32, or None when none came in time. Raises SourceUnavailable when it went away."""
        limit_ns = deadline_ns(timeout_s)
        while self._stream is not None:
            piece = self._ring.take(self._rate_hz * _BLOCK_MS // 1000)
            block = self._block(piece) if piece is not None else None
            if block is not None:
                return block
            if portaudio.is_way_asked():
                self.close()
                raise SourceUnavailable("microphone.gave_way", retryable=True, name=self._name)
            now_ns = time.monotonic_ns()
            if piece is None and self._is_lost(now_ns):
                portaudio.look_again()
                raise SourceUnavailable("microphone.lost", retryable=True, name=self._name)
            if now_ns >= limit_ns:
                return None
            time.sleep(min(_POLL_S, (limit_ns - now_ns) / NS))
        return None

    def close(self) -> None:
        """Let the device go; idempotent, from any state."""
        if self._stream is None:
            return
        stream, self._stream = self._stream, None
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)
        portaudio.stream_closed()

    @property
    def overrun_samples(self) -> int:
        """Samples that were overwritten before anybody read them."""
        return self._ring.overrun_samples if self._stream is not None else 0

    def _opened(self) -> SourceInfo:
        with portaudio.opening():
            device = self._found()
            self._channels = min(2, device["max_input_channels"])
            self._is_over = False
            self._heard_ns = time.monotonic_ns()
            self._open_stream(device)
        return SourceInfo(device["name"], is_live=True)

    def _found(self) -> portaudio.SoundDevice:
        try:
            return portaudio.find_input(self._name)
        except SourceUnavailable:
            portaudio.look_again()
            return portaudio.find_input(self._name)

    def _open_stream(self, device: portaudio.SoundDevice) -> None:
        """Open at 48 kHz, or at the device's own rate where it refuses, which is then resampled."""
        sounddevice = portaudio.library()
        rates_hz = dict.fromkeys((AUDIO_RATE_HZ, int(device["default_samplerate"])))
        reason: Exception | None = None
        for self._rate_hz in rates_hz:
            self._begin()
            try:
                self._stream = sounddevice.InputStream(
                    samplerate=self._rate_hz,
                    device=device["index"],
                    channels=self._channels,
                    dtype="float32",
                    latency=_LATENCY_S,
                    callback=self._heard,
                    finished_callback=self._ended,
                )
                portaudio.stream_opened()
                self._stream.start()
            except sounddevice.PortAudioError as error:
                reason = error
                self.close()
            else:
                return
        portaudio.look_again()
        words = str(reason.args[0]) if reason and reason.args else ""
        raise SourceUnavailable("microphone.refused", retryable=True, name=device["name"], reason=words) from reason

    def _begin(self) -> None:
        self._ring = SoundRing(self._rate_hz, self._channels)
        self._clock = DriftClock(self._rate_hz)
        self._resampler: av.AudioResampler | None = None
        self._following = 0

    def _heard(self, samples: NDArray[np.float32], count: int, times: Any, _status: Any) -> None:
        """PortAudio's callback: copies and returns."""
        now_ns = time.monotonic_ns()
        age_s = times.currentTime - times.inputBufferAdcTime
        if not 0 < age_s < 1:  # some drivers tell nothing: then the last sample is of this moment
            age_s = count / self._rate_hz
        self._ring.write(samples, now_ns - int(age_s * NS))
        self._heard_ns = now_ns

    def _ended(self) -> None:
        self._is_over = True

    def _is_lost(self, now_ns: int) -> bool:
        return self._is_over or not self._stream.active or now_ns - self._heard_ns > _SILENT_NS

    def _block(self, piece: Piece) -> AudioBlock | None:
        """The piece in stereo at 48 kHz with its smoothed stamp, or None while the resampler keeps it."""
        if piece.first != self._following:
            self._clock = DriftClock(self._rate_hz)
            self._resampler = None
        self._following = piece.first + len(piece.samples)
        mark, mark_ns = piece.mark
        measured_ns = mark_ns + (piece.first - mark) * NS // self._rate_hz
        stamp_ns = self._clock.stamp(measured_ns, len(piece.samples))
        samples = np.clip(piece.samples, -1, 1)
        samples = np.repeat(samples, 2, axis=1) if self._channels == 1 else samples
        return AudioBlock(samples, stamp_ns) if self._rate_hz == AUDIO_RATE_HZ else self._resampled(samples, stamp_ns, piece.first)

    def _resampled(self, samples: NDArray[np.float32], stamp_ns: int, first: int) -> AudioBlock | None:
        """At 48 kHz; output sample m is of the input's m · rate / 48000, whatever the resampler still holds back."""
        if self._resampler is None:
            self._resampler = av.AudioResampler("fltp", "stereo", AUDIO_RATE_HZ)
            self._resampled_from, self._given = first, 0
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", "stereo")
        frame.sample_rate = self._rate_hz
        pieces = [resampled.to_ndarray().T for resampled in self._resampler.resample(frame)]
        if not pieces:
            return None
        out = np.ascontiguousarray(np.concatenate(pieces), np.float32)
        held_ns = (first - self._resampled_from) * NS // self._rate_hz - self._given * NS // AUDIO_RATE_HZ
        self._given += len(out)
        return AudioBlock(out, stamp_ns - held_ns)
