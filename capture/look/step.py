"""How much of the face's whitening a neck gets, so that the step between them looks as large as it was.

It refuses to look at pixels: mean colours in, one share out. The same levels added to both would shrink the step where skin is light and
widen it where the neck is in shade, for the eye doesn't count levels.
"""

import numpy as np
from numpy.typing import NDArray

from capture.look.delta_e import ciede2000, lab_of

Yuv = tuple[float, float, float]
"""Y, U, V on the 8-bit scale."""

_SHARES = np.linspace(0.0, 2.4, 49)
"""More would make a neck in deep shadow grey."""
_LEAN = 0.01
"""ΔE2000 that a share 1 away from the whole is worth: of two that hold the step alike, the nearer to it."""
_TO_RGB = np.array([[1 / 219, 0.0, 1.5748 / 224], [1 / 219, -0.187324 / 224, -0.468124 / 224], [1 / 219, 1.8556 / 224, 0.0]])
"""ITU-R BT.709-6, items 3 and 5, limited range."""


def share_of(face: Yuv, whitened: Yuv, neck: Yuv, change: Yuv) -> float:
    """The share of `change` on the `neck` that keeps its CIEDE2000 to the face when the face becomes `whitened`."""
    necks = np.array(neck) + np.multiply.outer(_SHARES, np.array(change))
    before = ciede2000(_lab(face), _lab(neck))
    after = ciede2000(_lab(whitened), _lab(necks))
    return float(_SHARES[np.argmin(np.abs(after - before) + _LEAN * np.abs(_SHARES - 1))])


def _lab(yuv: "Yuv | NDArray[np.float64]") -> NDArray[np.float64]:
    return lab_of(((np.asarray(yuv) - np.array([16, 128, 128])) @ _TO_RGB.T).clip(0, 1))
