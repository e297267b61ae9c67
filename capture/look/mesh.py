"""478 landmarks of one face from a turned square around it (MediaPipe's face mesh with irises).

It refuses to believe itself: a presence score below the threshold means that there is no face.
"""

from math import atan2, cos, sin

import numpy as np
from numpy.typing import NDArray

from capture.look.detector import SIDE as OVERVIEW_SIDE
from capture.look.detector import Detection
from capture.look.faces import Rectangle
from capture.look.one_euro import Points
from capture.look.weights import Network, Tensor

SIDE = 256
"""The network's picture, square."""
LEAST_PRESENCE = 0.5
"""As in MediaPipe's landmarker; wrong faces score below .2."""
_MARGIN = 1.5
"""The square is half as large again as the face, in both of MediaPipe's graphs."""
_HELD = 0.015
"""Of the square's side: a margin that the network doesn't notice; four times as much costs it accuracy."""
_EYE_CORNERS = (33, 263)


class Mesh:
    """Runs on one thread."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def fit(self, picture: Tensor, rectangle: Rectangle) -> tuple[Points, float]:
        """(landmarks in pixels of the frame, presence 0..1). `picture` (1, 256, 256, 3) float32 RGB in 0..1, cut along `rectangle`."""
        outputs = self._network.run(picture)
        raw = next(output for output in outputs if output.size == 478 * 3).reshape(478, 3)
        logit = next(float(output.reshape(-1)[0]) for output in outputs if output.ndim == 4 and output.size == 1)
        points = raw[:, :2] / SIDE - 0.5
        return to_frame(points.astype(np.float32), rectangle), float(1 / (1 + np.exp(-np.clip(logit, -50, 50))))


def to_frame(points: Points, rectangle: Rectangle) -> Points:
    """Points in -0.5..0.5 of the rectangle's side to pixels of the frame."""
    turned = np.array([[cos(rectangle.angle), sin(rectangle.angle)], [-sin(rectangle.angle), cos(rectangle.angle)]], np.float32)
    return points @ turned * np.float32(rectangle.side) + np.array([rectangle.x, rectangle.y], np.float32)


def crop_matrix(rectangle: Rectangle, side: int, shrink: int) -> NDArray[np.float64]:
    """The 2 × 3 matrix from pixels of a `side`-wide cut to pixels of a plane shrunk by `shrink` (for cv2.WARP_INVERSE_MAP)."""
    step = rectangle.side / side
    across, down = cos(rectangle.angle) * step, sin(rectangle.angle) * step
    left = rectangle.x - (across - down) * (side / 2 - 0.5)
    top = rectangle.y - (down + across) * (side / 2 - 0.5)
    matrix = np.array([[across, -down, left], [down, across, top]])
    return np.column_stack((matrix[:, :2] / shrink, (matrix[:, 2] + 0.5) / shrink - 0.5))


def around(points: Points) -> Rectangle:
    """The square for the next picture, from these landmarks."""
    first, second = points[_EYE_CORNERS[0]], points[_EYE_CORNERS[1]]
    angle = atan2(float(second[1] - first[1]), float(second[0] - first[0]))
    turned = points @ np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]], np.float32)
    low, high = turned.min(axis=0), turned.max(axis=0)
    middle = (low + high) / 2
    x = float(middle[0]) * cos(angle) - float(middle[1]) * sin(angle)
    y = float(middle[0]) * sin(angle) + float(middle[1]) * cos(angle)
    return Rectangle(x, y, float(max(high - low)) * _MARGIN, angle)


def steadied(fresh: Rectangle, before: Rectangle) -> Rectangle:
    """The square of the last picture again while the face has hardly moved in it: one that follows each landmark's noise is another
    picture each time, in which the network sees other landmarks (jitter of a face in deep shadow: .49 pixels, held .14).
    """
    most = _HELD * before.side
    moved = max(abs(fresh.x - before.x), abs(fresh.y - before.y), abs(fresh.side - before.side))
    return before if moved < most and abs(fresh.angle - before.angle) < 2 * _HELD else fresh


def from_detection(detection: Detection, width: int, height: int) -> Rectangle:
    """The first square for a detected face, on a frame of this size."""
    scale = max(width, height) / OVERVIEW_SIDE
    left, top = (OVERVIEW_SIDE - width / scale) / 2, (OVERVIEW_SIDE - height / scale) / 2
    side = max(detection.width, detection.height) * scale * _MARGIN
    return Rectangle((detection.x - left) * scale, (detection.y - top) * scale, side, detection.angle)
