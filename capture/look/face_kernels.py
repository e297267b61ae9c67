"""The loops over pixels of a face, compiled by numba with the interpreter lock released; importing this file compiles or loads them.

It refuses anything but whole planes and plain arrays: a plane that is contiguous is what the compiler turns into vector instructions.
"""

import numba
import numpy as np

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}


@numba.njit("void(float32[::1], float32[::1])", fastmath=True, **_OPTIONS)
def _widen_by_4(row, out):  # noqa: ANN001, ANN202
    """Enlarged linearly, the ends held. Written out: a loop over the four places is twenty times slower."""
    last = row.shape[0] - 1
    for column in range(1, last):
        this = row[column]
        left, right = row[column - 1] - this, row[column + 1] - this
        out[4 * column] = this + np.float32(0.375) * left
        out[4 * column + 1] = this + np.float32(0.125) * left
        out[4 * column + 2] = this + np.float32(0.125) * right
        out[4 * column + 3] = this + np.float32(0.375) * right
    for column, other in ((0, min(1, last)), (last, max(last - 1, 0))):
        this, step = row[column], row[other] - row[column]
        is_first = column == 0
        out[4 * column] = this if is_first else this + np.float32(0.375) * step
        out[4 * column + 1] = this if is_first else this + np.float32(0.125) * step
        out[4 * column + 2] = this + np.float32(0.125) * step if is_first else this
        out[4 * column + 3] = this + np.float32(0.375) * step if is_first else this


@numba.njit("void(float32[::1], float32[::1])", fastmath=True, **_OPTIONS)
def _widen_by_2(row, out):  # noqa: ANN001, ANN202
    last = row.shape[0] - 1
    for column in range(1, last):
        this = row[column]
        out[2 * column] = this + np.float32(0.25) * (row[column - 1] - this)
        out[2 * column + 1] = this + np.float32(0.25) * (row[column + 1] - this)
    out[0], out[2 * last + 1] = row[0], row[last]
    out[1] = row[0] + np.float32(0.25) * (row[min(1, last)] - row[0])
    out[2 * last] = row[last] + np.float32(0.25) * (row[max(last - 1, 0)] - row[last])


@numba.njit("UniTuple(int64, 2)(float32[::1], float32[::1], int64)", **_OPTIONS)
def _reach(near, far, times):  # noqa: ANN001, ANN202
    """The first column, and the one behind the last, that two rows reach when they are enlarged so many times; 0 and 0 where both are 0."""
    first, last = 0, near.shape[0] - 1
    while first <= last and near[first] == 0 and far[first] == 0:
        first += 1
    while last >= first and near[last] == 0 and far[last] == 0:
        last -= 1
    if last < first:
        return 0, 0
    return max(first - 1, 0) * times, min(last + 2, near.shape[0]) * times


@numba.njit("void(uint8[::1], float32[::1], float32[::1], float32)", fastmath=True, **_OPTIONS)
def _add(line, near, far, share):  # noqa: ANN001, ANN202
    """Rows from their own first column on: a loop that doesn't begin at 0 isn't turned into vector instructions."""
    for column in range(line.shape[0]):
        value = np.float32(line[column]) + near[column] + share * (far[column] - near[column]) + np.float32(0.5)
        line[column] = np.uint8(np.int32(min(max(value, np.float32(0)), np.float32(255))))


@numba.njit(
    "void(uint8[::1], float32[::1], float32[::1], float32[::1], float32[::1], float32[::1], float32[::1], float32, float32)",
    fastmath=True,
    **_OPTIONS,
)
def _adjust(line, slope, slope_far, lift, lift_far, extra, extra_far, share, spark):  # noqa: ANN001, ANN202, PLR0913, PLR0917
    """One row of `adjust_luma`, `share` of the way from the row above to the one below."""
    inverse = np.float32(0.5) / spark
    for column in range(line.shape[0]):
        old = np.float32(line[column])
        change = (slope[column] + share * (slope_far[column] - slope[column])) * old
        change += lift[column] + share * (lift_far[column] - lift[column])
        kept = min(max((np.float32(3) * spark + change) * inverse, np.float32(0)), np.float32(1))
        value = old + change * kept + extra[column] + share * (extra_far[column] - extra[column]) + np.float32(0.5)
        line[column] = np.uint8(np.int32(min(max(value, np.float32(0)), np.float32(255))))


@numba.njit("void(uint8[:, ::1], int64, int64, float32[:, ::1], float32[:, ::1], float32[:, ::1], float32)", fastmath=True, **_OPTIONS)
def adjust_luma(plane, top, left, slope, lift, extra, spark):  # noqa: ANN001, ANN201
    """Y += slope · Y + lift, sparing what sparkles, + extra, in place; all given at a quarter of the size and enlarged on the way.

    `plane` (H, W) uint8, worked on from (`top`, `left`); `slope`, `lift`, `extra` (h, w) float32. Where slope · Y + lift would darken by
    more than `spark` levels the pixel stands out like a highlight: from there it is darkened less and less, from 3 · `spark` not at all.
    Zeros change no bit.
    """
    rows, columns = slope.shape
    near, far = np.zeros((3, columns * 4), np.float32), np.zeros((3, columns * 4), np.float32)
    for node in range(rows + 1):
        near, far = far, near
        this, before = min(node, rows - 1), max(node - 1, 0)
        _widen_by_4(slope[this], far[0])
        _widen_by_4(lift[this], far[1])
        _widen_by_4(extra[this], far[2])
        if node == 0:
            near[:] = far
        first, end = _reach(slope[before], slope[this], 4)
        for other in (lift, extra):
            start, stop = _reach(other[before], other[this], 4)
            if stop:
                first, end = min(first, start) if end else start, max(end, stop)
        if not end:
            continue
        slopes, lifts, extras = near[0, first:end], near[1, first:end], near[2, first:end]
        slopes_far, lifts_far, extras_far = far[0, first:end], far[1, first:end], far[2, first:end]
        for part in range(max(2 - node * 4, 0), min(rows * 4 + 2 - node * 4, 4)):
            line = plane[top + node * 4 - 2 + part, left + first : left + end]
            share = (np.float32(part) + np.float32(0.5)) * np.float32(0.25)
            _adjust(line, slopes, slopes_far, lifts, lifts_far, extras, extras_far, share, spark)


@numba.njit("void(uint8[:, ::1], int64, int64, float32[:, ::1])", fastmath=True, **_OPTIONS)
def lift_luma(plane, top, left, lift):  # noqa: ANN001, ANN201
    """Add `lift` (h, w) float32, given at a quarter of the size, to a plane from (`top`, `left`) on, in place. 0 changes no bit."""
    rows, columns = lift.shape
    near, far = np.zeros(columns * 4, np.float32), np.zeros(columns * 4, np.float32)
    for node in range(rows + 1):
        near, far = far, near
        this = min(node, rows - 1)
        _widen_by_4(lift[this], far)
        if node == 0:
            near[:] = far
        first, end = _reach(lift[max(node - 1, 0)], lift[this], 4)
        if not end:
            continue
        for part in range(max(2 - node * 4, 0), min(rows * 4 + 2 - node * 4, 4)):
            line = plane[top + node * 4 - 2 + part, left + first : left + end]
            _add(line, near[first:end], far[first:end], (np.float32(part) + np.float32(0.5)) * np.float32(0.25))


@numba.njit("void(uint8[:, ::1], int64, int64, float32[:, ::1])", fastmath=True, **_OPTIONS)
def shift_chroma(plane, top, left, shift):  # noqa: ANN001, ANN201
    """Add `shift` (h, w) float32, given at half of the plane's size, to a plane from (`top`, `left`) on, in place. 0 changes no bit."""
    rows, columns = shift.shape
    near, far = np.zeros(columns * 2, np.float32), np.zeros(columns * 2, np.float32)
    for node in range(rows + 1):
        near, far = far, near
        this = min(node, rows - 1)
        _widen_by_2(shift[this], far)
        if node == 0:
            near[:] = far
        first, end = _reach(shift[max(node - 1, 0)], shift[this], 2)
        if not end:
            continue
        for part in range(max(1 - node * 2, 0), min(rows * 2 + 1 - node * 2, 2)):
            line = plane[top + node * 2 - 1 + part, left + first : left + end]
            _add(line, near[first:end], far[first:end], (np.float32(part) + np.float32(0.5)) * np.float32(0.5))


@numba.njit("void(float32[:, :, ::1], int64, float32[:, ::1], float32[:, ::1])", fastmath=True, **_OPTIONS)
def spread_field(field, cell, map_x, map_y):  # noqa: ANN001, ANN201
    """Where each pixel comes from, for cv2.remap: its own place plus a field that is bilinear between the corners of cells.

    `field` (2, h + 1, w + 1) float32, x and y in pixels; `map_x` and `map_y` (h · `cell`, w · `cell`) float32.
    """
    for row in range(map_x.shape[0]):
        node, share = row // cell, np.float32(row % cell) / np.float32(cell)
        for axis in range(2):
            near, far = field[axis, node], field[axis, node + 1]
            line = map_x[row] if axis == 0 else map_y[row]
            for column in range(near.shape[0] - 1):
                start = near[column] + share * (far[column] - near[column])
                end = near[column + 1] + share * (far[column + 1] - near[column + 1])
                step = (end - start) / np.float32(cell)
                cells = line[column * cell : column * cell + cell]
                for across in range(cell):
                    own = np.float32(column * cell + across) if axis == 0 else np.float32(row)
                    cells[across] = own + start + np.float32(across) * step


@numba.njit("void(float32[:, ::1], float32[:, ::1], float32, int64, float32[:, :, ::1])", fastmath=True, **_OPTIONS)
def push(near, pushes, reach, cell, field):  # noqa: ANN001, ANN201
    """Add to `field` (2, h, w) the mean of the pushes of the control points within `reach`, weighted by (1 - r²)².

    Where the weights add up to less than one they count as they are, so that the field ends.

    `near` (n, 2) in pixels from the field's first corner, `pushes` (n, 2) in pixels, `cell` pixels between corners.
    """
    inverse = np.float32(1) / (reach * reach)
    for row in range(field.shape[1]):
        for column in range(field.shape[2]):
            total, x, y = np.float32(0), np.float32(0), np.float32(0)
            for index in range(near.shape[0]):
                across = np.float32(column * cell) - near[index, 0]
                down = np.float32(row * cell) - near[index, 1]
                weight = max(np.float32(1) - (across * across + down * down) * inverse, np.float32(0))
                weight *= weight
                total += weight
                x += weight * pushes[index, 0]
                y += weight * pushes[index, 1]
            scale = np.float32(1) / max(total, np.float32(1))
            field[0, row, column] += x * scale
            field[1, row, column] += y * scale


@numba.njit("void(float32[:, :, ::1], int64, float32[::1], float32[::1], float32)", fastmath=True, **_OPTIONS)
def end_outside(field, cell, middle, radii, band):  # noqa: ANN001, ANN201
    """Let `field` end outside an outline: whole up to it, none from `band` of its radius further out. Its rim is zero in any case.

    `middle` (2,) in pixels from the field's first corner; `radii` (n,) pixels, from -pi on.
    """
    count = radii.shape[0]
    for row in range(field.shape[1]):
        for column in range(field.shape[2]):
            across = np.float32(column * cell) - middle[0]
            down = np.float32(row * cell) - middle[1]
            place = np.float32((np.arctan2(down, across) / np.float32(2 * np.pi) + np.float32(0.5)) * count)
            index = np.int32(place)
            share = place - np.float32(index)
            radius = radii[index % count] + share * (radii[(index + 1) % count] - radii[index % count])
            outside = np.sqrt(across * across + down * down) / max(radius, np.float32(1)) - np.float32(1)
            left = np.float32(1) - min(max(outside / band, np.float32(0)), np.float32(1))
            kept = left * left * (np.float32(3) - np.float32(2) * left)
            field[0, row, column] *= kept
            field[1, row, column] *= kept
    field[:, 0, :] = 0
    field[:, :, 0] = 0
    field[:, field.shape[1] - 1, :] = 0
    field[:, :, field.shape[2] - 1] = 0


@numba.njit("float32(float32, float32, float32)", inline="always", fastmath=True, **_OPTIONS)
def fade_out(value, start, end):  # noqa: ANN001, ANN201
    """1 up to `start`, 0 from `end` on, smooth between."""
    place = min(max((value - start) / (end - start), np.float32(0)), np.float32(1))
    return np.float32(1) - place * place * (np.float32(3) - np.float32(2) * place)


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], float32[::1], uint8[:, ::1], float32[:, ::1])", fastmath=True, **_OPTIONS)
def tone_gate(y, u, v, skin, chroma, possible):  # noqa: ANN001, ANN201
    """How much a colour is one person's skin, `chroma` 0..255, and how much it still could be, `possible` 0..1.

    `skin` holds u, v, uu, uv, vv, luma, u_slope, v_slope and top of `faces.Skin`. Distances are in standard deviations, squared: 5 to 14 is
    2 to 4 of them, 16 to 34 is what a spot or a highlight reaches.
    """
    for row in range(y.shape[0]):
        for column in range(y.shape[1]):
            over = min(max(np.float32(y[row, column]), np.float32(16)), skin[8]) - skin[5]
            du = np.float32(u[row, column]) - skin[0] - skin[6] * over
            dv = np.float32(v[row, column]) - skin[1] - skin[7] * over
            distance = skin[2] * du * du + np.float32(2) * skin[3] * du * dv + skin[4] * dv * dv
            near = fade_out(distance, np.float32(5), np.float32(14))
            chroma[row, column] = np.uint8(np.int32(near * np.float32(255) + np.float32(0.5)))
            possible[row, column] = fade_out(distance, np.float32(16), np.float32(34))


@numba.njit("void(float32[:, ::1], float32[:, ::1], int64, float32)", fastmath=True, **_OPTIONS)
def texture(mean, squares, side, even):  # noqa: ANN001, ANN201
    """How far Y is spread in windows of `side` about the plane that fits it, in levels, into `squares`: a slope of light is none.

    `mean` and `squares` are the means of Y and of Y² over the windows; `even` levels of it are taken for nothing.
    """
    rows, columns = mean.shape
    tilt = np.float32((side * side - 1) / 12 / 4)
    for row in range(rows):
        above, below = mean[max(row - 1, 0)], mean[min(row + 1, rows - 1)]
        line, out = mean[row], squares[row]
        for column in range(columns):
            across = line[min(column + 1, columns - 1)] - line[max(column - 1, 0)]
            down = below[column] - above[column]
            rest = out[column] - line[column] * line[column] - tilt * (across * across + down * down) - even * even
            out[column] = np.sqrt(max(rest, np.float32(0)))


@numba.njit(
    "void(uint8[:, ::1], float32[:, ::1], uint8[:, ::1], uint8[:, ::1], float32[:, ::1], float32[::1], float32[::1])",
    fastmath=True,
    **_OPTIONS,
)
def close_gate(y, spread, chroma, closed, gate, skin, height):  # noqa: ANN001, ANN201
    """The whole gate into `gate`, which comes with `possible` of `tone_gate`; see `mask.skin_gate`.

    `closed` is `chroma` with its small holes closed; `spread` is `texture`; `height` holds the steps of the height on the forehead across
    and down, and its start.
    """
    scale = np.float32(1) / max(skin[5] - np.float32(16), np.float32(8))
    top_scale = np.float32(1) / max(skin[8] - np.float32(16), np.float32(8))
    for row in range(y.shape[0]):
        for column in range(y.shape[1]):
            up = min(max(height[2] + height[0] * np.float32(column) + height[1] * np.float32(row), np.float32(0)), np.float32(1))
            tone = max(np.float32(chroma[row, column]), np.float32(closed[row, column]) * gate[row, column]) * np.float32(1 / 255)
            light = (np.float32(y[row, column]) - np.float32(16)) * scale
            bright = fade_out((np.float32(y[row, column]) - skin[8]) * top_scale, np.float32(0.12), np.float32(0.30))
            lit = np.float32(1) - fade_out(light - up * np.float32(0.24), np.float32(0.35), np.float32(0.60))
            strands = np.float32(1) - fade_out(spread[row, column] * scale * np.float32(150), np.float32(5.5), np.float32(11))
            strands *= fade_out(light, np.float32(0.85), np.float32(1.05)) * min(up * np.float32(2), np.float32(1))
            gate[row, column] = tone * bright * lit * (np.float32(1) - strands)
