"""`Studio`: the one object that the control API and headless code hold.

It joins the parts and passes calls on to them; all of it runs on the engine's loop thread.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from studio.analysis.desk import Analysis
from studio.app.camera_desk import CameraDesk
from studio.app.colour_bench import ColourBench
from studio.app.effect_shelf import EffectShelf
from studio.app.home import Home
from studio.app.live_desk import LiveDesk
from studio.app.look_desk import ColourDesk, LookDesk
from studio.app.look_shelf import LookShelf
from studio.app.lookout import Lookout
from studio.app.measure_desk import MeasureDesk
from studio.app.media import Media
from studio.app.member_desk import MemberDesk
from studio.app.moderation import moderate
from studio.app.moments import MomentDesk
from studio.app.notices import Notices
from studio.app.output_desk import OutputDesk
from studio.app.profile_follower import ProfileFollower
from studio.app.report import Report
from studio.app.room import Room
from studio.app.room_files import RoomTools
from studio.app.settings_desk import SaveFailed, SettingsChanged, SettingsDesk
from studio.app.sound_desk import SoundDesk
from studio.app.sound_inputs import MonitorState
from studio.app.sound_watch import sound_body
from studio.app.source_states import SourceStates
from studio.app.stream import Stream
from studio.app.told import tell_output
from studio.audience import CopyDesk, ImportDesk, UploadShelf
from studio.audience.loyalty_desk import LoyaltyDesk
from studio.audience.person_desk import PersonDesk
from studio.audience.rules_desk import RulesDesk
from studio.broadcast import Broadcast, LiveChanged, OutputChanged
from studio.bus import Bus
from studio.drops import Drops
from studio.engine.feed import FirstItem, SourceState
from studio.engine.meters import SoundLevel
from studio.engine.session import FirstPacket
from studio.errors import Conflict
from studio.line_test import LineTest
from studio.model.platforms import PLATFORMS
from studio.model.scene import AirView
from studio.model.settings import Settings
from studio.ports import OutputStats
from studio.registry import Registry
from studio.remote.roles import Principal
from studio.remote.surface import Body, Compare, Deliver, FanSort, SlateAnswer
from studio.shop import Goods, Shop
from studio.store.secrets import Secrets

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StageFailed:
    """A media stage ended by a bug of ours."""

    name: str


def _secret(open_secrets: Callable[[], Secrets], name: str) -> str:
    """Blocks: not for the loop thread. Raises NotFound."""
    return open_secrets().get(name)


async def within(seconds: float, name: str, work: Awaitable[object]) -> None:
    """Wait for `work` at most so long: what doesn't end is named in the log and left, so that the rest can end."""
    try:
        await asyncio.wait_for(work, seconds)
    except TimeoutError:
        log.warning("%s did not end within %.0f s", name.capitalize(), seconds)


class Studio:
    """The engine's state and everything that can be asked of it (`StudioSurface`)."""

    def __init__(self, settings: Settings, registry: Registry, home: Home, open_secrets: Callable[[], Secrets]) -> None:
        self.ended = asyncio.Event()
        self.first_packet, self.first_picture = asyncio.Event(), asyncio.Event()
        self._home = home
        self._bus = Bus(asyncio.get_running_loop())
        self._stream = Stream(self._on_listeners)
        self._notices = Notices(self._stream.send)
        self._outputs: dict[str, OutputStats] = {}
        self._sources = SourceStates(lambda: self._settings, self._notices)
        self._tasks: set[asyncio.Task[None]] = set()
        self.media = Media(registry, settings, home.runtime.folder / "preview.bin", self._bus.post, self._on_stage_failed)
        find_secret = partial(_secret, open_secrets)
        self.broadcast = Broadcast(
            self._bus, registry.encoders, registry.open_output, registry.open_replay, find_secret, self._on_stage_failed
        )
        self.profile = SettingsDesk(settings, home.profile, self.media, self.broadcast, self._bus, self._follow)
        self.moments = MomentDesk(self._bus, self.broadcast, self._notices, registry.cut_clips)
        tools = RoomTools(find_secret, registry.picture_tools.thumbnail, home.runtime.folder, home.rules)
        self.room = Room(self._bus, settings, self._stream.send, self._notices, self._show, tools)
        self.measuring = MeasureDesk(home.runtime.folder, self._stream.send)
        self.report = Report(self.media, self.broadcast, self.room)
        self._line_test = LineTest(registry.encoders, registry.open_test_output, find_secret)
        self._open_desks(registry, open_secrets)
        self._subscribe()

    def _open_desks(self, registry: Registry, open_secrets: Callable[[], Secrets]) -> None:
        """What is asked for by more than a key of the profile: a show, a preset, a reading of the chart, a fader."""
        home, media, broadcast, patch = self._home, self.media, self.broadcast, self.profile.patch
        warn = partial(self._notices.add, "warn")

        def now() -> Settings:
            return self._settings

        self._look_shelf = LookShelf(home.profile and home.kept / "looks.json")
        self.looks = LookDesk(self._look_shelf, now, patch)
        effects = EffectShelf(media.mixer.effects, registry.load_effect, self._bus, self._notices.add_error)
        self.sound = SoundDesk(media, effects, registry.sound_devices, now, patch)
        self.camera = CameraDesk(media, warn)
        self._colour_bench = ColourBench(media, registry.colour_tools, home.kept / "colour", warn, self.camera.values)
        self.colour = ColourDesk(self._colour_bench, now, patch, self._sources.camera_name)
        self.members = MemberDesk(self.room.members, lambda: self._settings.remote)
        self._lookout = Lookout(media, broadcast, self._notices, now, self._on_picture)
        self._live = LiveDesk(now, media, broadcast, self._lookout, self.room, self.report, self._line_test, home)
        self.outputs = OutputDesk(broadcast, open_secrets, now, self.profile.keep, self._live.note_running)
        self._follower = ProfileFollower(media, broadcast, self.room, self._sources, self.sound, self.camera, self._colour_bench)

    async def start(self) -> None:
        """Bring the picture up first, then the fan file. Raises StoreUnavailable; the engine must then end."""
        self._show()
        await self._follower.order_camera(self._settings)
        await asyncio.to_thread(self.media.start, self._settings)
        if not await asyncio.to_thread(self._look_shelf.read):
            self._notices.add("warn", "look.shelf_broken")
        self._run(self.report.watch(), "report")
        tell_health = partial(self._stream.send, "health", self.health)
        self._run(self._lookout.watch_work(self.camera, self._colour_bench, tell_health), "health")
        self._run(self._lookout.watch_picture(self._sources), "picture guard")
        self._run(self._lookout.watch_machine(), "machine")
        self._run(self.sound.begin(self._settings), "effects")

    async def open_room(self) -> None:
        """Open the fan file and let the audience in. Raises StoreUnavailable."""
        await self.room.open()
        if self.broadcast.is_on_air:
            await self.room.set_live(is_live=True)
        self._show()

    async def stop(self) -> None:
        """Off air, sources closed, fan file closed; each with a deadline and a warning that names it. Idempotent."""
        if self.broadcast.is_on_air:
            await within(15, "the broadcast", self.broadcast.stop(self.media.program, self.media.mixer))
            self._home.runtime.clear_on_air()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await within(5, "the measuring", self.measuring.stop())
        await within(15, "the fan file", self.room.close())
        await within(15, "the media stages", asyncio.to_thread(self.media.stop))
        await self.profile.stop()

    # --- on air -------------------------------------------------------------------------------------------------------------

    async def start_live(self, principal: Principal | None = None, only: Sequence[str] = ()) -> Body:
        """Go live; `only` at these outputs, when a show is taken up again."""
        await self.measuring.stop()
        await self._live.start(principal, only)
        return self.live()

    async def stop_live(self, principal: Principal | None = None) -> Body:
        """End the show."""
        await self._live.stop(principal)
        return self.live()

    def live(self) -> Body:
        """The broadcast, its outputs and its sources."""
        return {**self.broadcast.report(), "sources": self.report.sources(self._sources.by_kind), "slate": self._lookout.guard.report()}

    def answer_slate(self, answer: SlateAnswer, principal: Principal) -> Body:
        """The host was asked what to do while the picture is gone, and waits on; another source or the end are calls of their own."""
        log.info("The slate's question was answered by %s: %s", principal.name, answer)
        self._lookout.guard.wait_on(time.monotonic_ns())
        return self.live()

    async def check_output(self, name: str, seconds: float) -> Body:
        """The connection test."""
        return await self._live.check_output(name, seconds)

    def platforms(self) -> list[Body]:
        """What platforms publish of their limits."""
        return [platform.to_json() for platform in PLATFORMS]

    def retry_output(self, name: str) -> Body:
        """Cut short an output's wait."""
        self.broadcast.retry(name)
        return self.live()

    async def save_replay(self) -> Body:
        """The last stretch of the show as a file."""
        return await self.moments.save_replay(self._settings.replay.folder)

    def mark(self, title: str) -> Body:
        """A chapter of the recordings."""
        return self.moments.mark(title)

    def recordings(self) -> Body:
        """The files of this run."""
        return self.moments.recordings()

    async def cut_clips(self, path: str, before_s: float, after_s: float) -> Body:
        """A clip for each mark of one of them."""
        return await self.moments.cut_clips(path, before_s, after_s)

    async def preview_jpeg(self, width: int) -> bytes:
        """The newest program frame."""
        picture = await asyncio.to_thread(self.media.jpeg, width)
        if picture is None:
            raise Conflict("preview.none_yet")
        return picture

    def compare(self, mode: Compare, line_at: float) -> Body:
        """Before, after or both, in the local preview only."""
        self.media.program.scene = replace(self.media.program.scene, compare=mode, compare_at=line_at)
        return {"compare": mode, "at": line_at}

    # --- settings -----------------------------------------------------------------------------------------------------------

    @property
    def _settings(self) -> Settings:
        return self.profile.now

    def settings(self) -> Body:
        """The profile; a key reads `***`."""
        return self.profile.to_json()

    async def patch_settings(self, patch: Body, principal: Principal | None = None) -> Body:
        """Change the profile, all or nothing, and touch only what the change asks for."""
        return await self.profile.patch(patch, principal)

    async def _follow(self, changed: SettingsChanged) -> None:
        await self._follower.follow(changed)
        self._show()
        self._stream.send("settings", {"settings": self.settings()})

    def _show(self) -> None:
        """Swap the scene: the one way down to the media threads."""
        overlay = self._settings.overlay
        air = AirView(
            board=self.room.air_board() if overlay.fan_board else None,
            drop=self.room.air_drop(),
            ticker=self.room.ticker.air if overlay.ticker else None,
            slate=self._lookout.guard.air,
            locale=overlay.locale,
            theme=overlay.theme,
            show_amounts=overlay.show_amounts,
        )
        program, shot = self.media.program, self._settings.shot
        if self._lookout.guard.is_second_gone:
            shot = replace(shot, close_up=False)
        program.scene = replace(program.scene, look=self._settings.look, shot=shot, air=air)

    def _on_picture(self) -> None:
        self._show()
        self._stream.send("live", self.live)

    # --- the audience -------------------------------------------------------------------------------------------------------

    async def ingest(self, lines: bytes, principal: Principal) -> Body:
        """Take NDJSON; answered once it is durable."""
        return await self.room.ingest(lines, principal)

    def board(self, limit: int) -> Body:
        """The fan board."""
        return self.room.audience.board(limit)

    async def fan(self, platform: str, fan_id: str) -> Body:
        """One person's card."""
        return await self.room.audience.fan(platform, fan_id)

    async def fans(self, sort: FanSort, limit: int, after: str) -> Body:
        """A page of fans."""
        return await self.room.audience.fans(sort, limit, after)

    async def find_fans(self, text: str, limit: int) -> Body:
        """Fans by a part of their name."""
        return await self.room.audience.fan_desk.find(text, limit)

    @property
    def analysis(self) -> Analysis:
        """Figures over all fans."""
        return self.room.analysis

    @property
    def drops(self) -> Drops:
        """Lotteries, coupons and the like."""
        return self.room.drops

    @property
    def shop(self) -> Shop:
        """Orders from shops."""
        return self.room.shop

    @property
    def rules(self) -> RulesDesk:
        """The loyalty rules."""
        return self.room.audience.rules

    @property
    def loyalty(self) -> LoyaltyDesk:
        """What they give to a fan."""
        return self.room.audience.loyalty

    async def moderate(self, body: Body, principal: Principal) -> Body:
        """Hide a fan from the picture, or show them again."""
        log.info("Moderation by %r: %r", principal.name[:40], str(body.get("action"))[:20])
        return await moderate(self.room.audience, self._settings.audience.room, body)

    # --- persons ------------------------------------------------------------------------------------------------------------

    @property
    def persons(self) -> PersonDesk:
        """Merges, holds, contacts."""
        return self.room.audience.persons

    async def person_document(self, platform: str, fan_id: str) -> bytes:
        """Everything that is kept of a person."""
        settings = self._settings
        return await self.persons.document(platform, fan_id, settings.audience.currency, settings.overlay.locale)

    async def erase_person(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """Delete a person."""
        return await self.room.erase(platform, fan_id, principal)

    # --- files --------------------------------------------------------------------------------------------------------------

    @property
    def products(self) -> Goods:
        """What the room sells."""
        return self.room.files.products

    @property
    def uploads(self) -> UploadShelf:
        """Files on their way in."""
        return self.room.files.uploads

    @property
    def imports(self) -> ImportDesk:
        """Tables into the fan file."""
        return self.room.files.imports

    @property
    def copies(self) -> CopyDesk:
        """Exports and backups."""
        return self.room.files.copies

    async def restore_backup(self, name: str) -> Body:
        """Plan it, then end: the next start finds the file closed."""
        if self.broadcast.is_on_air:
            raise Conflict("backup.on_air")
        found = await self.copies.plan_restore(name)
        self.ended.set()
        return {"restores": found}

    # --- the engine ---------------------------------------------------------------------------------------------------------

    def health(self) -> Body:
        """The report, live."""
        colour = {"profile": Path(self._settings.look.colour_profile).name, "warning": self._colour_bench.warning}
        told = {"colour": colour, "camera": self.camera.state(), **self._lookout.report()}
        return {**self.report.build(self._settings), **told}

    def stream_state(self) -> list[tuple[str, Body]]:
        """The full state, for a client that has just connected."""
        return [
            ("settings", {"settings": self.settings()}),
            ("live", self.live()),
            ("health", self.health()),
            *self.room.stream_state(),
            *(("notice", notice) for notice in self._notices.all()),
        ]

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        """Hear of every change."""
        return self._stream.subscribe(deliver)

    async def shutdown(self) -> None:
        """Ask the engine to end."""
        self.ended.set()

    def measure(self, principal: Principal) -> Body:
        """Measure this machine with the look on."""
        log.info("Measuring the machine, asked by %s", principal.name)
        return self.measuring.begin(self._settings, is_on_air=self.broadcast.is_on_air)

    def measured(self) -> Body:
        """What came of it so far."""
        return self.measuring.state()

    # --- news from below ----------------------------------------------------------------------------------------------------

    def _subscribe(self) -> None:
        self._bus.subscribe(SourceState, self._on_source)
        self._bus.subscribe(FirstItem, self._on_first_item)
        self._bus.subscribe(OutputChanged, self._on_output)
        self._bus.subscribe(LiveChanged, lambda _: self._stream.send("live", self.live))
        self._bus.subscribe(SoundLevel, self._on_sound)
        self._bus.subscribe(StageFailed, lambda failed: self._notices.add("bad", "stage.failed", name=failed.name))
        self._bus.subscribe(SaveFailed, lambda failed: self._notices.add("warn", "profile.not_saved", reason=failed.reason))
        self._bus.subscribe(MonitorState, self._on_monitor)
        self._bus.subscribe(FirstPacket, self._on_first_packet)

    def _on_first_packet(self, first: FirstPacket) -> None:
        self.report.process.note_first_frame(first.time_ns)
        self.first_packet.set()

    def _on_first_item(self, first: FirstItem) -> None:
        if first.kind == "video":
            self.first_picture.set()

    def _on_source(self, state: SourceState) -> None:
        if not self._sources.hear(state):
            return
        if state.kind == "video":
            self.media.program.source_fps = state.info.fps if state.info else 0.0
        self._run(self._lookout.name_holder(state), "camera's holder")
        self._stream.send("live", self.live())

    def _on_sound(self, level: SoundLevel) -> None:
        self._stream.send("meters", lambda: sound_body(level))
        self._lookout.hear(level)

    def _on_monitor(self, state: MonitorState) -> None:
        if state.error is not None:
            self._notices.add_error(state.error, "warn")
        else:
            self._notices.add("good", "monitor.back")

    def _on_output(self, change: OutputChanged) -> None:
        tell_output(self._notices, self._outputs.get(change.stats.name), change.stats)
        self._outputs[change.stats.name] = change.stats

    def _on_stage_failed(self, name: str, _: Exception) -> None:
        self._bus.post(StageFailed(name))

    def _on_listeners(self, count: int) -> None:
        self.media.program.is_watched = count > 0

    def _run(self, work: Any, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
