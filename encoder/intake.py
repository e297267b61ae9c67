"""How packets come to a network output: from the media threads, into one order, into the queue that may drop.

It never blocks who hands over; what doesn't fit is counted, not waited for.
"""

import time

from encoder.congestion import SendQueue
from encoder.interleave import Interleaver
from studio.engine.handoff import Fifo
from studio.model.frames import EncodedPacket

_INBOX_PACKETS = 1024
"""Between `put` and the thread, 6 s at 120 pictures a second with sound: the thread takes them out within 50 ms, unless it connects."""

_SKEW_MS = 250.0
"""How far picture may go ahead of sound, or sound of picture: ingests take 500 ms (nginx-rtmp corrects from 300 on)."""


class Intake:
    """`put` is for the media threads; everything else belongs to the output's thread.

    The inbox refuses the newest when full; the policy of the 700 ms queue is SendQueue's.
    """

    def __init__(self) -> None:
        self._inbox: Fifo[EncodedPacket] = Fifo(_INBOX_PACKETS)
        self._interleaver = Interleaver(_SKEW_MS)
        self.queue = SendQueue()
        self.refused = 0  # pictures; written by the `encode` thread alone

    def put(self, packet: EncodedPacket) -> None:
        """Hand over a packet; never blocks."""
        if not self._inbox.put(packet) and packet.kind == "video":
            self.refused += 1

    def collect(self, unsent_ms: float = 0.0) -> None:
        """Take in what came; `unsent_ms` of media wait in the socket."""
        while (packet := self._inbox.take()) is not None:
            self._interleaver.put(packet)
        for packet in self._interleaver.take(time.monotonic_ns()):
            self.queue.add(packet, unsent_ms)

    def collect_all(self) -> None:
        """Take in everything, waiting for no other stream: the show is over."""
        self.collect()
        for packet in self._interleaver.drain():
            self.queue.add(packet)
