"""A picture from outside made anew: decoded, shrunk and encoded, so that nothing of the file but its pixels is kept.

What hides behind the pixels (a second file, a place where it was taken) ends here; the header is checked before.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput

MAX_SIDE: Final = 1024
"""A product card is 360 pixels wide on air, twice that in portrait; more would only fill the fan file."""
_JPEG_QUALITY: Final = 90


def thumbnail(data: bytes) -> bytes:
    """The first frame, at most 1024 pixels a side: PNG where it is partly transparent, else JPEG. Raises InvalidInput.

    Turned as its EXIF data say; 16 bits become 8.
    """
    pixels = _decoded(data, cv2.IMREAD_UNCHANGED)
    has_holes = pixels.ndim == 3 and pixels.shape[2] == 4 and bool((pixels[:, :, 3] < np.iinfo(pixels.dtype).max).any())
    if not has_holes:
        pixels = _decoded(data, cv2.IMREAD_COLOR)
    if pixels.dtype != np.uint8:
        pixels = (pixels >> 8).astype(np.uint8)
    shrink = MAX_SIDE / max(pixels.shape[:2])
    if shrink < 1:
        size = (max(1, round(pixels.shape[1] * shrink)), max(1, round(pixels.shape[0] * shrink)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    kind, options = (".png", []) if has_holes else (".jpg", [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return cv2.imencode(kind, pixels, options)[1].tobytes()


def _decoded(data: bytes, how: int) -> NDArray[np.uint8]:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    except cv2.error as error:
        raise InvalidInput("picture.broken") from error
    if pixels is None or pixels.size == 0:
        raise InvalidInput("picture.broken")
    return pixels
