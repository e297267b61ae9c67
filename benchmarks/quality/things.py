"""The goods that are held before a face: drawn in the shades of cosmetics, and photographed; each with where its body is.

It refuses a photograph whose checksum isn't the known one.
"""

import hashlib
import json
from functools import cache

import cv2
import numpy as np

from benchmarks.quality.portraits import ROOT, Mask, Rgb

FOLDER = ROOT / "tests" / "pictures" / "goods"
_PHOTOGRAPHS = json.loads((FOLDER / "goods.json").read_text(encoding="utf-8"))
DRAWN = {
    "red lipstick": ((176, 24, 48), 0.16, 0.42),
    "nude lipstick": ((199, 152, 132), 0.16, 0.42),
    "beige bottle": ((222, 200, 170), 0.30, 0.50),
    "blue jar": ((40, 90, 170), 0.34, 0.30),
    "white tube": ((236, 236, 232), 0.20, 0.48),
}
"""Colour, width and height in face widths."""
NAMES = (*DRAWN, *_PHOTOGRAPHS)


def held(rgb: Rgb, thing: str, middle: tuple[float, float], face_width: float) -> tuple[Rgb, Mask]:
    """A picture with a thing before it at `middle`, and where the thing's body is, 2 pixels inside its outline."""
    patch, share, body = _drawn(thing, face_width) if thing in DRAWN else _photographed(thing, face_width)
    top, left = round(middle[1]) - patch.shape[0] // 2, round(middle[0]) - patch.shape[1] // 2
    rows, columns = slice(max(top, 0), max(top + patch.shape[0], 0)), slice(max(left, 0), max(left + patch.shape[1], 0))
    result, where = rgb.astype(np.float32), np.zeros(rgb.shape[:2], bool)
    part = result[rows, columns]
    cut = (slice(rows.start - top, rows.start - top + part.shape[0]), slice(columns.start - left, columns.start - left + part.shape[1]))
    part += share[cut][..., None] * (patch[cut] - part)
    where[rows, columns] = body[cut]
    return np.rint(result.clip(0, 255)).astype(np.uint8), where


def _drawn(thing: str, face_width: float) -> tuple[np.ndarray, np.ndarray, Mask]:
    """A round body with shading, a dark cap and a label line."""
    shade, wide, high = DRAWN[thing]
    half_x, half_y = round(wide * face_width / 2), round(high * face_width / 2)
    across = np.linspace(-1, 1, 2 * half_x + 1, dtype=np.float32)
    light = (1.05 - 0.30 * across**2 - 0.10 * across)[None, :, None]
    body = np.broadcast_to(np.array(shade, np.float32) * light, (2 * half_y + 1, 2 * half_x + 1, 3)).copy()
    body[: half_y // 2] *= 0.35
    body[half_y : half_y + 3] *= 0.7
    where = np.zeros(body.shape[:2], bool)
    where[half_y // 2 + 2 : -2, 2:-2] = True
    around = ((2, 2), (2, 2))
    share = cv2.GaussianBlur(np.pad(np.ones(body.shape[:2], np.float32), around), (0, 0), 0.5)
    return cv2.GaussianBlur(np.pad(body, (*around, (0, 0)), mode="edge"), (0, 0), 0.5), share, np.pad(where, around)


def _photographed(thing: str, face_width: float) -> tuple[np.ndarray, np.ndarray, Mask]:
    entry = _PHOTOGRAPHS[thing]
    picture, outline = _photograph(entry["file"], entry["sha256"]), np.array(entry["outline"], np.float32)
    low, high = outline.min(axis=0).astype(int), outline.max(axis=0).astype(int) + 1
    part = picture[low[1] : high[1], low[0] : high[0]]
    scale = entry["wide"] * face_width / part.shape[1]
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    inside = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillPoly(inside, [np.rint((outline - low) * scale).astype(np.int32)], 1)
    shrunk = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC).astype(np.float32)
    share = cv2.GaussianBlur(cv2.erode(inside, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 0.6)
    return shrunk, share, cv2.erode(inside, np.ones((7, 7), np.uint8)).astype(bool)


@cache
def _photograph(file: str, checksum: str) -> Rgb:
    """RGB. Raises ValueError for a picture that isn't the known one."""
    if not file:
        from skimage import data

        return data.coffee()
    content = (FOLDER / file).read_bytes()
    if hashlib.sha256(content).hexdigest() != checksum:
        raise ValueError(f"{file} is not the picture whose outline was drawn")
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
