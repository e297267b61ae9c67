"""What the host hears: the mix on an output device, by PortAudio.

It follows no clock but the device's: what piles up is dropped, what is missing is silence; the audience's sound knows nothing of it.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capture import portaudio
from capture.sound_ring import SoundRing
from studio.engine.stage import Stage
from studio.errors import KnownError, SourceUnavailable
from studio.model.frames import AUDIO_RATE_HZ

_LATENCY_S = 0.04
_MOST_WAITING = AUDIO_RATE_HZ // 8
"""125 ms: the mixer's chunk and a hiccup of the machine. Twice as much and the host hears music late against the beat of the room."""
_REST_WAITING = AUDIO_RATE_HZ // 25
_LOOK_S = 0.1
_AGAIN_S = 1.0
_FIRST_PATIENCE_S, _MOST_PATIENCE_S = 1.0, 30.0
"""How long it plays before it gives way to a microphone that is missed, twice as long each time: one that was pulled out for a moment
is back at once, one that never comes costs the host's ears a gap every half minute."""
_CALM_S = 60.0


class MonitorOutput:
    """Fulfils `Monitor`. `put` belongs to the `mixer` thread, `_play` to PortAudio's, the rest to the thread `monitor`."""

    def __init__(self, device: str, on_state: Callable[[KnownError | None], None]) -> None:
        self._device = device
        self._on_state = on_state
        self._ring = SoundRing(AUDIO_RATE_HZ, 2)
        self._stream: Any = None
        self._is_over = False
        self._is_lost = False
        self._opened_s = 0.0
        self._patience_s = _FIRST_PATIENCE_S
        self._stage = Stage("monitor", self._run)

    def start(self) -> None:
        """Start the thread."""
        self._stage.start()

    def put(self, samples: NDArray[np.float32]) -> None:
        """The next chunk; while no device is open it is forgotten by the ring."""
        self._ring.write(samples, 0)

    def stop(self) -> None:
        """End and join; idempotent."""
        self._stage.stop()

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self._open()
                if self._is_lost:
                    self._is_lost = False
                    self._on_state(None)
                self._play_until_lost(stopping)
                self._close()
            except SourceUnavailable as error:
                if not self._is_lost:
                    self._is_lost = True
                    self._on_state(error)
                self._close()
                stopping.wait(_AGAIN_S)
        self._close()

    def _play_until_lost(self, stopping: threading.Event) -> None:
        """Or until it gives way, to be opened again at once: PortAudio lists new devices only while nothing is open."""
        while not stopping.wait(_LOOK_S):
            if portaudio.is_way_asked():
                return
            played_s = time.monotonic() - self._opened_s
            if played_s > self._patience_s and portaudio.must_give_way():
                self._patience_s = min(_MOST_PATIENCE_S, 2 * self._patience_s)
                return
            if played_s > _CALM_S:
                self._patience_s = _FIRST_PATIENCE_S
            if self._is_over or not self._stream.active:
                portaudio.look_again()
                raise SourceUnavailable("monitor.lost", retryable=True, name=self._device)

    def _open(self) -> None:
        portaudio.await_start()
        with portaudio.opening():
            device = portaudio.find_output(self._device)
            sounddevice = portaudio.library()
            self._is_over = False
            try:
                self._stream = sounddevice.OutputStream(
                    samplerate=AUDIO_RATE_HZ,
                    device=device["index"],
                    channels=2,
                    dtype="float32",
                    latency=_LATENCY_S,
                    callback=self._play,
                    finished_callback=self._ended,
                )
                portaudio.stream_opened(gives_way=True)
                self._opened_s = time.monotonic()
                self._stream.start()
            except sounddevice.PortAudioError as error:
                self._close()
                portaudio.look_again()
                words = str(error.args[0]) if error.args else ""
                raise SourceUnavailable("monitor.refused", retryable=True, name=device["name"], reason=words) from error

    def _close(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)
            portaudio.stream_closed(gives_way=True)

    def _play(self, out: NDArray[np.float32], count: int, _times: Any, _status: Any) -> None:
        """PortAudio's callback: copies and returns."""
        ring = self._ring
        if ring.written - ring.taken > _MOST_WAITING + count:
            ring.taken = ring.written - max(_REST_WAITING, count)
        piece = ring.take(count)
        if piece is None:
            out[:] = 0
        else:
            out[:] = piece.samples

    def _ended(self) -> None:
        self._is_over = True
