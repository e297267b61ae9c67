"""Prints a benchmark's figures as a table and keeps them in benchmarks/results/, which git ignores."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its bound; `is_met` is None where there is no bound."""

    name: str
    value: float
    unit: str
    bound: str = ""
    is_met: bool | None = None


def at_most(name: str, value: float, bound: float, unit: str) -> Figure:
    """A figure that should not be above its bound."""
    return Figure(name, round(value, 3), unit, f"≤ {bound:g}", value <= bound)


def at_least(name: str, value: float, bound: float, unit: str) -> Figure:
    """A figure that should not be below its bound."""
    return Figure(name, round(value, 3), unit, f"≥ {bound:g}", value >= bound)


def exactly(name: str, value: float, bound: float, unit: str) -> Figure:
    """A figure that has one right value."""
    return Figure(name, value, unit, f"= {bound:g}", value == bound)


def publish(benchmark: str, figures: list[Figure]) -> bool:
    """Print and keep them; whether every bound is met."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{benchmark}.json").write_text(json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=2))
    print(f"\n{benchmark}")
    for figure in figures:
        mark = {True: "met", False: "MISSED", None: ""}[figure.is_met]
        print(f"  {figure.name:<58} {figure.value:>12g} {figure.unit:<10} {figure.bound:<10} {mark}")
    return all(figure.is_met is not False for figure in figures)
