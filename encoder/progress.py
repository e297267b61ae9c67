"""How far the bytes of a connection have come: out of the kernel, to the other side's kernel, into the server's program.

Pure: positions and times are given to it.
"""

from collections import deque
from dataclasses import dataclass

_STALLED_NS = 3_000_000_000
"""No byte reaches the other side: a mobile hand-over lasts 1 to 2 s, and each second more is a second lost on air."""
_UNREAD_NS = 4_000_000_000
"""Without a word of having read anything, while more and more arrives."""
_HABIT = 3
_REMEMBERED_NS = 30_000_000_000


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where in the stream of bytes a packet ends, its decoding time, and when it was written."""

    end: int
    dts_ms: float
    at_ns: int


class Progress:
    """One connection's. Owned by the output's thread."""

    def __init__(self, now_ns: int) -> None:
        self.delivered = 0
        """Bytes that have reached the other side's kernel; where the system doesn't tell, those that ours has taken."""
        self._unsent: deque[_Mark] = deque()
        self._under_way: deque[_Mark] = deque()
        self._newest_ms = 0.0
        self._now_ns = self._moved_ns = now_ns
        self._trips: deque[tuple[int, float]] = deque()
        self._reader = _Reader(now_ns)

    def note(self, end: int, dts_ms: float) -> None:
        """A packet was packed; its last byte will be number `end`."""
        mark = _Mark(end, dts_ms, self._now_ns)
        self._unsent.append(mark)
        self._under_way.append(mark)
        self._newest_ms = dts_ms

    def look(self, delivered: int, *, is_all_there: bool, now_ns: int) -> None:
        """`delivered` bytes have reached the other side; `is_all_there` when nothing else waits."""
        self._now_ns = now_ns
        if delivered > self.delivered or is_all_there:
            self.delivered, self._moved_ns = delivered, now_ns
        while self._under_way and self._under_way[0].end <= delivered:
            self._note_trip((now_ns - self._under_way.popleft().at_ns) / 1e6)

    def _note_trip(self, took_ms: float) -> None:
        """Keep what can still be the least of the last half minute."""
        while self._trips and self._trips[-1][1] >= took_ms:
            self._trips.pop()
        self._trips.append((self._now_ns, took_ms))
        while self._now_ns - self._trips[0][0] > _REMEMBERED_NS:
            self._trips.popleft()

    @property
    def usual_ms(self) -> float:
        """How long a packet takes to the other side when nothing is in its way: the least of the last half minute."""
        return self._trips[0][1] if self._trips else 0.0

    @property
    def waited_ms(self) -> float:
        """For how long the oldest packet that hasn't arrived has been on its way."""
        return (self._now_ns - self._under_way[0].at_ns) / 1e6 if self._under_way else 0.0

    @property
    def still_s(self) -> float:
        """For how long nothing has arrived although something waits."""
        return (self._now_ns - self._moved_ns) / 1e9

    def unsent_ms(self, left: int, next_ms: float | None) -> float:
        """Media time of what the kernel still holds: `left` bytes have left it, and the queue's next packet is at `next_ms`."""
        while self._unsent and self._unsent[0].end <= left:
            self._unsent.popleft()
        if not self._unsent:
            return 0.0
        return max(0.0, (self._newest_ms if next_ms is None else next_ms) - self._unsent[0].dts_ms)

    def has_stopped(self, acknowledgements: int) -> bool:
        """Whether nothing arrives any more, or the server's program reads nothing of what does."""
        is_unread = self._reader.has_stopped(acknowledgements, self.delivered, self._now_ns)
        return is_unread or self._now_ns - self._moved_ns > _STALLED_NS


class _Reader:
    """Whether the server's program still reads: when it stops, its kernel goes on taking megabytes, but no acknowledgement comes.

    Servers that were seen to acknowledge every so many bytes are held to it; of others nothing can be said.
    """

    def __init__(self, now_ns: int) -> None:
        self._count = self._at = self._newest = self._before = 0
        self._at_ns = now_ns

    def has_stopped(self, acknowledgements: int, delivered: int, now_ns: int) -> bool:
        since = delivered - self._at
        if acknowledgements > self._count:
            self._before, self._newest = self._newest, since
            self._count, self._at, self._at_ns = acknowledgements, delivered, now_ns
            return False
        usual = max(self._newest, self._before)
        return self._count > _HABIT and since > 3 * usual and now_ns - self._at_ns > _UNREAD_NS
