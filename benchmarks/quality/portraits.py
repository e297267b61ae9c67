"""The real faces that quality is measured on, with masks drawn by hand, and the same faces in the ten Monk tones.

It refuses a picture whose checksum isn't the known one: a figure on another picture is another figure.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look import beauty
from capture.look.anatomy import OVAL
from capture.look.faces import Face
from capture.look.picture import Booth, to_frame
from capture.look.presence import Shown
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "pictures" / "portraits"
SIDE = 640
"""Pixels: each crop is enlarged to this, so that a face is 250 to 330 wide, as on air."""
FRAME_NS = 33_333_333
SETTLE = 15
MONK = ((94, 2, 6), (92, 2, 7), (93, 1, 14), (87, 3, 18), (77, 9, 24), (55, 14, 27), (43, 14, 23), (30, 11, 14), (21, 5, 9), (14, 2, 5))
"""L*, a*, b* of the ten tones of the Monk Skin Tone Scale, rounded."""
_PACKAGED = {"astronaut": (130, 20, 190), "hopper": (110, 40, 310)}
"""Pictures that installed packages hold, and the part of them that is shown: left, top, side. Their masks stand in ../masks.json."""
_TABLE = json.loads((FOLDER / "portraits.json").read_text(encoding="utf-8"))["portraits"]
NAMES = (*_TABLE, *_PACKAGED)
DARK = tuple(name for name, entry in _TABLE.items() if entry["dark"])

SHADED = ("bowtie", "shirt")
"""Faces in deep shadow: made lighter they are noise."""

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A face, RGB (640, 640, 3), and its masks by what they show: skin, eyes, brows, lips, hair, neck, hand, wall."""

    name: str
    rgb: Rgb
    polygons: dict[str, list[list[list[float]]]]

    def mask(self, *kinds: str) -> Mask:
        """True inside the polygons of these kinds, (640, 640)."""
        drawn = np.zeros((SIDE, SIDE), np.uint8)
        for kind in kinds:
            for polygon in self.polygons.get(kind, []):
                cv2.fillPoly(drawn, [np.rint(polygon).astype(np.int32)], 1)
        return drawn.astype(bool)

    @property
    def frame(self) -> VideoFrame:
        """As a camera would give it."""
        return to_frame(self.rgb)


@cache
def portrait(name: str) -> Portrait:
    """One of NAMES. Raises ValueError for a picture that isn't the known one."""
    if name in _PACKAGED:
        return _packaged(name)
    entry = _TABLE[name]
    content = (FOLDER / entry["file"]).read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ValueError(f"{entry['file']} is not the picture whose masks were drawn")
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    polygons = {kind: value for kind, value in entry.items() if isinstance(value, list) and isinstance(value[0], list)}
    return Portrait(name, _enlarged(picture, tuple(entry["crop"]))[..., ::-1].copy(), polygons)


def _packaged(name: str) -> Portrait:
    from tests.capture.look.pictures import MASKS, rgb

    left, top, side = _PACKAGED[name]
    scale = SIDE / side
    polygons = {
        kind: [[[(x - left) * scale, (y - top) * scale] for x, y in polygon] for polygon in value]
        for kind, value in MASKS[name].items()
        if kind in {"skin", "wall", "hair", "features"}
    }
    return Portrait(name, _enlarged(rgb(name), _PACKAGED[name]), polygons)


def _enlarged(picture: Rgb, crop: tuple[int, ...]) -> Rgb:
    left, top, side = crop
    return np.ascontiguousarray(cv2.resize(picture[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))


class Sitter:
    """A face as tracking finds it on a picture; then any variant of the picture under any look, without tracking again."""

    def __init__(self, rgb: Rgb, settle: int = SETTLE) -> None:
        self.source = to_frame(rgb)
        booth = Booth(self.source.width, self.source.height, LookSettings(smooth=0.01))
        for number in range(settle):
            booth.show(VideoFrame(self.source.planes, number * FRAME_NS, number))
        self.faces: tuple[Face, ...] = getattr(booth.faces, "items", ())

    @staticmethod
    def frame_of(rgb: Rgb) -> VideoFrame:
        """As a camera would give it."""
        return to_frame(rgb)

    def wear(self, look: LookSettings, picture: Rgb | None = None) -> VideoFrame:
        """The picture, or another in its place, with the look fully on."""
        source = self.source if picture is None else to_frame(picture)
        shown = VideoFrame(source.planes.copy(), 0, 0)
        for face in self.faces:
            beauty.beautify(shown, Shown(face, 1.0), beauty.of(look), face.points)
        return shown


def on_air(shots: list[tuple[Rgb, int]], look: LookSettings) -> VideoFrame:
    """The last frame of pictures shown one after another, each so many times, tracked and worked on as on air."""
    first = to_frame(shots[0][0])
    booth, number, shown = Booth(first.width, first.height, look), 0, first
    for rgb, count in shots:
        source = to_frame(rgb)
        for _ in range(count):
            number += 1
            shown = booth.show(VideoFrame(source.planes, number * FRAME_NS, number))
    return shown


@cache
def sitter(name: str) -> Sitter:
    """One of NAMES."""
    return Sitter(portrait(name).rgb)


def toned(name: str, tone: tuple[int, int, int]) -> Rgb:
    """A portrait whose face, ear to ear, is recoloured in Lab so that the median of the hand-drawn skin gets a Monk tone.

    The darkest are as a camera exposes them (L* 22). Lightness is stretched from black for darker tones and from white for lighter ones.
    """
    one = portrait(name)
    lab = cv2.cvtColor(one.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    own = np.median(lab[one.mask("skin")], axis=0)
    share = np.zeros(lab.shape[:2], np.float32)
    oval = sitter(name).faces[0].points[list(OVAL)]
    cv2.fillPoly(share, [np.rint(oval.mean(axis=0) + (oval - oval.mean(axis=0)) * 1.15).astype(np.int32)], 1)
    share = cv2.GaussianBlur(share, (0, 0), 12)[..., None]
    light, moved = max(tone[0], 22), lab.copy()
    darker, lighter = lab[..., 0] * (light / own[0]), 100 - (100 - lab[..., 0]) * ((100 - light) / (100 - own[0]))
    moved[..., 0] = darker if light < own[0] else lighter
    moved[..., 1:] += np.array(tone[1:], np.float32) - own[1:]
    mixed = (lab + share * (moved - lab)).astype(np.float32)
    return np.rint(cv2.cvtColor(mixed, cv2.COLOR_LAB2RGB).clip(0, 1) * 255).astype(np.uint8)
