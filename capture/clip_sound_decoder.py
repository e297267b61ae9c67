"""A clip's sound for ever as pieces at 48 kHz in stereo, each with its place, counted in samples since the epoch.

It decodes when asked, on the caller's thread, and paces nothing.
"""

from collections.abc import Iterator
from fractions import Fraction

import av
import av.container
import numpy as np
from av.audio.stream import AudioStream
from av.error import FFmpegError, InvalidDataError
from numpy.typing import NDArray

from capture.clip_clock import ClipClock, open_clip, sound_stream, unplayable
from capture.pacing import NS
from studio.errors import SourceUnavailable
from studio.model.frames import AUDIO_RATE_HZ

_REALIGN_SAMPLES = AUDIO_RATE_HZ // 25
"""Time stamps of containers jitter by a few ms; a jump of 40 ms is a gap that was meant."""


class ClipSoundDecoder:
    """Loops over one clip's sound; loop k begins at the sample nearest to epoch + k·loop, so that it never drifts."""

    def __init__(self, path: str, clock: ClipClock) -> None:
        self._path = path
        self._clock = clock
        self._stream = self._open()
        self._is_fresh = True

    def _open(self) -> AudioStream:
        self._container = open_clip(self._path)
        stream = sound_stream(self._container)
        if stream is None:
            self._container.close()
            raise SourceUnavailable("clip.no_sound", path=self._path)
        return stream

    def close(self) -> None:
        """Let the file go; idempotent."""
        self._container.close()

    def pieces(self, loop: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """(number of its first sample since the epoch, samples) of all loops, cut where the next loop begins."""
        while True:
            begin, end = _first_sample(self._clock, loop), _first_sample(self._clock, loop + 1)
            found = 0
            for at, samples in self._one_loop():
                skip = max(0, -at)
                kept = samples[skip : max(skip, end - begin - at)]
                if len(kept):
                    found += 1
                    yield begin + at + skip, kept
            yield end, np.zeros((0, 2), np.float32)
            if not found:
                raise unplayable(self._path, "no sound in it could be decoded", is_playing=loop > 0)
            loop += 1

    def _one_loop(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """(sample number within the loop, samples), as decoded and resampled."""
        stream = self._rewound()
        is_mono = stream.codec_context.layout.nb_channels == 1
        # A mono sound keeps its level on both sides; libswresample would lower it by 3 dB.
        resampler = av.AudioResampler("fltp", "mono" if is_mono else "stereo", AUDIO_RATE_HZ)
        at: int | None = None
        for frame in self._decoded(stream):
            if frame is not None and frame.pts is not None and frame.time_base is not None:
                stamped = round((frame.pts * frame.time_base - self._clock.start_s) * AUDIO_RATE_HZ)
                at = stamped if at is None or abs(stamped - at) > _REALIGN_SAMPLES else at
            at = at or 0
            for resampled in resampler.resample(frame):
                samples = np.ascontiguousarray(resampled.to_ndarray().T, np.float32)
                yield at, np.repeat(samples, 2, axis=1) if is_mono else samples
                at += len(samples)

    def _decoded(self, stream: AudioStream) -> Iterator[av.AudioFrame | None]:
        """The frames of one loop, then None to empty the resampler; what can't be decoded is left out."""
        for packet in self._container.demux(stream):
            try:
                yield from packet.decode()
            except InvalidDataError:
                continue
        yield None

    def _rewound(self) -> AudioStream:
        """The sound track at its very beginning; a format that can't seek is opened again.

        A second too early on purpose: AAC and Opus need the packet before the first sound, or it comes 10 ms late.
        """
        if self._is_fresh:
            self._is_fresh = False
            return self._stream
        base = self._stream.time_base or Fraction(1, AUDIO_RATE_HZ)
        try:
            self._container.seek((self._stream.start_time or 0) - int(1 / base), stream=self._stream)
        except (FFmpegError, OSError):
            self._container.close()
            try:
                self._stream = self._open()
            except SourceUnavailable as gone:
                raise unplayable(self._path, str(gone.params.get("reason", gone.code)), is_playing=True) from gone
        return self._stream


def _first_sample(clock: ClipClock, loop: int) -> int:
    return round(Fraction(loop * clock.loop_ns * AUDIO_RATE_HZ, NS))
