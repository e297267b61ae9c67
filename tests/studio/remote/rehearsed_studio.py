"""A small studio in memory, for tests of the control API: it keeps what it was asked, and fails where a test tells it to."""

import asyncio

from studio.errors import NotFound
from studio.model.settings import Settings
from studio.remote.roles import Principal
from studio.remote.surface import Body, Compare, FanSort, SlateAnswer
from tests.rehearsed_desks import RehearsedDesks
from tests.rehearsed_drops import RehearsedDrops

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class RehearsedStudio(RehearsedDesks):
    def __init__(self) -> None:
        super().__init__(Settings())
        self.analysis = RehearsedAnalysis(self)
        self.drops = RehearsedDrops(self)
        self.outputs = RehearsedOutputs(self)
        self.ingest_gate = asyncio.Event()
        self.ingest_gate.set()
        self.ingesting = 0
        self.most_ingesting = 0
        self.is_live = False
        self.is_stopped = asyncio.Event()
        self.extra_state: list[tuple[str, Body]] = []

    @property
    def sound(self):
        return RehearsedSound(self)

    async def ingest(self, lines: bytes, principal: Principal) -> Body:
        self.ask("ingest", lines, principal)
        self.ingesting += 1
        self.most_ingesting = max(self.most_ingesting, self.ingesting)
        await self.ingest_gate.wait()
        self.ingesting -= 1
        return {"accepted": len([line for line in lines.splitlines() if line.strip()]), "duplicate": 0, "rejected": []}

    def board(self, limit: int) -> Body:
        self.ask("board", limit)
        return {"version": 1, "present": 0, "rows": []}

    async def fan(self, platform: str, fan_id: str) -> Body:
        self.ask("fan", platform, fan_id)
        if fan_id == "nobody":
            raise NotFound("fan.unknown", platform=platform, id=fan_id)
        return {"person": f"{platform}/{fan_id}", "name": "小美 \ud83d"}

    async def find_fans(self, text: str, limit: int) -> Body:
        self.ask("find_fans", text, limit)
        return {"rows": [], "after": None, "more": False}

    async def fans(self, sort: FanSort, limit: int, after: str) -> Body:
        self.ask("fans", sort, limit, after)
        return {"rows": [], "after": None}

    @property
    def rules(self):
        return RehearsedDesk(self)

    @property
    def loyalty(self):
        return RehearsedDesk(self)

    @property
    def persons(self):
        return RehearsedPersons()

    async def person_document(self, platform, fan_id) -> bytes:
        self.ask("person_document", platform, fan_id)
        return b"{}"

    async def erase_person(self, platform, fan_id, principal) -> Body:
        self.ask("erase_person", platform, fan_id)
        return {"accounts": 1, "events": 0, "entries": 0, "identities": ((platform, fan_id),)}

    @property
    def products(self):
        return RehearsedPersons()

    uploads = imports = copies = products

    async def restore_backup(self, name) -> Body:
        raise NotFound("backup.missing", path=name)

    async def start_live(self, principal: Principal) -> Body:
        self.ask("start_live", principal)
        self.is_live = True
        return self.live()

    async def stop_live(self, principal: Principal) -> Body:
        self.ask("stop_live", principal)
        self.is_live = False
        return self.live()

    def live(self) -> Body:
        return {"state": "live" if self.is_live else "idle"}

    def answer_slate(self, answer: SlateAnswer, principal: Principal) -> Body:
        self.ask("answer_slate", answer, principal)
        return self.live()

    def recordings(self) -> Body:
        self.ask("recordings")
        return {"recordings": [{"path": "/videos/show.mp4", "output": "archive", "is_open": False, "is_cut": False}]}

    def retry_output(self, name: str) -> Body:
        self.ask("retry_output", name)
        if name != "main":
            raise NotFound("output.unknown", name=name)
        return self.live()

    async def preview_jpeg(self, width: int) -> bytes:
        self.ask("preview_jpeg", width)
        return JPEG

    def compare(self, mode: Compare, line_at: float) -> Body:
        self.ask("compare", mode, line_at)
        return {"compare": mode, "at": line_at}

    def health(self) -> Body:
        self.ask("health")
        return {"outputs": []}

    def stream_state(self) -> list[tuple[str, Body]]:
        return [("board", self.board(6)), ("live", self.live()), ("settings", self.settings()), *self.extra_state]

    async def shutdown(self) -> None:
        self.ask("shutdown")
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
            self._studio.ask(name, *details)
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


class RehearsedAnalysis:
    def __init__(self, studio: RehearsedStudio) -> None:
        self._studio = studio

    async def segments(self, locale: str, *, is_fresh: bool) -> Body:
        self._studio.ask("segments", locale, is_fresh)
        return {"state": "ready", "segments": []}

    async def cohorts(self, locale: str, *, is_fresh: bool) -> Body:
        self._studio.ask("cohorts", locale, is_fresh)
        return {"state": "ready", "cohorts": []}

    async def repurchase(self, locale: str, limit: int, *, is_fresh: bool) -> Body:
        self._studio.ask("repurchase", locale, limit, is_fresh)
        return {"state": "ready", "rows": []}

    async def outlook(self, platform: str, fan_id: str) -> Body:
        self._studio.ask("outlook", platform, fan_id)
        return {"history": [], "habits": [], "expected_90d": None}


class RehearsedOutputs:
    def __init__(self, studio: RehearsedStudio) -> None:
        self._studio = studio

    async def listing(self) -> Body:
        self._studio.ask("list_outputs")
        return {"outputs": [], "keys": {"place": "keyring", "is_in_file": False}}

    async def put(self, name: str, fields: Body, principal: Principal) -> tuple[Body, bool]:
        self._studio.ask("put_output", name, sorted(fields))
        return {"name": name}, name == "new"

    async def remove(self, name: str, principal: Principal) -> Body:
        self._studio.ask("remove_output", name)
        return {"outputs": []}

    async def start(self, name: str) -> None:
        self._studio.ask("output_step", name, "start")

    async def stop(self, name: str) -> None:
        self._studio.ask("output_step", name, "stop")
