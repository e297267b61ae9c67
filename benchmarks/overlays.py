"""What the overlays cost on one thread, in milliseconds and against the copy of one I420 frame of the same run.

    python benchmarks/overlays.py

Every figure is processor time: the least of 5 medians, so that what else the machine does counts little.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.results import Figure, at_most, publish
from overlays import AirOverlays, ConvertTools, warm_up
from studio.model.frames import VideoFrame
from studio.model.scene import AirBoard, AirDrop, AirFact, AirFan, AirTicker, AirView, AirWinner, Greeting, Tier
from studio.model.settings import VideoSettings
from studio.model.text import clean_name

NOW = 1_800_000_000_000
QUIET_COPY_MS = 0.21
"""The copy on the machine for which the limits were written: they are kept as multiples of it, machines differ."""
LIMITS_MS = {
    "board, drawn once": 15,
    "drop card, drawn once": 15,
    "countdown, one tick": 2,
    "ticker, drawn once": 3,
    "blend of the ticker": 0.2,
    "blend of board and drop card": 1.2,
    "preview 960 wide": 1.5,
    "a name of 1,000 emoji": 5,
}


def views() -> tuple[AirBoard, AirDrop, AirDrop]:
    names = ("小鹿", "阿泽", "爱吃桃子的小圆脸姑娘", "Vivian 陈", "大橘🍊", "茉莉清茶")
    fans = tuple(
        AirFan(str(i), name, Tier(i % 4 + 1), is_devoted=i % 2 == 0, fact=AirFact("visits", 8 + i)) for i, name in enumerate(names)
    )
    board = AirBoard(1, 12, fans, Greeting(fans[0], NOW))
    drop = AirDrop(
        "d", "lottery", "豆沙色口红 · 3 支", "open", NOW, NOW + 3_600_000, "想要", 1286, weights=((Tier.SENIOR, 3),), opening="e3" * 32
    )
    won = tuple(AirWinner(fan.name, fan.tier, fan.is_devoted, "口红") for fan in fans)
    return board, drop, replace(drop, state="drawn", closing="62" * 32, winners=won[:3], reel=won, settled_at_ms=NOW)


def least_ms(work: Callable[[int], object], runs: int = 40) -> float:
    """The least of 5 medians; each call gets a number that no other has."""
    medians = []
    numbers = count()
    for _ in range(5):
        times = []
        for _ in range(runs // 5):
            number, start = next(numbers), time.thread_time_ns()
            work(number)
            times.append(time.thread_time_ns() - start)
        medians.append(statistics.median(times))
    return min(medians) / 1e6


def measure(width: int, height: int) -> dict[str, float]:
    board, drop, drawn = views()
    tool, tools = AirOverlays(VideoSettings(width=width, height=height)), ConvertTools()
    ring = [VideoFrame(np.random.default_rng(i).integers(16, 236, (height * 3 // 2, width), np.uint8), 0, i) for i in range(12)]
    other, small = VideoFrame.empty(width, height), np.empty((height // 2, width // 2, 4), np.uint8)
    both = tool.draw(AirView(board=board, drop=drop), NOW + 1000)
    tools.shrink_bgrx(ring[0], small)
    ticker = AirTicker("points", "小＊", Tier.MIDDLE, False, 1240, 0, NOW, NOW + 3000)
    answer = tool.draw(AirView(ticker=ticker), NOW + 1000)
    works: dict[str, tuple[Callable[[int], object], int]] = {
        "copy of one frame": (lambda n: np.copyto(other.planes, ring[n % 12].planes), 100),
        "board, drawn once": (lambda n: tool.draw(AirView(board=replace(board, present=n)), NOW + 1000), 40),
        "board, one step of an arrival": (lambda n: tool.draw(AirView(board=board), NOW + n % 180), 40),
        "drop card, drawn once": (lambda n: tool.draw(AirView(drop=replace(drop, title=str(n))), NOW + 1000), 40),
        "countdown, one tick": (lambda n: tool.draw(AirView(drop=drop), NOW + 1000 * (n + 1)), 60),
        "entries, one more": (lambda n: tool.draw(AirView(drop=replace(drop, entries=n)), NOW + 1000), 60),
        "reel, one frame": (lambda n: tool.draw(AirView(drop=drawn), NOW + 200 + 33 * n), 60),
        "ticker, drawn once": (lambda n: tool.draw(AirView(ticker=replace(ticker, points=n)), NOW + 1000), 60),
        "blend of the ticker": (lambda n: tool.blend(ring[n % 12], answer), 100),
        "nothing changed": (lambda _n: tool.draw(AirView(board=board, drop=drop), NOW + 1000), 100),
        "blend of board and drop card": (lambda n: tool.blend(ring[n % 12], both), 100),
        "preview 960 wide": (lambda n: tools.shrink_bgrx(ring[n % 12], small), 60),
        "JPEG 640 wide": (lambda n: tools.jpeg(ring[n % 12], 640), 20),
        "a name of 1,000 emoji": (lambda n: tool.draw(AirView(board=replace(board, greeting=None, rows=(replace(board.rows[0], name=f"{n}" + "😀🍊🎉🥰" * 250),))), NOW), 20),
        "cleaning a name of 10 kB": (lambda n: clean_name(f"{n}" + "é中" * 2000), 60),
    }  # fmt: skip
    return {name: least_ms(work, runs) for name, (work, runs) in works.items()}


def main() -> int:
    ready_ms = -time.perf_counter_ns() / 1e6
    AirOverlays(VideoSettings())
    ready_ms += time.perf_counter_ns() / 1e6
    warm_up().join()
    figures = [Figure("fonts and application ready", round(ready_ms, 1), "ms")]
    for width, height in ((1920, 1080), (1080, 1920)):
        found = measure(width, height)
        copy_ms = found.pop("copy of one frame")
        figures.append(Figure(f"{width}x{height}: copy of one frame", round(copy_ms, 3), "ms"))
        for name, cost in found.items():
            label, ratio = f"{width}x{height}: {name} ({cost:.3f} ms)", cost / copy_ms
            limit = LIMITS_MS.get(name)
            figures.append(at_most(label, ratio, limit / QUIET_COPY_MS, "x copy") if limit else Figure(label, round(ratio, 2), "x copy"))
    return 0 if publish("overlays", figures) else 1


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    raise SystemExit(main())
