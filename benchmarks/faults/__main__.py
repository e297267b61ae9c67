"""Runs the table, or the rows that are named: `make faults`.

python -m benchmarks.faults [ROW …] [--times N]
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.faults.rows import ROWS
from benchmarks.results import Figure, publish


def main() -> int:
    """Command line; 1 when a bound is missed."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    arguments.add_argument("rows", nargs="*", choices=ROWS, metavar="ROW", help=" · ".join(ROWS))
    arguments.add_argument("--times", type=int, help="instead of as often as the table says")
    chosen = arguments.parse_intermixed_args()
    figures: list[Figure] = []
    for name in chosen.rows or ROWS:
        row = ROWS[name]
        if reason := row.why_not():
            print(f"{name}: left out, {reason}")
            continue
        with tempfile.TemporaryDirectory(prefix="encore-faults-") as folder:
            try:
                found = row.run(Path(folder), chosen.times or row.times, 1.0)
            except TimeoutError as error:
                found = [Figure(f"{name}: {error}", -1, "s", "", is_met=False)]
        publish(f"faults {name}", found)
        figures += found
    return 0 if publish("faults", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
