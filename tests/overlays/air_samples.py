"""Boards and drops to draw, grounds to draw them on, and their pixels as a viewer gets them."""

from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from overlays import AirOverlays, ConvertTools
from studio.model.frames import VideoFrame
from studio.model.scene import AirBoard, AirDrop, AirFact, AirFan, AirTicker, AirView, AirWinner, Greeting, Tier
from studio.model.settings import VideoSettings
from studio.ports import Layers

NOW = 1_800_000_000_000
OPENING = "e322fe550123456789abcdef012345670f1e2d3c4b5a69788796a5b4c3d2e1f0"
CLOSING = "626c96a5fedcba9876543210fedcba9800112233445566778899aabbccddeeff"
CANVASES = ((1920, 1080), (1080, 1920))

FANS = (
    AirFan("1", "小鹿", Tier.SENIOR, is_devoted=True, fact=AirFact("visits", 8), last_visit_days=5),
    AirFan("2", "阿泽", Tier.MIDDLE, is_devoted=False, fact=AirFact("to_next", 12_000)),
    AirFan("3", "爱吃桃子的小圆脸姑娘", Tier.SENIOR, is_devoted=False, fact=AirFact("visits", 23)),
    AirFan("4", "Vivian 陈", Tier.MIDDLE, is_devoted=True, fact=AirFact("streak", 15)),
    AirFan("5", "大橘🍊", Tier.JUNIOR, is_devoted=False, fact=AirFact("to_next", 8_650)),
    AirFan("6", "茉莉清茶", Tier.NEW, is_devoted=False, fact=AirFact("followed_days", 30)),
)
BOARD = AirBoard(version=3, present=12, rows=FANS)
GREETED = replace(BOARD, version=4, greeting=Greeting(FANS[0], NOW))
NOBODY = AirBoard(version=1)

_WON = (("栗子不圆", Tier.JUNIOR, False), ("Vivian 陈", Tier.MIDDLE, True), ("小鹿", Tier.SENIOR, True))
_REEL = ("山茶", "晚安鱼", "阿泽", "茉莉清茶", "大橘🍊", "Momo")
WINNERS = tuple(AirWinner(name, tier, is_devoted, "豆沙色口红") for name, tier, is_devoted in _WON)
REEL = tuple(AirWinner(name, Tier(index % 4 + 1), is_devoted=False, prize="") for index, name in enumerate(_REEL))

OPEN = AirDrop(
    "d1",
    "lottery",
    "豆沙色口红 · 3 支",
    "open",
    opened_at_ms=NOW,
    closes_at_ms=NOW + 60_000,
    keyword="想要",
    entries=1286,
    weights=((Tier.SENIOR, 3), (Tier.MIDDLE, 2)),
    opening=OPENING,
)
LOCKED = replace(OPEN, state="closing", closing=CLOSING, entries=1304)
DRAWN = replace(LOCKED, state="drawn", winners=WINNERS, reel=REEL, settled_at_ms=NOW + 60_000)
COUPON = AirDrop("c1", "coupon", "满 ¥99 减 ¥20", "open", NOW, NOW + 60_000, "领券", left=137, stock=200)

MOMENTS = {
    "open": (OPEN, 18_500),
    "open_beacon": (replace(OPEN, has_beacon=True, weights=()), 18_500),
    "last": (OPEN, 53_500),
    "closing": (LOCKED, 61_000),
    "reel": (DRAWN, 60_000 + 2 * 3200 + 1400),
    "stopped": (DRAWN, 60_000 + 3 * 3200 + 400),
    "winners": (DRAWN, 60_000 + 3 * 3200 + 2000),
    "many_winners": (replace(DRAWN, winners=WINNERS * 4, has_beacon=True), 60_000 + 3 * 3200 + 2000),
    "nobody_won": (replace(DRAWN, winners=(), entries=0), 62_000),
    "cancelled": (replace(OPEN, state="cancelled", settled_at_ms=NOW + 30_000), 31_000),
    "expired": (replace(LOCKED, state="expired", settled_at_ms=NOW + 61_000), 62_000),
    "coupon": (COUPON, 18_500),
    "coupon_last": (COUPON, 55_500),
    "coupon_gone": (replace(COUPON, left=0), 18_500),
    "coupon_over": (replace(COUPON, state="closed", settled_at_ms=NOW + 60_000), 61_000),
    "coupon_cancelled": (replace(COUPON, state="cancelled", settled_at_ms=NOW + 60_000), 61_000),
}
TICKERS = {
    "points": AirTicker("points", "小＊", Tier.MIDDLE, False, 1240, 0, NOW, NOW + 3000),
    "checkin": AirTicker("checkin", "V＊", Tier.SENIOR, True, 12_405, 7, NOW, NOW + 3000, waiting=3),
}
BOARDS = {
    "greeting": (GREETED, 1000),
    "settled": (BOARD, 0),
    "nobody": (NOBODY, 0),
    "many": (replace(GREETED, greeting=Greeting(FANS[2], NOW, others=6)), 1000),
}


@cache
def overlays(width: int = 1920, height: int = 1080) -> AirOverlays:
    """One renderer a canvas: fonts and caches warm."""
    return AirOverlays(VideoSettings(width=width, height=height))


def ground(kind: str, width: int = 1920, height: int = 1080) -> VideoFrame:
    """A frame of one's own: white, black, grey, or noise in every sample."""
    return copied(_ground(kind, width, height))


@lru_cache(maxsize=8)
def _ground(kind: str, width: int, height: int) -> VideoFrame:
    frame = VideoFrame.empty(width, height)
    if kind == "noise":
        frame.planes[:] = np.random.default_rng(5).integers(16, 236, frame.planes.shape, np.uint8)
    else:
        frame.y[:] = {"white": 235, "black": 16, "grey": 126}[kind]
        frame.u[:] = frame.v[:] = 128
    return frame


def copied(frame: VideoFrame) -> VideoFrame:
    """A frame of one's own."""
    return VideoFrame(frame.planes.copy(), frame.time_ns, frame.seq)


def drawn(air: AirView, now_ms: int, kind: str = "grey", size: tuple[int, int] = (1920, 1080)) -> tuple[VideoFrame, Layers]:
    """The blended frame, and its layers."""
    tool, frame = overlays(*size), ground(kind, *size)
    layers = tool.draw(air, now_ms)
    tool.blend(frame, layers)
    return frame, layers


def colours(frame: VideoFrame) -> np.ndarray:
    """The frame as BGR."""
    picture = np.empty((frame.height, frame.width, 4), np.uint8)
    ConvertTools().shrink_bgrx(frame, picture)
    return picture[:, :, :3]


def box_of(layers: Layers) -> tuple[int, int, int, int]:
    """Left, top, right, bottom around all layers."""
    return (
        min(layer.x for layer in layers.items),
        min(layer.y for layer in layers.items),
        max(layer.x + layer.alpha.shape[1] for layer in layers.items),
        max(layer.y + layer.alpha.shape[0] for layer in layers.items),
    )
