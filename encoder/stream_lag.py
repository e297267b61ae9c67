"""How far the stream's encoder is behind the program, against what is usual for it: whoever encodes beside it gives way by this.

Pure: pictures and packets are told to it; numbers are the session's ticks.
"""

from studio.model.frames import EncodedPacket

_BEHIND = 3
"""Pictures, of the 8 that may wait: at 4 look and encoder are made cheaper, so who takes part for comfort gives way one before."""


class StreamLag:
    """`note_frame` is for the `program` thread, `note_packet` for `encode`; `is_behind` for anybody."""

    def __init__(self) -> None:
        self._index = 0
        self._decoded = 0
        self._usual: int | None = None

    def note_frame(self, index: int) -> None:
        """The program has made this picture."""
        self._index = index

    def note_packet(self, packet: EncodedPacket) -> None:
        """The stream's encoder has given this one: with a lookahead it is always some pictures behind."""
        self._decoded = packet.dts
        lag = max(0, self._index - packet.dts)
        self._usual = lag if self._usual is None else min(lag, self._usual)

    @property
    def is_behind(self) -> bool:
        """Whether pictures wait for it that it would have encoded by now on a machine with room."""
        return self._usual is not None and self._index - self._decoded - self._usual >= _BEHIND
