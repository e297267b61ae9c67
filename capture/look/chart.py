"""The 24-patch colour chart: found in a frame, read, and the 3 × 3 matrix fitted that makes the camera tell its colours truly.

It refuses a chart that it can't be sure of: too small, too dark, blown out, or not there.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.delta_e import ciede2000, lab_of
from capture.look.light import from_linear, to_linear
from capture.look.still import to_rgb
from studio.errors import InvalidInput
from studio.model.colour_profile import PATCHES, SCENE_SIZE, ChartReading, PatchReading, Rgb8
from studio.model.frames import VideoFrame

Colours = NDArray[np.float64]

# fmt: off
WANTED = np.array([
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
], np.float64) / 255
# fmt: on
"""The patches in sRGB as the chart's maker publishes their averages, by rows from the brown corner."""
_LEAST_PATCH = 6.0
"""Pixels of a patch' side that are read: with fewer the edges of 4:2:0 colour reach into its middle."""
_BLOWN, _DARK = 0.985, 0.02
"""Values that say nothing any more: the sensor's end, and its noise."""
_LEAST_WHITE, _LEAST_USED = 0.25, 15
_STEPS, _NUDGE = 40, 1e-5


def read_chart(frame: VideoFrame) -> ChartReading:
    """Find and read the chart, fit the matrix. Raises InvalidInput: look.chart_missing, _small, _dark or _blown."""
    picture = to_rgb(frame)
    detector = cv2.mcc.CCheckerDetector.create()
    detector.setColorChartType(cv2.mcc.MCC24)
    if not detector.process(np.ascontiguousarray(picture[..., ::-1]), 1):
        raise InvalidInput("look.chart_missing")
    best = detector.getBestColorChecker()
    squares = np.array(best.getColorCharts(), np.float64).reshape(24, 4, 2)
    seen = patch_colours(frame, squares)
    _check(seen)
    matrix = fit_matrix(seen)
    corners = tuple((float(x) / frame.width, float(y) / frame.height) for x, y in best.getBox())
    return ChartReading(corners, _readings(seen, matrix), tuple(map(float, matrix.reshape(-1))), small_scene(frame))


def patch_colours(frame: VideoFrame, squares: NDArray[np.float64]) -> Colours:
    """(24, 3) R', G', B' 0..1: means over the middle of each patch, unclipped. `squares` (24, 4, 2) are its corners in pixels."""
    middles = squares.mean(axis=1, keepdims=True)
    inner = middles + (squares - middles) * 0.6
    if np.linalg.norm(inner[:, 1] - inner[:, 0], axis=1).min() < _LEAST_PATCH:
        raise InvalidInput("look.chart_small")
    levels = np.empty((24, 3))
    for index, corners in enumerate(inner):
        for channel, (plane, shrink) in enumerate(((frame.y, 1), (frame.u, 2), (frame.v, 2))):
            mask = np.zeros(plane.shape, np.uint8)
            cv2.fillConvexPoly(mask, np.rint(corners / shrink).astype(np.int32), 255)
            levels[index, channel] = cv2.mean(plane, mask)[0]
    luma, blue, red = (levels[:, 0] - 16) / 219, (levels[:, 1] - 128) / 224, (levels[:, 2] - 128) / 224
    return np.stack([luma + 1.5748 * red, luma - 0.187324 * blue - 0.468124 * red, luma + 1.8556 * blue], axis=-1)


def _check(seen: Colours) -> None:
    if seen[18].max() < _LEAST_WHITE:
        raise InvalidInput("look.chart_dark")
    if _usable(seen).sum() < _LEAST_USED:
        raise InvalidInput("look.chart_blown")


def _usable(seen: Colours) -> NDArray[np.bool_]:
    return (seen.max(axis=1) < _BLOWN) & (seen.max(axis=1) > _DARK)


def fit_matrix(seen: Colours) -> Colours:
    """(3, 3): least squares in linear light, then ΔE of the patches as a whole made smaller (Levenberg, Marquardt)."""
    used = _usable(seen)
    linear, wanted = to_linear(seen[used]), lab_of(WANTED[used])
    start, *_ = np.linalg.lstsq(linear, to_linear(WANTED[used]), rcond=None)
    values, damping = start.T.reshape(-1), 1e-3

    def errors(matrix: Colours) -> Colours:
        shown = from_linear(linear @ matrix.reshape(3, 3).T)
        return ciede2000(lab_of(shown.clip(0, 1)), wanted) + np.abs(shown - shown.clip(0, 1)).sum(axis=1)

    current = errors(values)
    for _ in range(_STEPS):
        slopes = np.stack([(errors(values + _NUDGE * axis) - current) / _NUDGE for axis in np.eye(9)], axis=1)
        square = slopes.T @ slopes
        step = np.linalg.solve(square + damping * np.diag(np.diag(square) + 1e-9), -slopes.T @ current)
        tried = errors(values + step)
        if (tried**2).sum() < (current**2).sum():
            values, current, damping = values + step, tried, damping / 3
        else:
            damping *= 4
    return values.reshape(3, 3)


def corrected(seen: Colours, matrix: Colours) -> Colours:
    """What the picture shows of these colours with the matrix, 0..1."""
    return from_linear(to_linear(seen) @ matrix.T).clip(0, 1)


def _readings(seen: Colours, matrix: Colours) -> tuple[PatchReading, ...]:
    after = corrected(seen, matrix)
    wanted = lab_of(WANTED)
    before_apart, after_apart = ciede2000(lab_of(seen.clip(0, 1)), wanted), ciede2000(lab_of(after), wanted)
    return tuple(
        PatchReading(name, float(before_apart[n]), float(after_apart[n]), _rgb8(seen[n]), _rgb8(after[n]), _rgb8(WANTED[n]))
        for n, name in enumerate(PATCHES)
    )


def _rgb8(colour: Colours) -> Rgb8:
    red, green, blue = (int(level) for level in np.rint(colour.clip(0, 1) * 255))
    return red, green, blue


def small_scene(frame: VideoFrame) -> tuple[Rgb8, ...]:
    """The frame as 16 × 9 colours, by rows."""
    small = [cv2.resize(plane, SCENE_SIZE, interpolation=cv2.INTER_AREA) for plane in (frame.y, frame.u, frame.v)]
    luma, blue, red = (small[0] - 16.0) / 219, (small[1] - 128.0) / 224, (small[2] - 128.0) / 224
    colours = np.stack([luma + 1.5748 * red, luma - 0.187324 * blue - 0.468124 * red, luma + 1.8556 * blue], axis=-1)
    return tuple(_rgb8(colour) for colour in colours.reshape(-1, 3))
