"""`Studio`: the one object that the control API and headless code hold.

It joins the parts and passes calls on to them; all of it runs on the engine's loop thread.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from studio.app import profile
from studio.app.camera_desk import CameraDesk
from studio.app.colour_desk import ColourDesk
from studio.app.effect_shelf import EffectShelf
from studio.app.look_shelf import LookShelf
from studio.app.look_watch import LookWatch
from studio.app.machine_watch import MachineWatch
from studio.app.measure_desk import MeasureDesk
from studio.app.media import Media
from studio.app.moderation import moderate
from studio.app.moments import MomentDesk
from studio.app.notices import Notices
from studio.app.output_desk import OutputDesk
from studio.app.overload import Overload
from studio.app.picture_guard import LOOK_EVERY_S, PictureGuard
from studio.app.report import Report
from studio.app.room import Room
from studio.app.room_files import RoomTools
from studio.app.sound_desk import SoundDesk
from studio.app.sound_inputs import MonitorState
from studio.app.sound_watch import SoundWatch, sound_body
from studio.app.stage_watch import StageWatch
from studio.app.stream import Stream
from studio.app.told import tell_output, tell_source
from studio.app.watchers import Watchers
from studio.audience import CopyDesk, ImportDesk, UploadShelf
from studio.audience.loyalty_desk import LoyaltyDesk
from studio.audience.person_desk import PersonDesk
from studio.audience.rules_desk import RulesDesk
from studio.broadcast import Broadcast, LiveChanged, OutputChanged
from studio.bus import Bus
from studio.engine.feed import FirstItem, SourceState
from studio.engine.meters import SoundLevel
from studio.engine.runtime import RuntimeFolder
from studio.engine.session import FirstPacket
from studio.errors import Conflict, InvalidInput, NotFound
from studio.line_test import LineTest
from studio.model.platforms import PLATFORMS
from studio.model.presets import patch_for, preset_of
from studio.model.profile_tables import merge_patch, refuse_while_live, to_json, touched
from studio.model.scene import AirView
from studio.model.settings import Settings
from studio.ports import OutputStats
from studio.registry import Registry
from studio.remote.drop_surface import DropStep, HandoutState, HandoutStep
from studio.remote.output_surface import OutputStep
from studio.remote.roles import Principal
from studio.remote.surface import Body, Compare, Deliver, FanSort, ShopStep, SlateAnswer
from studio.shop import Goods
from studio.store.secrets import Secrets

log = logging.getLogger(__name__)

TELL_EVERY_S = 0.25
HEALTH_EVERY = 4
SAVE_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class StageFailed:
    """A media stage ended by a bug of ours."""

    name: str


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """The profile could not be written; what was set is in force, but will be forgotten."""

    reason: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where this engine keeps things: its runtime folder, the profile it writes changes to (None: nowhere), the rules file if any."""

    runtime: RuntimeFolder
    profile: Path | None
    rules: Path | None = None


def _sources(settings: Settings) -> tuple[object, ...]:
    """What the sources are opened with, besides the canvas."""
    shot = settings.shot
    return settings.video.source, settings.audio.source, shot.second, shot.rotate, shot.wide


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
        self._settings = settings
        self._home = home
        self._bus = Bus(asyncio.get_running_loop())
        self._stream = Stream(self._on_listeners)
        self._notices = Notices(self._stream.send)
        self._outputs: dict[str, OutputStats] = {}
        self._sources: dict[str, SourceState] = {}
        self._save: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.media = Media(registry, settings, home.runtime.folder / "preview.bin", self._bus.post, self._on_stage_failed)
        self._watchers = Watchers(self._notices)
        self._sound_watch = SoundWatch(self._watchers)
        self._guard = PictureGuard(self.media, self._watchers, self._on_picture)
        find_secret = partial(_secret, open_secrets)
        self.broadcast = Broadcast(
            self._bus, registry.encoders, registry.open_output, registry.open_replay, find_secret, self._on_stage_failed
        )
        self.output_desk = OutputDesk(self.broadcast, open_secrets, lambda: self._settings, self._keep, self._note_running)
        self.moments = MomentDesk(self._bus, self.broadcast, self._notices, registry.cut_clips)
        tools = RoomTools(find_secret, registry.picture_tools.thumbnail, home.runtime.folder, home.rules)
        self._machine = MachineWatch(self._notices, self._watchers)
        self._overload = Overload(self.media, self.broadcast, self._watchers)
        self._stages = StageWatch(self.media, self.broadcast, self._watchers)
        self.room = Room(self._bus, settings, self._stream.send, self._notices, self._show, tools)
        self.measuring = MeasureDesk(home.runtime.folder, self._stream.send)
        self.line_test = LineTest(registry.encoders, registry.open_test_output, find_secret)
        self.report = Report(self.media, self.broadcast, self.room)
        kept = home.profile.parent if home.profile is not None else home.runtime.folder
        self.looks_shelf = LookShelf(home.profile and kept / "looks.json")
        effects = EffectShelf(self.media.mixer.effects, registry.load_effect, self._bus, self._notices.add_error)
        self.sound = SoundDesk(self.media, effects, registry.sound_devices, lambda: self._settings, self.patch_settings)
        self.camera = CameraDesk(self.media, lambda code: self._notices.add("warn", code))
        self.colour = ColourDesk(
            self.media, registry.colour_tools, kept / "colour", lambda code: self._notices.add("warn", code), self.camera.values
        )
        self._look_watch = LookWatch(lambda code, file: self._notices.add("warn", code, file=file))
        self._subscribe()

    async def start(self) -> None:
        """Bring the picture up first, then the fan file. Raises StoreUnavailable; the engine must then end."""
        self._show()
        await self._order_camera(self._settings)
        await asyncio.to_thread(self.media.start, self._settings)
        if not await asyncio.to_thread(self.looks_shelf.read):
            self._notices.add("warn", "look.shelf_broken")
        self._run(self.report.heartbeat.beat(), "heartbeat")
        self._run(self._tell_health(), "health")
        self._run(self._guard_picture(), "picture guard")
        self._run(self._machine.watch(), "machine")
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
        if self._save is not None:
            self._save.cancel()
            await asyncio.to_thread(self._write_profile)

    # --- on air -------------------------------------------------------------------------------------------------------------

    async def start_live(self, principal: Principal | None = None, only: Sequence[str] = ()) -> Body:
        """Go live; `only` at these outputs, when a show is taken up again."""
        await self.measuring.stop()
        log.info("Going live, asked by %s", principal.name if principal else "the command line")
        await self.line_test.cancel()
        await self.broadcast.start(self._settings, self.media.program, self.media.mixer, only)
        self.report.begin()
        for watch in (self._guard, self._overload):
            watch.begin(time.monotonic_ns())
        await self._machine.begin()
        self._note_running()
        await self.room.set_live(is_live=True)
        return self.live()

    def _note_running(self) -> None:
        """For the engine that takes this show up if this one dies: what was stopped by hand stays so."""
        if self._home.profile is not None and self.broadcast.is_on_air:
            self._home.runtime.mark_on_air(self._home.profile, self.broadcast.running)

    async def stop_live(self, principal: Principal | None = None) -> Body:
        """End the show."""
        log.info("Going off air, asked by %s", principal.name if principal else "the command line")
        if self.broadcast.is_on_air:
            self.report.end()
            self._guard.end()
            self._overload.end()
            await self._machine.end()
            await self.broadcast.stop(self.media.program, self.media.mixer)
            self._home.runtime.clear_on_air()
            await self.room.set_live(is_live=False)
        return self.live()

    def live(self) -> Body:
        """The broadcast, its outputs and its sources."""
        return {**self.broadcast.report(), "sources": self.report.sources(self._sources), "slate": self._guard.report()}

    def answer_slate(self, answer: SlateAnswer, principal: Principal) -> Body:
        """The host was asked what to do while the picture is gone, and waits on; another source or the end are calls of their own."""
        log.info("The slate's question was answered by %s: %s", principal.name, answer)
        self._guard.wait_on(time.monotonic_ns())
        return self.live()

    async def check_output(self, name: str, seconds: float) -> Body:
        """The connection test."""
        if self.broadcast.is_on_air:
            raise Conflict("live.already")
        return await self.line_test.run(self._settings, name, seconds, self.media.program, self.media.mixer)

    def platforms(self) -> list[Body]:
        """What platforms publish of their limits."""
        return [platform.to_json() for platform in PLATFORMS]

    def retry_output(self, name: str) -> Body:
        """Cut short an output's wait."""
        self.broadcast.retry(name)
        return self.live()

    async def list_outputs(self) -> Body:
        """The outputs as they are set, and how they stand."""
        return await self.output_desk.listing()

    async def put_output(self, name: str, fields: Body, principal: Principal) -> tuple[Body, bool]:
        """Add one, or change it."""
        return await self.output_desk.put(name, fields, principal)

    async def remove_output(self, name: str, principal: Principal) -> Body:
        """Take one out of the profile."""
        return await self.output_desk.remove(name, principal)

    async def output_step(self, name: str, step: OutputStep, principal: Principal) -> Body:
        """Start or stop one in the middle of the show."""
        log.info("Output %r: %s, asked by %s", name[:40], step, principal.name)
        await (self.output_desk.start if step == "start" else self.output_desk.stop)(name)
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

    # --- the look -----------------------------------------------------------------------------------------------------------

    def looks(self) -> Body:
        """Presets and presenters."""
        return self.looks_shelf.listing()

    async def keep_look(self, name: str) -> Body:
        """Keep the look of now under a name."""
        await asyncio.to_thread(self.looks_shelf.keep, name, preset_of(self._settings.look))
        return self.looks()

    async def forget_look(self, name: str) -> Body:
        """Take one off the shelf."""
        await asyncio.to_thread(self.looks_shelf.forget, name)
        return self.looks()

    async def use_look(self, name: str, principal: Principal) -> Body:
        """Put a preset on."""
        return await self.patch_settings({"look": patch_for(self.looks_shelf.look(name))}, principal)

    async def hand_over(self, name: str, principal: Principal) -> Body:
        """Another presenter, with the look they had last."""
        own = await asyncio.to_thread(self.looks_shelf.hand_over, name, preset_of(self._settings.look))
        answer = await self.patch_settings({"look": patch_for(own)} if own is not None else {}, principal)
        return {**answer, "looks": self.looks()}

    async def balance_white(self, x: float, y: float, principal: Principal) -> Body:
        """White balance by what stands at a place."""
        return await self.patch_settings({"look": {"white_balance": await self.colour.white((x, y))}}, principal)

    async def read_chart(self) -> Body:
        """Find and read the colour chart."""
        return await self.colour.chart()

    async def colour_profiles(self) -> list[Body]:
        """The stored ones."""
        return await self.colour.profiles()

    async def keep_colour_profile(self, light: str, principal: Principal) -> Body:
        """Store the last reading for this camera and light, and use it; the balance is in it."""
        source = self._sources.get("video")
        camera = source.info.name if source is not None and source.info is not None else self._settings.video.source
        path = await self.colour.keep(light, camera)
        return await self.patch_settings({"look": {"colour_profile": path, "white_balance": ""}}, principal)

    async def forget_colour_profile(self, name: str, principal: Principal) -> Body:
        """Delete one; what is in use goes off first."""
        if Path(self._settings.look.colour_profile).name == name:
            await self.patch_settings({"look": {"colour_profile": ""}}, principal)
        await self.colour.forget(name)
        return {"profiles": await self.colour_profiles()}

    # --- settings -----------------------------------------------------------------------------------------------------------

    def settings(self) -> Body:
        """The profile; a key reads `***`."""
        return to_json(self._settings)

    async def patch_settings(self, patch: Body, principal: Principal | None = None) -> Body:
        """Change the profile, all or nothing, and touch only what the change asks for."""
        new = merge_patch(self._settings, patch)
        if self.broadcast.is_on_air:
            refuse_while_live(self._settings, new)
        return await self._keep(new, principal)

    async def _keep(self, new: Settings, principal: Principal | None) -> Body:
        old = self._settings
        changed = touched(old, new)
        if old.look != new.look:
            await asyncio.to_thread(self.media.configure_look, new.look)
        self._settings = new
        log.info("Settings changed by %s: %s", principal.name if principal else "the command line", ", ".join(sorted(changed)))
        await self._apply(old, new)
        self._schedule_save()
        answer = {"settings": self.settings(), "touched": {name: name in changed for name in ("hot", "capture", "encoder", "output")}}
        self._stream.send("settings", {"settings": answer["settings"]})
        return answer

    async def _order_camera(self, settings: Settings) -> None:
        self.camera.follow(settings, await self.colour.values_of(settings.look.colour_profile))

    async def _apply(self, old: Settings, new: Settings) -> None:
        if (old.video.power_line_hz, old.look.colour_profile, old.look.enabled) != (
            new.video.power_line_hz,
            new.look.colour_profile,
            new.look.enabled,
        ):
            await self._order_camera(new)
        await self.sound.apply(old, new)
        self._sources = {kind: state for kind, state in self._sources.items() if self._is_wanted(kind)}
        canvas = (old.video.width, old.video.height, old.video.fps) != (new.video.width, new.video.height, new.video.fps)
        if canvas:
            await asyncio.to_thread(self.media.rebuild, new)
        elif _sources(old) != _sources(new):
            await asyncio.to_thread(self.media.open_sources, new)
        if self.broadcast.session is not None:
            self.broadcast.session.set_bitrate_kbps(new.encoder.bitrate_kbps)
            self.broadcast.session.is_adaptive = new.encoder.adaptive
        if (old.audience, old.overlay, old.hook) != (new.audience, new.overlay, new.hook):
            self.room.reconfigure(new)
        self._show()

    def _is_wanted(self, kind: str) -> bool:
        """Whether the profile still names a source of this kind."""
        named = {f"input:{found.name}" for found in self._settings.input if found.source != "none"}
        return not kind.startswith("input:") or kind in named

    def _show(self) -> None:
        """Swap the scene: the one way down to the media threads."""
        overlay = self._settings.overlay
        air = AirView(
            board=self.room.air_board() if overlay.fan_board else None,
            drop=self.room.air_drop(),
            ticker=self.room.ticker.air if overlay.ticker else None,
            slate=self._guard.air,
            locale=overlay.locale,
            theme=overlay.theme,
            show_amounts=overlay.show_amounts,
            true_skin=self._settings.shot.true_skin,
        )
        program, shot = self.media.program, self._settings.shot
        if self._guard.is_second_gone:
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

    async def segments(self, locale: str, *, is_fresh: bool) -> Body:
        """Segments, layers and tiers, and their history."""
        return await self.room.analysis.segments(locale, is_fresh=is_fresh)

    async def cohorts(self, locale: str, *, is_fresh: bool) -> Body:
        """Cohorts, repurchase rates, the forecast."""
        return await self.room.analysis.cohorts(locale, is_fresh=is_fresh)

    async def repurchase(self, locale: str, limit: int, *, is_fresh: bool) -> Body:
        """Who is due today."""
        return await self.room.analysis.repurchase(locale, limit, is_fresh=is_fresh)

    async def outlook(self, platform: str, fan_id: str) -> Body:
        """One fan's history, habits and expected purchases."""
        return await self.room.analysis.outlook(platform, fan_id)

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

    # --- drops --------------------------------------------------------------------------------------------------------------

    async def open_drop(self, body: Body, principal: Principal) -> tuple[Body, bool]:
        """Open a drop, or find the one that this click opened."""
        return await self.room.drops.open(body, principal)

    async def drop_step(self, drop_id: str, step: DropStep, principal: Principal) -> Body:
        """Open a draft; close, cancel or approve."""
        drops = self.room.drops
        steps = {"open": drops.open_draft, "close": drops.close, "cancel": drops.cancel, "approve": drops.approve}
        return await steps[step](drop_id, principal)

    async def edit_drop(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """Other fields for a draft."""
        return await self.room.drops.edit(drop_id, body, principal)

    async def handouts(self, state: HandoutState, limit: int) -> Body:
        """What is to be handed out, or was."""
        return await self.room.drops.handouts.rows(state, limit)

    async def handout_step(self, step: HandoutStep, drop_id: str, ref: str, principal: Principal) -> Body:
        """Handed out, or not after all."""
        handouts = self.room.drops.handouts
        return await (handouts.done(drop_id, ref, principal) if step == "done" else handouts.undo(drop_id, ref))

    async def pass_over(self, drop_id: str, entry: int, reason: str, principal: Principal) -> Body:
        """The next reserve in a winner's place."""
        return await self.room.drops.pass_over(drop_id, entry, reason, principal)

    async def own_entry(self, drop_id: str, platform: str, fan_id: str) -> Body:
        """An entrant's own line of a list."""
        return await self.room.drops.own_entry(drop_id, platform, fan_id)

    def drops(self) -> list[Body]:
        """All drops, newest first."""
        return self.room.drops.drops()

    def drop(self, drop_id: str) -> Body:
        """One of them."""
        return self.room.drops.drop(drop_id)

    async def proof(self, drop_id: str) -> Body:
        """The proof of a draw."""
        return await self.room.drops.proof(drop_id)

    async def claim(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """Claim a coupon."""
        return await self.room.drops.claim(drop_id, body, principal)

    async def enter(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """Enter somebody by hand."""
        return await self.room.drops.enter_by_hand(drop_id, body, principal)

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

    # --- members' pages ------------------------------------------------------------------------------------------------------

    async def issue_member_code(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """A new code for a fan's own page."""
        path = "/m/" + (code := await self.room.members.issue(platform, fan_id, principal.name))
        return {"code": code, "path": path, "url": self._settings.remote.public_url.rstrip("/") + path}

    async def revoke_member_code(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """Take a fan's code back."""
        log.info("A member's code was taken back by %s", principal.name)
        return {"revoked": await self.room.members.revoke(platform, fan_id)}

    def check_member_page(self) -> None:
        """Raise NotFound while the page is off."""
        if not self._settings.remote.member_page:
            raise NotFound("members.off")

    async def member_page(self, code: str) -> Body:
        """What the page of this code shows."""
        return await self.room.members.page(code)

    # --- orders from shops ----------------------------------------------------------------------------------------------------

    async def verify_hook(self, name: str, headers: Mapping[str, str], body: bytes) -> str:
        """Whether a webhook is from whom it says."""
        return await self.room.shop.verify(name, headers, body)

    async def take_hook(self, name: str, message_id: str, topic: str, document: Body) -> Body:
        """Take a verified webhook."""
        return await self.room.shop.take(name, message_id, topic, document)

    async def shop_orders(self, state: str, limit: int, after: int) -> Body:
        """A page of orders."""
        return await self.room.shop.orders(state, limit, after)

    async def shop_order_step(self, hook: str, order: str, step: ShopStep, principal: Principal) -> Body:
        """A new code for an order, or none any more."""
        shop = self.room.shop
        return await (shop.renew_code if step == "code" else shop.dismiss)(hook, order, principal.name)

    # --- the engine ---------------------------------------------------------------------------------------------------------

    def health(self) -> Body:
        """The report, live."""
        colour = {"profile": Path(self._settings.look.colour_profile).name, "warning": self.colour.warning}
        told = {
            "colour": colour,
            "camera": self.camera.state(),
            "standing": self._watchers.report(),
            "adaptive": self._overload.report(),
            "machine": self._machine.report(),
        }
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
        if not self._is_wanted(state.kind):
            return
        if state.kind == "video":
            self.media.program.source_fps = state.info.fps if state.info else 0.0
        tell_source(self._notices, self._sources.get(state.kind), state)
        self._sources[state.kind] = state
        self._run(self._machine.name_holder(state), "camera's holder")
        self._stream.send("live", self.live())

    def _on_sound(self, level: SoundLevel) -> None:
        self._stream.send("meters", lambda: sound_body(level))
        is_away = self._guard.air is not None
        self._sound_watch.hear(level, self._settings.audio, is_on_air=self.broadcast.is_on_air, is_away=is_away)

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

    async def _guard_picture(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._guard.look(self._settings, self._sources, time.monotonic_ns(), time.time_ns() // 1_000_000)

    async def _tell_health(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            self._stages.look()
            self._overload.look(self._settings.video.fps, self._settings.encoder, time.monotonic_ns())
            turn += 1
            with contextlib.suppress(InvalidInput):
                await self.colour.watch(self._settings.look.colour_profile)
            self.camera.watch()
            if turn % HEALTH_EVERY == 0:
                self._look_watch.watch(self.media.look_state())
                self._stream.send("health", self.health)

    def _run(self, work: Any, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _schedule_save(self) -> None:
        if self._home.profile is None:
            return
        if self._save is not None:
            self._save.cancel()
        self._save = asyncio.get_running_loop().call_later(SAVE_AFTER_S, lambda: self._run(self._save_now(), "save"))

    async def _save_now(self) -> None:
        self._save = None
        await asyncio.to_thread(self._write_profile)

    def _write_profile(self) -> None:
        if self._home.profile is not None:
            try:
                profile.write(self._home.profile, self._settings)
            except OSError as error:
                self._bus.post(SaveFailed(str(error)))
