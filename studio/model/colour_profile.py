"""A colour profile: what a chart told about one camera under one light, as a value and as JSON.

Pure: measuring is `capture.look`'s part, keeping the files `studio.app`'s.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from studio.model.camera import CameraValues, values_of

FORMAT = "encore-colour-1"
PATCHES = (
    "dark_skin",
    "light_skin",
    "blue_sky",
    "foliage",
    "blue_flower",
    "bluish_green",
    "orange",
    "purplish_blue",
    "moderate_red",
    "purple",
    "yellow_green",
    "orange_yellow",
    "blue",
    "green",
    "red",
    "yellow",
    "magenta",
    "cyan",
    "white",
    "neutral_8",
    "neutral_65",
    "neutral_5",
    "neutral_35",
    "black",
)
"""The chart's patches by rows, from its brown corner."""
SCENE_SIZE = (16, 9)
"""The small picture (width, height) by which a change of light is told later."""
_LARGEST = 8.0
"""Of a matrix' numbers: a camera that needs more shows nothing but noise."""

Rgb8 = tuple[int, int, int]
Matrix = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PatchReading:
    """One patch: ΔE2000 to what it should be before and after, and the three colours (sRGB, 0..255) to show it."""

    name: str
    before: float
    after: float
    seen: Rgb8
    corrected: Rgb8
    wanted: Rgb8


@dataclass(frozen=True, slots=True)
class ChartReading:
    """A chart that was found: its corners as shares of the picture, its patches, the matrix, and the scene's small picture."""

    corners: tuple[tuple[float, float], ...]
    patches: tuple[PatchReading, ...]
    matrix: Matrix
    scene: tuple[Rgb8, ...]

    @property
    def mean_before(self) -> float:
        """Of all patches."""
        return sum(patch.before for patch in self.patches) / len(self.patches)

    @property
    def mean_after(self) -> float:
        """Of all patches."""
        return sum(patch.after for patch in self.patches) / len(self.patches)

    @property
    def max_after(self) -> float:
        """The worst patch."""
        return max(patch.after for patch in self.patches)


@dataclass(frozen=True, slots=True)
class ColourProfile:
    """What is kept of a reading; `matrix` (3 × 3, by rows) takes the camera's linear R, G, B to true ones.

    `values` are where the camera's automatics stood, and are held there while the profile is used. Profiles of before have neither
    these nor `patches`.
    """

    camera: str
    light: str
    made_at: str
    matrix: Matrix
    mean_before: float
    mean_after: float
    max_after: float
    scene: tuple[Rgb8, ...]
    values: CameraValues = field(default_factory=CameraValues)
    patches: tuple[PatchReading, ...] = ()


def profile_of(reading: ChartReading, values: CameraValues, camera: str, light: str, made_at: str) -> ColourProfile:
    """What is kept of a reading."""
    figures = (reading.mean_before, reading.mean_after, reading.max_after)
    return ColourProfile(camera, light, made_at, reading.matrix, *figures, reading.scene, values, reading.patches)


def to_document(profile: ColourProfile) -> dict[str, Any]:
    """As JSON."""
    return {"format": FORMAT, **asdict(profile)}


def from_document(document: Any) -> ColourProfile:
    """A profile of its JSON. Raises ValueError, TypeError or KeyError for anything else."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ValueError("not a colour profile")
    matrix = tuple(float(value) for value in document["matrix"])
    figures = [float(document[name]) for name in ("mean_before", "mean_after", "max_after")]
    if len(matrix) != 9 or not all(isfinite(value) and abs(value) <= _LARGEST for value in matrix) or not all(map(isfinite, figures)):
        raise ValueError("the matrix needs nine finite numbers")
    scene = tuple(_rgb8(colour) for colour in document["scene"])
    if len(scene) != SCENE_SIZE[0] * SCENE_SIZE[1]:
        raise ValueError("the scene's small picture is broken")
    patches = tuple(map(_patch, document.get("patches") or ()))
    texts = [str(document[name])[:200] for name in ("camera", "light", "made_at")]
    values = values_of(document.get("values"))
    return ColourProfile(texts[0], texts[1], texts[2], matrix, figures[0], figures[1], figures[2], scene, values, patches)


def _patch(document: Any) -> PatchReading:
    before, after = float(document["before"]), float(document["after"])
    if document["name"] not in PATCHES or not (isfinite(before) and isfinite(after)):
        raise ValueError("a patch is broken")
    return PatchReading(str(document["name"]), before, after, *(_rgb8(document[part]) for part in ("seen", "corrected", "wanted")))


def _rgb8(colour: Any) -> Rgb8:
    red, green, blue = (int(level) for level in colour)
    if not all(0 <= level <= 255 for level in (red, green, blue)):
        raise ValueError("a colour has levels from 0 to 255")
    return red, green, blue
