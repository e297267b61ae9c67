"""A studio with a stage set: the control API's surface over plain values that a test moves, and a preview file that it writes."""

import time
from pathlib import Path

from studio.errors import NotFound
from studio.model.settings import LookSettings, OutputSettings, Settings, VideoSettings
from studio.remote.roles import Principal
from studio.remote.surface import Body, Compare, FanSort, SlateAnswer
from tests.rehearsed_desks import RehearsedDesks
from tests.rehearsed_drops import RehearsedDrops, at
from tests.ui.preview_writer import PreviewWriter
from tests.ui.staged_desks import NoFiles, StagedAnalysis, StagedOutputs, StagedPersons, StagedRules, StagedSound
from tests.ui.staged_loyalty import StagedLoyalty
from tests.ui.staged_people import PEOPLE


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
