"""A small studio in memory, for tests of the control API: it keeps what it was asked, and fails where a test tells it to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from studio.errors import Conflict, NotFound
from studio.model.colour_profile import PATCHES
from studio.model.platforms import PLATFORMS
from studio.model.presets import SHIPPED, patch_for
from studio.model.profile_tables import merge_patch, to_json, touched
from studio.model.settings import Settings
from studio.remote.drop_surface import DropStep, HandoutState, HandoutStep
from studio.remote.roles import Principal
from studio.remote.surface import Body, Compare, Deliver, FanSort, SlateAnswer

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class RehearsedStudio:
    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.kept_looks: dict[str, Body] = {}
        self.kept_profiles: list[Body] = []
        self.presenters: list[str] = []
        self.failing: dict[str, BaseException] = {}
        self.ingest_gate = asyncio.Event()
        self.ingest_gate.set()
        self.ingesting = 0
        self.most_ingesting = 0
        self.drop_rows: dict[str, Body] = {}
        self.by_click: dict[str, str] = {}
        self.claims: dict[str, set] = defaultdict(set)
        self.stock = 3
        self.profile = Settings()
        self.is_live = False
        self.is_stopped = asyncio.Event()
        self.subscribers: list[Deliver] = []
        self.extra_state: list[tuple[str, Body]] = []

    @property
    def sound(self):
        return RehearsedSound(self)

    def _ask(self, name: str, *details: object) -> None:
        self.asked.append((name, *details))
        if name in self.failing:
            raise self.failing[name]

    async def ingest(self, lines: bytes, principal: Principal) -> Body:
        self._ask("ingest", lines, principal)
        self.ingesting += 1
        self.most_ingesting = max(self.most_ingesting, self.ingesting)
        await self.ingest_gate.wait()
        self.ingesting -= 1
        return {"accepted": len([line for line in lines.splitlines() if line.strip()]), "duplicate": 0, "rejected": []}

    def board(self, limit: int) -> Body:
        self._ask("board", limit)
        return {"version": 1, "present": 0, "rows": []}

    async def fan(self, platform: str, fan_id: str) -> Body:
        self._ask("fan", platform, fan_id)
        if fan_id == "nobody":
            raise NotFound("fan.unknown", platform=platform, id=fan_id)
        return {"person": f"{platform}/{fan_id}", "name": "小美 \ud83d"}

    async def segments(self, locale: str, *, is_fresh: bool) -> Body:
        self._ask("segments", locale, is_fresh)
        return {"state": "ready", "segments": []}

    async def cohorts(self, locale: str, *, is_fresh: bool) -> Body:
        self._ask("cohorts", locale, is_fresh)
        return {"state": "ready", "cohorts": []}

    async def repurchase(self, locale: str, limit: int, *, is_fresh: bool) -> Body:
        self._ask("repurchase", locale, limit, is_fresh)
        return {"state": "ready", "rows": []}

    async def outlook(self, platform: str, fan_id: str) -> Body:
        self._ask("outlook", platform, fan_id)
        return {"history": [], "habits": [], "expected_90d": None}

    async def find_fans(self, text: str, limit: int) -> Body:
        self._ask("find_fans", text, limit)
        return {"rows": [], "after": None, "more": False}

    async def fans(self, sort: FanSort, limit: int, after: str) -> Body:
        self._ask("fans", sort, limit, after)
        return {"rows": [], "after": None}

    @property
    def rules(self):
        return RehearsedDesk(self)

    @property
    def loyalty(self):
        return RehearsedDesk(self)

    async def moderate(self, body: Body, principal: Principal) -> Body:
        self._ask("moderate", body, principal)
        return body

    async def open_drop(self, body: Body, principal: Principal) -> tuple[Body, bool]:
        self._ask("open_drop", body, principal)
        is_new = body["click_id"] not in self.by_click
        drop_id = self.by_click.setdefault(body["click_id"], f"d{len(self.by_click) + 1}")
        self.drop_rows.setdefault(drop_id, {"id": drop_id, "kind": body["kind"], "title": body["title"], "state": "open"})
        return self.drop_rows[drop_id], is_new

    async def drop_step(self, drop_id: str, step: DropStep, principal: Principal) -> Body:
        self._ask("drop_step", drop_id, step, principal)
        drop = self.drop(drop_id)
        if drop["state"] != "open":
            raise Conflict("drop.step", step=step, state=drop["state"])
        drop["state"] = {"close": "closed", "cancel": "cancelled", "approve": "open", "open": "open"}[step]
        return drop

    async def edit_drop(self, drop_id: str, body: Body, principal: Principal) -> Body:
        self._ask("edit_drop", drop_id, body, principal)
        return self.drop(drop_id)

    async def handouts(self, state: HandoutState, limit: int) -> Body:
        self._ask("handouts", state, limit)
        return {"rows": []}

    async def handout_step(self, step: HandoutStep, drop_id: str, ref: str, principal: Principal) -> Body:
        self._ask("handout_step", step, drop_id, ref, principal)
        return {"waiting": 0, "rows": []}

    async def pass_over(self, drop_id: str, entry: int, reason: str, principal: Principal) -> Body:
        self._ask("pass_over", drop_id, entry, reason, principal)
        return self.drop(drop_id)

    async def own_entry(self, drop_id: str, platform: str, fan_id: str) -> Body:
        self._ask("own_entry", drop_id, platform, fan_id)
        return {"n": 3, "r": "00" * 16}

    def drops(self) -> list[Body]:
        return list(self.drop_rows.values())

    def drop(self, drop_id: str) -> Body:
        if drop_id not in self.drop_rows:
            raise NotFound("drop.unknown", id=drop_id)
        return self.drop_rows[drop_id]

    async def proof(self, drop_id: str) -> Body:
        raise Conflict("drop.not_drawn", id=drop_id)

    async def claim(self, drop_id: str, body: Body, principal: Principal) -> Body:
        self._ask("claim", drop_id, body, principal)
        person = (body["platform"], body["id"])
        if person in self.claims[drop_id]:
            raise Conflict("drop.already", reason="already")
        if len(self.claims[drop_id]) >= self.stock:
            raise Conflict("drop.sold_out", reason="sold_out")
        self.claims[drop_id].add(person)
        return {"code": f"C-{len(self.claims[drop_id])}"}

    async def enter(self, drop_id: str, body: Body, principal: Principal) -> Body:
        self._ask("enter", drop_id, body, principal)
        return self.drop(drop_id)

    async def verify_hook(self, name, headers, body) -> str:
        self._ask("verify_hook", name, body)
        return "m1"

    async def take_hook(self, name, message_id, topic, document) -> Body:
        self._ask("take_hook", name, message_id, topic, document)
        return {"state": "waiting"}

    @property
    def persons(self):
        return RehearsedPersons()

    async def person_document(self, platform, fan_id) -> bytes:
        self._ask("person_document", platform, fan_id)
        return b"{}"

    async def erase_person(self, platform, fan_id, principal) -> Body:
        self._ask("erase_person", platform, fan_id)
        return {"accounts": 1, "events": 0, "entries": 0, "identities": ((platform, fan_id),)}

    @property
    def products(self):
        return RehearsedPersons()

    uploads = imports = copies = products

    async def restore_backup(self, name) -> Body:
        raise NotFound("backup.missing", path=name)

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

    async def shop_orders(self, state, limit, after) -> Body:
        self._ask("shop_orders", state, limit, after)
        return {"rows": [], "total": 0, "after": None}

    async def shop_order_step(self, hook, order, step, principal) -> Body:
        self._ask("shop_order_step", hook, order, step)
        return {"hook": hook, "order": order}

    async def start_live(self, principal: Principal) -> Body:
        self._ask("start_live", principal)
        self.is_live = True
        return self.live()

    async def stop_live(self, principal: Principal) -> Body:
        self._ask("stop_live", principal)
        self.is_live = False
        return self.live()

    def live(self) -> Body:
        return {"state": "live" if self.is_live else "idle"}

    def answer_slate(self, answer: SlateAnswer, principal: Principal) -> Body:
        self._ask("answer_slate", answer, principal)
        return self.live()

    async def save_replay(self) -> Body:
        self._ask("save_replay")
        return {"path": "/videos/replay-1.mp4", "seconds": 60.4}

    def mark(self, title: str) -> Body:
        self._ask("mark", title)
        return {"title": title}

    def recordings(self) -> Body:
        self._ask("recordings")
        return {"recordings": [{"path": "/videos/show.mp4", "output": "archive", "is_open": False, "is_cut": False}]}

    async def cut_clips(self, path: str, before_s: float, after_s: float) -> Body:
        self._ask("cut_clips", path, before_s, after_s)
        return {"clips": [{"path": "/videos/show-01-豆沙色.mp4", "seconds": 66.1}]}

    def measure(self, principal: Principal) -> Body:
        self._ask("measure")
        return self.measured()

    def measured(self) -> Body:
        return {"state": "idle", "done": 0, "of": 0, "rows": [], "picked": None, "has_room": False}

    async def check_output(self, name: str, seconds: float) -> Body:
        self._ask("check_output", name, seconds)
        return {"name": name, "verdict": "good", "code": "line.good", "params": {"name": name, "kbps": 6160}, "advice": []}

    def platforms(self) -> list[Body]:
        self._ask("platforms")
        return [platform.to_json() for platform in PLATFORMS]

    def retry_output(self, name: str) -> Body:
        self._ask("retry_output", name)
        if name != "main":
            raise NotFound("output.unknown", name=name)
        return self.live()

    async def list_outputs(self) -> Body:
        self._ask("list_outputs")
        return {"outputs": [], "keys": {"place": "keyring", "is_in_file": False}}

    async def put_output(self, name: str, fields: Body, principal: Principal) -> tuple[Body, bool]:
        self._ask("put_output", name, sorted(fields))
        return {"name": name}, name == "new"

    async def remove_output(self, name: str, principal: Principal) -> Body:
        self._ask("remove_output", name)
        return {"outputs": []}

    async def output_step(self, name: str, step: str, principal: Principal) -> Body:
        self._ask("output_step", name, step)
        return self.live()

    async def preview_jpeg(self, width: int) -> bytes:
        self._ask("preview_jpeg", width)
        return JPEG

    def compare(self, mode: Compare, line_at: float) -> Body:
        self._ask("compare", mode, line_at)
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
        patches = [
            {"name": name, "before": 9.0, "after": 1.2, "seen": [200, 120, 60], "corrected": [150, 120, 90], "wanted": [152, 118, 92]}
            for name in PATCHES
        ]
        return {"corners": [], "patches": patches, "matrix": [], "mean_before": 9.0, "mean_after": 1.2, "max_after": 2.8}

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
                "made_at": "",
                "mean_before": 9.0,
                "mean_after": 1.2,
                "max_after": 2.8,
            }
        )
        return await self.patch_settings({"look": {"colour_profile": f"/kept/{light}.json"}}, principal)

    async def forget_colour_profile(self, name: str, principal: Principal) -> Body:
        self._ask("forget_colour_profile", name)
        return {"profiles": self.kept_profiles}

    def settings(self) -> Body:
        self._ask("settings")
        return to_json(self.profile)

    async def patch_settings(self, patch: Body, principal: Principal) -> Body:
        self._ask("patch_settings", patch, principal)
        old, self.profile = self.profile, merge_patch(self.profile, patch)
        parts = touched(old, self.profile)
        return {"settings": to_json(self.profile), "touched": {name: name in parts for name in ("hot", "capture", "encoder", "output")}}

    def health(self) -> Body:
        self._ask("health")
        return {"outputs": []}

    def stream_state(self) -> list[tuple[str, Body]]:
        return [("board", self.board(6)), ("live", self.live()), ("settings", self.settings()), *self.extra_state]

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        self.subscribers.append(deliver)
        return lambda: self.subscribers.remove(deliver)

    def tell(self, message_type: str, data: Body) -> None:
        for deliver in tuple(self.subscribers):
            deliver(message_type, data)

    async def shutdown(self) -> None:
        self._ask("shutdown")
        self.is_stopped.set()


class RehearsedPersons:
    """Knows nobody and nothing; the calls on persons and files are tested on a real fan file."""

    def __getattr__(self, name):
        async def ask(*_):
            raise NotFound("fans.unknown", platform="", id="")

        return ask


class RehearsedDesk:
    """Answers whatever is asked; the calls on loyalty are tested on a real fan file."""

    def __init__(self, studio):
        self._studio = studio

    def __getattr__(self, name):
        async def ask(*details):
            self._studio._ask(name, *details)
            return {"points": 5}

        return ask


class RehearsedSound:
    def __init__(self, studio: RehearsedStudio) -> None:
        self._studio = studio

    def state(self) -> Body:
        return {"inputs": [], "effects": [], "talking": False}

    async def change(self, name: str, body: Body, principal: Principal) -> Body:
        self._studio.asked.append(("change_input", name, body))
        return {"settings": {}, "touched": {}}

    def play(self, name: str, step: str) -> Body:
        self._studio.asked.append(("play", name, step))
        return {"name": name}

    def play_effect(self, name: str) -> Body:
        self._studio.asked.append(("play_effect", name))
        return {"name": name}

    def talk(self, *, is_held: bool) -> Body:
        self._studio.asked.append(("talk", is_held))
        return {"talking": is_held}

    async def devices(self) -> Body:
        return {"microphones": [], "speakers": []}

    async def sync(self, seconds: float, principal: Principal) -> Body:
        self._studio.asked.append(("sync", seconds))
        return {"offset_ms": 0}
