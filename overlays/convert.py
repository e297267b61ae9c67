"""Between BGRA and I420 in BT.709 limited range: drawn layers in, the small preview and JPEG out.

It refuses every other colour matrix: the ready-made conversions of OpenCV and Qt are BT.601.
"""

from typing import Final

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from overlays.thumbnail import thumbnail
from studio.model.frames import Plane, VideoFrame
from studio.ports import Layer

_JPEG_QUALITY: Final = 82
"""A preview at a few pictures a second: 75 shows blocks around text, 90 doubles the bytes."""

_DIM_LIGHT: Final = 0.31
"""What is left of the light behind a slate: over white the words then keep 4.5 : 1, over most pictures 8 : 1; a quarter looks off."""
_DIM_COLOUR: Final = 0.6
_DIM_ROWS: Final = 48
"""What is behind a slate has no more detail than so many rows: a face can't be told any more, the room can."""


class ConvertTools:
    """Fulfils `PictureTools`; holds nothing, may be called from any thread."""

    def shrink_bgrx(self, frame: VideoFrame, out: NDArray[np.uint8]) -> None:
        """Shrink to `out` (h, w, 4) uint8 as BGRX, each pixel the mean of the area that it covers; written in place."""
        height, width = out.shape[:2]
        planes = [cv2.resize(plane, (width, height), interpolation=_method(plane, width, height)) for plane in (frame.y, frame.u, frame.v)]
        _to_bgrx(planes[0], planes[1], planes[2], out.view(np.uint32).reshape(height, width))

    def jpeg(self, frame: VideoFrame, width: int) -> bytes:
        """The frame as JPEG, `width` pixels wide (at least 16, never wider than the frame), its shape kept."""
        width = max(16, min(width, frame.width))
        height = max(16, round(frame.height * width / frame.width))
        picture = np.empty((height, width, 4), np.uint8)
        self.shrink_bgrx(frame, picture)
        _, data = cv2.imencode(".jpg", picture[:, :, :3], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        return data.tobytes()

    def dimmed(self, frame: VideoFrame, share: float) -> VideoFrame:
        """The frame out of focus and dark, `share` of the way; some 5 ms at 1080p, on no frame's path."""
        result = VideoFrame.empty(frame.width, frame.height, frame.time_ns, frame.seq)
        for plane, out, zero, light in (
            (frame.y, result.y, 16, _DIM_LIGHT),
            (frame.u, result.u, 128, _DIM_COLOUR),
            (frame.v, result.v, 128, _DIM_COLOUR),
        ):
            height, width = plane.shape
            small = cv2.resize(
                plane, (max(2, width * _DIM_ROWS // frame.height), max(2, height * _DIM_ROWS // frame.height)), interpolation=cv2.INTER_AREA
            )
            soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.2), (width, height), interpolation=cv2.INTER_CUBIC)
            cv2.addWeighted(plane, 1 - share, soft, share * light, share * (1 - light) * zero, dst=out)
        return result

    def thumbnail(self, data: bytes) -> bytes:
        """A picture file made anew; see `overlays.thumbnail`."""
        return thumbnail(data)


def _method(plane: Plane, width: int, height: int) -> int:
    """Area averaging where the plane shrinks, linear where it is already small enough (the chroma of a preview at half size)."""
    is_shrinking = plane.shape[1] >= width and plane.shape[0] >= height
    return cv2.INTER_AREA if is_shrinking else cv2.INTER_LINEAR


def to_layer(pixels: NDArray[np.uint8], x: int, y: int, key: object) -> Layer | None:
    """A painted rectangle as a layer at even `x`, `y`; None where nothing was painted.

    `pixels` is premultiplied BGRA, (h, w, 4) uint8 of even size. Transparent borders are cut off, at even edges, so that blending
    touches as little as it can.
    """
    coverage = pixels[:, :, 3]
    rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
    if not rows.size:
        return None
    top, left = int(rows[0]) & ~1, int(columns[0]) & ~1
    bottom, right = (int(rows[-1]) + 2) & ~1, (int(columns[-1]) + 2) & ~1
    cut = pixels[top:bottom, left:right]
    height, width = cut.shape[:2]
    luma, alpha = np.empty((2, height, width), np.uint8)
    chroma_u, chroma_v, alpha_half = np.empty((3, height // 2, width // 2), np.uint8)
    _to_planes(cut, luma, alpha, chroma_u, chroma_v, alpha_half)
    return Layer(x + left, y + top, luma, chroma_u, chroma_v, alpha, alpha_half, key)


def faded(layer: Layer, opacity: int, x: int, y: int, key: object) -> Layer:
    """The layer at another even place, fainter (opacity 0..255)."""
    if opacity >= 255:
        return Layer(x, y, layer.luma, layer.chroma_u, layer.chroma_v, layer.alpha, layer.alpha_half, key)
    table = np.array([(level * opacity + 127) // 255 for level in range(256)], np.uint8)
    planes = [table[plane] for plane in (layer.luma, layer.chroma_u, layer.chroma_v, layer.alpha, layer.alpha_half)]
    return Layer(x, y, planes[0], planes[1], planes[2], planes[3], planes[4], key)


@njit(nogil=True, cache=True)
def _to_planes(pixels, luma, alpha, chroma_u, chroma_v, alpha_half):  # noqa: ANN001, ANN202 - numba infers the types
    """BT.709 (ITU-R BT.709-6, 3.2 to 3.5) on premultiplied colour: each value is colour × coverage, offsets × coverage too.

    The factors are 219 / 255 and 224 / 255 of the matrix, times 2^16. Chroma is the mean of 2 × 2, so colours on a hard edge keep
    their share.
    """
    for row in range(0, pixels.shape[0], 2):
        for column in range(0, pixels.shape[1], 2):
            blue, green, red, cover = 0, 0, 0, 0
            for down in range(2):
                for right in range(2):
                    pixel = pixels[row + down, column + right]
                    b, g, r, a = int(pixel[0]), int(pixel[1]), int(pixel[2]), int(pixel[3])
                    blue, green, red, cover = blue + b, green + g, red + r, cover + a
                    alpha[row + down, column + right] = a
                    luma[row + down, column + right] = (11966 * r + 40254 * g + 4064 * b + 4112 * a + 32768) >> 16
            base = 32896 * cover + 131072
            chroma_u[row // 2, column // 2] = (-6596 * red - 22189 * green + 28784 * blue + base) >> 18
            chroma_v[row // 2, column // 2] = (28784 * red - 26145 * green - 2639 * blue + base) >> 18
            alpha_half[row // 2, column // 2] = (cover + 2) >> 2


@njit(nogil=True, cache=True)
def _to_bgrx(luma, chroma_u, chroma_v, out):  # noqa: ANN001, ANN202 - numba infers the types
    """BT.709 limited range to full-range BGRX, `out` (h, w) uint32 little-endian; the inverse matrix times 2^13."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            level = 9539 * (np.int32(luma[row, column]) - 16) + 4096
            u = np.int32(chroma_u[row, column]) - 128
            v = np.int32(chroma_v[row, column]) - 128
            red = min(max((level + 14686 * v) >> 13, 0), 255)
            green = min(max((level - 1747 * u - 4366 * v) >> 13, 0), 255)
            blue = min(max((level + 17305 * u) >> 13, 0), 255)
            out[row, column] = np.uint32(blue) | np.uint32(green) << np.uint32(8) | np.uint32(red) << np.uint32(16) | np.uint32(0xFF000000)
