"""Brings picture and sound, which come from two threads, into one order by decoding time.

Pure: the time is given to it. It never holds a packet back for long: a stream that stays away is not waited for.
"""

from collections import deque

from studio.model.frames import EncodedPacket

_PATIENCE_MS = 500.0
"""Beyond what the other stream usually lags: half of it would reorder on a busy machine, twice would be heard as delay."""

_FIRST_PICTURE_MS = 5000.0
"""Sound waits this long for the first picture: without a keyframe no output can begin anyway, and lookahead takes a second."""

_MOST_WAITING = 1024
"""Packets of one stream, 20 s of sound: a bound that only a stalled clock can reach; then the oldest go on."""


class Interleaver:
    """Two queues, merged. Owned by the thread that calls it.

    `skew_ms` lets one stream go ahead of the other by so much instead of waiting for it: sound, which comes from a mixer and in frames
    of 21 ms, is some 120 ms behind its picture, and what is live needn't be. 0 keeps strict order, as files want it.
    """

    def __init__(self, skew_ms: float = 0.0) -> None:
        self._skew_ms = skew_ms
        self._given_ms: dict[str, float] = {}
        self._waiting: dict[str, deque[EncodedPacket]] = {"video": deque(), "audio": deque()}
        self._lag_ms: dict[str, float] = {}

    def put(self, packet: EncodedPacket) -> None:
        """Take a packet; those of one kind come in order."""
        self._waiting[packet.kind].append(packet)
        self._lag_ms[packet.kind] = packet.stamp_ns / 1e6 - packet.dts_ms

    def take(self, now_ns: int) -> list[EncodedPacket]:
        """What may go on at this monotonic time, in order."""
        ready: list[EncodedPacket] = []
        video, audio = self._waiting["video"], self._waiting["audio"]
        while video or audio:
            queue = video or audio
            if video and audio:
                queue = video if video[0].dts_ms <= audio[0].dts_ms else audio
            elif not self._is_near(queue[0]) and not self._has_waited(queue, now_ns):
                break
            head = queue.popleft()
            self._given_ms[head.kind] = head.dts_ms
            ready.append(head)
        return ready

    def _is_near(self, head: EncodedPacket) -> bool:
        """Whether it is within the skew of what the other stream gave last."""
        other_ms = self._given_ms.get("audio" if head.kind == "video" else "video")
        return other_ms is not None and head.dts_ms - other_ms <= self._skew_ms

    def _has_waited(self, queue: deque[EncodedPacket], now_ns: int) -> bool:
        head = queue[0]
        return now_ns / 1e6 - head.stamp_ns / 1e6 >= self._patience_ms(head.kind) or len(queue) >= _MOST_WAITING

    def drain(self) -> list[EncodedPacket]:
        """Everything that still waits, in order."""
        rest = [packet for queue in self._waiting.values() for packet in queue]
        for queue in self._waiting.values():
            queue.clear()
        return sorted(rest, key=lambda packet: packet.dts_ms)

    def _patience_ms(self, kind: str) -> float:
        other = "audio" if kind == "video" else "video"
        if other not in self._lag_ms:
            return _FIRST_PICTURE_MS if kind == "audio" else _PATIENCE_MS
        return _PATIENCE_MS + max(0.0, self._lag_ms[other] - self._lag_ms[kind])
