"""The desks of the staged studio: rules, sound, persons, files, analysis and outputs, answered from memory."""

import time

from studio.audience.rules_told import rules_told
from studio.model.loyalty import Rules
from studio.model.output_edit import edit_output, remove_output
from studio.model.rules_file import PRESETS, parse_rules, to_tables
from studio.model.settings import Settings
from studio.remote.roles import Principal
from studio.remote.surface import Body
from tests.rehearsed_drops import at
from tests.ui.staged_people import PEOPLE


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
