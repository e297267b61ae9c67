"""Finds faces in a small picture of the whole frame (MediaPipe's full-range detector, sparse weights).

It refuses to follow them: that is the mesh's work, many times cheaper for what it tells.
"""

from dataclasses import dataclass
from math import atan2

import numpy as np
from numpy.typing import NDArray

from capture.look.weights import Network, Tensor

SIDE = 192
"""The network's picture, square; the frame is fitted into its middle."""
_GRID = 48
"""One anchor of fixed size in the middle of each of 48 × 48 cells (face_detection_full_range.pbtxt: stride 4, one layer)."""
_LEAST_SCORE = 0.6
"""As in MediaPipe's graph; .5 lets patterned cloth through."""
_MOST_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """A face's box (centre and size) and the direction of its eyes, in pixels of the 192 picture and radians."""

    x: float
    y: float
    width: float
    height: float
    angle: float
    score: float


class Detector:
    """Runs on one thread."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def find(self, picture: Tensor, limit: int) -> list[Detection]:
        """The best `limit` faces, the largest first. `picture` (1, 192, 192, 3) float32 RGB in -1..1."""
        boxes, logits = sorted((output[0] for output in self._network.run(picture)), key=lambda output: -output.shape[1])
        scores = 1 / (1 + np.exp(-logits[:, 0].clip(-50, 50)))
        order = np.argsort(-scores)[:100]
        found: list[Detection] = []
        for index in order[scores[order] >= _LEAST_SCORE]:
            detection = _decode(boxes[index], int(index), float(scores[index]))
            if all(_overlap(detection, other) < _MOST_OVERLAP for other in found):
                found.append(detection)
            if len(found) == limit:
                break
        return sorted(found, key=lambda one: -one.width * one.height)


def _decode(box: NDArray[np.float32], index: int, score: float) -> Detection:
    """Offsets in pixels from the anchor: centre, size, then six points of which the first two are the eyes."""
    anchor_x = (index % _GRID + 0.5) / _GRID * SIDE
    anchor_y = (index // _GRID + 0.5) / _GRID * SIDE
    angle = atan2(float(box[7] - box[5]), float(box[6] - box[4]))
    return Detection(anchor_x + float(box[0]), anchor_y + float(box[1]), float(box[2]), float(box[3]), angle, score)


def _overlap(one: Detection, other: Detection) -> float:
    """Intersection over union of the boxes."""
    width = min(one.x + one.width / 2, other.x + other.width / 2) - max(one.x - one.width / 2, other.x - other.width / 2)
    height = min(one.y + one.height / 2, other.y + other.height / 2) - max(one.y - one.height / 2, other.y - other.height / 2)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one.width * one.height + other.width * other.height - common)
