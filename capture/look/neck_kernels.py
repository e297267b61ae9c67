"""The loops over a neck's cells, compiled by numba with the interpreter lock released: a few thousand cells, for which a dozen passes of
arrays cost ten times what one loop does.

It refuses to decide what a neck is: `body` asks what a piece is joined to and how long it has been there.
"""

import numba
import numpy as np

from capture.look.face_kernels import fade_out

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}
_LEAST_STRONG, _MOST_STRONG = np.float32(0.5), np.float32(2.2)
"""Times the colourfulness of the face's tone that a neck's may have: a neck is in shade, unpowdered, reddened."""
_UNSURE = np.float32(4)
"""Levels of chroma by which a face's tone is uncertain: the hue of pale skin is hardly known."""
_DARK, _LIT = np.float32(0.09), np.float32(0.18)
"""Of the face's light: nothing is whitened below the first, all of it from the second on."""
_BRIGHT, _TOO_BRIGHT = np.float32(1.3), np.float32(1.6)
"""Of the face's light: a neck so much brighter than the face is a white collar."""
_DEEPEST = np.float32(0.25)
"""Of the face's light: below it chroma is noise."""
_LEAST_WEIGHT = np.float32(1e-3)
"""What is left of a neck that is gone."""
_LEAST_OVER = np.float32(12)
"""Levels of light over black: below it a tone is noise made large."""


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], int64, int64, float32[:, :, ::1])", fastmath=True, **_OPTIONS)
def means(luma, blue, red, top, left, out):  # noqa: ANN001, ANN201
    """`out` (4, h, w): Y, U, V of each 8 × 8 pixels from (`top`, `left`) on, and the variance of Y, by four pixels of each plane."""
    for row in range(out.shape[1]):
        high, low = luma[top + 8 * row], luma[top + 8 * row + 4]
        half = top // 2 + 4 * row
        for column in range(out.shape[2]):
            place, quarter = left + 8 * column, left // 2 + 4 * column
            a, b = np.float32(high[place]), np.float32(high[place + 4])
            c, d = np.float32(low[place]), np.float32(low[place + 4])
            mean = (a + b + c + d) * np.float32(0.25)
            out[0, row, column] = mean
            out[3, row, column] = (a * a + b * b + c * c + d * d) * np.float32(0.25) - mean * mean
            total = np.int32(blue[half, quarter]) + blue[half, quarter + 2] + blue[half + 2, quarter] + blue[half + 2, quarter + 2]
            out[1, row, column] = np.float32(total) * np.float32(0.25)
            total = np.int32(red[half, quarter]) + red[half, quarter + 2] + red[half + 2, quarter] + red[half + 2, quarter + 2]
            out[2, row, column] = np.float32(total) * np.float32(0.25)


@numba.njit("float32(float32[:, ::1], int64, int64)", inline="always", fastmath=True, **_OPTIONS)
def _edge(plane, row, column):  # noqa: ANN001, ANN202
    """Sobel's magnitude / 8 at a cell; at the rim no edge along it is seen, as where the picture is mirrored there."""
    above, below = (row - 1 if row > 0 else min(1, plane.shape[0] - 1)), (row + 1 if row < plane.shape[0] - 1 else max(row - 1, 0))
    before, after = (
        (column - 1 if column > 0 else min(1, plane.shape[1] - 1)),
        (column + 1 if column < plane.shape[1] - 1 else max(column - 1, 0)),
    )
    two = np.float32(2)
    across = plane[above, after] + two * plane[row, after] + plane[below, after]
    across -= plane[above, before] + two * plane[row, before] + plane[below, before]
    down = plane[below, before] + two * plane[below, column] + plane[below, after]
    down -= plane[above, before] + two * plane[above, column] + plane[above, after]
    return np.sqrt(across * across + down * down) * np.float32(1 / 8)


@numba.njit("void(float32[:, ::1], float32[:, ::1], float32[:, ::1], float32, float32, float32[:, ::1])", fastmath=True, **_OPTIONS)
def calm(y, u, v, most, most_chroma, out):  # noqa: ANN001, ANN201
    """1 where the edges of light are up to `most` levels and those of colour up to `most_chroma`, 0 from half and two thirds more on."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            light = fade_out(_edge(y, row, column), most, most * np.float32(1.5))
            chroma = _edge(u, row, column) + _edge(v, row, column)
            out[row, column] = light * fade_out(chroma, most_chroma, most_chroma * np.float32(5 / 3))


@numba.njit("float32(float32, float32, float32, float32, float32, float32, float32)", inline="always", fastmath=True, **_OPTIONS)
def near(tone_u, tone_v, light, to_u, to_v, start, end):  # noqa: ANN001, ANN201
    """1 where a tone is up to `start` levels of chroma from a given one, 0 from `end` on.

    In shade it may be stronger, by up to light to the power of -1.5: -1 is a shadow that takes light and leaves colour, and light that
    comes to it from skin nearby adds some.
    """
    one = np.float32(1)
    along = (tone_u * to_u + tone_v * to_v) * (one / max(to_u * to_u + to_v * to_v, one))
    deep = min(max(light, _DEEPEST), one)
    weaker = one / min(max(along, one), one / (deep * np.sqrt(deep)))
    du, dv = tone_u * weaker - to_u, tone_v * weaker - to_v
    return fade_out(du * du + dv * dv, start * start, end * end)


@numba.njit(
    "void(float32[:, :, ::1], float32[:, ::1], float32, float32, float32, float32[:, ::1], float32[:, ::1])", fastmath=True, **_OPTIONS
)
def gate(cells, rough, scale, smooth, coarsest, tones, out):  # noqa: ANN001, ANN201
    """`out` 0..1: how much each cell has one of the `tones` (n, 4: U, V and `start` and `end` as `near` takes them), is lit and smooth.

    `cells` (3, h, w) Y, U, V; `rough` (h, w) how much Y differs in them, whole up to `smooth` of the light and nothing from
    `coarsest` on; `scale` the face's levels of light over black.
    """
    out[:] = 0
    inverse = np.float32(1) / scale
    for row in range(out.shape[0]):
        luma, blue, red, line, coarse = cells[0, row], cells[1, row], cells[2, row], out[row], rough[row]
        for index in range(tones.shape[0]):
            to_u, to_v, start, end = tones[index, 0], tones[index, 1], tones[index, 2], tones[index, 3]
            for column in range(line.shape[0]):
                over = luma[column] - np.float32(16)
                stronger = scale / max(over, _LEAST_OVER)
                u, v = (blue[column] - np.float32(128)) * stronger, (red[column] - np.float32(128)) * stronger
                line[column] = max(line[column], near(u, v, over * inverse, to_u, to_v, start, end))
        for column in range(line.shape[0]):
            over = luma[column] - np.float32(16)
            light = over * inverse
            lit = (np.float32(1) - fade_out(light, _DARK, _LIT)) * fade_out(light, _BRIGHT, _TOO_BRIGHT)
            line[column] *= lit * fade_out(coarse[column] / max(over, np.float32(20)), smooth, coarsest)


@numba.njit("UniTuple(int64, 2)(float32[:, :, ::1], boolean[:, ::1], float32, float32[::1], float32[:, ::1])", fastmath=True, **_OPTIONS)
def own_tones(cells, seeds, scale, face, out):  # noqa: ANN001, ANN201
    """How many lit cells there are among the seeds, and how many of them could be this person's skin in another light, whose tones come
    first in `out` (2, n). `face` holds U and V of the face's skin less 128, the least colour that counts, and radians of hue
    that a tone may be from the face's.
    """
    there, own = 0, 0
    colour = np.sqrt(face[0] * face[0] + face[1] * face[1])
    most_turn = face[3] + _UNSURE / max(colour, _UNSURE)
    weakest, strongest = max(_LEAST_STRONG * colour, face[2]), _MOST_STRONG * max(colour, face[2])
    for row in range(seeds.shape[0]):
        for column in range(seeds.shape[1]):
            over = cells[0, row, column] - np.float32(16)
            light = over / scale
            if not seeds[row, column] or light <= _LIT:
                continue
            there += 1
            stronger = scale / max(over, _LEAST_OVER)
            u, v = (cells[1, row, column] - np.float32(128)) * stronger, (cells[2, row, column] - np.float32(128)) * stronger
            strong = np.sqrt(u * u + v * v)
            turn = abs(np.arctan2(v * face[0] - u * face[1], u * face[0] + v * face[1]))
            if turn < most_turn and strong > weakest and strong * min(light, np.float32(1)) < strongest:
                out[0, own], out[1, own] = u, v
                own += 1
    return there, own


@numba.njit("void(float32[:, ::1], float32[:, :, ::1], int64, int64, float32[::1], float32[:, :, ::1])", fastmath=True, **_OPTIONS)
def coat(weights, cells, top, left, tone, out):  # noqa: ANN001, ANN201
    """`out` (3, h, w): the levels of Y, U, V that whitening adds to the cells from (`top`, `left`) on.

    `tone` holds the weight of all, what whitening adds in the middle between black and white (over 109.5²), the share of it that the
    neck gets, what a level of Y above black takes of a shift of colour, and the shifts of U and V. More than a whole share is more
    light, which brings colour with it.
    """
    one, black = np.float32(1), np.float32(16)
    share = tone[2]
    once = min(share, one)
    for row in range(out.shape[1]):
        for column in range(out.shape[2]):
            weight = weights[top + row, left + column]
            weight = weight * tone[0] if weight > _LEAST_WEIGHT else np.float32(0)
            over = cells[0, top + row, left + column] - black
            lift = weight * max(over, np.float32(0)) * max(np.float32(235) - black - over, np.float32(0)) * tone[1]
            tinted = weight * min(max(over * tone[3], np.float32(0)), one) * once
            brighter = lift * (share - once) / max(over, np.float32(8))
            out[0, row, column] = lift * share
            out[1, row, column] = tinted * tone[4] + brighter * (cells[1, top + row, left + column] - np.float32(128))
            out[2, row, column] = tinted * tone[5] + brighter * (cells[2, top + row, left + column] - np.float32(128))
