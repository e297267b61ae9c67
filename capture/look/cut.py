"""A face cut out of a frame, small enough to be looked at in numpy.

It refuses to decide anything: it says what is seen where.
"""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look import mask, mesh
from capture.look.faces import Patch, Rectangle
from capture.look.one_euro import Points


class Cut:
    """A patch and the face in it at a quarter of the size, float32: a few thousand pixels that differ by more than noise."""

    def __init__(self, patch: Patch, points: Points) -> None:
        side = (mesh.SIDE // 4, mesh.SIDE // 4)
        self.planes = tuple(
            cv2.resize(plane, side, interpolation=cv2.INTER_AREA).astype(np.float32) for plane in (patch.y, patch.u, patch.v)
        )
        self._rectangle, self._points = patch.rectangle, points

    def at(self, points: Points) -> Points:
        """Pixels of the frame to pixels of the planes."""
        return ((to_patch(points, self._rectangle) + 0.5) / 4 - 0.5).astype(np.float32)

    @cached_property
    def open_skin(self) -> NDArray[np.float32]:
        """The oval less eyes, brows and lips; drawn for those who ask."""
        whole = to_patch(self._points, self._rectangle)
        width = float(np.hypot(*(whole[454] - whole[234])))
        return mask.shape_mask(whole, width, mask.Region(0, 0, mesh.SIDE, mesh.SIDE))


def to_patch(points: Points, rectangle: Rectangle) -> Points:
    """Pixels of the frame to pixels of the patch, the inverse of `mesh.to_frame`."""
    cosine, sine = np.cos(rectangle.angle), np.sin(rectangle.angle)
    away = (points - np.array([rectangle.x, rectangle.y], np.float32)) / np.float32(rectangle.side)
    return ((away @ np.array([[cosine, -sine], [sine, cosine]], np.float32) + np.float32(0.5)) * mesh.SIDE).astype(np.float32)
