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
    """One person's skin: mean chroma (U, V), its spread (inverse covariance, a symmetric 2 × 2 as uu, uv, vv), and the median of Y."""

    u: float
    v: float
    uu: float
    uv: float
    vv: float
    luma: float


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
