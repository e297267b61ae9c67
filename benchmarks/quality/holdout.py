"""Whether the neck's constants know the portraits or necks: chosen on half of the faces, judged on the other half, and the other way round.

    python -m benchmarks.quality.holdout

Of each grid of values the one with the smallest steps on one half is taken; printed are its steps on both halves and those of the values in the code.
"""

import argparse
import itertools
import sys

import cv2
import numpy as np

from benchmarks.quality.faces import neck_step
from benchmarks.quality.portraits import NAMES, portrait
from benchmarks.results import Figure, at_most, publish
from capture.look import neck_tone

GRID = {
    "_MOST_TURN": (0.30, 0.45, 0.60),
    "_FACE_TONE": ((4.0, 7.0), (6.0, 10.0), (9.0, 15.0)),
    "_NECK_TONE": ((5.0, 9.0), (7.5, 13.0), (11.0, 19.0)),
    "_SMOOTH": (0.06, 0.09, 0.12),
}
"""What tells a neck from what is beside it; in the middle of each the code's own."""
Values = tuple[object, ...]


def steps(names: list[str], values: Values) -> list[float]:
    """How much the step between face and neck changes on each portrait with these values."""
    before = {name: getattr(neck_tone, name) for name in GRID}
    try:
        for name, value in zip(GRID, values, strict=True):
            setattr(neck_tone, name, value)
        return [neck_step(name) for name in names]
    finally:
        for name, value in before.items():
            setattr(neck_tone, name, value)


def main() -> int:
    cv2.setNumThreads(1)
    names = [name for name in NAMES if "neck" in portrait(name).polygons]
    table = {values: np.array(steps(names, values)) for values in itertools.product(*GRID.values())}
    own = table[tuple(getattr(neck_tone, name) for name in GRID)]
    figures = [
        Figure("portraits with a neck", len(names), ""),
        at_most("the code's values, all faces, mean", float(own.mean()), 1.0, "ΔE2000"),
    ]
    for title, fitted in (("even", np.arange(len(names)) % 2 == 0), ("odd", np.arange(len(names)) % 2 == 1)):
        best = min(table, key=lambda values: float(table[values][fitted].mean()))
        print(f"    chosen on the {title} faces:", dict(zip(GRID, best, strict=True)))
        figures += [
            Figure(f"chosen on the {title} faces, there, mean", round(float(table[best][fitted].mean()), 3), "ΔE2000"),
            at_most(f"chosen on the {title} faces, on the others, mean", float(table[best][~fitted].mean()), 1.0, "ΔE2000"),
            Figure(f"chosen on the {title} faces, on the others, worst", round(float(table[best][~fitted].max()), 3), "ΔE2000"),
        ]
    return 0 if publish("neck, held out", figures) else 1


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
