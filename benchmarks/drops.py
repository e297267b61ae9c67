"""What drops cost: 10,000 claims racing for 1,000 coupons, entries from chat, a draw of 1,000 prizes over a million entries.

Claims and entries go through the real store (SQLite, `synchronous=FULL`) and the fan file's own look-up.
"""

import argparse
import asyncio
import hashlib
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, update

from benchmarks.results import Figure, at_least, at_most, exactly, publish
from studio.audience import Audience
from studio.bus import Bus
from studio.drops import Drops, House
from studio.errors import Conflict
from studio.model.draw import ranking
from studio.model.events import FanEvent
from studio.model.privacy import masked_name
from studio.model.settings import AudienceSettings
from studio.remote.roles import Principal
from studio.store.database import Database
from studio.store.drop_tables import drops as drops_table
from studio.store.drop_tables import entries as entries_table

HOST = Principal("benchmark", "host", "token")
CLAIMS, COUPONS, CHATS, PRIZES = 10_000, 1_000, 5_000, 1_000


class Gap:
    """The longest time for which the loop gave nobody else a turn."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self.task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            self.longest_s = max(self.longest_s, now - last - 0.005)
            last = now


async def claims(drops: Drops) -> list[Figure]:
    order = {"click_id": "coupon", "kind": "coupon", "title": "x", "value_minor": 100, "stock": COUPONS, "seconds": 3600}
    drop, _ = await drops.open(order, HOST)

    async def claim(number: int) -> bool:
        try:
            await drops.claim(drop["id"], {"platform": "douyin", "id": f"u{number}", "claim_id": f"k{number}"}, HOST)
        except Conflict as refused:
            if refused.params.get("reason") != "sold_out":
                raise
            return False
        return True

    start = time.perf_counter()
    got = sum(await asyncio.gather(*map(claim, range(CLAIMS))))
    spent_s = time.perf_counter() - start
    return [
        exactly(f"coupons out after {CLAIMS} racing claims", got, COUPONS, "coupons"),
        exactly("counted by the store", drops.drop(drop["id"])["issued"], COUPONS, "coupons"),
        at_most("all claims answered", spent_s, 5, "s"),
    ]


async def entries(drops: Drops) -> list[Figure]:
    order = {
        "click_id": "lottery",
        "kind": "lottery",
        "title": "x",
        "prizes": [{"name": "x", "value_minor": 1}],
        "seconds": 3600,
        "early_close": True,
    }
    drop, _ = await drops.open(order, HOST)
    now_ms = time.time_ns() // 1_000_000
    start = time.perf_counter()
    for number in range(CHATS):
        drops.on_event(FanEvent(f"e{number}", "chat", now_ms, "douyin", fan_id=f"u{number}", name="小美", text="想要"), now_ms)
    taken_s = time.perf_counter() - start
    await drops.settled()
    stored_s = time.perf_counter() - start
    start = time.perf_counter()
    await drops.close(drop["id"], HOST)
    return [
        exactly(f"entries of {CHATS} fans", drops.drop(drop["id"])["entries"], CHATS, "entries"),
        at_least("taken from chat, a second", CHATS / taken_s, 10_000, "entries"),
        Figure("durable, a second", round(CHATS / stored_s), "entries"),
        Figure("closing, hash and draw of these", round(time.perf_counter() - start, 3), "s"),
    ]


def pure_draw(count: int) -> Figure:
    tickets = [1 + number % 3 for number in range(count)]
    start = time.perf_counter()
    ranking(bytes(32), "0" * 64, "", tickets, PRIZES)
    return Figure(f"draw of {PRIZES} over {count} entries, arithmetic alone", round(time.perf_counter() - start, 2), "s")


async def long_list(database: Database, drops: Drops, count: int) -> list[Figure]:
    """Close and draw a list that gets a process of its own, while the loop is watched."""
    prizes = [{"name": "x", "value_minor": 1}] * PRIZES
    order = {"click_id": "long", "kind": "lottery", "title": "x", "prizes": prizes, "seconds": 3600, "early_close": True}
    drop, _ = await drops.open(order, HOST)
    for first in range(0, count, 20_000):
        rows = [_row(drop["id"], n) for n in range(first, min(first + 20_000, count))]
        await database.write(lambda connection, some=rows: connection.execute(insert(entries_table), some), rows=500)
    await database.write(
        lambda connection: connection.execute(update(drops_table).where(drops_table.c.id == drop["id"]).values(entries=count))
    )
    drops._shelf.count(drop["id"], entries=count)  # noqa: SLF001 - as if they had come by chat
    gap = Gap()
    start = time.perf_counter()
    await drops.close(drop["id"], HOST)
    spent_s = time.perf_counter() - start
    gap.task.cancel()
    return [
        exactly(f"winners of {count} entries", len(drops.drop(drop["id"])["winners"]), PRIZES, "winners"),
        Figure("from closing to winners, own process and store included", round(spent_s, 2), "s"),
        at_most("longest gap of the loop meanwhile", gap.longest_s * 1000, 100, "ms"),
    ]


def _row(drop_id: str, n: int) -> dict[str, object]:
    return {
        "drop_id": drop_id,
        "n": n,
        "person": str(n),
        "platform": "douyin",
        "fan_id": f"u{n}",
        "name": "",
        "shown": "",
        "salt": b"0" * 16,
        "fan": hashlib.sha256(str(n).encode()).hexdigest(),
        "tickets": 1 + n % 3,
        "source": "chat",
        "badge": 1,
        "is_devoted": False,
        "received_at_ms": n,
    }


async def main(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'drops.db'}")
        await database.open()
        bus = Bus(asyncio.get_running_loop())
        audience = Audience(database, bus, AudienceSettings())
        house = House("r1", "CNY", "Asia/Shanghai", audience.lookup, masked_name, audience.air_name)
        drops = Drops(database, bus, house)
        await drops.start()
        figures = [*await claims(drops), *await entries(drops), pure_draw(count), *await long_list(database, drops, count)]
        await drops.stop()
        await database.close()
    return 0 if publish("drops", figures) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the long list that is drawn from")
    sys.exit(asyncio.run(main(parser.parse_args().entries)))
