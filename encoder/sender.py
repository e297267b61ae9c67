"""A network output: its thread, its connections one after another, and the will to come back.

It never lets a server's trouble reach another output, never blocks whoever hands it packets, and never names a key.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from encoder.bitrate import AdaptiveBitrate
from encoder.dial import open_link
from encoder.intake import Intake
from encoder.link import Link
from encoder.names import Names
from encoder.publication import SETTLED_S, Publication
from encoder.retry import RetryWaits
from encoder.standing import Standing
from encoder.target import Target, parse_target
from encoder.waker import Waker
from studio.errors import InvalidInput, OutputFailed
from studio.model.frames import EncodedPacket, StreamHeader
from studio.model.settings import OutputSettings
from studio.ports import OutputStats

log = logging.getLogger(__name__)

_TURN_S = 0.05
_GHOST_S = 60.0
"""For so long after a loss "this name is taken" means our own dead connection, which the server hasn't noticed yet."""
_BURST_S = 1.0
"""A session begins with a keyframe and what was held, on a connection that doesn't know its line yet."""
_FAREWELL_S = 0.4
"""Nothing moves for so long at the stop: the goodbye won't arrive either, and nobody waits for a dead line."""


class _Orders:
    """What the output's thread is asked to do, from any thread."""

    def __init__(self) -> None:
        self.is_stopping = threading.Event()
        self.is_retrying_now = threading.Event()
        self.stop_by_s = 0.0


class RtmpOutput:
    """An Output that publishes by RTMP or RTMPS: what other threads see of it. The work is done by `_Sender` on `send:<name>`."""

    def __init__(self, settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> None:
        self._target: Target | None = None
        self._fault: InvalidInput | None = None
        try:
            self._target = parse_target(settings)
        except InvalidInput as error:
            self._fault = error
        kind = "rtmps" if settings.target()[0].startswith("rtmps:") else "rtmp"
        self._standing = Standing(OutputStats(name=settings.name, kind=kind, state="idle"), on_state)
        self._intake = Intake()
        self._orders = _Orders()
        self._waker: Waker | None = None
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"RtmpOutput({self._standing.stats.name!r}, {self._target!r})"

    def start(self, header: StreamHeader) -> None:
        """Start the thread; a second start does nothing."""
        if self._thread is None:
            self._waker = Waker()
            sender = _Sender(header, self._standing, self._intake, self._orders, self._waker)
            name = f"send:{self._standing.stats.name}"
            self._thread = threading.Thread(target=sender.run, args=(self._target, self._fault), name=name, daemon=True)
            self._thread.start()

    def put(self, packet: EncodedPacket) -> None:
        """Hand over a packet; never blocks. Sound behind the mix is for recordings alone."""
        if packet.track:
            return
        self._intake.put(packet)
        if packet.kind == "video":  # sound, in frames of 21 ms, goes with the next picture: half the turns, and none of them late
            self._wake()

    def mark(self, at_ms: float, title: str) -> None:
        """Nothing: a server has no chapters."""

    def stats(self) -> OutputStats:
        """The counters as of the thread's last turn, and what the inbox refused."""
        stats = self._standing.stats
        return replace(stats, missed=stats.missed + self._intake.refused)

    def retry_now(self) -> None:
        """Cut short the wait before the next attempt."""
        self._orders.is_retrying_now.set()
        self._wake()

    def stop(self, deadline_s: float) -> None:
        """Send what waits, say goodbye, join; after the deadline the thread is left to end by itself."""
        self._orders.stop_by_s = time.monotonic() + deadline_s
        self._orders.is_stopping.set()
        self._wake()
        if self._thread is None:
            self._standing.change("stopped")
            return
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            log.warning("%s has not ended within %.1f s; it is left to end by itself", self._thread.name, deadline_s)

    def _wake(self) -> None:
        if self._waker is not None:
            self._waker.wake()


class _Sender:
    """Connects, publishes, and comes back after a loss. Owned, with all that it holds, by the `send:<name>` thread."""

    def __init__(self, header: StreamHeader, standing: Standing, intake: Intake, orders: _Orders, waker: Waker) -> None:
        self._header = header
        self._standing = standing
        self._intake = intake
        self._orders = orders
        self._waker = waker
        self._waits = RetryWaits()
        self._rate = AdaptiveBitrate(header.video_bitrate_kbps, header.audio_bitrate_kbps)
        self._names = Names()
        self._link: Link | None = None
        self._has_settled = False
        self._lost_at_s: float | None = None
        self._hung_up = 0
        self._past_frames = 0
        self._past_bytes = 0

    def run(self, target: Target | None, fault: InvalidInput | None) -> None:
        """Until the stop."""
        try:
            self._standing.change("connecting")
            if target is None:
                self._standing.change("failed", fault)
                self._rest(None)
            else:
                self._serve(target)
        finally:
            if self._link is not None:
                self._link.reset()
            self._intake.collect_all()
            self._intake.queue.disconnect()  # what still waits will not be sent any more, and is counted
            self._standing.count(missed=self._intake.queue.missed)
            # Anything but a stop ends here by our own bug: its traceback goes to the log, and nobody waits for this output.
            self._standing.change("stopped" if self._is_stopping else "failed")
            self._waker.close()

    def _serve(self, target: Target) -> None:
        while not self._is_stopping:
            self._orders.is_retrying_now.clear()
            begun_s = time.monotonic()
            try:
                self._publish(target)
            except OutputFailed as error:
                if not self._is_stopping:
                    self._rest(self._wait_after(error, time.monotonic() - begun_s))

    def _publish(self, target: Target) -> None:
        """One connection, until it fails (OutputFailed) or the output stops."""
        link = open_link(target, self._names, self._orders.is_stopping.is_set)
        if self._link is not None:
            # The new connection stands: reset the old one, so that a server that never saw it end frees the key.
            self._link.reset()
        self._link = link
        publication = Publication(link, target, self._header, time.monotonic_ns())
        was_live = False
        try:
            while not self._is_stopping:
                was_live = self._turn(publication, link, was_live=was_live)
            self._finish(publication, link)
        except OutputFailed as error:
            if not publication.unanswered or error.code != "output.closed":
                raise
            # Many servers say nothing to a wrong key or app, they hang up. Once may be a server going down, twice is an answer.
            self._hung_up += 1
            raise OutputFailed(publication.unanswered, retryable=self._hung_up < 2, host=target.host, said="") from error
        finally:
            if was_live and self._has_settled:
                self._lost_at_s = time.monotonic()
            self._intake.queue.disconnect()
            self._count(publication)
            self._past_frames, self._past_bytes = self._standing.stats.frames, self._standing.stats.bytes

    def _turn(self, publication: Publication, link: Link, *, was_live: bool) -> bool:
        """Wait for something to do, and do it; whether the publication is live."""
        self._waker.wait(_TURN_S, link, for_writing=publication.has_outgoing)
        self._intake.collect(publication.unsent_ms(self._intake.queue))
        publication.turn(self._intake.queue, time.monotonic_ns())
        self._count(publication)
        if publication.live_s > SETTLED_S:
            self._waits.reset()
            self._hung_up = 0
            self._has_settled = True
        if publication.is_live and not was_live:
            self._standing.count(connects=self._standing.stats.connects + 1)
            self._standing.change("live")
        if self._intake.queue.is_hopeless:
            raise OutputFailed("output.too_slow", retryable=True, host=link.host)
        return publication.is_live

    def _finish(self, publication: Publication, link: Link) -> None:
        """Send what waits and say goodbye, as far as the deadline lets us and bytes still move."""
        self._intake.collect_all()
        is_parting = False
        while time.monotonic() < self._orders.stop_by_s:
            try:
                publication.turn(self._intake.queue, time.monotonic_ns())
            except OutputFailed:
                return  # many servers close as soon as they read the goodbye
            if publication.still_s > _FAREWELL_S:
                return
            if not is_parting and not publication.has_outgoing:
                publication.say_goodbye()
                is_parting = True
            elif is_parting and not publication.has_outgoing and not link.unacknowledged_bytes():
                link.close()
                self._link = None
                return
            self._waker.wait(_TURN_S / 5, link, for_writing=publication.has_outgoing)

    @property
    def _is_stopping(self) -> bool:
        return self._orders.is_stopping.is_set()

    def _wait_after(self, error: OutputFailed, tried_s: float) -> float:
        """Show the failure; how long to wait before the next attempt."""
        is_back = "reconnecting" if self._standing.stats.connects else "connecting"
        if error.code in {"output.name_refused", "output.publish_refused"} and self._is_ghost_about:
            # The key was right until a moment ago: what the server holds is our own dead connection.
            self._standing.change(is_back, OutputFailed("output.still_held", retryable=True, host=error.params["host"]))
            return self._waits.after_ghost(tried_s)
        if not error.retryable:
            self._standing.change("refused", error)
            return self._waits.after_refusal()
        self._standing.change(is_back, error)
        return self._waits.after_loss(tried_s)

    @property
    def _is_ghost_about(self) -> bool:
        return self._lost_at_s is not None and time.monotonic() - self._lost_at_s < _GHOST_S

    def _rest(self, wait_s: float | None) -> None:
        """Wait, taking in and forgetting what comes; None waits for the stop."""
        until_s = time.monotonic() + wait_s if wait_s is not None else float("inf")
        while (left_s := until_s - time.monotonic()) > 0 and not self._is_stopping:
            if wait_s is not None and self._orders.is_retrying_now.is_set():
                return
            self._intake.collect()
            self._count(None)
            self._waker.wait(min(_TURN_S, left_s))

    def _wanted_kbps(self, publication: Publication | None, backlog_ms: float) -> int:
        """Not connected the rate stays: what was too much before is no less too much after. Nor is the burst of a begin judged."""
        if publication is None or publication.live_s < _BURST_S:
            return self._rate.bitrate_kbps
        way_ms, usual_ms = publication.way_ms(self._intake.queue)
        return self._rate.update(time.monotonic_ns(), max(backlog_ms, way_ms), usual_ms, self._past_bytes + publication.delivered_bytes)

    def _count(self, publication: Publication | None) -> None:
        backlog_ms = publication.backlog_ms(self._intake.queue) if publication is not None and publication.is_live else 0.0
        sent_bytes = self._past_bytes + (publication.bytes_written if publication else 0)
        self._standing.count(
            frames=self._past_frames + (publication.frames if publication else 0),
            bytes=sent_bytes,
            wanted_kbps=self._wanted_kbps(publication, backlog_ms),
            lowest_kbps=self._rate.lowest_kbps,
            floor_kbps=self._rate.floor_kbps,
            ceiling_kbps=self._rate.ceiling_kbps,
            dropped=self._intake.queue.dropped,
            missed=self._intake.queue.missed,
            backlog_ms=backlog_ms,
            backlog_ms_max=max(self._standing.stats.backlog_ms_max, backlog_ms),
        )
