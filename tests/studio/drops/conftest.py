"""A room with a real SQLite file, a fan file of a few standings, and clocks that a test can set."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import pytest

from studio.bus import Bus
from studio.drops import Clock, DropChanged, Drops, House
from studio.model.drops import FanStanding
from studio.model.events import FanEvent
from studio.model.settings import LimitSettings
from studio.remote.roles import Principal
from studio.store.database import Database

HOST = Principal("小鹿", "host", "token-host")
ANNA = Principal("安娜", "assistant", "token-anna")
BEN = Principal("阿本", "assistant", "token-ben")
START_MS = 1_795_315_800_000

LOTTERY = {
    "kind": "lottery",
    "title": "豆沙色口红",
    "prizes": [{"name": "口红", "value_minor": 9900, "currency": "CNY"}, {"name": "面膜", "value_minor": 5900, "currency": "CNY"}],
    "reserves": 1,
    "seconds": 60,
}
COUPON = {"kind": "coupon", "title": "满99减20", "value_minor": 2000, "min_spend_minor": 9900, "stock": 3, "keyword": "领券", "seconds": 60}


@dataclass
class Clocks:
    wall_ms: int = START_MS
    monotonic_s: float = 1000.0

    def go(self, seconds: float) -> None:
        self.wall_ms += int(seconds * 1000)
        self.monotonic_s += seconds


@dataclass
class Rig:
    """One engine's drops. `news` is everything that the bus told, as JSON."""

    database: Database
    drops: Drops
    clocks: Clocks
    fans: dict
    news: list = field(default_factory=list)
    limits: LimitSettings = field(default_factory=LimitSettings)
    numbers: int = 0

    async def open(self, principal=HOST, **order):
        self.numbers += 1
        drop, _ = await self.drops.open({"click_id": f"click-{self.numbers}-{id(self)}", **LOTTERY, **order}, principal)
        return drop["id"]

    async def open_coupon(self, principal=HOST, **order):
        self.numbers += 1
        drop, _ = await self.drops.open({"click_id": f"click-{self.numbers}-{id(self)}", **COUPON, **order}, principal)
        return drop["id"]

    def say(self, fan, text="想要", *, platform="douyin", at_ms=None, received_at_ms=None, name=None):
        self.numbers += 1
        now_ms = self.clocks.wall_ms
        event = FanEvent(
            f"e{self.numbers}", "chat", now_ms if at_ms is None else at_ms, platform, fan_id=fan, name=name or f"粉丝{fan}", text=text
        )
        self.drops.on_event(event, now_ms if received_at_ms is None else received_at_ms)

    async def run_out(self, drop_id, seconds=60.0):
        """Let the time pass and the drop come to its end."""
        self.clocks.go(seconds)
        await self.drops.tick()
        await self.until(lambda: self.drops.drop(drop_id)["state"] in ("drawn", "closed", "cancelled"))

    async def until(self, holds):
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, "it never came true"
            await asyncio.sleep(0.005)

    async def waiting(self):
        """What is still to be handed out."""
        return (await self.drops.handouts.rows("todo", 100))["rows"]

    async def proof(self, drop_id):
        return json.dumps(await self.drops.proof(drop_id), ensure_ascii=False).encode()


def standing_of(fans):
    def lookup(_connection, platform, fan_id):
        return fans.get((platform, fan_id)) or FanStanding(f"{platform}:{fan_id}", name=f"粉丝{fan_id}")

    return lookup


async def start_rig(store, clocks=None, fans=None, room=""):
    """`store` is a SQLite file or a URL; with `room` its lease is taken."""
    database = Database(store if "://" in str(store) else f"sqlite:///{store}", room=room)
    await database.open()
    bus = Bus(asyncio.get_running_loop())
    clocks = clocks or Clocks()
    fans = {} if fans is None else fans
    rig = Rig(database, None, clocks, fans)
    house = House(
        room="r1",
        currency="CNY",
        time_zone="Asia/Shanghai",
        lookup=standing_of(fans),
        mask=lambda name: name[:1] + "＊",
        air_name=lambda _platform, _fan_id, name: name[:1] + "＊",
        limits=lambda: rig.limits,
        organiser="返场工作室",
    )
    rig.drops = Drops(database, bus, house, Clock(lambda: clocks.wall_ms, lambda: clocks.monotonic_s))
    bus.subscribe(DropChanged, lambda changed: rig.news.append(json.loads(json.dumps(changed.drop))))
    await rig.drops.start()
    return rig


async def stop_rig(rig):
    await rig.drops.stop()
    await rig.database.close()


@pytest.fixture
async def rig(store_url):
    rig = await start_rig(store_url)
    yield rig
    await stop_rig(rig)
