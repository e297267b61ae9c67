"""The mixed events of a busy room, the same in every run, and whom they are of: a few thousand fans, or those of a full file.

It measures nothing.
"""

import random
from dataclasses import replace

from benchmarks import crowded_file
from studio.model.events import FanEvent

START_MS = 1_795_348_800_000


def trace(count: int, fans: int) -> list[FanEvent]:
    """60 % chat, 15 likes, 15 enter and leave, 6 gifts, 3 orders and refunds, 1 repeated; fans by Zipf."""
    dice = random.Random(20_261_122)
    weights = [1 / (rank + 1) for rank in range(fans)]
    chosen = dice.choices(range(fans), weights, k=count)
    events: list[FanEvent] = []
    orders: list[tuple[str, str]] = []
    for number, fan in enumerate(chosen):
        roll = dice.random()
        fan_id = f"u{fan}"
        common = {"id": f"e{number}", "at_ms": START_MS + number, "platform": "douyin", "room": "r1", "name": f"粉丝{fan}"}
        if roll < 0.6:
            event = FanEvent(type="chat", fan_id=fan_id, text="这个颜色好看吗", **common)
        elif roll < 0.75:
            event = FanEvent(type="like", fan_id=fan_id, count=3, **common)
        elif roll < 0.9:
            event = FanEvent(type="leave" if roll < 0.82 else "enter", fan_id=fan_id, **common)
        elif roll < 0.96:
            event = FanEvent(type="gift", fan_id=fan_id, gift="玫瑰", count=1, paid_minor=10, currency="CNY", **common)
        elif roll < 0.985 or not orders:
            orders.append((f"o{number}", fan_id))
            event = FanEvent(type="order", fan_id=fan_id, order=f"o{number}", amount_minor=9_900, currency="CNY", **common)
        elif roll < 0.99:
            order, buyer = orders.pop(dice.randrange(len(orders)))
            event = FanEvent(type="refund", fan_id=buyer, order=order, amount_minor=4_950, currency="CNY", **common)
        else:
            event = events[-1]
        events.append(event)
    return events


def of_stored_fans(events: list[FanEvent], fans: int) -> list[FanEvent]:
    """The same events by fans of a full file: by Zipf, and the busy ones scattered over it as they are in a real one."""
    dice = random.Random(7)
    chosen = [int(fans ** dice.random()) * 7919 % fans + 1 for _ in events]
    return [
        replace(event, fan_id=crowded_file.fan_id(fan), name=crowded_file.name_of(fan)) for event, fan in zip(events, chosen, strict=True)
    ]
