"""The loudness meter: FFmpeg's ebur128 through PyAV, fed chunk by chunk.

It changes no sample and keeps none.
"""

from fractions import Fraction

import av
import av.error
import numpy as np
from av.filter import Graph

from capture.sound.delay import Samples
from studio.model.frames import AUDIO_RATE_HZ
from studio.model.sound import SILENT_LUFS, Loudness

_TOLD_EVERY = AUDIO_RATE_HZ // 10
"""ebur128 says something new each 100 ms: fed so much at a time it costs a third of being fed each 20 ms."""


class LoudnessMeter:
    """One bus's meter; one thread."""

    def __init__(self) -> None:
        self._count = 0
        self._waiting: list[Samples] = []
        self._waiting_count = 0
        self.now = Loudness()
        self._graph = graph = Graph()
        graph.threads = 1
        source = graph.add_abuffer(format="flt", sample_rate=AUDIO_RATE_HZ, layout="stereo", time_base=Fraction(1, AUDIO_RATE_HZ))
        graph.link_nodes(source, graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")).configure()

    def add(self, samples: Samples) -> None:
        """Measure (N, 2); `now` is new every 100 ms."""
        self._waiting.append(samples)
        self._waiting_count += len(samples)
        if self._waiting_count < _TOLD_EVERY:
            return
        block = np.concatenate(self._waiting)
        self._waiting, self._waiting_count = [], 0
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), "flt", "stereo")
        frame.sample_rate, frame.pts = AUDIO_RATE_HZ, self._count
        self._count += len(block)
        self._graph.push(frame)
        while True:
            try:
                told = self._graph.pull().metadata
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if "lavfi.r128.M" in told:
                self.now = _loudness(told)


def _loudness(told: dict[str, str]) -> Loudness:
    def lufs(name: str) -> float:
        value = float(told.get(f"lavfi.r128.{name}", "nan"))
        return max(value, SILENT_LUFS) if np.isfinite(value) else SILENT_LUFS

    peak = max(float(told.get(f"lavfi.r128.true_peaks_ch{channel}", 0) or 0) for channel in (0, 1))
    peak_db = 20 * float(np.log10(peak)) if peak > 1e-4 else SILENT_LUFS
    return Loudness(lufs("M"), lufs("S"), lufs("I"), round(peak_db, 1))
