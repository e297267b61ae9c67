"""What travels between the program's thread and the face finder: small pictures down, faces up.

Plain values; nothing here looks at a pixel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capture.look.one_euro import Points
from studio.model.frames import Plane


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A turned square: centre and side in pixels of the frame, `angle` in radians, clockwise on the picture."""

    x: float
    y: float
    side: float
    angle: float


@dataclass(frozen=True, slots=True)
class Skin:
    """One person's skin: mean chroma (U, V) at the median of Y, and its spread (inverse covariance uu, uv, vv).

    `u_slope` and `v_slope` are how chroma goes with light, levels a level of Y: a shadow takes colour with the light, and so does a glint.
    `top` is the Y that hardly any of it is above.
    """

    u: float
    v: float
    uu: float
    uv: float
    vv: float
    luma: float
    u_slope: float = 0.0
    v_slope: float = 0.0
    top: float = 235.0


@dataclass(frozen=True, slots=True)
class Cover:
    """Something before a face: the landmarks it hides, its few colours, and that of the skin behind it.

    Colours are Y, and U and V less what the person's skin has at that light.
    """

    hidden: tuple[int, ...]
    thing: tuple[tuple[float, ...], ...]
    skin: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """One face at `time_ns`: 478 landmarks (pixels of the frame), their common speed in pixels a second, and the skin.

    `certainty` 0..1 is how sure the mesh is that a face is there: less in profile and behind a hand.
    """

    id: int
    points: Points
    speed: tuple[float, float]
    width: float
    skin: Skin
    time_ns: int = 0
    certainty: float = 1.0
    cover: Cover | None = None


_FARTHEST = 1e5
"""Pixels, and pixels a second: 25 times a 4K picture. What is beyond it is no face, and would overflow in sums of squares."""


def is_sound(face: Face) -> bool:
    """Whether its numbers are such as a face can have, wherever it is; a network's may be anything."""
    numbers = (*face.speed, face.width)
    # A NaN compares as False, so it isn't within anything.
    return bool((np.abs(face.points) < _FARTHEST).all()) and all(abs(number) < _FARTHEST for number in numbers)


@dataclass(frozen=True, slots=True)
class Faces:
    """The newest faces (fulfils `FaceTrack`)."""

    items: tuple[Face, ...] = ()
    time_ns: int = 0
    person: NDArray[np.float32] | None = None
    """Where the person is, over the whole source (see `person`); None where nobody asks for it."""

    @property
    def count(self) -> int:
        """How many faces."""
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Patch:
    """A face cut out along its rectangle: Y, U, V, each (256, 256) uint8, and where it came from."""

    face_id: int
    rectangle: Rectangle
    y: Plane
    u: Plane
    v: Plane


@dataclass(frozen=True, slots=True)
class Sample:
    """What the tracker gets of a frame (fulfils `FaceSample`): patches of the known faces and, when wanted, the whole frame small.

    `overview` is (3, h, w) uint8, Y U V, and `scale` its pixels for one of the frame.
    """

    time_ns: int
    width: int
    height: int
    patches: tuple[Patch, ...] = ()
    overview: NDArray[np.uint8] | None = None
    scale: float = 1.0
    person: NDArray[np.uint8] | None = None
    """The whole frame for the person's mask (`person.small_picture`), when wanted."""
    has_faces: bool = True
    """Whether the tracker has something to do with it."""
