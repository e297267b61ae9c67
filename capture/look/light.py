"""BT.709's camera curve and its inverse: between what is shown and light.

Pure arithmetic on arrays.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def to_linear(values: Values) -> Values:
    """The inverse of BT.709's camera curve (ITU-R BT.709-6, item 1.2), odd about zero."""
    size = np.abs(values)
    return np.sign(values) * np.where(size < 0.081, size / 4.5, ((size + 0.099) / 1.099) ** (1 / 0.45))


def from_linear(values: Values) -> Values:
    """BT.709's camera curve, odd about zero."""
    size = np.abs(values)
    return np.sign(values) * np.where(size < 0.018, size * 4.5, 1.099 * size**0.45 - 0.099)
