"""What to do when a network takes less than the show makes: which packets to drop, and at which rate to encode.

Pure: times and backlogs are given to it. Sound and keyframes are never dropped here; a connection that can't even carry those is dead.
"""

import math
from collections import deque

from studio.model.frames import EncodedPacket

QUEUE_LIMIT_MS = 700.0
"""As OBS for B-frames. Half of it drops on every hiccup of a mobile network, twice of it is a delay that a host hears from the chat."""

_DEAD_MS = 2000.0
"""Sound and keyframes alone behind by this much: the link carries a small part of the rate, and a new connection is the better try."""


class SendQueue:
    """Packets of one network output, oldest first, by the policy of the hand-off table. Owned by the output's thread.

    Connected and over 700 ms: non-keyframes go, up to the next keyframe, counted as `dropped`. Not connected: nothing is kept but
    the newest keyframe and what follows it, while that is under 700 ms, so that a new session may begin at once; what goes is
    counted as `missed`.
    """

    def __init__(self) -> None:
        self._packets: deque[EncodedPacket] = deque()
        self._is_connected = False
        self._has_begun = False
        self._is_skipping = False
        self.dropped = 0
        self.missed = 0

    def __len__(self) -> int:
        return len(self._packets)

    @property
    def oldest_ms(self) -> float | None:
        """The decoding time of what goes out next."""
        return self._packets[0].dts_ms if self._packets else None

    @property
    def span_ms(self) -> float:
        """Media time from the oldest to the newest packet."""
        return max(0.0, self._packets[-1].dts_ms - self._packets[0].dts_ms) if self._packets else 0.0

    @property
    def is_hopeless(self) -> bool:
        """Whether sound and keyframes alone are too much for this connection."""
        return self._is_connected and self.span_ms > _DEAD_MS

    def connect(self) -> None:
        """A session begins: with the keyframe that is held, or the next one."""
        self._is_connected = True
        self._has_begun = bool(self._packets)
        self._is_skipping = False

    def disconnect(self) -> None:
        """The session is over: nothing of it is sent later."""
        self._is_connected = False
        self._forget()

    def add(self, packet: EncodedPacket, unsent_ms: float = 0.0) -> None:
        """Take a packet; `unsent_ms` is the media time that waits behind this queue, in the socket."""
        is_picture = packet.kind == "video"
        if is_picture and packet.is_keyframe:
            if not self._is_connected:
                self._forget()
            self._has_begun, self._is_skipping = True, False
        elif not self._has_begun:
            self.missed += is_picture
            return
        elif is_picture and self._is_skipping:
            self._count(1)
            return
        self._packets.append(packet)
        if self.span_ms + unsent_ms > QUEUE_LIMIT_MS:
            self._shorten()

    def take(self) -> EncodedPacket | None:
        """The packet to send next."""
        return self._packets.popleft() if self._packets else None

    def _shorten(self) -> None:
        if not self._is_connected:
            self._forget()
            return
        kept = [packet for packet in self._packets if packet.kind == "audio" or packet.is_keyframe]
        if len(kept) == len(self._packets):
            return
        newest_picture = next(packet for packet in reversed(self._packets) if packet.kind == "video")
        self._is_skipping = not newest_picture.is_keyframe
        self._count(len(self._packets) - len(kept))
        self._packets = deque(kept)

    def _forget(self) -> None:
        self._count(sum(packet.kind == "video" for packet in self._packets))
        self._packets.clear()
        self._has_begun = self._is_skipping = False

    def _count(self, pictures: int) -> None:
        if self._is_connected:
            self.dropped += pictures
        else:
            self.missed += pictures


_CONGESTED_MS = 200.0
_CLEAR_MS = 100.0
_JUDGE_NS = 250_000_000
"""A backlog that is gone sooner was a hiccup of this machine or the burst that begins a session, not the network's rate."""
_STEP_DOWN_NS = 500_000_000
"""Between two steps down: the encoder follows within a second, so the first effect shows by then; three steps fit into 1.5 s."""
_STEP_UP_NS = 4_000_000_000
_DOWN = 0.7
_UP = 1.1
_LEAST_SHARE = 0.2
_LEAST_KBPS = 300
_MEASURED_NS = 1_000_000_000


class AdaptiveBitrate:
    """The rate to encode at, from the worst network output's backlog and what the network really took.

    Over 200 ms of backlog for a quarter of a second it steps down, and again every half second while the backlog grows: to 70 %, or
    to 85 % of the measured rate if that is less. Under 100 ms for 4 s it goes up by 10 %. Owned by whoever calls `update`.
    """

    def __init__(self, ceiling_kbps: int) -> None:
        self._ceiling = ceiling_kbps
        self._floor = min(ceiling_kbps, max(_LEAST_KBPS, round(ceiling_kbps * _LEAST_SHARE)))
        self._rate = float(ceiling_kbps)
        self._judged_ns: int | None = None
        self._changed_ns: int | None = None
        self._clear_since_ns: int | None = None
        self._least_ms = math.inf
        self._last_ms = 0.0
        self._sent: deque[tuple[int, int]] = deque()

    @property
    def bitrate_kbps(self) -> int:
        """The rate of now."""
        return round(self._rate)

    def update(self, now_ns: int, backlog_ms: float, sent_bytes: int) -> int:
        """The rate from now on; `sent_bytes` is that output's total. To be called several times a second."""
        measured_kbps = self._measure(now_ns, sent_bytes)
        self._least_ms = min(self._least_ms, backlog_ms)
        if self._judged_ns is None:
            self._judged_ns = now_ns
        if now_ns - self._judged_ns >= _JUDGE_NS:
            self._judge(now_ns, backlog_ms, measured_kbps)
            self._judged_ns, self._last_ms, self._least_ms = now_ns, backlog_ms, math.inf
        return self.bitrate_kbps

    def _judge(self, now_ns: int, backlog_ms: float, measured_kbps: float) -> None:
        if self._least_ms > _CONGESTED_MS:
            self._clear_since_ns = None
            is_due = self._changed_ns is None or now_ns - self._changed_ns >= _STEP_DOWN_NS
            if is_due and backlog_ms >= self._last_ms:
                wanted = min(self._rate * _DOWN, measured_kbps * 0.85 if measured_kbps else self._rate)
                self._set(now_ns, max(wanted, self._floor))
        elif backlog_ms < _CLEAR_MS and self._rate < self._ceiling:
            self._clear_since_ns = now_ns if self._clear_since_ns is None else self._clear_since_ns
            if now_ns - self._clear_since_ns >= _STEP_UP_NS:
                self._set(now_ns, min(self._rate * _UP, self._ceiling))
                self._clear_since_ns = now_ns

    def _set(self, now_ns: int, rate: float) -> None:
        self._rate, self._changed_ns = rate, now_ns

    def _measure(self, now_ns: int, sent_bytes: int) -> float:
        """kbit/s over the last second, 0 while there is less than that to judge by."""
        if self._sent and sent_bytes < self._sent[-1][1]:
            self._sent.clear()
        self._sent.append((now_ns, sent_bytes))
        while len(self._sent) > 2 and now_ns - self._sent[1][0] >= _MEASURED_NS:
            self._sent.popleft()
        then_ns, then_bytes = self._sent[0]
        if now_ns - then_ns < _MEASURED_NS // 2:
            return 0.0
        return (sent_bytes - then_bytes) * 8e6 / (now_ns - then_ns)
