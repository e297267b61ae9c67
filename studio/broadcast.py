"""Going on air and off: idle, connecting, live, reconnecting, stopped; each output with its own fate.

One output's trouble changes the words, never another output.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import platformdirs

from studio.bus import Bus
from studio.encoder_port import Encoders
from studio.engine.health import output_report
from studio.engine.mixer import Mixer
from studio.engine.program import Program
from studio.engine.session import FirstPacket, Session
from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.settings import OutputSettings, Settings
from studio.ports import OpenOutput, Output, OutputStats
from studio.replay_port import OpenReplay, Replay, SavedReplay

log = logging.getLogger(__name__)

LiveState = Literal["idle", "connecting", "live", "reconnecting", "stopped"]
STOP_DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class LiveChanged:
    """The state of the broadcast, or of one of its outputs, changed."""

    live: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutputChanged:
    """News from an output's thread."""

    stats: OutputStats


class Broadcast:
    """The session on air, if any. Loop thread only; what blocks runs on worker threads."""

    def __init__(
        self,
        bus: Bus,
        encoders: Encoders,
        open_output: OpenOutput,
        open_replay: OpenReplay,
        find_secret: Callable[[str], str],
        on_failed: Callable[[str, Exception], None],
    ) -> None:
        self.session: Session | None = None
        self.outputs: tuple[Output, ...] = ()
        self.replay: Replay | None = None
        """Kept after the stop, so that the last moment of a show can still be saved."""
        self.state: LiveState = "idle"
        self.was_live = False
        self.started_at = 0.0
        self._started_s = 0.0
        self._bus = bus
        self._encoders = encoders
        self._open_output = open_output
        self._open_replay = open_replay
        self._find_secret = find_secret
        self._on_failed = on_failed
        self._is_changing = False
        bus.subscribe(OutputChanged, self._on_output)
        bus.subscribe(FirstPacket, lambda _: self._settle())

    async def start(self, settings: Settings, program: Program, mixer: Mixer, only: Sequence[str] = ()) -> None:
        """Open encoder and outputs and go: those that are switched on or, after a crash, `only` those that ran. Raises Conflict when on
        air already, EncoderUnavailable, InvalidInput without outputs, NotFound for a key that the keyring doesn't have.
        """
        if self.is_on_air or self._is_changing:
            raise Conflict("live.already")
        wanted = [output for output in settings.output if output.name in only] or [row for row in settings.output if row.enabled]
        if not wanted:
            raise InvalidInput("live.all_off" if settings.output else "live.no_output")
        self._is_changing = True
        try:
            outputs = [self._open(await self._with_key(output)) for output in wanted]
            self.replay = self._open_replay(settings.replay.seconds) if settings.replay.seconds else None
            takers = [*outputs, self.replay] if self.replay else outputs
            self.session = await asyncio.to_thread(
                Session, self._encoders, settings.video, settings.encoder, takers, self._bus.post, self._on_failed
            )
            self.session.wants_tracks = any(output.tracks == "separate" for output in wanted)
            self.outputs = tuple(outputs)
            self.state = "connecting"
            self.started_at, self._started_s = time.time(), time.monotonic()
            self.session.start()
            mixer.sink = self.session
            program.sink = self.session
        finally:
            self._is_changing = False
        self._publish()

    async def stop(self, program: Program, mixer: Mixer) -> None:
        """Off air, upstream to downstream, within the deadline. Raises Conflict when not on air."""
        if self.session is None or not self.is_on_air or self._is_changing:
            raise Conflict("live.not_live")
        self._is_changing = True
        try:
            program.sink = None
            mixer.sink = None
            await asyncio.to_thread(self.session.stop, STOP_DEADLINE_S)
        finally:
            self._is_changing = False
            self.state = "stopped"
        self._publish()

    async def start_output(self, settings: OutputSettings) -> None:
        """One more output in the middle of the show. Raises Conflict off air or while it runs, NotFound for a key that isn't there."""
        output = self._open(await self._with_key(settings))
        if self.session is None or not self.is_on_air or self._is_changing:
            raise Conflict("live.not_live")
        if settings.name in self.running:
            raise Conflict("output.running", name=settings.name)
        self.outputs = (*(other for other in self.outputs if other.stats().name != settings.name), output)
        self.session.add(output, with_tracks=settings.tracks == "separate")
        self._settle()

    async def stop_output(self, name: str) -> None:
        """End one output, the show goes on. Raises Conflict when it doesn't run, or for the last one."""
        if self.session is None or name not in self.running or self._is_changing:
            raise Conflict("output.not_running", name=name)
        if len(self.running) == 1:
            raise Conflict("output.last", name=name)
        output = next(output for output in self.outputs if output.stats().name == name)
        self.session.takers.remove(output)
        await asyncio.to_thread(output.stop, STOP_DEADLINE_S)
        self._settle()

    @property
    def running(self) -> tuple[str, ...]:
        """The names of the outputs that take part in the show now."""
        if self.session is None or not self.is_on_air:
            return ()
        taking = self.session.takers.outputs
        return tuple(output.stats().name for output in self.outputs if output in taking)

    @property
    def is_on_air(self) -> bool:
        """From the start until the stop, whatever the outputs do."""
        return self.state in {"connecting", "live", "reconnecting"}

    def retry(self, name: str) -> None:
        """Cut short an output's wait. Raises NotFound when there is none of that name."""
        for output in self.outputs:
            if output.stats().name == name:
                output.retry_now()
                return
        raise NotFound("live.no_such_output", name=name)

    async def save_replay(self, folder: str) -> SavedReplay:
        """Write the last stretch of the show to a new file. Raises Conflict while there is none, OutputFailed."""
        if self.replay is None:
            raise Conflict("replay.off")
        base = Path(folder) if folder else Path(platformdirs.user_videos_dir())
        wanted = base / f"replay-{time.strftime('%Y%m%d-%H%M%S')}.mp4"
        return await asyncio.to_thread(self.replay.save, wanted)

    def mark(self, title: str) -> bool:
        """Note this moment in the recordings, as a chapter; whether the show is on air."""
        if self.session is None or not self.is_on_air:
            return False
        self.session.mark(title, time.monotonic_ns())
        return True

    def report(self) -> dict[str, Any]:
        """`GET /v1/live`."""
        return {
            "state": self.state,
            "since": self.started_at or None,
            "elapsed_s": round(time.monotonic() - self._started_s, 1) if self.is_on_air else 0.0,
            "outputs": [output_report(output.stats()) for output in self.outputs],
        }

    async def _with_key(self, settings: OutputSettings) -> OutputSettings:
        """The keyring may ask its user: not on the loop."""
        if not settings.key_secret:
            return settings
        return replace(settings, key=await asyncio.to_thread(self._find_secret, settings.key_secret))

    def _open(self, settings: OutputSettings) -> Output:
        if settings.is_file:
            settings = replace(settings, path=str(Path(settings.path).absolute()))
        return self._open_output(settings, lambda stats: self._bus.post(OutputChanged(stats)))

    def _on_output(self, change: OutputChanged) -> None:
        log.info("Output %s is %s %s", change.stats.name, change.stats.state, change.stats.detail)
        self._settle()

    def _settle(self) -> None:
        if not self.is_on_air:
            return
        states = [stats for output in self.outputs if (stats := output.stats()).state != "stopped"]
        if any(stats.state == "live" and stats.kind != "file" for stats in states):
            state: LiveState = "live"
        elif any(stats.kind != "file" for stats in states):
            state = "reconnecting" if any(stats.connects for stats in states if stats.kind != "file") else "connecting"
        else:
            state = "live" if any(stats.state == "live" for stats in states) else "connecting"
        self.state = state
        self.was_live = self.was_live or any(stats.state == "live" for stats in states)
        self._publish()

    def _publish(self) -> None:
        self._bus.publish(LiveChanged(self.report()))
