"""One connection to a server from its first byte to its end: bytes in, bytes out, and how far behind the network is.

It owns no thread and never waits; a failure ends it with OutputFailed, and it is of no use after that.
"""

from encoder.congestion import SendQueue
from encoder.flv import packet_tag
from encoder.link import Link
from encoder.progress import Progress
from encoder.rtmp import RtmpSession
from encoder.target import Target
from studio.errors import OutputFailed
from studio.model.frames import EncodedPacket, StreamHeader

_ANSWER_NS = 5_000_000_000
"""From the connection to "publish" accepted; the slowest platform ingest measured by others needs 2 to 3 s."""
SETTLED_S = 3.0
"""Live for so long, a publication counts as one: a server that checks keys late does it within a second."""
_READS_A_TURN = 16
_MOST_OUTGOING = 4 << 20
"""Larger than any picture: only a server that asks for answers and doesn't read them gets there."""
_AHEAD_MS = 100
"""What the kernel may hold beyond what is in flight, in media time: less starves a fast link, more can't be dropped any more."""


class Publication:
    """A Link and an RtmpSession at work. Owned by the `send:<name>` thread."""

    _FIRST_MS = 0
    """The stamp of a session's first picture; tests begin a session four hours on."""

    def __init__(self, link: Link, target: Target, header: StreamHeader, now_ns: int) -> None:
        self._link = link
        self._target = target
        self._session = RtmpSession(target, header)
        self._begun_ns = self._now_ns = now_ns
        self._progress = Progress(now_ns)
        self._live_ns: int | None = None
        self._outgoing = b""
        self._written = 0
        self._zero_ms: float | None = None
        self.frames = 0
        kbps = header.video_bitrate_kbps + header.audio_bitrate_kbps
        self._send_bytes = max(4096, min(kbps * _AHEAD_MS // 8, 262144))
        link.limit_unsent(self._send_bytes)

    @property
    def is_live(self) -> bool:
        """Whether the server accepted the publication."""
        return self._session.step == "live"

    @property
    def live_s(self) -> float:
        """For how long the server has taken the stream."""
        return 0.0 if self._live_ns is None else (self._now_ns - self._live_ns) / 1e9

    @property
    def unanswered(self) -> str:
        """What a server that hangs up now means by it, as a KnownError's code; nothing where it is no answer to us."""
        if self.is_live:  # Node-Media-Server accepts a wrong key and hangs up a moment later
            return "output.publish_refused" if self.live_s < SETTLED_S else ""
        return {"connect": "output.app_refused", "create": "output.publish_refused", "publish": "output.publish_refused"}.get(
            self._session.step, ""
        )

    @property
    def bytes_written(self) -> int:
        """Taken by the kernel so far."""
        return self._written

    @property
    def delivered_bytes(self) -> int:
        """What has reached the other side's kernel, as of the last turn."""
        return self._progress.delivered

    @property
    def still_s(self) -> float:
        """For how long nothing has reached the other side although something waits."""
        return self._progress.still_s

    @property
    def has_outgoing(self) -> bool:
        """Whether bytes wait for the kernel."""
        return bool(self._outgoing)

    def backlog_ms(self, queue: SendQueue) -> float:
        """Media time of what hasn't left this machine: the queue, and what waits in the socket."""
        return queue.span_ms + self.unsent_ms(queue)

    def unsent_ms(self, queue: SendQueue) -> float:
        """The part of the backlog that is in the socket, or on its way there."""
        return self._progress.unsent_ms(self._written - self._link.unsent_bytes(), queue.oldest_ms)

    def way_ms(self, queue: SendQueue) -> tuple[float, float]:
        """How long a picture of now would take to the other side, and how long it takes when nothing is in its way."""
        return queue.span_ms + self._progress.waited_ms, self._progress.usual_ms

    def turn(self, queue: SendQueue, now_ns: int) -> None:
        """Read what came, write what the kernel takes, look at the watchdog. Raises OutputFailed.

        The queue's session begins here, in the turn that the server accepts the publication.
        """
        was_live, self._now_ns = self.is_live, now_ns
        self._read()
        answer = self._session.take_outgoing()
        if self.is_live and not was_live:
            answer += self._session.opening_bytes()
            queue.connect()
            self._live_ns = now_ns
        self._outgoing += answer
        if len(self._outgoing) > _MOST_OUTGOING:
            raise OutputFailed("output.not_rtmp", retryable=True, host=self._target.host)
        self._write(queue)
        self._watch(now_ns)

    def say_goodbye(self) -> None:
        """Put the clean end behind what waits for the kernel."""
        self._outgoing += self._session.farewell_bytes()

    def _read(self) -> None:
        for _ in range(_READS_A_TURN):
            data = self._link.receive()
            if data is None:
                return
            self._session.receive(data)

    def _write(self, queue: SendQueue) -> None:
        while True:
            if not self._outgoing and self.is_live:
                self._take_packet(queue)
            if not self._outgoing:
                return
            taken = self._link.send(self._outgoing[: self._send_bytes])
            if not taken:
                return
            self._written += taken
            self._outgoing = self._outgoing[taken:]

    def _take_packet(self, queue: SendQueue) -> None:
        while (packet := queue.take()) is not None:
            if self._zero_ms is None:
                self._zero_ms = packet.dts_ms - self._FIRST_MS  # the queue begins a session with a keyframe
            if packet.dts_ms >= self._zero_ms + self._FIRST_MS:
                self._outgoing = self._packed(packet, self._zero_ms)
                return

    def _packed(self, packet: EncodedPacket, zero_ms: float) -> bytes:
        data = self._session.send_tag(packet_tag(packet, zero_ms))
        self._progress.note(self._written + len(data), packet.dts_ms)
        self.frames += packet.kind == "video"
        return data

    def _watch(self, now_ns: int) -> None:
        if not self.is_live and self._session.step != "ended" and now_ns - self._begun_ns > _ANSWER_NS:
            raise OutputFailed("output.silent", retryable=True, host=self._target.host)
        waiting = self._link.unacknowledged_bytes()
        self._progress.look(self._written - (waiting or 0), is_all_there=not waiting and not self._outgoing, now_ns=now_ns)
        if self._progress.has_stopped(self._session.acknowledgements):
            raise OutputFailed("output.stalled", retryable=True, host=self._target.host)
