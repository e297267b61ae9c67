"""Who is in the staged room."""

import time

from studio.remote.surface import Body
from tests.rehearsed_drops import at


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
