"""A hand on the look's sliders, as a window sends it: every step of 67 ms one change of the profile, asked of a running engine."""

import math
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from studio.model.look import LookSettings
from tests.e2e.show import ROOT, Engine

STEP_S = 0.067
"""`ui.edits.SEND_MS`."""
SIGNED = frozenset({"exposure", "contrast", "highlights", "shadows", "saturation", "vibrance", "temperature", "tint"})
TABLE = ROOT / "resources" / "luts" / "soft-warm.cube"


@dataclass
class Lost:
    """What became of the ticks of a while, and how long the answers to the hand took."""

    encoded: int
    skipped: int
    late: int
    repeated: int
    answers_ms: list[float]

    def answer_ms(self, percent: float) -> float:
        """A percentile of the answers."""
        return sorted(self.answers_ms)[int(len(self.answers_ms) * percent / 100)] if self.answers_ms else 0.0


def sliders() -> list[str]:
    """Every number of the look."""
    return [field.name for field in fields(LookSettings) if isinstance(field.default, float)]


def strokes(steps: int, table: Path = TABLE) -> list[list[dict[str, Any]]]:
    """One list of looks for each thing that is drawn: each slider there and back to where it was, each curve, the strength of a table."""
    there_and_back = [math.sin(math.pi * step / (steps - 1)) for step in range(steps)]
    plain = LookSettings()
    made: list[list[dict[str, Any]]] = []
    for name in sliders():
        rest, span = getattr(plain, name), 2.0 if name in SIGNED else 1.0
        far = -1.0 if name in SIGNED else 0.0
        values = [far + span * part if name in SIGNED else part for part in there_and_back]
        made.append([{name: round(value, 2)} for value in values] + [{name: rest}])
    curves = ("curve", "curve_red", "curve_green", "curve_blue")
    made += [[{curve: f"0,0 0.5,{0.5 + 0.3 * part:.3f} 1,1"} for part in there_and_back] + [{curve: ""}] for curve in curves]
    made.append([{"lut": str(table), "lut_strength": round(part, 2)} for part in there_and_back] + [{"lut": "", "lut_strength": 1.0}])
    made.append(
        [{"background": "blur", "background_blur": round(part, 2)} for part in there_and_back]
        + [{"background": "none", "background_blur": 0.5}]
    )
    return made


def counted(engine: Engine) -> dict[str, int]:
    """The counters of the show so far."""
    return engine.call("GET", "/v1/health")[1]["video"]


def rest(engine: Engine, seconds: float) -> Lost:
    """The same while with no hand on anything."""
    before = counted(engine)
    time.sleep(seconds)
    return _lost(before, counted(engine), [])


def drag(engine: Engine, drawn: list[list[dict[str, Any]]]) -> Lost:
    """Draw them all, one after the other."""
    before, answers_ms = counted(engine), []
    for stroke in drawn:
        for look in stroke:
            began = time.monotonic()
            status, answer = engine.call("PATCH", "/v1/settings", {"look": look})
            took_s = time.monotonic() - began
            assert status == 200, answer
            answers_ms.append(took_s * 1000)
            time.sleep(max(0.0, STEP_S - took_s))
    return _lost(before, counted(engine), answers_ms)


def _lost(before: dict[str, int], after: dict[str, int], answers_ms: list[float]) -> Lost:
    grown = {name: after[name] - before[name] for name in ("encoded", "skipped", "late", "repeated")}
    return Lost(**grown, answers_ms=answers_ms)
