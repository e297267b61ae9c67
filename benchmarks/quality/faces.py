"""The figures of skin and goods on still pictures, each the worst of all portraits unless its name says otherwise."""

from functools import cache

import cv2
import numpy as np

from benchmarks.quality import measures, things
from benchmarks.quality.portraits import DARK, MONK, NAMES, SHADED, Mask, Sitter, on_air, portrait, sitter, toned
from benchmarks.results import Figure, at_least, at_most
from capture.look import mask, skin
from capture.look.picture import to_rgb
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings

SMOOTH = LookSettings(smooth=0.9)
FULL = LookSettings(smooth=1.0, whiten=1.0, rosy=1.0, even_tone=1.0)
WHITENED = LookSettings(smooth=1.0, whiten=1.0)
_SPOT_LEVELS, _SPARK_LEVELS = -30.0, 80.0
_AWAY = 0.15
"""Face widths from a thing within which skin may be left alone: where the thing ends isn't known to the pixel."""
_MUCH_LIGHTER = 4.0
"""Levels: where whitening is seen."""


def _eroded(where: Mask, by: int) -> Mask:
    return cv2.erode(where.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)).astype(bool)


def _left(name: str, where: Mask, radius: int, levels: float, look: LookSettings = SMOOTH) -> list[float]:
    """What is left of each spot injected inside a mask."""
    one, person = portrait(name), sitter(name)
    clean, results = person.wear(look), []
    for place in measures.spots_in(where):
        spotted = measures.with_spot(one.rgb, place, radius, levels)
        shown = person.wear(look, spotted)
        given = Sitter.frame_of(spotted)
        results.append(measures.left_of((person.source.y, given.y, clean.y, shown.y), place, 2 * radius))
    return results


def spots() -> list[Figure]:
    """Blemishes and sparks injected into skin and elsewhere."""
    in_skin, sparks, outside = [], [], []
    for name in NAMES:
        one = portrait(name)
        in_skin += _left(name, one.mask("skin"), 3, _SPOT_LEVELS)
        sparks += _left(name, one.mask("skin"), 1, _SPARK_LEVELS)
        outside += _left(name, one.mask("wall", "hair"), 3, _SPOT_LEVELS)
    return [
        at_most("blemish left in skin, strength .9, median", float(np.median(in_skin)), 0.60, ""),
        at_least("the same outside the skin, 5th percentile", float(np.percentile(outside, 5)), 0.99, ""),
        at_least("specular points kept on skin, median", float(np.median(sparks)), 0.9, ""),
        at_least("specular points kept on skin, 10th percentile", float(np.percentile(sparks, 10)), 0.9, ""),
    ]


def edges() -> list[Figure]:
    """Gradients at features and hair, colour of skin, and what lies outside the face's rectangle, under smoothing."""
    features, hair, colours, hues, changed = [], [], [], [], 0
    for name in NAMES:
        one, person = portrait(name), sitter(name)
        shown, skin_there = person.wear(SMOOTH), one.mask("skin")
        features.append(measures.gradient_kept(person.source.y, shown.y, one.mask("eyes", "brows", "lips", "features")))
        hair.append(measures.gradient_kept(person.source.y, shown.y, one.mask("hair")))
        before, after = (cv2.GaussianBlur(to_rgb(frame), (0, 0), 6) for frame in (person.source, shown))
        colours.append(measures.delta_e(before, after, skin_there))
        hues.append(measures.hue_turn(before, after, skin_there))
        face = person.faces[0]
        region = mask.region_of(face.points, face.width, shown.width, shown.height)
        inside = np.zeros((shown.height, shown.width), bool)
        inside[region.top : region.bottom, region.left : region.right] = True
        changed += np.count_nonzero((shown.y != person.source.y) & ~inside)
    return [
        at_least("gradient kept at eyes, brows, lips", min(features), 0.93, ""),
        at_least("gradient kept in hair", min(hair), 0.85, ""),
        at_most("skin's ΔE2000 with whitening off", max(colours), 1.5, ""),
        at_most("skin's hue with whitening off", max(hues), 1.0, "°"),
        at_most("pixels changed outside the face's rectangle", int(changed), 0, ""),
    ]


def tones() -> list[Figure]:
    """Recall of hand-drawn skin in the ten Monk tones, the mean over the portraits for each; a face in deep shadow can't be recoloured."""
    names = [name for name in NAMES if name not in SHADED]
    found = np.full((len(names), len(MONK)), np.nan)
    for row, name in enumerate(names):
        for column, tone in enumerate(MONK):
            person = Sitter(toned(name, tone))
            found[row, column] = recall(person, portrait(name).mask("skin")) if person.faces else np.nan
    means = np.nanmean(found, axis=0)
    print("    by tone:", means.round(3))
    own = [recall(sitter(name), portrait(name).mask("skin")) for name in NAMES]
    return [
        at_least("skin recall on the ten Monk tones, worst tone", float(means.min()), 0.88, ""),
        at_most("its spread over the tones", float(means.max() - means.min()), 0.07, ""),
        Figure("recoloured faces that aren't found, of all", int(np.isnan(found).sum()), f"of {found.size}"),
        Figure("skin recall on the portraits as they are, mean", round(float(np.mean(own)), 3), ""),
        Figure("the same on the three dark ones", round(float(np.mean([own[NAMES.index(name)] for name in DARK])), 3), ""),
    ]


def recall(person: Sitter, where: Mask) -> float:
    """The share of hand-drawn skin that is more skin than not to the look."""
    face, frame = person.faces[0], person.source
    quarter = skin.quarter_of(frame, face.points, face.width, face.skin)
    if quarter is None:
        return 0.0
    region, whole = quarter.region, np.zeros((frame.height, frame.width), np.float32)
    size = (region.right - region.left, region.bottom - region.top)
    whole[region.top : region.bottom, region.left : region.right] = cv2.resize(quarter.mask, size)
    return float((whole[where] > 0.5).mean())


def goods() -> list[Figure]:
    """Things, drawn and photographed, held beside and over the face and before the neck, and swatches on the hand, under full beauty."""
    beside, over, before_neck, swatches, bare = [], [], [], [], []
    for name in NAMES:
        one, face = portrait(name), sitter(name).faces[0]
        middle, width = face.points.mean(axis=0), face.width
        chin = face.points[152]
        for thing in things.NAMES:
            beside.append((_Shot(one.rgb, thing, (middle[0] + 0.68 * width, middle[1]), width).change, name, thing))
            place = (middle[0] + 0.26 * width, middle[1] + 0.16 * width)
            shot = _Shot(one.rgb, thing, place, width)
            over.append((shot.change, name, thing))
            bare.append((_bared(name, shot), name, thing))
            before_neck.append((_Shot(one.rgb, thing, (chin[0], chin[1] + 0.34 * width), width).change, name, thing))
        if "hand" in one.polygons:
            swatches += [(_swatch(one.rgb, one.mask("hand"), shade), name, shade) for shade in measures.SHADES]
    lines = []
    for label, values in (
        ("a thing beside the face", beside),
        ("a thing over the face", over),
        ("a thing before the neck", before_neck),
        ("a swatch on the hand", swatches),
    ):
        found = [value for value, *_ in values]
        above = sorted((value for value in values if value[0] > 1), reverse=True)
        print(f"    {label}: {len(above)} of {len(found)} above 1:", [(round(value, 2), *what) for value, *what in above])
        lines.append(at_most(f"{label}, worst mean ΔE2000", max(found), 1.0, ""))
        lines.append(Figure(f"{label}, 95th percentile", round(float(np.percentile(found, 95)), 3), ""))
    print("    skin bared by a thing elsewhere:", [(round(value, 1), *what) for value, *what in sorted(bare, reverse=True)[:12]])
    lost = [value for value, *_ in bare]
    lines.append(at_most("skin away from a thing over the face that loses its beauty, mean", float(np.mean(lost)), 2.0, "%"))
    lines.append(at_most("the same, 95th percentile", float(np.percentile(lost, 95)), 10.0, "%"))
    return lines


class _Shot:
    """A thing comes into a settled picture, as on air; the face is tracked on with it."""

    def __init__(self, rgb: np.ndarray, thing: str, middle: tuple[float, float], width: float) -> None:
        self.held, self.where = things.held(rgb, thing, middle, width)
        self.shown = on_air([(rgb, 24), (self.held, 12)], FULL)

    @property
    def change(self) -> float:
        """The thing's mean ΔE2000; 0 where none of it is in the picture."""
        if np.count_nonzero(self.where) < 50:
            return 0.0
        return measures.delta_e(to_rgb(Sitter.frame_of(self.held)), to_rgb(self.shown), self.where)


@cache
def _settled(name: str) -> VideoFrame:
    return on_air([(portrait(name).rgb, 24)], FULL)


def _bared(name: str, shot: _Shot) -> float:
    """The share of skin away from a thing, in per cent, that isn't made half as much lighter any more once the thing is there."""
    one = portrait(name)
    is_touched = (np.abs(shot.held.astype(int) - one.rgb).max(axis=2) > 3).astype(np.uint8)
    reach = 2 * round(_AWAY * sitter(name).faces[0].width) + 1
    away = cv2.dilate(is_touched, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))) == 0
    own, left = _lighter(_settled(name), one.rgb), _lighter(shot.shown, shot.held)
    where = one.mask("skin") & away & (own > _MUCH_LIGHTER)
    return 100 * float((left[where] < 0.5 * own[where]).mean()) if where.any() else 0.0


def _lighter(shown: VideoFrame, rgb: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(shown.y.astype(np.float32) - Sitter.frame_of(rgb).y, (0, 0), 2)


def _swatch(rgb: np.ndarray, hand: Mask, shade: str) -> float:
    drawn = np.zeros(hand.shape, np.uint8)
    for place in measures.spots_in(hand, 3, 12):
        cv2.ellipse(drawn, place, (14, 8), 20, 0, 360, 1, -1)
    where = drawn.astype(bool)
    painted = measures.with_lips(rgb, where, measures.SHADES[shade])
    return measures.delta_e(to_rgb(Sitter.frame_of(painted)), to_rgb(on_air([(rgb, 24), (painted, 12)], FULL)), _eroded(where, 2))


def lips() -> list[Figure]:
    """Lips worn in five shades under full smoothing and whitening."""
    changes, hues = [], []
    for name in NAMES:
        one = portrait(name)
        where = one.mask("lips")
        if not where.any():
            continue
        for shade in measures.SHADES.values():
            person = Sitter(measures.with_lips(one.rgb, where, shade), settle=8)
            before, after = to_rgb(person.source), to_rgb(person.wear(WHITENED))
            changes.append((measures.delta_e(before, after, _eroded(where, 1)), name))
            hues.append((measures.hue_turn(before, after, _eroded(where, 1)), name))
    print("    lips:", max(changes), max(hues))
    return [
        at_most("lips worn in 5 shades, worst mean ΔE2000", max(changes)[0], 1.5, ""),
        at_most("lips worn in 5 shades, worst turn of hue", max(hues)[0], 1.0, "°"),
    ]


def neck_step(name: str) -> float:
    """By how much full whitening changes the step between a portrait's face and its neck, ΔE2000."""
    one, person = portrait(name), sitter(name)
    before, after = (measures.step(to_rgb(frame), one.mask("skin"), one.mask("neck")) for frame in (person.source, person.wear(WHITENED)))
    return abs(after - before)


def neck() -> list[Figure]:
    """The step between face and neck under full whitening, where a neck is seen."""
    found = {name: neck_step(name) for name in NAMES if "neck" in portrait(name).polygons}
    print("    neck:", {name: round(step, 2) for name, step in sorted(found.items(), key=lambda item: item[1])})
    return [
        at_most("step between face and neck changes by, median ΔE2000", float(np.median(list(found.values()))), 1.0, ""),
        at_most("step between face and neck changes by, worst ΔE2000", max(found.values()), 1.0, ""),
    ]
