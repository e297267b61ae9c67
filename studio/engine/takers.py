"""Who takes what a session encodes: its outputs, swapped whole by the loop thread and read by `encode`.

One that comes or goes in the middle of a show costs the others nothing.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from studio.model.frames import EncodedPacket, ProgramFrame, StreamHeader
from studio.ports import Output, RawTaker


class Takers:
    """Methods that change it belong to the loop thread, `put` to `encode`, `put_frame` to `program`, `put_sound` to `mixer`."""

    def __init__(self, outputs: Sequence[Output], header: StreamHeader) -> None:
        self.outputs = tuple(outputs)
        self._raw = _raw(self.outputs)
        self._header = header

    def start(self) -> None:
        """Start them all."""
        for output in self.outputs:
            output.start(self._header)

    def add(self, output: Output) -> None:
        """One more: it begins with headers and the next keyframe."""
        output.start(self._header)
        self.outputs = (*self.outputs, output)
        self._raw = _raw(self.outputs)

    def remove(self, output: Output) -> None:
        """It gets nothing any more; whoever took it out stops it."""
        self.outputs = tuple(other for other in self.outputs if other is not output)
        self._raw = _raw(self.outputs)

    def put(self, packets: Sequence[EncodedPacket]) -> None:
        """Hand packets to each."""
        outputs = self.outputs
        for packet in packets:
            for output in outputs:
                output.put(packet)

    def put_frame(self, frame: ProgramFrame, index: int) -> None:
        """Hand a picture to those that take it before it is encoded."""
        for taker in self._raw:
            taker.put_frame(frame, index)

    def put_sound(self, samples: NDArray[np.float32], time_ns: int) -> None:
        """Sound, likewise."""
        for taker in self._raw:
            taker.put_sound(samples, time_ns)

    def mark(self, at_ms: float, title: str) -> None:
        """A moment worth finding again."""
        for output in self.outputs:
            output.mark(at_ms, title)

    def least_kbps(self, wanted_kbps: int) -> int:
        """The least of what is wanted and what the networks take."""
        rows = [output.stats() for output in self.outputs]
        return min([wanted_kbps, *(stats.wanted_kbps for stats in rows if stats.state == "live" and stats.wanted_kbps)])

    def stop(self, deadline_s: float) -> None:
        """End them side by side: one that takes its time makes no other wait."""
        if self.outputs:
            with ThreadPoolExecutor(len(self.outputs), "stop") as stopping:
                list(stopping.map(lambda output: output.stop(deadline_s), self.outputs))


def _raw(outputs: Sequence[Output]) -> tuple[RawTaker, ...]:
    return tuple(output for output in outputs if isinstance(output, RawTaker))
