"""Makes the .cube tables that are shipped: `python resources/luts/make_luts.py`.

It refuses anything but mild looks: skin keeps its hue, black and white stay where they are or move a little.
"""  # noqa: INP001 - a script beside the tables that it makes

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIZE = 17
LUMA = np.array([0.2126, 0.7152, 0.0722])
Colours = NDArray[np.float64]
"""(…, 3), R'G'B' of BT.709, 0..1."""


def _saturated(colours: Colours, factor: float) -> Colours:
    grey = (colours @ LUMA)[..., None]
    return grey + factor * (colours - grey)


def clean(colours: Colours) -> Colours:
    """A little more contrast and clearer whites: for goods on a table."""
    lifted = colours + 0.35 * colours * (1 - colours) * (colours - 0.42)
    return _saturated(lifted, 1.06)


def soft_warm(colours: Colours) -> Colours:
    """Softer contrast, shadows lifted a little, highlights warm."""
    soft = 0.02 + 0.97 * (colours - 0.25 * colours * (1 - colours) * (colours - 0.5))
    warm = soft ** np.array([0.95, 1.0, 1.07])
    return _saturated(warm, 0.97)


def cool_night(colours: Colours) -> Colours:
    """Cool shadows, neutral skin tones: for a dark set."""
    grey = (colours @ LUMA)[..., None]
    shadow = (1 - grey).clip(0, 1) ** 2
    return colours + shadow * np.array([-0.02, 0.0, 0.03])


TABLES: dict[str, Callable[[Colours], Colours]] = {"clean": clean, "soft-warm": soft_warm, "cool-night": cool_night}


def main() -> None:
    """Write each table beside this script."""
    levels = np.linspace(0, 1, SIZE)
    blue, green, red = np.meshgrid(levels, levels, levels, indexing="ij")
    colours = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    for name, look in TABLES.items():
        rows = "\n".join("{:.5f} {:.5f} {:.5f}".format(*row) for row in look(colours).clip(0, 1))
        text = f'# Encore Studio, GPL-3.0-or-later, made by make_luts.py\nTITLE "{name}"\nLUT_3D_SIZE {SIZE}\n{rows}\n'
        (Path(__file__).parent / f"{name}.cube").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
