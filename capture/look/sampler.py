"""Cuts the small pictures that the face finder needs out of a frame, on the program's thread.

It refuses to search: it cuts where the tracker last said the faces would be.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look import detector, mesh
from capture.look.faces import Patch, Rectangle, Sample
from studio.model.frames import VideoFrame

_LONGEST_MOVE_NS = 250_000_000
"""Further ahead a speed says nothing; a face that moves as foreseen is looked at each 200 ms."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a known face will be: its square at `time_ns`, and its speed in pixels a second.

    The square of one that `is_held` is cut where it was: another square is another picture, in which the network sees other landmarks.
    """

    face_id: int
    rectangle: Rectangle
    speed: tuple[float, float]
    time_ns: int
    is_held: bool = False
    apart: int = 2
    """Frames from one look at it to the next while it moves as foreseen, which `pace` decides."""

    def moved_on(self, time_ns: int) -> Rectangle:
        """The square where the face should be at that time."""
        ahead_s = min(max(time_ns - self.time_ns, 0), _LONGEST_MOVE_NS) / 1e9
        place, (across, down) = self.rectangle, self.speed
        return Rectangle(place.x + across * ahead_s, place.y + down * ahead_s, place.side, place.angle)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the tracker wants to see next: swapped whole by its thread, read by the program's."""

    targets: tuple[Target, ...] = ()
    """All that are followed; of each frame the first is cut out, for they take turns."""
    overview: bool = True


def cut(frame: VideoFrame, wanted: Wanted) -> Sample:
    """A patch along the first target's square, and the whole frame small where wanted; holds no view of the frame."""
    patches = tuple(_patch(frame, target) for target in wanted.targets[:1])
    overview, scale = _overview(frame) if wanted.overview else (None, 1.0)
    return Sample(frame.time_ns, frame.width, frame.height, patches, overview, scale)


def _patch(frame: VideoFrame, target: Target) -> Patch:
    rectangle = target.rectangle if target.is_held else target.moved_on(frame.time_ns)
    size = (mesh.SIDE, mesh.SIDE)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    luma = mesh.crop_matrix(rectangle, mesh.SIDE, 1)
    y = cv2.warpAffine(frame.y, luma, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=16.0)
    chroma = mesh.crop_matrix(rectangle, mesh.SIDE // 2, 2)
    half = (mesh.SIDE // 2, mesh.SIDE // 2)
    u = cv2.warpAffine(frame.u, chroma, half, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=128.0)
    v = cv2.warpAffine(frame.v, chroma, half, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=128.0)
    return Patch(target.face_id, rectangle, y, u, v)


def _overview(frame: VideoFrame) -> tuple[NDArray[np.uint8], float]:
    """The frame fitted into the middle of a square of the detector's size, (3, 192, 192) Y U V, black around it.

    Every second or third pixel is enough: what is left is averaged.
    """
    side = detector.SIDE
    scale = side / max(frame.width, frame.height)
    size = (max(round(frame.width * scale), 1), max(round(frame.height * scale), 1))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    result = np.empty((3, side, side), np.uint8)
    for plane, out, empty in zip((frame.y, frame.u, frame.v), result, (16, 128, 128), strict=True):
        step = max(plane.shape[1] // (side * 3), 1)
        out.fill(empty)
        small = cv2.resize(np.ascontiguousarray(plane[::step, ::step]), size, interpolation=cv2.INTER_AREA)
        out[top : top + size[1], left : left + size[0]] = small
    return result, scale
