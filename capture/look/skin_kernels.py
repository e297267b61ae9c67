"""What is laid on skin, worked out at a quarter of the size, compiled by numba with the interpreter lock released.

It refuses to take means over windows: OpenCV does that in less.
"""

import numba
import numpy as np

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}


@numba.njit("void(uint8[:, ::1], int64, int64, float32[:, ::1])", fastmath=True, **_OPTIONS)
def peaks(plane, top, left, out):  # noqa: ANN001, ANN201
    """The brightest of each 4 × 4 pixels from (`top`, `left`) on; `out` (h, w) float32 on the 8-bit scale."""
    rows, columns = out.shape
    high = np.empty(columns * 4, np.uint8)
    for row in range(rows):
        line = plane[top + row * 4, left : left + columns * 4]
        for column in range(columns * 4):
            high[column] = line[column]
        for part in range(1, 4):
            line = plane[top + row * 4 + part, left : left + columns * 4]
            for column in range(columns * 4):
                high[column] = max(high[column], line[column])
        for column in range(columns):
            out[row, column] = np.float32(max(high[4 * column], high[4 * column + 1], high[4 * column + 2], high[4 * column + 3]))


@numba.njit("void(float32[:, ::1], float32[:, ::1], float32, float32, float32[:, ::1])", fastmath=True, **_OPTIONS)
def fades(high, mean, start, end, out):  # noqa: ANN001, ANN201
    """1 where `high` is up to `start` above `mean`, 0 from `end` on, smooth between; less of both where `mean` is near white."""
    inverse = np.float32(1) / (end - start)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            room = min(max((np.float32(235) - mean[row, column]) * np.float32(1 / 36), np.float32(0.5)), np.float32(1))
            above = (high[row, column] - mean[row, column]) / room
            place = min(max((above - start) * inverse, np.float32(0)), np.float32(1))
            out[row, column] = np.float32(1) - place * place * (np.float32(3) - np.float32(2) * place)


@numba.njit(
    "void(float32[:, ::1], float32[:, ::1], float32, float32, float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1])",
    fastmath=True,
    **_OPTIONS,
)
def coat(mask, dull, smooth, white, mean, slope, lift, extra):  # noqa: ANN001, ANN201
    """What the guided filter gave, `slope` 1 - a and `lift` b, becomes what is laid on, in place, and `extra` what whitening adds.

    `mask` times `dull` (1 where nothing shines) times `smooth` 0..1 is the filter's share. `white` levels are added where the mean is
    in the middle between black and white, none at both.
    """
    scale = white * np.float32(1 / 109.5**2)
    for row in range(slope.shape[0]):
        for column in range(slope.shape[1]):
            share = mask[row, column] * dull[row, column] * smooth
            slope[row, column] *= -share
            lift[row, column] *= share
            light = mean[row, column]
            levels = max(light - np.float32(16), np.float32(0)) * max(np.float32(235) - light, np.float32(0))
            extra[row, column] = mask[row, column] * levels * scale


@numba.njit("void(float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[::1], float32[:, ::1])", fastmath=True, **_OPTIONS)
def tinge(mask, y, small, tone, moved):  # noqa: ANN001, ANN201
    """The levels by which a chroma plane moves: `tone` holds the shift, what a level of Y above black takes of it, the person's own
    value, the share of what is away from it that goes, and the most levels that count as away.
    """
    shift, lit, own, even, most = tone[0], tone[1], tone[2], tone[3], tone[4]
    for row in range(moved.shape[0]):
        for column in range(moved.shape[1]):
            share = min(max((y[row, column] - np.float32(16)) * lit, np.float32(0)), np.float32(1))
            away = min(max(own - small[row, column], -most), most)
            moved[row, column] = mask[row, column] * (shift * share + even * away)


@numba.njit("void(float32[:, ::1], float32[::1], float32)", fastmath=True, **_OPTIONS)
def leave_islands(mask, height, above):  # noqa: ANN001, ANN201
    """Take out of `mask` (h, w) 0..1, in place, what lies over `above` on the forehead and no skin joins to the face: a brim, a lit strand.

    `height` as `mask.forehead_height` gives it. From the brows upwards a row is joined where skin lies next to joined skin of the row
    below, and along the row from there; two pixels of soft edge around it stay.
    """
    rows, columns = mask.shape
    middle, half = height[2] + height[0] * np.float32(columns // 2), np.float32(0.5)
    brows = 0
    while brows < rows and middle + height[1] * np.float32(brows) >= 0:
        brows += 1
    here, below, away = np.ones(columns + 4, np.uint8), np.ones(columns + 4, np.uint8), np.zeros(columns, np.int32)
    for row in range(brows - 1, -1, -1):
        here, below = below, here
        here[:2], here[columns + 2 :] = 0, 0
        line = mask[row]
        for column in range(columns):
            near = below[column + 1] | below[column + 2] | below[column + 3]
            here[column + 2] = np.uint8(1) if near and line[column] > half else np.uint8(0)
        for column in range(1, columns):
            if here[column + 1] and line[column] > half:
                here[column + 2] = 1
        for column in range(columns - 2, -1, -1):
            if here[column + 3] and line[column] > half:
                here[column + 2] = 1
        for column in range(columns):
            near = here[column] | here[column + 1] | here[column + 2] | here[column + 3] | here[column + 4]
            away[column] = 0 if near else away[column] + 1
            if away[column] > 2 and height[2] + height[1] * np.float32(row) + height[0] * np.float32(column) > above:
                line[column] = 0


@numba.njit("void(float32[:, ::1], float32[:, ::1], float32, float32)", fastmath=True, **_OPTIONS)
def steady(fresh, before, much, little):  # noqa: ANN001, ANN201
    """Of a change of `fresh` from `before` by up to `much` the share `little` is left, in place; a larger one counts whole."""
    for row in range(fresh.shape[0]):
        for column in range(fresh.shape[1]):
            step = fresh[row, column] - before[row, column]
            fresh[row, column] = before[row, column] + step * (np.float32(1) if abs(step) > much else little)


@numba.njit("UniTuple(float32[:, ::1], 3)(float32[:, ::1], float32[:, ::1], float32)", fastmath=True, **_OPTIONS)
def weigh(mask, y, least):  # noqa: ANN001, ANN201
    """The mask and at least `least` of everything; that times Y; that times Y again."""
    share, weighted, squared = np.empty_like(mask), np.empty_like(mask), np.empty_like(mask)
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            part, light = mask[row, column] + least, y[row, column]
            share[row, column], weighted[row, column], squared[row, column] = part, part * light, part * light * light
    return share, weighted, squared


@numba.njit("void(float32[:, ::1], float32[:, ::1], float32[:, ::1], float32, UniTuple(float32[:, ::1], 2))", fastmath=True, **_OPTIONS)
def flatten(share, total, squares, edge, means):  # noqa: ANN001, ANN201
    """What the guided filter averages next, in place, from the means over windows of the share, of it times Y (`means[0]`) and times Y²:
    `share` times 1 - a, that times Y's mean (`means[1]`); `total` becomes its inverse and `means[0]` Y's mean. `edge` is the filter's eps.
    """
    mean, lift = means
    for row in range(share.shape[0]):
        for column in range(share.shape[1]):
            inverse = np.float32(1) / total[row, column]
            middle = mean[row, column] * inverse
            variance = max(squares[row, column] * inverse - middle * middle, np.float32(0))
            flat = share[row, column] * edge / (variance + edge)
            total[row, column], mean[row, column] = inverse, middle
            share[row, column], lift[row, column] = flat, flat * middle
