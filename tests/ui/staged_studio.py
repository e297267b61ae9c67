"""A studio with a stage set: the control API's surface over plain values that a test moves, and a preview file that it writes."""

import mmap
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from studio.audience.rules_told import rules_told
from studio.errors import Conflict, NotFound
from studio.model.colour_profile import PATCHES
from studio.model.loyalty import Rules
from studio.model.output_edit import edit_output, remove_output
from studio.model.platforms import PLATFORMS
from studio.model.presets import SHIPPED, patch_for
from studio.model.profile_tables import merge_patch, to_json, touched
from studio.model.rules_file import PRESETS, parse_rules, to_tables
from studio.model.settings import LookSettings, OutputSettings, Settings, VideoSettings
from studio.remote.drop_surface import DropStep
from studio.remote.roles import Principal
from studio.remote.surface import Body, Compare, Deliver, FanSort, SlateAnswer
from tests.ui.staged_loyalty import StagedLoyalty


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def person(number: int, name: str, tier: str = "中级", **more: object) -> Body:
    row = {
        "platform": "douyin", "id": f"u{number}", "name": name, "tier": tier, "layer": "活跃", "regular": True, "points": 120, "spent_minor": 88_000,
        "to_next_minor": 112_000, "visits": 12, "streak_days": 3, "last_order_at": at(time.time() - 5 * 86_400),
    }  # fmt: skip
    return {**row, **more}


PEOPLE = (
    person(1, "小鹿", "高级", layer="铁杆", visits=8, spent_minor=284_600, to_next_minor=None, streak_days=5),
    person(2, "阿泽", "中级", visits=12, spent_minor=188_000, to_next_minor=12_000),
    person(3, "爱吃桃子的小圆脸姑娘和她的猫", "高级", visits=23, spent_minor=231_000, to_next_minor=None),
    person(4, "Vivian 陈", "中级", layer="铁杆", visits=15, spent_minor=136_000, to_next_minor=64_000),
    person(5, "大橘🍊", "初级", visits=4, spent_minor=41_400, to_next_minor=8_600, streak_days=0),
    person(6, "茉莉清茶", "新朋友", visits=1, spent_minor=0, to_next_minor=1, streak_days=0, regular=False),
)


def patches() -> list[Body]:
    """A chart as it was read under a warm lamp."""
    wanted = np.random.default_rng(4).integers(30, 230, (24, 3))
    seen = (wanted * (1.15, 0.95, 0.7)).clip(0, 255).astype(int)
    near = (wanted + 3).clip(0, 255)
    return [
        {"name": name, "before": 9.0, "after": 1.2, "seen": seen[n].tolist(), "corrected": near[n].tolist(), "wanted": wanted[n].tolist()}
        for n, name in enumerate(PATCHES)
    ]


class StagedStudio:
    """Everything that a window asks, answered from memory; `tell` says it to those who listen."""

    def __init__(self, preview: Path | None = None) -> None:
        self.asked: list[tuple] = []
        self.recorded: list[Body] = []
        self.kept_looks: dict[str, Body] = {}
        self.kept_profiles: list[Body] = []
        self.presenters: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.profile = Settings(
            video=VideoSettings(source="file:presenter.mp4"),
            look=LookSettings(smooth=0.5, whiten=0.3, rosy=0.1),
            output=(
                OutputSettings(name="抖音直播间", server="rtmp://127.0.0.1/live", key="s"),
                OutputSettings(name="本地录制", path="show.mp4"),
            ),
        )
        self.people = list(PEOPLE)
        self.accounts: list[Body] = []
        self.drop_rows: dict[str, Body] = {}
        self.clicks: dict[str, str] = {}
        self.state = "idle"
        self.since = 0.0
        self.output_state = {"抖音直播间": "idle", "本地录制": "idle"}
        self.figures = {"encoded": 0, "late": 0, "skipped": 0, "dropped": 0, "bytes": 0, "backlog_ms": 40.0, "cpu_s": 0.0}
        self.source_code = ""
        self.slate: Body = {"on": False, "reason": None, "since": None, "asks": False}
        self.fans_known = {"u1", "u2", "u3"}
        self.chat: list[Body] = []
        self.notices: list[Body] = []
        self.subscribers: list[Deliver] = []
        self.preview = preview and PreviewWriter(preview)
        self.shop_rows: list[Body] = []
        self.born: list[Body] = []
        self.is_shut_down = False
        self.staged_rules = StagedRules(self)
        self.loyalty = StagedLoyalty(self)
        self.counted = True
        self.keys: Body = {"place": "keyring", "is_in_file": False}
        self.more_health: Body = {}
        self.files = NoFiles()
        self.real_persons = None

    def _ask(self, name: str, *details: object) -> None:
        self.asked.append((name, *details))
        if name in self.failing:
            raise self.failing[name]

    def names(self) -> list[str]:
        return [name for name, *_ in self.asked]

    # --- what windows ask

    async def ingest(self, lines: bytes, principal: Principal) -> Body:
        return {"accepted": 0, "duplicate": 0, "rejected": []}

    def board(self, limit: int) -> Body:
        return {"version": 1, "present": len(self.people), "rows": self.people[:limit]}

    @property
    def sound(self):
        return StagedSound(self)

    @property
    def persons(self):
        return self.real_persons or StagedPersons(self)

    @property
    def products(self):
        return self.files.products

    @property
    def uploads(self):
        return self.files.uploads

    @property
    def imports(self):
        return self.files.imports

    @property
    def copies(self):
        return self.files.copies

    async def restore_backup(self, name: str) -> Body:
        self._ask("restore_backup", name)
        return {"restores": await self.copies.plan_restore(name)}

    async def fan(self, platform: str, fan_id: str) -> Body:
        self._ask("fan", platform, fan_id)
        row = next((row for row in self.people if row["id"] == fan_id), None)
        if row is None:
            raise NotFound("fans.unknown", platform=platform, id=fan_id)
        card = {
            "person": f"{platform}:{fan_id}", "identities": self.accounts, "names": [row["name"], "鹿鹿酱"], "segment": "高价值忠诚", "confirmed_minor": 230_000,
            "reasons": ["90 天内下了 4 单", "30 天内看了 312 分钟"], "currency": "CNY", "orders": 11, "rank": 1_234, "refunds": 1, "watched_s": 18_720, "tickets": 2,
            "gifts_minor": 6_000, "first_order_at": at(1.75e9), "followed_at": at(1.74e9), "on_air": "named",
        }  # fmt: skip
        return {**row, **card}

    async def fans(self, sort: FanSort, limit: int, after: str) -> Body:
        self._ask("fans", sort, limit, after)
        return {"rows": [await self.fan("douyin", row["id"]) for row in self.people], "after": None}

    async def find_fans(self, text: str, limit: int) -> Body:
        self._ask("find_fans", text, limit)
        return {"rows": [await self.fan("douyin", row["id"]) for row in self.people if text in row["name"]], "after": None, "more": False}

    async def segments(self, locale: str, *, is_fresh: bool) -> Body:
        self._ask("segments", is_fresh)
        if not self.counted:
            return {"state": "counting", "progress": {"done": 1, "of": 4}, "as_of": None, "error": None}
        fans = {"silent": 5_200, "loyal": 310, "price_sensitive": 1_480, "first_purchase": 640, "other": 4_711}
        layers = {"new": 8_900, "active": 2_300, "core": 1_020, "devoted": 121}
        tiers = (("新朋友", 7_900), ("初级", 3_100), ("中级", 1_030), ("高级", 311))
        return {
            "state": "ready", "progress": None, "as_of": at(time.time()), "error": None, "fans": 12_341,
            "segments": [{"key": key, "fans": value} for key, value in fans.items()], "layers": [{"key": key, "fans": value} for key, value in layers.items()],
            "tiers": [{"key": str(rank), "name": name, "fans": value} for rank, (name, value) in enumerate(tiers, 1)], "history": [],
        }  # fmt: skip

    async def cohorts(self, locale: str, *, is_fresh: bool) -> Body:
        self._ask("cohorts")
        if not self.counted:
            return {"state": "counting"}
        cohorts = [
            {"month": f"2026-{month:02d}", "buyers": 90 + month * 13, "again": [{"days": days, "rate": None if month + days // 30 > 12 else round(0.03 * month % 0.2 + days / 500, 2)} for days in (30, 60, 90)]}
            for month in range(4, 12)
        ]  # fmt: skip
        rates = [{"days": days, "rate": rate} for days, rate in ((30, 0.18), (60, 0.24), (90, 0.31), (365, 0.46))]
        return {"state": "ready", "cohorts": cohorts, "rates": rates, "forecast": {"expected": [{"days": 30, "purchases": 412.4}]}}

    async def repurchase(self, locale: str, limit: int, *, is_fresh: bool) -> Body:
        self._ask("repurchase")
        if not self.counted:
            return {"state": "counting"}
        rows = [
            {**row, "category": category, "why": "自己的节奏是大约 28 天买一次，上次是 28 天前", "say": f"{row['name']}，{category}用得差不多了吧？需要的话今天给你留一份。"}
            for row, category in zip(self.people[:5], ("口红", "精华", "面膜", "", "防晒"), strict=True)
        ]  # fmt: skip
        return {"state": "ready", "count": 37, "rows": rows}

    async def outlook(self, platform: str, fan_id: str) -> Body:
        self._ask("outlook", platform, fan_id)
        habit = {"category": "口红", "interval_days": 28, "basis": "own", "due_on": "2026-11-22"}
        stood = {"day": "2026-10-02", "segment_name": "高价值忠诚", "layer_name": "核心"}
        return {"history": [stood], "habits": [habit], "expected_90d": 1.84}

    @property
    def rules(self):
        return self.staged_rules

    async def moderate(self, body: Body, principal: Principal) -> Body:
        self._ask("moderate", body)
        return body

    async def open_drop(self, body: Body, principal: Principal) -> tuple[Body, bool]:
        self._ask("open_drop", body)
        is_new = body["click_id"] not in self.clicks
        drop_id = self.clicks.setdefault(body["click_id"], f"d{len(self.clicks) + 1}")
        if is_new:
            now = time.time()
            self.put_drop(
                drop_id,
                **{name: value for name, value in body.items() if name != "click_id"},
                state="open",
                opened_at=at(now),
                closes_at=at(now + body["seconds"]),
            )
        return self.drop_rows[drop_id], is_new

    def put_drop(self, drop_id: str, **fields: object) -> Body:
        empty = {
            "kind": "lottery",
            "title": "抽奖",
            "state": "open",
            "entries": 0,
            "issued": 0,
            "left": 0,
            "opening": "e322fe55" * 8,
            "closing": "",
            "winners": [],
        }
        self.drop_rows[drop_id] = {**empty, **self.drop_rows.get(drop_id, {}), "id": drop_id, **fields}
        self.tell("drop", self.drop_rows[drop_id])
        return self.drop_rows[drop_id]

    async def drop_step(self, drop_id: str, step: DropStep, principal: Principal) -> Body:
        self._ask("drop_step", drop_id, step)
        if self.drop(drop_id)["state"] not in {"open", "draft"}:
            raise Conflict("drops.illegal_step", state=self.drop(drop_id)["state"], step=step)
        state = {"close": "drawn", "cancel": "cancelled", "approve": "open"}[step]
        more = (
            {"closing": "626c96a5" * 8, "winners": [{"prize": "口红", "platform": "douyin", "id": "u2", "name": "阿泽"}]}
            if step == "close"
            else {}
        )
        return self.put_drop(drop_id, state=state, **more)

    def drops(self) -> list[Body]:
        return list(self.drop_rows.values())

    def drop(self, drop_id: str) -> Body:
        if drop_id not in self.drop_rows:
            raise NotFound("drops.unknown", id=drop_id)
        return self.drop_rows[drop_id]

    async def proof(self, drop_id: str) -> Body:
        raise Conflict("drops.not_drawn")

    async def claim(self, drop_id: str, body: Body, principal: Principal) -> Body:
        return {"code": "C"}

    async def enter(self, drop_id: str, body: Body, principal: Principal) -> Body:
        return self.drop(drop_id)

    async def verify_hook(self, name, headers, body) -> str:
        self._ask("verify_hook", name, body)
        return "m1"

    async def take_hook(self, name, message_id, topic, document) -> Body:
        self._ask("take_hook", name, message_id, topic, document)
        return {"state": "waiting"}

    async def issue_member_code(self, platform, fan_id, principal) -> Body:
        self._ask("issue_member_code", platform, fan_id)
        return {"code": "c" * 26, "path": "/m/" + "c" * 26, "url": "/m/" + "c" * 26}

    async def revoke_member_code(self, platform, fan_id, principal) -> Body:
        self._ask("revoke_member_code", platform, fan_id)
        return {"revoked": 1}

    def check_member_page(self) -> None:
        raise NotFound("members.off")

    async def member_page(self, code) -> Body:
        raise NotFound("members.unknown")

    async def edit_drop(self, drop_id, body, principal) -> Body:
        self._ask("edit_drop", drop_id, body)
        return self.drop(drop_id)

    async def handouts(self, state, limit) -> Body:
        self._ask("handouts", state, limit)
        return {"rows": []}

    async def handout_step(self, step, drop_id, ref, principal) -> Body:
        self._ask("handout_step", step, drop_id, ref)
        return {"waiting": 0, "rows": []}

    async def pass_over(self, drop_id, entry, reason, principal) -> Body:
        self._ask("pass_over", drop_id, entry, reason)
        return self.drop(drop_id)

    async def own_entry(self, drop_id, platform, fan_id) -> Body:
        return {"n": 3, "r": "00" * 16}

    async def shop_orders(self, state, limit, after) -> Body:
        self._ask("shop_orders", state, limit, after)
        return {"rows": self.shop_rows, "total": 0, "after": None}

    async def shop_order_step(self, hook, order, step, principal) -> Body:
        self._ask("shop_order_step", hook, order, step)
        return {"hook": hook, "order": order}

    async def start_live(self, principal: Principal) -> Body:
        self._ask("start_live")
        self.go("live")
        return self.live()

    async def stop_live(self, principal: Principal) -> Body:
        self._ask("stop_live")
        self.go("stopped")
        return self.live()

    def go(self, state: str, **outputs: str) -> None:
        is_new = self.state not in {"live", "reconnecting"}
        self.state = state
        self.since = time.time() if is_new else self.since
        stream = {"live": "live", "reconnecting": "reconnecting", "connecting": "connecting"}.get(state, "stopped")
        self.output_state = {"抖音直播间": stream, "本地录制": "live" if state in {"live", "reconnecting"} else "stopped"} | outputs
        self.tell("live", self.live())
        self.tell("health", self.health())

    def live(self) -> Body:
        on_air = self.state in {"connecting", "live", "reconnecting"}
        source: Body = {
            "kind": "video",
            "spec": self.profile.video.source,
            "name": "presenter.mp4",
            "state": "open",
            "width": 1920,
            "height": 1080,
            "fps": 30.0,
        }
        if self.source_code:
            source |= {"state": "lost", "code": self.source_code, "params": {"source": "camera:0"}}
        return {
            "state": self.state,
            "since": self.since if on_air else None,
            "outputs": self._outputs(),
            "sources": [source],
            "slate": self.slate,
        }

    def _outputs(self) -> list[Body]:
        if self.state == "idle":
            return []
        empty: Body = {"frames": 0, "missed": 0, "connects": 1, "backlog_ms_max": 0.0, "detail": "", "detail_params": {}}
        rows = []
        for name, state in self.output_state.items():
            is_file = any(output.is_file for output in self.profile.output if output.name == name)
            row = {**empty, "name": name, "kind": "file" if is_file else "rtmp", "state": state, "bytes": self.figures["bytes"]}
            row |= {"dropped": 0 if is_file else self.figures["dropped"], "backlog_ms": 0.0 if is_file else self.figures["backlog_ms"]}
            rows.append(row | ({"detail": "rtmp.silent", "detail_params": {}} if state == "reconnecting" else {}))
        return rows

    def answer_slate(self, answer: SlateAnswer, principal: Principal) -> Body:
        self._ask("answer_slate", answer)
        self.slate["asks"] = False
        return self.live()

    async def save_replay(self) -> Body:
        self._ask("save_replay")
        return {"path": "/videos/replay-1.mp4", "seconds": 60.4}

    def mark(self, title: str) -> Body:
        self._ask("mark", title)
        return {"title": title}

    def recordings(self) -> Body:
        self._ask("recordings")
        return {"recordings": self.recorded}

    async def cut_clips(self, path: str, before_s: float, after_s: float) -> Body:
        self._ask("cut_clips", path, before_s, after_s)
        return {"clips": [{"path": "/videos/show-01-口红.mp4", "seconds": 65.0}]}

    def measure(self, principal: Principal) -> Body:
        self._ask("measure")
        return self.measured()

    def measured(self) -> Body:
        return {"state": "idle", "done": 0, "of": 0, "rows": [], "picked": None, "has_room": False, "recording": []}

    async def check_output(self, name: str, seconds: float) -> Body:
        self._ask("check_output", name, seconds)
        return {"name": name, "verdict": "good", "code": "line.good", "params": {"name": name, "kbps": 6160}, "advice": []}

    def platforms(self) -> list[Body]:
        self._ask("platforms")
        return [platform.to_json() for platform in PLATFORMS]

    def retry_output(self, name: str) -> Body:
        self._ask("retry_output", name)
        return self.live()

    async def list_outputs(self) -> Body:
        self._ask("list_outputs")
        return {"outputs": [], "keys": self.keys}

    async def put_output(self, name: str, fields: Body, principal: Principal) -> tuple[Body, bool]:
        self._ask("put_output", name, fields)
        edit = edit_output(self.profile, name, fields, "output-staged")
        self._set_outputs(edit.settings)
        return {"name": edit.output.name}, edit.is_new

    async def remove_output(self, name: str, principal: Principal) -> Body:
        self._ask("remove_output", name)
        self._set_outputs(remove_output(self.profile, name))
        return {"outputs": []}

    async def output_step(self, name: str, step: str, principal: Principal) -> Body:
        self._ask("output_step", name, step)
        self.go(self.state, **{name: "live" if step == "start" else "stopped"})
        return self.live()

    def _set_outputs(self, settings: Settings) -> None:
        self.profile = settings
        self.tell("settings", {"settings": self.settings()})

    async def preview_jpeg(self, width: int) -> bytes:
        return b""

    def compare(self, mode: Compare, line_at: float) -> Body:
        self._ask("compare", mode, *([line_at] if line_at != 0.5 else []))
        return {"compare": mode, "at": line_at}

    def looks(self) -> Body:
        return {
            "shipped": SHIPPED,
            "looks": [{"name": name, "presenter": "", "look": look} for name, look in self.kept_looks.items()],
            "presenters": list(self.presenters),
            "current": self.presenters[-1] if self.presenters else "",
        }

    async def keep_look(self, name: str) -> Body:
        self._ask("keep_look", name)
        self.kept_looks[name] = {"smooth": 0.1}
        return self.looks()

    async def forget_look(self, name: str) -> Body:
        self._ask("forget_look", name)
        self.kept_looks.pop(name, None)
        return self.looks()

    async def use_look(self, name: str, principal: Principal) -> Body:
        self._ask("use_look", name)
        return await self.patch_settings({"look": patch_for({**SHIPPED, **self.kept_looks}.get(name, {}))}, principal)

    async def hand_over(self, name: str, principal: Principal) -> Body:
        self._ask("hand_over", name)
        self.presenters = [*(one for one in self.presenters if one != name), name]
        return {**await self.patch_settings({}, principal), "looks": self.looks()}

    async def balance_white(self, x: float, y: float, principal: Principal) -> Body:
        self._ask("balance_white", x, y)
        return await self.patch_settings({"look": {"white_balance": "1.1 1 0.9"}}, principal)

    async def read_chart(self) -> Body:
        self._ask("read_chart")
        return {"corners": [], "patches": patches(), "matrix": [], "mean_before": 9.0, "mean_after": 1.2, "max_after": 2.8}

    async def colour_profiles(self) -> list[Body]:
        return self.kept_profiles

    async def keep_colour_profile(self, light: str, principal: Principal) -> Body:
        self._ask("keep_colour_profile", light)
        self.kept_profiles.append(
            {
                "name": f"{light}.json",
                "path": f"/kept/{light}.json",
                "camera": "Camera 1",
                "light": light,
                "made_at": f"2026-11-{20 + len(self.kept_profiles)}T12:00:00+00:00",
                "mean_before": 9.0,
                "mean_after": 1.2,
                "max_after": 2.8,
                "patches": patches(),
            }
        )
        return await self.patch_settings({"look": {"colour_profile": f"/kept/{light}.json"}}, principal)

    async def forget_colour_profile(self, name: str, principal: Principal) -> Body:
        self._ask("forget_colour_profile", name)
        self.kept_profiles = [row for row in self.kept_profiles if row["name"] != name]
        return {"profiles": self.kept_profiles}

    def settings(self) -> Body:
        return to_json(self.profile)

    async def patch_settings(self, patch: Body, principal: Principal) -> Body:
        self._ask("patch_settings", patch)
        old, self.profile = self.profile, merge_patch(self.profile, patch)
        parts = touched(old, self.profile)
        self.tell("settings", {"settings": self.settings()})
        return {"settings": self.settings(), "touched": {name: name in parts for name in ("hot", "capture", "encoder", "output")}}

    def health(self) -> Body:
        figures = self.figures
        return {
            "video": {"width": 1920, "height": 1080, "fps": 30, "captured": 0, "late": figures["late"], "repeated": 0, "skipped": figures["skipped"], "encoded": figures["encoded"]},
            "outputs": self._outputs(), "latency_ms": {"p50": 31.0, "p95": 44.0, "p99": 60.0, "max": 80.0}, "state": self.state,
            "process": {"wall_s": 1.0, "cpu_s": figures["cpu_s"], "rss_mb_start": 300.0, "rss_mb_end": 412.0},
            **self.more_health,
        }  # fmt: skip

    def stream_state(self) -> list[tuple[str, Body]]:
        drops = [("drop", row) for row in self.drop_rows.values()]
        notices = [("notice", notice) for notice in self.notices]
        state = [("settings", {"settings": self.settings()}), ("live", self.live()), ("health", self.health()), ("board", self.board(50))]
        return [*state, *drops, ("chat", {"items": list(self.chat)}), *notices]

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        self.subscribers.append(deliver)
        return lambda: self.subscribers.remove(deliver)

    async def shutdown(self) -> None:
        self.is_shut_down = True

    # --- what a test does

    def tell(self, message_type: str, data: Body) -> None:
        for deliver in tuple(self.subscribers):
            deliver(message_type, data)

    def say(self, number: int, name: str, text: str, **more: object) -> Body:
        item = {
            "at": at(time.time()),
            "platform": "douyin",
            "id": f"u{number}",
            "name": name,
            "text": text,
            "tier": "middle",
            "regular": True,
            "staff": False,
            **more,
        }
        self.chat.append(item)
        self.tell("chat", {"items": [item]})
        return item

    def notice(self, number: int, level: str, zh: str, en: str) -> None:
        notice = {
            "id": number,
            "level": level,
            "code": "test.notice",
            "params": {},
            "text": {"zh_CN": zh, "en": en},
            "at": time.time(),
            "count": 1,
        }
        self.notices.append(notice)
        self.tell("notice", notice)

    def pass_a_second(self) -> None:
        self.figures["encoded"] += 30
        self.figures["bytes"] += 747_500
        self.figures["cpu_s"] += 0.31
        self.tell("health", self.health())
        self.tell("meters", {"rms_db": -20.0, "peak_db": -16.0})


class StagedRules:
    """The rules that hold, and those before; 37 fans go down whenever a bound is raised."""

    def __init__(self, studio) -> None:
        self._studio = studio
        self.held, self.before = Rules(), Rules()
        self.number = 0

    async def told(self, locale: str) -> Body:
        history = [{"number": self.number, "at": at(1.76e9), "by": "安娜", "from_day": "2026-11-23"}] if self.number else []
        presets = {name: to_tables(Rules(tiers=tiers))["tier"] for name, tiers in PRESETS.items()}
        more = {"history": history, "presets": presets, "can_undo": self.number > 0}
        return {"number": self.number, "currency": "CNY", **rules_told(self.held, "CNY", locale), **more}

    async def preview(self, body: Body, locale: str) -> Body:
        self._studio._ask("preview_rules", body)
        rules = parse_rules(body["rules"])
        return {"is_new": rules != self.held, "earning_from": None, **self._moves(rules)}

    async def apply(self, body: Body, by: str, locale: str) -> Body:
        self._studio._ask("apply_rules", body)
        rules = parse_rules(body["rules"])
        moved = self._moves(rules)
        self.held, self.before = rules, self.held
        self.number += 1
        return {**await self.told(locale), **moved}

    async def undo(self, body: Body, by: str, locale: str) -> Body:
        self._studio._ask("undo_rules", body)
        return await self.apply({"rules": to_tables(self.before)}, by, locale)

    def _moves(self, rules: Rules) -> Body:
        if len(rules.tiers) < 3 or rules.tiers[2].from_minor <= self.held.tiers[2].from_minor:
            return {"up": 0, "down": 0, "moves": []}
        names = [{"platform": "douyin", "id": row["id"], "name": row["name"], "spent_minor": row["spent_minor"]} for row in PEOPLE[:4]]
        move = {"from": 3, "to": 2, "from_name": self.held.tiers[2].name, "to_name": rules.tiers[1].name, "count": 37, "names": names}
        return {"up": 0, "down": 37, "moves": [move]}


class PreviewWriter:
    """Writes the preview's file as the engine does."""

    def __init__(self, path: Path, width: int = 960, height: int = 540) -> None:
        self.path, self.width, self.height, self.seq = path, width, height, 0
        path.write_bytes(bytes(64 + 3 * width * height * 4))
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self._head(0)

    def write(self, picture: np.ndarray) -> None:
        """BGRX (height, width, 4)."""
        slot = (self.seq + 1) % 3
        start = 64 + slot * self.width * self.height * 4
        self.map[start : start + picture.nbytes] = picture.tobytes()
        self.seq += 1
        self._head(slot)

    def paint(self, blue: int, green: int, red: int) -> None:
        self.write(np.full((self.height, self.width, 4), (blue, green, red, 255), np.uint8))

    def _head(self, slot: int) -> None:
        struct.pack_into("<8sIIIIQQ", self.map, 0, b"ENCPREV1", 1, self.width, self.height, slot, self.seq, time.monotonic_ns())

    def close(self) -> None:
        self.map.close()


class StagedSound:
    """A desk that does what the profile says, and remembers what it was asked."""

    def __init__(self, studio) -> None:
        self._studio = studio

    def state(self) -> Body:
        return {"inputs": [], "effects": [], "talking": False}

    async def change(self, name: str, body: Body, principal: Principal) -> Body:
        self._studio._ask("change_input", name, body)
        if name == "microphone":
            return await self._studio.patch_settings({"audio": body}, principal)
        rows = [{**row, **body} if row["name"] == name else row for row in self._studio.settings()["input"]]
        return await self._studio.patch_settings({"input": rows}, principal)

    def play(self, name: str, step: str) -> Body:
        self._studio._ask("play_music", name, step)
        return {"name": name, "playing": "晚风", "track": 2, "tracks": 9, "paused": step == "pause"}

    def play_effect(self, name: str) -> Body:
        self._studio._ask("play_effect", name)
        return {"name": name}

    def talk(self, *, is_held: bool) -> Body:
        self._studio._ask("talk", is_held)
        return {"talking": is_held}

    async def sync(self, seconds: float, principal: Principal) -> Body:
        self._studio._ask("sync_sound", seconds)
        await self._studio.patch_settings({"audio": {"sync_offset_ms": 120}}, principal)
        return {"offset_ms": 120, "before_ms": 0, "spread_ms": 4.0, "pairs": 7}

    async def devices(self) -> Body:
        self._studio._ask("sound_devices")
        microphones = [{"name": "内置麦克风", "spec": "device:default"}, {"name": "USB 耳麦", "spec": "device:USB 耳麦"}]
        return {
            "microphones": microphones,
            "system": [{"name": "Monitor of 内置音频", "spec": "system:hdmi"}],
            "speakers": [{"name": "USB 耳麦", "spec": "USB 耳麦"}],
        }


class StagedPersons:
    """One person of two accounts who may have a third."""

    def __init__(self, studio) -> None:
        self._studio = studio

    async def links(self, platform: str, fan_id: str) -> Body:
        other = {"platform": "shopify", "id": "b7", "name": "王小鹿 <b>"}
        return {
            "history": [{"seq": 4, "kind": "merge", "at": at(1.7e9), "by": "安娜", "reason": "", "can_undo": True, "accounts": []}],
            "suggestions": [
                {
                    "accounts": [{"platform": platform, "id": fan_id, "name": "小鹿"}, other],
                    "reasons": [{"code": "same_phone", "shared_by": 2}],
                }
            ],
            "contacts": ["phone"],
            "hold": {"at": at(1.7e9), "by": "host", "reason": "dispute 7"},
        }

    async def merge(self, *asked) -> Body:
        return self._step("merge", *asked)

    async def split(self, *asked) -> Body:
        return self._step("split", *asked)

    async def apart(self, *asked) -> Body:
        return self._step("apart", *asked)

    async def undo(self, *asked) -> Body:
        return self._step("undo", *asked)

    async def everybody_held(self) -> Body:
        return {"rows": []}

    def _step(self, name: str, *asked) -> Body:
        self._studio._ask(name, *asked)
        return {"number": 5, "persons": []}


class NoFiles:
    """A room that sells nothing and was brought nothing."""

    products = uploads = imports = copies = property(lambda self: self)

    async def listing(self, *_) -> Body:
        return {"rows": [], "total": 0}

    async def backups(self) -> Body:
        return {"running": None, "failed": None, "rows": []}
