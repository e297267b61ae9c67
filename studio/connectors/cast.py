"""The rehearsal audience's people: who they are, how often they come, how much they buy. All invented.

The same seed gives the same people; nothing here knows what time it is.
"""

from dataclasses import dataclass
from random import Random
from typing import Final, Literal, TypeAlias

Habit: TypeAlias = Literal["devoted", "core", "active", "follower", "passer"]

_PLATFORMS: Final = ("douyin", "douyin", "douyin", "kuaishou", "taobao", "bilibili")
_FIRST: Final = (
    "小鹿",
    "阿柚",
    "南枝",
    "青柠",
    "大白",
    "小满",
    "橘子",
    "团子",
    "阿宁",
    "北北",
    "可可",
    "豆豆",
    "糖糖",
    "小夏",
    "秋秋",
    "阿禾",
    "初一",
    "米粒",
    "小鱼",
    "木木",
    "知了",
    "云朵",
    "星星",
    "月牙",
    "半夏",
    "安安",
    "乐乐",
    "圆圆",
    "桃子",
    "栗子",
)
_LAST: Final = (
    "在看海",
    "爱吃糖",
    "不熬夜",
    "的小店",
    "今天也很困",
    "要早睡",
    "妈妈",
    "呀",
    "酱",
    "同学",
    "慢慢来",
    "在路上",
    "加油",
    "同行",
    "",
)
_PLAIN: Final = ("Momo", "Luna88", "Echo", "Ivy_L", "cici", "JoJo", "Nini", "Kiki", "Sunny", "一只猫Mia", "Amber要发财", "Tina在减肥")
_EMOJI: Final = ("🌸", "✨", "🐱", "🍓", "🌙", "🎈", "🍀", "🐰")

_STORY_FANS: Final = 200
"""The mix of habits repeats after this many."""
COMMANDS: Final = ("想要", "领券", "签到", "亮牌")
CHAT: Final = (
    "这个颜色好看",
    "主播今天气色真好",
    "有没有小一点的码",
    "上次买的很好用",
    "多少钱呀",
    "什么时候发货",
    "回购第三次了",
    "链接在几号",
    "晚上好",
    "来啦来啦",
    "敏感肌可以用吗",
    "蹲一个优惠",
    "已拍",
    "收到货了 质量不错",
    "这款还有吗",
    "哈哈哈哈",
    "老板大气",
    "主播讲得好仔细",
    "求试色",
    "下播前再讲一遍吧",
)
PRODUCTS: Final = (
    ("S-101", "丝绒口红", "彩妆", 12_900),
    ("S-102", "保湿面膜", "护肤", 9_900),
    ("S-103", "防晒乳", "护肤", 15_900),
    ("S-104", "桂花护手霜", "护肤", 3_900),
    ("S-105", "羊绒围巾", "服饰", 32_900),
    ("S-106", "手冲咖啡", "食品", 6_900),
)
GIFTS: Final = (("小心心", 0), ("玫瑰", 10), ("棒棒糖", 90), ("热气球", 5_200))


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the rehearsal audience. Chances are for each show day; `known_days` is how long ago they first came."""

    fan_id: str
    platform: str
    name: str
    habit: Habit
    comes: float
    buys: float
    known_days: int
    follows: bool
    is_open: bool
    """Says 亮牌 at the first visit."""


_HABITS: Final[tuple[tuple[Habit, float, float, float], ...]] = (
    ("devoted", 0.09, 0.72, 0.12),
    ("core", 0.12, 0.42, 0.07),
    ("active", 0.22, 0.20, 0.04),
    ("follower", 0.22, 0.07, 0.01),
    ("passer", 0.35, 0.012, 0.0),
)
"""(habit, share of the audience, chance to come, chance to buy when here)."""


def cast(seed: str, size: int) -> tuple[Member, ...]:
    """That many people, each with another id and, up to 400, another name."""
    random = Random(f"encore-cast:{seed}")
    names = _names(random, size)
    members = []
    for number in range(size):
        habit, _, comes, buys = _habit(number % _STORY_FANS / min(size, _STORY_FANS))
        members.append(
            Member(
                fan_id=f"{7_000_000 + number * 37}",
                platform=random.choice(_PLATFORMS),
                name=names[number],
                habit=habit,
                comes=comes * random.uniform(0.7, 1.3),
                buys=buys * random.uniform(0.5, 2.0),
                known_days=random.randint(60, 120) if habit in ("devoted", "core") else random.randint(5, 120),
                follows=habit != "passer" and random.random() < 0.9,
                is_open=random.random() < (0.9 if habit in ("devoted", "core") else 0.7),
            )
        )
    return tuple(members)


def _habit(place: float) -> tuple[Habit, float, float, float]:
    for habit in _HABITS:
        place -= habit[1]
        if place < 0:
            return habit
    return _HABITS[-1]


def _names(random: Random, size: int) -> list[str]:
    pool = [first + last for first in _FIRST for last in _LAST]
    random.shuffle(pool)
    names = []
    for number in range(size):
        if number % 12 == 5:
            name = _PLAIN[number // 12 % len(_PLAIN)] + ("" if number < 144 else str(number))
        else:
            name = pool[number % len(pool)] + ("" if number < len(pool) else str(number))
        names.append(name + random.choice(_EMOJI) if number % 7 == 3 else name)
    return names
