"""A studio with a stage set: the control API's surface over plain values that a test moves, and a preview file that it writes."""

import mmap
import struct
import time
from pathlib import Path

import numpy as np

from studio.audience.rules_told import rules_told
from studio.errors import NotFound
from studio.model.loyalty import Rules
from studio.model.output_edit import edit_output, remove_output
from studio.model.rules_file import PRESETS, parse_rules, to_tables
from studio.model.settings import LookSettings, OutputSettings, Settings, VideoSettings
from studio.remote.roles import Principal
from studio.remote.surface import Body, Compare, FanSort, SlateAnswer
from tests.rehearsed_desks import RehearsedDesks
from tests.rehearsed_drops import RehearsedDrops, at
from tests.ui.staged_loyalty import StagedLoyalty


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


class StagedStudio(RehearsedDesks):
    """Everything that a window asks, answered from memory; `tell` says it to those who listen."""

    def __init__(self, preview: Path | None = None) -> None:
        super().__init__(
            Settings(
                video=VideoSettings(source="file:presenter.mp4"),
                look=LookSettings(smooth=0.5, whiten=0.3, rosy=0.1),
                output=(
                    OutputSettings(name="抖音直播间", server="rtmp://127.0.0.1/live", key="s"),
                    OutputSettings(name="本地录制", path="show.mp4"),
                ),
            )
        )
        self.analysis = StagedAnalysis(self)
        self.drops = RehearsedDrops(self)
        self.outputs = StagedOutputs(self)
        self.people = list(PEOPLE)
        self.accounts: list[Body] = []
        self.state = "idle"
        self.since = 0.0
        self.output_state = {"抖音直播间": "idle", "本地录制": "idle"}
        self.figures = {"encoded": 0, "late": 0, "skipped": 0, "dropped": 0, "bytes": 0, "backlog_ms": 40.0, "cpu_s": 0.0}
        self.source_code = ""
        self.slate: Body = {"on": False, "reason": None, "since": None, "asks": False}
        self.fans_known = {"u1", "u2", "u3"}
        self.chat: list[Body] = []
        self.notices: list[Body] = []
        self.preview = preview and PreviewWriter(preview)
        self.recorded: list[Body] = []
        self.born: list[Body] = []
        self.alike: list[Body] = []
        self.is_shut_down = False
        self.staged_rules = StagedRules(self)
        self.loyalty = StagedLoyalty(self)
        self.counted = True
        self.keys: Body = {"place": "keyring", "is_in_file": False}
        self.more_health: Body = {}
        self.files = NoFiles()
        self.real_persons = None

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
        self.ask("restore_backup", name)
        return {"restores": await self.copies.plan_restore(name)}

    async def fan(self, platform: str, fan_id: str) -> Body:
        self.ask("fan", platform, fan_id)
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
        self.ask("fans", sort, limit, after)
        return {"rows": [await self.fan("douyin", row["id"]) for row in self.people], "after": None}

    async def find_fans(self, text: str, limit: int) -> Body:
        self.ask("find_fans", text, limit)
        return {"rows": [await self.fan("douyin", row["id"]) for row in self.people if text in row["name"]], "after": None, "more": False}

    @property
    def rules(self):
        return self.staged_rules

    async def start_live(self, principal: Principal) -> Body:
        self.ask("start_live")
        self.go("live")
        return self.live()

    async def stop_live(self, principal: Principal) -> Body:
        self.ask("stop_live")
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
        self.ask("answer_slate", answer)
        self.slate["asks"] = False
        return self.live()

    def recordings(self) -> Body:
        self.ask("recordings")
        return {"recordings": self.recorded}

    def retry_output(self, name: str) -> Body:
        self.ask("retry_output", name)
        return self.live()

    async def preview_jpeg(self, width: int) -> bytes:
        return b""

    def compare(self, mode: Compare, line_at: float) -> Body:
        self.ask("compare", mode, *([line_at] if line_at != 0.5 else []))
        return {"compare": mode, "at": line_at}

    def health(self) -> Body:
        figures = self.figures
        return {
            "video": {"width": 1920, "height": 1080, "fps": 30, "captured": 0, "late": figures["late"], "repeated": 0, "skipped": figures["skipped"], "encoded": figures["encoded"]},
            "outputs": self._outputs(), "latency_ms": {"p50": 31.0, "p95": 44.0, "p99": 60.0, "max": 80.0}, "state": self.state,
            "process": {"wall_s": 1.0, "cpu_s": figures["cpu_s"], "rss_mb_start": 300.0, "rss_mb_end": 412.0},
            **self.more_health,
        }  # fmt: skip

    def stream_state(self) -> list[tuple[str, Body]]:
        drops = [("drop", row) for row in self.drops.drops()]
        notices = [("notice", notice) for notice in self.notices]
        state = [("settings", {"settings": self.settings()}), ("live", self.live()), ("health", self.health()), ("board", self.board(50))]
        return [*state, *drops, ("chat", {"items": list(self.chat)}), *notices]

    async def shutdown(self) -> None:
        self.is_shut_down = True

    # --- what a test does

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
        self._studio.ask("preview_rules", body)
        rules = parse_rules(body["rules"])
        return {"is_new": rules != self.held, "earning_from": None, **self._moves(rules)}

    async def apply(self, body: Body, by: str, locale: str) -> Body:
        self._studio.ask("apply_rules", body)
        rules = parse_rules(body["rules"])
        moved = self._moves(rules)
        self.held, self.before = rules, self.held
        self.number += 1
        return {**await self.told(locale), **moved}

    async def undo(self, body: Body, by: str, locale: str) -> Body:
        self._studio.ask("undo_rules", body)
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
        self._studio.ask("change_input", name, body)
        if name == "microphone":
            return await self._studio.patch_settings({"audio": body}, principal)
        rows = [{**row, **body} if row["name"] == name else row for row in self._studio.settings()["input"]]
        return await self._studio.patch_settings({"input": rows}, principal)

    def play(self, name: str, step: str) -> Body:
        self._studio.ask("play_music", name, step)
        return {"name": name, "playing": "晚风", "track": 2, "tracks": 9, "paused": step == "pause"}

    def play_effect(self, name: str) -> Body:
        self._studio.ask("play_effect", name)
        return {"name": name}

    def talk(self, *, is_held: bool) -> Body:
        self._studio.ask("talk", is_held)
        return {"talking": is_held}

    async def sync(self, seconds: float, principal: Principal) -> Body:
        self._studio.ask("sync_sound", seconds)
        await self._studio.patch_settings({"audio": {"sync_offset_ms": 120}}, principal)
        return {"offset_ms": 120, "before_ms": 0, "spread_ms": 4.0, "pairs": 7}

    async def devices(self) -> Body:
        self._studio.ask("sound_devices")
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

    async def suggestions(self, limit: int) -> Body:
        return {"rows": self._studio.alike[:limit]}

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
        self._studio.ask(name, *asked)
        return {"number": 5, "persons": []}


class NoFiles:
    """A room that sells nothing and was brought nothing."""

    products = uploads = imports = copies = property(lambda self: self)

    async def listing(self, *_) -> Body:
        return {"rows": [], "total": 0}

    async def backups(self) -> Body:
        return {"running": None, "failed": None, "rows": []}


class StagedAnalysis:
    """A room of twelve thousand fans, counted or not yet."""

    def __init__(self, studio) -> None:
        self._studio = studio

    async def segments(self, locale: str, *, is_fresh: bool) -> Body:
        self._studio.ask("segments", is_fresh)
        if not self._studio.counted:
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
        self._studio.ask("cohorts")
        if not self._studio.counted:
            return {"state": "counting"}
        cohorts = [
            {"month": f"2026-{month:02d}", "buyers": 90 + month * 13, "again": [{"days": days, "rate": None if month + days // 30 > 12 else round(0.03 * month % 0.2 + days / 500, 2)} for days in (30, 60, 90)]}
            for month in range(4, 12)
        ]  # fmt: skip
        rates = [{"days": days, "rate": rate} for days, rate in ((30, 0.18), (60, 0.24), (90, 0.31), (365, 0.46))]
        return {"state": "ready", "cohorts": cohorts, "rates": rates, "forecast": {"expected": [{"days": 30, "purchases": 412.4}]}}

    async def repurchase(self, locale: str, limit: int, *, is_fresh: bool) -> Body:
        self._studio.ask("repurchase")
        if not self._studio.counted:
            return {"state": "counting"}
        rows = [
            {**row, "category": category, "why": "自己的节奏是大约 28 天买一次，上次是 28 天前", "say": f"{row['name']}，{category}用得差不多了吧？需要的话今天给你留一份。"}
            for row, category in zip(self._studio.people[:5], ("口红", "精华", "面膜", "", "防晒"), strict=True)
        ]  # fmt: skip
        return {"state": "ready", "count": 37, "rows": rows}

    async def outlook(self, platform: str, fan_id: str) -> Body:
        self._studio.ask("outlook", platform, fan_id)
        habit = {"category": "口红", "interval_days": 28, "basis": "own", "due_on": "2026-11-22"}
        stood = {"day": "2026-10-02", "segment_name": "高价值忠诚", "layer_name": "核心"}
        return {"history": [stood], "habits": [habit], "expected_90d": 1.84}


class StagedOutputs:
    """The profile's outputs, changed as the engine changes them."""

    def __init__(self, studio) -> None:
        self._studio = studio

    async def listing(self) -> Body:
        self._studio.ask("list_outputs")
        return {"outputs": [], "keys": self._studio.keys}

    async def put(self, name: str, fields: Body, principal: Principal) -> tuple[Body, bool]:
        self._studio.ask("put_output", name, fields)
        edit = edit_output(self._studio.profile, name, fields, "output-staged")
        self.set(edit.settings)
        return {"name": edit.output.name}, edit.is_new

    async def remove(self, name: str, principal: Principal) -> Body:
        self._studio.ask("remove_output", name)
        self.set(remove_output(self._studio.profile, name))
        return {"outputs": []}

    async def start(self, name: str) -> None:
        self._studio.ask("output_step", name, "start")
        self._studio.go(self._studio.state, **{name: "live"})

    async def stop(self, name: str) -> None:
        self._studio.ask("output_step", name, "stop")
        self._studio.go(self._studio.state, **{name: "stopped"})

    def set(self, settings: Settings) -> None:
        self._studio.profile = settings
        self._studio.tell("settings", {"settings": self._studio.settings()})
