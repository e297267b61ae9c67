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
from capture.look.shrink import enlarged, halved, resized
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
_KEYS = ("background", "background_blur", "key_image", "key_reach", "key_edge", "key_despill", "keep_area")
_BOX_EDGE = 0.01
"""Softness of the product box' edge, as a share of the frame's longer side."""


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
        half = _kept(keyed(frame, wanted.key), wanted.kept, frame)
        _mix(frame, wanted.picture, enlarged(half, frame.y), half)
        return
    if mask is None:
        return
    luma = halved(frame.y, 2)
    fine = fitted_mask(on_canvas(mask, view, source, (luma.shape[1], luma.shape[0])), luma)
    behind = blurred(frame, luma, fine, wanted.sigma) if wanted.kind == "blur" else wanted.picture
    if behind is not None:
        small = _kept(np.rint(fine * 255).astype(np.uint8), wanted.kept, frame)
        _mix(frame, behind, enlarged(small, frame.y), enlarged(small, frame.u))


def _mix(frame: VideoFrame, behind: VideoFrame, whole: Plane, half: Plane) -> None:
    from capture.look import mix_kernels

    mix_kernels.mix(frame.y, behind.y, whole)
    mix_kernels.mix(frame.u, behind.u, half)
    mix_kernels.mix(frame.v, behind.v, half)


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


def fitted_mask(mask: Mask, luma: Plane) -> Mask:
    """The mask with its edges on the picture's (He, Sun, Tang 2013; fast form 2015), 0..1. Both (h, w) at a quarter of the frame's size."""
    low = halved(luma, 1)
    side = 2 * max(round(max(low.shape) / 60), 1) + 1
    guide, coarse = low.astype(np.float32) * np.float32(1 / 255), resized(mask, low.shape)
    mean, mean_mask, square, product = cv2.split(_box(cv2.merge([guide, coarse, guide * guide, guide * coarse]), side))
    slope = (product - mean * mean_mask) / (square - mean * mean + np.float32(_GUIDE_EDGE**2))
    offset = mean_mask - slope * mean
    slope, offset = resized(_box(slope, side), luma.shape), resized(_box(offset, side), luma.shape)
    fine = slope * (luma * np.float32(1 / 255)) + offset
    return ((fine - np.float32(_LOW)) * np.float32(1 / (_HIGH - _LOW))).clip(0, 1)


def blurred(frame: VideoFrame, luma: Plane, mask: Mask, sigma: float) -> VideoFrame:
    """The background alone, out of focus: the person takes no part in it, so that no halo stands around them."""
    small = [halved(luma, 1), halved(frame.u, 2), halved(frame.v, 2)]
    share = np.float32(1.02) - resized(mask, small[0].shape)
    planes = [resized(plane.astype(np.float32), share.shape) * share for plane in small]
    soft = cv2.GaussianBlur(cv2.merge([*planes, share]), (0, 0), max(sigma / 8, 0.5))
    result = VideoFrame.empty(frame.width, frame.height, frame.time_ns, frame.seq)
    for index, plane in enumerate((result.y, result.u, result.v)):
        level = np.rint(soft[..., index] / soft[..., 3]).clip(0, 255).astype(np.uint8)
        cv2.resize(level, (plane.shape[1], plane.shape[0]), dst=plane, interpolation=cv2.INTER_LINEAR)
    return result


def _kept(mask: Plane, area: Area | None, frame: VideoFrame) -> Plane:
    """The mask with the product box whole; its edge is soft outwards."""
    if area is None:
        return mask
    height, width = mask.shape
    box = np.zeros_like(mask)
    left, right = max(int(area.x * width) - 1, 0), int((area.x + area.width) * width) + 2
    top, bottom = max(int(area.y * height) - 1, 0), int((area.y + area.height) * height) + 2
    soft = max(frame.width, frame.height) * _BOX_EDGE * width / frame.width
    reach = round(2 * soft)
    box[max(top - reach, 0) : bottom + reach, max(left - reach, 0) : right + reach] = 255
    box = cv2.GaussianBlur(box, (0, 0), max(soft, 0.5))
    box[top:bottom, left:right] = 255
    return np.maximum(mask, box)


def _box(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
