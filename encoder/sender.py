"""A network output: its thread, its queue, its connection, and the will to come back.

It never lets a server's trouble reach another output, never blocks whoever hands it packets, and never names a key.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from encoder.congestion import AdaptiveBitrate, SendQueue
from encoder.interleave import Interleaver
from encoder.link import Link, open_link
from encoder.publication import SETTLED_S, Publication
from encoder.retry import RetryWaits
from encoder.target import Target, parse_target
from encoder.waker import Waker
from studio.engine.handoff import Fifo
from studio.errors import InvalidInput, KnownError, OutputFailed
from studio.model.frames import EncodedPacket, StreamHeader
from studio.model.settings import OutputSettings
from studio.ports import OutputState, OutputStats

log = logging.getLogger(__name__)

_INBOX_PACKETS = 1024
"""Between `put` and the thread, 6 s at 120 pictures a second with sound: the thread takes them out within 50 ms, unless it connects."""
_TURN_S = 0.05
_GHOST_S = 60.0
"""For so long after a loss "this name is taken" means our own dead connection, which the server hasn't noticed yet."""


class RtmpOutput:
    """An Output that publishes by RTMP or RTMPS. The thread `send:<name>` owns everything but the inbox and the flags.

    The inbox refuses the newest when full (counted as missed); the policy of the 700 ms queue is SendQueue's.
    """

    def __init__(self, settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> None:
        self._on_state = on_state
        self._target: Target | None = None
        self._fault: InvalidInput | None = None
        try:
            self._target = parse_target(settings)
        except InvalidInput as error:
            self._fault = error
        kind = "rtmps" if settings.target()[0].startswith("rtmps:") else "rtmp"
        self._stats = OutputStats(name=settings.name, kind=kind, state="idle")
        self._inbox: Fifo[EncodedPacket] = Fifo(_INBOX_PACKETS)
        self._waker: Waker | None = None
        self._queue = SendQueue()
        self._interleaver = Interleaver()
        self._waits = RetryWaits()
        self._rate = AdaptiveBitrate(0)
        self._link: Link | None = None
        self._lost_at_s: float | None = None
        self._refused = 0  # written by the `encode` thread alone
        self._hung_up = 0
        self._past_frames = 0
        self._past_bytes = 0
        self._thread: threading.Thread | None = None
        self._is_stopping = threading.Event()
        self._is_retrying_now = threading.Event()
        self._stop_by_s = 0.0

    def __repr__(self) -> str:
        return f"RtmpOutput({self._stats.name!r}, {self._target!r})"

    def start(self, header: StreamHeader) -> None:
        """Start the thread; a second start does nothing."""
        if self._thread is None:
            self._waker = Waker()
            self._thread = threading.Thread(target=self._run, args=(header, self._waker), name=f"send:{self._stats.name}", daemon=True)
            self._thread.start()

    def put(self, packet: EncodedPacket) -> None:
        """Hand over a packet; never blocks."""
        if not self._inbox.put(packet) and packet.kind == "video":
            self._refused += 1
        self._wake()

    def stats(self) -> OutputStats:
        """The counters as of the thread's last turn, and what the inbox refused."""
        return replace(self._stats, missed=self._stats.missed + self._refused)

    def retry_now(self) -> None:
        """Cut short the wait before the next attempt."""
        self._is_retrying_now.set()
        self._wake()

    def stop(self, deadline_s: float) -> None:
        """Send what waits, say goodbye, join; after the deadline the thread is left to end by itself."""
        self._stop_by_s = time.monotonic() + deadline_s
        self._is_stopping.set()
        self._wake()
        if self._thread is None:
            self._change("stopped")
        else:
            self._thread.join(deadline_s)
            if self._thread.is_alive():
                log.warning("The output %s has not ended within %.1f s; it is left to end by itself", self._stats.name, deadline_s)

    def _wake(self) -> None:
        if self._waker is not None:
            self._waker.wake()

    # From here on everything runs on the `send:<name>` thread.

    def _run(self, header: StreamHeader, waker: Waker) -> None:
        self._rate = AdaptiveBitrate(header.video_bitrate_kbps)
        try:
            self._change("connecting")
            if self._target is None:
                self._change("failed", self._fault)
                self._rest(None, waker)
            else:
                self._serve(self._target, header, waker)
        finally:
            if self._link is not None:
                self._link.reset()
            # Anything but a stop ends here by our own bug: its traceback goes to the log, and nobody waits for this output.
            self._change("stopped" if self._is_stopping.is_set() else "failed")
            waker.close()

    def _serve(self, target: Target, header: StreamHeader, waker: Waker) -> None:
        while not self._is_stopping.is_set():
            self._is_retrying_now.clear()
            try:
                self._publish(target, header, waker)
            except OutputFailed as error:
                if not self._is_stopping.is_set():
                    self._rest(self._wait_after(error), waker)

    def _publish(self, target: Target, header: StreamHeader, waker: Waker) -> None:
        """One connection, until it fails (OutputFailed) or the output stops."""
        link = open_link(target, self._is_stopping.is_set)
        if self._link is not None:
            # The new connection stands: reset the old one, so that a server that never saw it end frees the key.
            self._link.reset()
        self._link = link
        publication = Publication(link, target, header, time.monotonic_ns())
        was_live = False
        try:
            while not self._is_stopping.is_set():
                was_live = self._turn(publication, link, waker, was_live=was_live)
            self._finish(publication, link, waker)
        except OutputFailed as error:
            if not publication.unanswered or error.code != "output.closed":
                raise
            # Many servers say nothing to a wrong key or app, they hang up. Once may be a server going down, twice is an answer.
            self._hung_up += 1
            raise OutputFailed(publication.unanswered, retryable=self._hung_up < 2, host=target.host, said="") from error
        finally:
            if was_live:
                self._lost_at_s = time.monotonic()
            self._queue.disconnect()
            self._count(publication)
            self._past_frames, self._past_bytes = self._stats.frames, self._stats.bytes

    def _turn(self, publication: Publication, link: Link, waker: Waker, *, was_live: bool) -> bool:
        """Wait for something to do, and do it; whether the publication is live."""
        waker.wait(_TURN_S, link, for_writing=publication.has_outgoing)
        self._collect(publication.unsent_ms(self._queue))
        publication.turn(self._queue, time.monotonic_ns())
        self._count(publication)
        if publication.live_s > SETTLED_S:
            self._waits.reset()
            self._hung_up = 0
        if publication.is_live and not was_live:
            self._stats = replace(self._stats, connects=self._stats.connects + 1)
            self._change("live")
        if self._queue.is_hopeless:
            raise OutputFailed("output.too_slow", retryable=True, host=link.host)
        return publication.is_live

    def _finish(self, publication: Publication, link: Link, waker: Waker) -> None:
        """Send what waits and say goodbye, as far as the deadline lets us."""
        self._collect(0.0)
        for packet in self._interleaver.drain():
            self._queue.add(packet)
        is_parting = False
        while time.monotonic() < self._stop_by_s:
            try:
                publication.turn(self._queue, time.monotonic_ns())
            except OutputFailed:
                return  # many servers close as soon as they read the goodbye
            if not is_parting and not publication.has_outgoing:
                publication.say_goodbye()
                is_parting = True
            elif is_parting and not publication.has_outgoing and not link.unacknowledged_bytes():
                link.close()
                self._link = None
                return
            waker.wait(_TURN_S / 5, link, for_writing=publication.has_outgoing)

    def _collect(self, unsent_ms: float) -> None:
        """Take in what came, in order, by the queue's policy."""
        while (packet := self._inbox.take()) is not None:
            self._interleaver.put(packet)
        for packet in self._interleaver.take(time.monotonic_ns()):
            self._queue.add(packet, unsent_ms)

    def _wait_after(self, error: OutputFailed) -> float:
        """Show the failure; how long to wait before the next attempt."""
        is_ghost = error.code == "output.name_refused" and self._lost_at_s is not None and time.monotonic() - self._lost_at_s < _GHOST_S
        if not error.retryable and not is_ghost:
            self._change("refused", error)
            return self._waits.after_refusal()
        self._change("reconnecting" if self._stats.connects else "connecting", error)
        return self._waits.after_loss()

    def _rest(self, wait_s: float | None, waker: Waker) -> None:
        """Wait, taking in and forgetting what comes; None waits for the stop."""
        until_s = time.monotonic() + wait_s if wait_s is not None else float("inf")
        while (left_s := until_s - time.monotonic()) > 0 and not self._is_stopping.is_set():
            if wait_s is not None and self._is_retrying_now.is_set():
                return
            self._collect(0.0)
            self._count(None)
            waker.wait(min(_TURN_S, left_s))

    def _count(self, publication: Publication | None) -> None:
        backlog_ms = publication.backlog_ms(self._queue) if publication is not None and publication.is_live else 0.0
        sent_bytes = self._past_bytes + (publication.bytes_written if publication else 0)
        self._stats = replace(
            self._stats,
            frames=self._past_frames + (publication.frames if publication else 0),
            bytes=sent_bytes,
            wanted_kbps=self._rate.update(time.monotonic_ns(), backlog_ms, sent_bytes),
            dropped=self._queue.dropped,
            missed=self._queue.missed,
            backlog_ms=backlog_ms,
            backlog_ms_max=max(self._stats.backlog_ms_max, backlog_ms),
        )

    def _change(self, state: OutputState, error: KnownError | None = None) -> None:
        detail = error.code if error else ""
        params = tuple((name, str(value)) for name, value in error.params.items()) if error else ()
        if (state, detail, params) != (self._stats.state, self._stats.detail, self._stats.detail_params):
            self._stats = replace(self._stats, state=state, detail=detail, detail_params=params)
            self._on_state(self.stats())
