"""What stands behind the person: blurred, a picture, or the key's colour taken out, on the planes, in place.

It refuses to touch the person: where the mask is whole no bit changes, and a product box is kept as it is.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.chroma_key import Key, key_of, keyed
from capture.look.person import Mask
from capture.look.shrink import halved, resized
from capture.look.still import is_picture, read_picture, to_frame
from studio.errors import InvalidInput
from studio.model.frames import Plane, VideoFrame
from studio.model.look import LookSettings
from studio.model.shot import Area, View, parse_area

_LEAST_BLUR, _MOST_BLUR = 0.004, 0.03
"""The blur's sigma as a share of the frame's longer side: from a wide lens at f/4 to letters that nobody can read."""
_GUIDE_EDGE = 0.02
"""The guided filter's √eps, white being 1: edges above it, as of hair before a wall, pull the mask's edge to them."""
_LOW, _HIGH = 0.25, 0.75
"""The mask's values that become nothing and whole: the network is unsure for some pixels around every edge."""
_LEAST_CELLS, _LEAST_SIDE = 2.0, 16
"""The blur's sigma and the sides in cells of the small picture it is made on: with fewer the cells are seen."""
_KEYS = ("background", "background_blur", "key_image", "key_reach", "key_edge", "key_despill", "keep_area")
_BOX_EDGE = 0.01
"""Softness of the product box' edge, as a share of the frame's longer side."""

Planes = tuple[Plane, Plane, Plane] | tuple[Mask, Mask, Mask]
"""Y, U, V, each as wide as it is; float32 on the 8-bit scale where 8 bits would show."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with each frame; `picture` is of the canvas' size. Swapped whole."""

    kind: str
    sigma: float = 0.0
    picture: VideoFrame | None = None
    key: Key | None = None
    kept: Area | None = None

    @property
    def needs_person(self) -> bool:
        """Whether the person must be found."""
        return self.kind in {"blur", "image"}


def signature(look: LookSettings) -> tuple[object, ...]:
    """Equal only for settings that give the same plan: a picture that was written anew since is another one."""
    picture = look.background[6:] if look.background.startswith("image:") else look.key_image
    try:
        written_ns = Path(picture).stat().st_mtime_ns if picture else 0
    except OSError:
        written_ns = -1
    return (*(getattr(look, key) for key in _KEYS), written_ns)


def plan(look: LookSettings, width: int, height: int) -> Plan | None:
    """The settings prepared for a canvas, None where the background stays. Raises InvalidInput for a picture that can't be used."""
    kind, _, rest = look.background.partition(":")
    kept = parse_area(look.keep_area) if look.keep_area else None
    if kind == "blur":
        sigma = (_LEAST_BLUR + (_MOST_BLUR - _LEAST_BLUR) * look.background_blur) * max(width, height)
        return Plan(kind, sigma=sigma, kept=kept)
    if kind == "image":
        return Plan(kind, picture=_covering(Path(rest), width, height), kept=kept)
    if kind == "key":
        behind = _covering(Path(look.key_image), width, height) if look.key_image else VideoFrame.black(width, height)
        return Plan(kind, picture=behind, key=key_of(rest, look.key_reach, look.key_edge, look.key_despill), kept=kept)
    return None


def _covering(path: Path, width: int, height: int) -> VideoFrame:
    """A picture that fills the canvas, cut evenly."""
    if not is_picture(path):
        raise InvalidInput("look.background_unknown", path=path.name)
    rgb = read_picture(path)
    scale = max(width / rgb.shape[1], height / rgb.shape[0])
    size = (max(round(rgb.shape[1] * scale), width), max(round(rgb.shape[0] * scale), height))
    grown = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return to_frame(np.ascontiguousarray(grown[top : top + height, left : left + width]))


def replace_background(frame: VideoFrame, wanted: Plan, mask: Mask | None, view: View, source: tuple[int, int]) -> None:
    """In place. `mask` covers the source (width, height), of which the frame shows `view`; without one nothing is done that needs it."""
    if wanted.key is not None and wanted.picture is not None:
        _mix(frame, planes_of(wanted.picture), _keyed(frame, wanted.key, wanted.kept))
        return
    if mask is None:
        return
    luma = halved(frame.y, 2)
    low = halved(luma, 1)
    fine = fitted_mask(on_canvas(mask, view, source, (low.shape[1], low.shape[0])), luma, low)
    if wanted.kind == "blur":
        _mix(frame, blurred(frame, low, fine, wanted.sigma), _kept(fine, wanted.kept, frame))
    elif wanted.picture is not None:
        _mix(frame, planes_of(wanted.picture), _kept(fine, wanted.kept, frame))


def _keyed(frame: VideoFrame, key: Key, area: Area | None) -> Plane:
    """What is in front of the key; the product box is in front whole and keeps its own chroma: goods may be as green as the screen."""
    from capture.look import mix_kernels

    if area is None:
        return keyed(frame, key)
    before = frame.u.copy(), frame.v.copy()
    coverage = keyed(frame, key)
    box = _box_of(coverage.shape, area, frame)
    for plane, own in zip((frame.u, frame.v), before, strict=True):
        mix_kernels.mix(plane, own, 255 - box)
    return np.maximum(coverage, box)


def planes_of(frame: VideoFrame) -> Planes:
    """Y, U, V."""
    return frame.y, frame.u, frame.v


def _mix(frame: VideoFrame, behind: Planes, mask: Plane) -> None:
    """What is small is enlarged in width first, at the height it has: the kernel enlarges in height, and no whole plane is made."""
    from capture.look import mix_kernels

    whole, half = widened(mask, frame.y), widened(mask, frame.u)
    for plane, other, share in zip(planes_of(frame), behind, (whole, half, half), strict=True):
        mix_kernels.mix(plane, widened(other, plane), share)


def widened(plane: "Plane | Mask", like: Plane) -> "Plane | Mask":
    """As wide as another, as high as it was."""
    if plane.shape[1] == like.shape[1]:
        return plane
    return np.asarray(cv2.resize(plane, (like.shape[1], plane.shape[0]), interpolation=cv2.INTER_LINEAR), plane.dtype)


def on_canvas(mask: Mask, view: View, source: tuple[int, int], size: tuple[int, int]) -> Mask:
    """The source's mask as the view shows it, enlarged to `size` (width, height)."""
    across, down = mask.shape[1] / source[0], mask.shape[0] / source[1]
    step_x, step_y = view.width * across / size[0], view.height * down / size[1]
    left, top = (view.x * across + step_x / 2) - 0.5, (view.y * down + step_y / 2) - 0.5
    matrix = np.array([[step_x, 0.0, left], [0.0, step_y, top]])
    if view.is_mirrored:
        matrix[0] = (-step_x, 0.0, left + step_x * (size[0] - 1))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(mask, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def fitted_mask(mask: Mask, luma: Plane, low: Plane) -> Plane:
    """The mask with its edges on the picture's (He, Sun, Tang 2013; fast form 2015), 0..255, (h, w) like `luma`.

    `luma` is Y at a quarter of the frame's size; `mask` and `low`, Y again, at an eighth.
    """
    side = _reach(low)
    guide = low * np.float32(1 / 255)
    mean, mean_mask, square, product = cv2.split(_box(cv2.merge([guide, mask, guide * guide, guide * mask]), side))
    slope = (product - mean * mean_mask) / (square - mean * mean + np.float32(_GUIDE_EDGE**2))
    offset = mean_mask - slope * mean
    steep = np.float32(255 / (_HIGH - _LOW))
    line = _box(cv2.merge([slope * (steep / np.float32(255)), (offset - np.float32(_LOW)) * steep]), side)
    slope, offset = cv2.split(cv2.resize(line, (luma.shape[1], luma.shape[0]), interpolation=cv2.INTER_LINEAR))
    return np.asarray(cv2.add(cv2.multiply(slope, luma, dtype=cv2.CV_32F), offset, dtype=cv2.CV_8U), np.uint8)


def blurred(frame: VideoFrame, low: Plane, mask: Plane, sigma: float) -> Planes:
    """The background alone, out of focus, Y, U and V at an eighth of the frame's size or less, as far as the blur allows: the person
    takes no part in it, so that no halo stands around them. In float: a level is seen as a step where it is enlarged 16 times.
    """
    small = [low, halved(frame.u, 2), halved(frame.v, 2)]
    person = np.asarray(cv2.dilate(resized(mask, low.shape), np.ones((_reach(low), _reach(low)), np.uint8)), np.float32)
    share = np.float32(1.02) - person * np.float32(1 / 255)
    soft = cv2.merge([*(resized(plane, share.shape) * share for plane in small), share])
    sigma /= 8
    while sigma >= 2 * _LEAST_CELLS and min(soft.shape[:2]) >= _LEAST_SIDE:
        soft, sigma = cv2.resize(soft, (soft.shape[1] // 2, soft.shape[0] // 2), interpolation=cv2.INTER_AREA), sigma / 2
    y, u, v, share = cv2.split(cv2.GaussianBlur(soft, (0, 0), max(sigma, 0.5)))
    return y / share, u / share, v / share


def _reach(low: Plane) -> int:
    """The window, in pixels of an eighth of the frame's size, in which the mask's edges are looked for; strands of hair reach as far."""
    return 2 * max(round(max(low.shape) / 60), 1) + 1


def _kept(mask: Plane, area: Area | None, frame: VideoFrame) -> Plane:
    """The mask with the product box whole."""
    return mask if area is None else np.maximum(mask, _box_of(mask.shape, area, frame))


def _box_of(shape: tuple[int, ...], area: Area, frame: VideoFrame) -> Plane:
    """The product box, 255 inside; its edge is soft outwards."""
    height, width = shape
    box = np.zeros((height, width), np.uint8)
    left, right = max(int(area.x * width) - 1, 0), int((area.x + area.width) * width) + 2
    top, bottom = max(int(area.y * height) - 1, 0), int((area.y + area.height) * height) + 2
    soft = max(frame.width, frame.height) * _BOX_EDGE * width / frame.width
    reach = round(2 * soft)
    box[max(top - reach, 0) : bottom + reach, max(left - reach, 0) : right + reach] = 255
    box = cv2.GaussianBlur(box, (0, 0), max(soft, 0.5))
    box[top:bottom, left:right] = 255
    return box


def _box(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
