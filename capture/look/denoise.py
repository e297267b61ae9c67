"""Noise taken out over time where nothing moves: each pixel leans on what was shown before, as far as its surroundings stand still.

It refuses to smear: where the mean of a neighbourhood moves by more than noise does, the new frame is shown as it came.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.shrink import enlarged, halved
from studio.model.frames import Plane, VideoFrame

_MOST_SHARE = 0.85
"""Of the earlier picture at full strength: noise falls to about a quarter; more shows as a veil on slow movements."""
_CALM, _MOVING = 1.2, 4.0
"""Mean change of a neighbourhood of 8 × 8 pixels in levels: below is noise, above is movement (noise of 6 levels moves the mean by 1)."""
_LARGEST = 32
"""A pixel that changed by more than this many levels is another thing."""
_LONGEST_GAP_NS = 200_000_000


class Denoiser:
    """One source's memory; belongs to the `program` thread."""

    def __init__(self) -> None:
        self._memory: list[NDArray[np.uint16]] = []
        self._shown: VideoFrame | None = None
        self._small = np.empty((0, 0), np.uint8)
        self._time_ns = 0

    def clean(self, source: VideoFrame, strength: float) -> VideoFrame:
        """The source with less noise, a new frame that nobody may write; the same one again for the same source frame."""
        from capture.look import mix_kernels

        is_same = self._shown is not None and self._time_ns == source.time_ns and self._shown.planes.shape == source.planes.shape
        if is_same and self._shown is not None:
            return self._shown
        planes = (source.y, source.u, source.v)
        is_new = [plane.shape for plane in planes] != [memory.shape for memory in self._memory]
        if is_new or not 0 < source.time_ns - self._time_ns <= _LONGEST_GAP_NS:
            self._memory = [plane.astype(np.uint16) << 6 for plane in planes]
            self._keep(source)
            return source
        result = VideoFrame.empty(source.width, source.height, source.time_ns, source.seq)
        still = stillness(halved(source.y, 3), self._small)
        share = np.float32(_MOST_SHARE * strength)
        for plane, out, memory in zip(planes, (result.y, result.u, result.v), self._memory, strict=True):
            mix_kernels.lean(plane, memory, enlarged(still, plane), np.int32(round(float(share) * 256)), np.int32(_LARGEST), out)
        self._keep(result)
        return result

    def _keep(self, shown: VideoFrame) -> None:
        self._shown, self._time_ns, self._small = shown, shown.time_ns, halved(shown.y, 3)


def stillness(now: Plane, before: Plane) -> Plane:
    """How still each neighbourhood of two shrunk pictures is: 255 is at rest."""
    change = cv2.blur(cv2.absdiff(now, before).astype(np.float32), (3, 3))
    still = 1 - ((change - _CALM) / (_MOVING - _CALM)).clip(0, 1)
    return cv2.erode(np.rint(still * 255).astype(np.uint8), np.ones((3, 3), np.uint8))
