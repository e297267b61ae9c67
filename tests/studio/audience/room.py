"""A real audience on a real store with clocks that the test moves."""

import asyncio
import json

from studio.audience import Audience, BoardChanged, ChatSeen
from studio.bus import Bus
from studio.model.events import format_time, parse_time
from studio.model.settings import AudienceSettings, OverlaySettings
from studio.store.database import Database

NOW_MS = parse_time("2026-11-22T12:00:00Z", "at")


class Room:
    """`folder` is where a SQLite store and the journals are; `store` another one's address."""

    def __init__(self, folder, rules=None, *, store="", name="r1", journals="journals", events="none", **overlay) -> None:
        self.now_ms = NOW_MS
        self.name = name
        self.url = store or f"sqlite:///{folder}/encore.db"
        self.settings = AudienceSettings(store=self.url, room=name, events=events)
        self.database = Database(self.url, room=name)
        self.bus = Bus(asyncio.get_running_loop())
        self.audience = Audience(
            self.database,
            self.bus,
            self.settings,
            OverlaySettings(**overlay),
            rules,
            journals=journals and folder / journals,
            wall_ms=lambda: self.now_ms,
        )
        self.boards = []
        self.chat = []
        self.bus.subscribe(BoardChanged, lambda changed: self.boards.append(changed.board))
        self.bus.subscribe(ChatSeen, lambda seen: self.chat.extend(seen.items))
        self.number = 0

    async def __aenter__(self):
        await self.database.open()
        await self.audience.open()
        return self

    async def __aexit__(self, *_):
        await self.audience.close()
        await self.database.close()

    def line(self, kind, fan="u1", *, ago_ms=0, name=None, **more) -> dict:
        self.number += 1
        money = {"currency": "CNY"} if kind in {"order", "refund"} else {}
        return {
            "id": f"{self.name}-e{self.number}",
            "type": kind,
            "at": format_time(self.now_ms - ago_ms),
            "platform": "douyin",
            "room": self.name,
            "fan": {"id": fan, "name": name or f"粉丝{fan}"},
            **money,
            **more,
        }

    async def take(self, *lines):
        return await self.audience.ingest(b"\n".join(json.dumps(line).encode() if isinstance(line, dict) else line for line in lines))

    async def until(self, is_so, deadline_s=30.0):
        async with asyncio.timeout(deadline_s):
            while not is_so():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.005)
