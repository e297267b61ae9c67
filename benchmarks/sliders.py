"""A hand on every slider during a show: does a drag ever stall a frame?

    python -m benchmarks.sliders [--steps 15] [--short-side 1080]

A running show of 30 pictures a second with the sample presenter, sent to nginx. First nobody touches anything, then every number of the look,
each curve, a .cube's strength and the background are drawn there and back as a window draws them, 15 changes a second.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.results import Figure, at_most, exactly, publish
from tests.e2e.drag import STEP_S, Lost, drag, rest, strokes
from tests.e2e.pull import PullingWhenLive
from tests.e2e.show import ROOT, Engine, engine
from tests.servers import nginx

LOOK = {"smooth": 0.5, "whiten": 0.3, "rosy": 0.1, "contrast": 0.05, "temperature": 0.05}


def measured(folder: Path, width: int, height: int, steps: int) -> tuple[Lost, Lost, dict]:
    """(nobody's hand, a hand, the report)."""
    with nginx() as server, PullingWhenLive(server.url("bench"), folder / "pulled.flv"):
        tables = {
            "video": {"width": width, "height": height, "fps": 30, "source": f"file:{ROOT / 'resources' / 'sample' / 'presenter.mp4'}"},
            "look": LOOK,
            "output": [{"name": "main", "server": server.server, "key": "bench"}],
        }
        with engine(folder, tables) as running:
            running.call("POST", "/v1/live/start")
            running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > 90 and health["look"]["faces"] == "on")
            return _with_and_without(running, steps)


def _with_and_without(running: Engine, steps: int) -> tuple[Lost, Lost, dict]:
    drawn = strokes(steps)
    seconds = sum(len(stroke) for stroke in drawn) * STEP_S
    still = rest(running, seconds)
    hand = drag(running, drawn)
    return still, hand, running.call("GET", "/v1/health")[1]


def figures(still: Lost, hand: Lost, report: dict) -> list[Figure]:
    """What the drag may cost: nothing."""
    rows = [Figure(f"{name}, nobody's hand", getattr(still, name), "frames") for name in ("encoded", "skipped", "late", "repeated")]
    rows.append(Figure("encoded, a hand on each slider", hand.encoded, "frames"))
    rows += [exactly(f"{name}, a hand on each slider", getattr(hand, name), 0, "frames") for name in ("skipped", "late", "repeated")]
    rows += [
        Figure("changes of the look", len(hand.answers_ms), ""),
        at_most("an answer to the hand, p50", hand.answer_ms(50), 67, "ms"),
        Figure("an answer to the hand, p95", round(hand.answer_ms(95), 1), "ms"),
        Figure("stage program p95", report["stages"]["program"]["p95_ms"], "ms"),
        Figure("stage look p95", report["stages"]["look"]["p95_ms"], "ms"),
        Figure("loop gap p99", report["loop"]["gap_ms_p99"], "ms"),
    ]
    return rows


def main() -> int:
    """Command line."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--steps", type=int, default=15, help="changes in one drawing of a slider")
    arguments.add_argument("--short-side", type=int, default=1080, help="720 where 1080p30 is more than the machine can encode")
    chosen = arguments.parse_args()
    height = chosen.short_side
    with tempfile.TemporaryDirectory() as folder:
        figures_found = figures(*measured(Path(folder), height * 16 // 9, height, chosen.steps))
    return 0 if publish(f"sliders {height}p30", figures_found) else 1


if __name__ == "__main__":
    sys.exit(main())
