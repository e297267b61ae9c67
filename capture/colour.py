"""Full-range BGR as cameras and screens give it to I420 in BT.709 limited range, once, at the edge.

OpenCV's own conversions to YUV are BT.601 and not used here; this is the one kernel.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from capture.scale import Crop, cover
from studio.model.frames import Plane, VideoFrame

_KR, _KB = 0.2126, 0.0722
"""ITU-R BT.709-6, item 3.2."""

_SHIFT = 16
"""Binary digits after the point; with chroma summed over four pixels the products stay below 2^31."""


def _fixed(value: float) -> np.int32:
    return np.int32(round(value * (1 << _SHIFT)))


_LUMA, _CHROMA = 219 / 255, 224 / 255
_YR, _YG, _YB = _fixed(_KR * _LUMA), _fixed((1 - _KR - _KB) * _LUMA), _fixed(_KB * _LUMA)
_UR, _UG = _fixed(-_KR / (2 - 2 * _KB) * _CHROMA), _fixed(-(1 - _KR - _KB) / (2 - 2 * _KB) * _CHROMA)
_VG, _VB = _fixed(-(1 - _KR - _KB) / (2 - 2 * _KR) * _CHROMA), _fixed(-_KB / (2 - 2 * _KR) * _CHROMA)
_UB, _VR = -(_UR + _UG), -(_VG + _VB)  # so that grey has no colour at all
_Y0 = np.int32((16 << _SHIFT) + (1 << (_SHIFT - 1)))
_C0 = np.int32((128 << (_SHIFT + 2)) + (1 << (_SHIFT + 1)))
_S0, _S2 = np.int32(_SHIFT), np.int32(_SHIFT + 2)
_8, _16, _BYTE, _PAIR = np.uint32(8), np.uint32(16), np.uint32(0xFF), np.uint32(0xFF00FF)


@njit(nogil=True, cache=True, error_model="numpy")
def _bgrx_to_i420(pixels, y, u, v):  # noqa: ANN001, ANN202 - numba infers them
    """One 32-bit word a pixel: 1.6 ms at 1080p, where byte by byte takes 5.5 (measured; three-byte steps don't vectorise)."""
    height, width = y.shape
    for row in range(0, height, 2):
        for line in range(row, row + 2):
            for column in range(width):
                pixel = pixels[line, column]
                blue, green, red = np.int32(pixel & _BYTE), np.int32((pixel >> _8) & _BYTE), np.int32((pixel >> _16) & _BYTE)
                y[line, column] = np.uint8((_YR * red + _YG * green + _YB * blue + _Y0) >> _S0)
        for half in range(width // 2):
            one, two = pixels[row, 2 * half], pixels[row, 2 * half + 1]
            three, four = pixels[row + 1, 2 * half], pixels[row + 1, 2 * half + 1]
            sums = (one & _PAIR) + (two & _PAIR) + (three & _PAIR) + (four & _PAIR)
            green = np.int32(((one >> _8) & _BYTE) + ((two >> _8) & _BYTE) + ((three >> _8) & _BYTE) + ((four >> _8) & _BYTE))
            blue, red = np.int32(sums & np.uint32(0xFFFF)), np.int32(sums >> _16)
            u[row >> 1, half] = np.uint8((_UR * red + _UG * green + _UB * blue + _C0) >> _S2)
            v[row >> 1, half] = np.uint8((_VR * red + _VG * green + _VB * blue + _C0) >> _S2)


class EdgeConverter:
    """Full-range BGR or BGRA of any size onto the canvas. Owns two buffers; one thread."""

    def __init__(self, width: int, height: int) -> None:
        self._canvas = (width, height)
        self._bgrx = np.empty((height, width, 4), np.uint8)

    def warm(self) -> None:
        """Compile the kernel now (up to a second, 0.2 s from its cache), not at the first frame."""
        self.convert(np.zeros((2, 2, 4), np.uint8), 0, 0)

    def convert(self, picture: NDArray[np.uint8], time_ns: int, seq: int) -> VideoFrame:
        """`picture` (h, w, 3 or 4) uint8, B G R, full range, covering the canvas: I420, BT.709, limited range.

        Chroma is the mean of four pixels. `picture` is only read.
        """
        crop = cover((picture.shape[1], picture.shape[0]), self._canvas)
        frame = VideoFrame.empty(*self._canvas, time_ns, seq)
        _bgrx_to_i420(self._fitted(picture, crop).view(np.uint32)[..., 0], frame.y, frame.u, frame.v)
        return frame

    def _fitted(self, picture: NDArray[np.uint8], crop: Crop) -> Plane:
        part = picture[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
        if (crop.width, crop.height) != self._canvas:
            part = self._resized(part)
        if part.shape[2] == 4 and part.flags.c_contiguous:
            return part
        if part.shape[2] == 4:
            self._bgrx[:] = part
        else:
            cv2.cvtColor(part, cv2.COLOR_BGR2BGRA, dst=self._bgrx)
        return self._bgrx

    def _resized(self, part: NDArray[np.uint8]) -> Plane:
        """Averaged by a whole number first, then bent into place: 1 to 4 ms at 1080p, where averaging by 1.5 takes 20."""
        factor = min(part.shape[1] // self._canvas[0], part.shape[0] // self._canvas[1])
        if factor > 1:
            height, width = part.shape[0] // factor, part.shape[1] // factor
            whole = part[: height * factor, : width * factor]
            part = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        return np.asarray(cv2.resize(part, self._canvas, interpolation=cv2.INTER_LINEAR), np.uint8)
