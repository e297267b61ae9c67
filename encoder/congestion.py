"""What to do when a network takes less than the show makes: which packets to drop.

Pure: backlogs are given to it. Sound and keyframes are never dropped here; a connection that can't even carry those is dead.
"""

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
