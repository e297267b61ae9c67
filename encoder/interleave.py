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
    """Two queues, merged. Owned by the thread that calls it."""

    def __init__(self) -> None:
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
            if video and audio:
                ready.append((video if video[0].dts_ms <= audio[0].dts_ms else audio).popleft())
                continue
            queue = video or audio
            head = queue[0]
            if now_ns / 1e6 - head.stamp_ns / 1e6 < self._patience_ms(head.kind) and len(queue) < _MOST_WAITING:
                break
            ready.append(queue.popleft())
        return ready

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
