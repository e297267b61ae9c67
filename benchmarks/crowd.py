"""A thousand events a second during the show: nothing lost, totals as summed independently, no frame skipped.

    python -m benchmarks.crowd [--seconds 60] [--rate 1000]

60 % chat, 15 likes, 15 enter and leave, 6 gifts, 3 orders and refunds, 1 repeated, of 20,000 fans; replayed by `file:` at their times.
"""

import argparse
import json
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.results import Figure, at_least, at_most, exactly, publish
from benchmarks.show import tables
from studio.app.sample import RESOURCES
from tests.e2e.show import Show, run_live
from tests.servers import nginx

FANS = 20_000
KINDS = ["chat"] * 60 + ["like"] * 15 + ["enter"] * 8 + ["leave"] * 7 + ["gift"] * 6 + ["order"] * 2 + ["refund"] + ["repeat"]


@dataclass
class Expected:
    """What must be in the fan file, summed here without any of the product's code."""

    events: int = 0
    repeats: int = 0
    spent: Counter[str] = field(default_factory=Counter)
    gifts: Counter[str] = field(default_factory=Counter)


def write_events(path: Path, seconds: int, rate: int) -> Expected:
    """The events file, and what it amounts to."""
    dice = random.Random(5)
    start = datetime.now(UTC) - timedelta(seconds=5)
    expected = Expected()
    orders: list[tuple[str, str, int]] = []
    lines: list[str] = []
    for number in range(seconds * rate):
        kind = dice.choice(KINDS)
        if kind == "repeat" and lines:
            lines.append(dice.choice(lines[-500:]))
            expected.repeats += 1
            continue
        at = start + timedelta(seconds=number / rate)
        line = _event(number, kind, at, dice, orders, expected)
        lines.append(json.dumps(line, ensure_ascii=False))
        expected.events += 1
    path.write_text("\n".join(lines), encoding="utf-8")
    return expected


def _event(number: int, kind: str, at: datetime, dice: random.Random, orders: list[tuple[str, str, int]], expected: Expected) -> dict:
    fan = f"u{min(int(dice.paretovariate(1.1) * 5), FANS)}"
    event = {
        "id": f"e{number}",
        "type": kind,
        "at": at.isoformat(),
        "platform": "douyin",
        "room": "r1",
        "fan": {"id": fan, "name": f"粉丝{fan}"},
    }
    if kind == "chat":
        event["text"] = dice.choice(["想要", "好看", "多少钱", "这个颜色显白吗", "来了来了"])
    elif kind == "like":
        event["count"] = dice.randint(1, 20)
    elif kind == "gift":
        paid = dice.choice([10, 100, 990])
        event |= {"gift": "rose", "count": 1, "paid_minor": paid, "currency": "CNY"}
        expected.gifts[fan] += paid
    elif kind == "refund" and orders:
        fan, order, amount = orders.pop(dice.randrange(len(orders)))
        event |= {"fan": {"id": fan, "name": f"粉丝{fan}"}, "order": order, "amount_minor": amount, "currency": "CNY"}
        expected.spent[fan] -= amount
    elif kind in {"order", "refund", "repeat"}:
        amount = dice.randint(990, 50_000)
        event |= {"type": "order", "order": f"o{number}", "amount_minor": amount, "currency": "CNY", "items": []}
        orders.append((fan, f"o{number}", amount))
        expected.spent[fan] += amount
    return event


def in_file(path: Path, column: str) -> dict[str, int]:
    """{fan: sum} as the fan file has it, read by SQLite itself."""
    query = f"SELECT i.fan_id, p.{column} FROM identity i JOIN person p USING (person_id) WHERE p.{column} <> 0"
    with sqlite3.connect(path) as connection:
        return dict(connection.execute(query))


def figures(show: Show, expected: Expected, store: Path, seconds: int) -> list[Figure]:
    """What was asked and what came."""
    events, video = show.report["events"], show.report["video"]
    spent = {fan: amount for fan, amount in expected.spent.items() if amount}
    wrong = int(in_file(store, "spent_minor") != spent)
    wrong_gifts = int(in_file(store, "gifts_minor") != dict(expected.gifts))
    return [
        exactly("events taken", events["accepted"], expected.events, "events"),
        exactly("repeats recognised", events["duplicate"], expected.repeats, "events"),
        exactly("lost or rejected", events["rejected"] + events.get("chat_dropped", 0), 0, "events"),
        exactly("fans' spend differs from the independent sum", wrong, 0, ""),
        exactly("fans' gifts differ from the independent sum", wrong_gifts, 0, ""),
        exactly("skipped", video["skipped"], 0, "frames"),
        at_most("board p99", events["board_ms_p99"], 400, "ms"),
        at_most("loop gap p99", show.report["loop"]["gap_ms_p99"], 50, "ms"),
        at_least("events a second", events["received"] / seconds, 950, "events/s"),
    ]


def main() -> int:
    """Command line."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--rate", type=int, default=1000)
    arguments.add_argument("--height", type=int, default=1080)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary, nginx() as server:
        folder = Path(temporary)
        expected = write_events(folder / "events.jsonl", chosen.seconds, chosen.rate)
        profile = tables(RESOURCES / "presenter.mp4", server.server, chosen.height * 16 // 9, chosen.height)
        profile["audience"] = {"events": f"file:{folder / 'events.jsonl'}"}
        show = run_live(folder, profile, chosen.seconds + 8)
        print(show.errors[-2000:] if show.code else "", end="")
        is_met = publish(
            f"crowd {chosen.rate} events a second, {chosen.seconds} s", figures(show, expected, folder / "encore.db", chosen.seconds)
        )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
