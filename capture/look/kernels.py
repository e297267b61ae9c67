"""The loops over pixels, compiled by numba with the interpreter lock released; importing this file compiles or loads them.

It refuses anything but plain arrays, and it never allocates per pixel.
"""

import numba
import numpy as np

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], float32[:, :, ::1], float32, float32)", **_OPTIONS)
def to_rgb(y, u, v, out, scale, offset):  # noqa: ANN001, ANN201
    """BT.709 limited Y, U, V of one size to RGB × scale + offset, RGB in 0..1, clipped (ITU-R BT.709-6, items 3 and 5)."""
    for row in range(y.shape[0]):
        for column in range(y.shape[1]):
            luma = (np.float32(y[row, column]) - np.float32(16)) * np.float32(1 / 219)
            blue = (np.float32(u[row, column]) - np.float32(128)) * np.float32(1 / 224)
            red = (np.float32(v[row, column]) - np.float32(128)) * np.float32(1 / 224)
            r = luma + np.float32(1.5748) * red
            g = luma - np.float32(0.187324) * blue - np.float32(0.468124) * red
            b = luma + np.float32(1.8556) * blue
            out[row, column, 0] = min(max(r, np.float32(0)), np.float32(1)) * scale + offset
            out[row, column, 1] = min(max(g, np.float32(0)), np.float32(1)) * scale + offset
            out[row, column, 2] = min(max(b, np.float32(0)), np.float32(1)) * scale + offset


@numba.njit("void(uint8[:, :], int32[:, ::1], int32[:, ::1])", **_OPTIONS)
def scale_luma(y, gain, lift):  # noqa: ANN001, ANN201
    """Y = gain · Y + lift in place, both given at a quarter of the size in 1/256 and enlarged bilinearly on the way.

    `y` (4h, 4w) uint8, `gain` and `lift` (h, w) int32. 256 and 0 change no bit: the weights of the enlargement add up to exactly 64.
    """
    rows, columns = gain.shape
    wide_gain = np.empty(columns * 4, np.int32)
    wide_lift = np.empty(columns * 4, np.int32)
    near_gain = np.empty(columns + 2, np.int32)
    near_lift = np.empty(columns + 2, np.int32)
    for row in range(rows * 4):
        phase = row & 3
        this = row >> 2
        other = max(this - 1, 0) if phase < 2 else min(this + 1, rows - 1)
        far = 3 - 2 * phase if phase < 2 else 2 * phase - 3
        near = 8 - far
        for column in range(columns):
            near_gain[column + 1] = near * gain[this, column] + far * gain[other, column]
            near_lift[column + 1] = near * lift[this, column] + far * lift[other, column]
        near_gain[0], near_gain[columns + 1] = near_gain[1], near_gain[columns]
        near_lift[0], near_lift[columns + 1] = near_lift[1], near_lift[columns]
        for column in range(columns):
            for part in range(4):
                step = 3 - 2 * part if part < 2 else 2 * part - 3
                side = column if part < 2 else column + 2
                wide_gain[column * 4 + part] = (8 - step) * near_gain[column + 1] + step * near_gain[side]
                wide_lift[column * 4 + part] = (8 - step) * near_lift[column + 1] + step * near_lift[side]
        line = y[row]
        for column in range(columns * 4):
            value = (wide_gain[column] * np.int32(line[column]) + wide_lift[column] + 8192) >> 14
            line[column] = np.uint8(min(max(value, 0), 255))


@numba.njit("void(uint8[:, :], int32[:, ::1])", **_OPTIONS)
def shift_chroma(plane, shift):  # noqa: ANN001, ANN201
    """Shift a plane in place, given at half of its size in 1/256 and enlarged bilinearly on the way.

    `plane` (2h, 2w) uint8, `shift` (h, w) int32. 0 changes no bit.
    """
    rows, columns = shift.shape
    near = np.empty(columns + 2, np.int32)
    for row in range(rows * 2):
        this = row >> 1
        other = min(this + 1, rows - 1) if row & 1 else max(this - 1, 0)
        for column in range(columns):
            near[column + 1] = 3 * shift[this, column] + shift[other, column]
        near[0], near[columns + 1] = near[1], near[columns]
        line = plane[row]
        for column in range(columns):
            left = (np.int32(line[2 * column]) << 12) + 3 * near[column + 1] + near[column] + 2048
            right = (np.int32(line[2 * column + 1]) << 12) + 3 * near[column + 1] + near[column + 2] + 2048
            line[2 * column] = np.uint8(min(max(left >> 12, 0), 255))
            line[2 * column + 1] = np.uint8(min(max(right >> 12, 0), 255))


@numba.njit("void(float32[::1], int64, float32)", **_OPTIONS)
def _put(line, node, value):  # noqa: ANN001, ANN202
    """Write every 4th entry, and the three between it and the one before."""
    if node < 64:
        line[4 * node] = value
    if node:
        before = line[4 * node - 4]
        for part in range(1, 4):
            line[4 * node - 4 + part] = before + (value - before) * np.float32(0.25 * part)


@numba.njit("float32(float32[::1], float32, float32)", inline="always", fastmath=True, **_OPTIONS)
def _curve(curve, place, last):  # noqa: ANN001, ANN202
    place = min(max(place, np.float32(0)), last)
    index = np.int32(place)
    part = place - np.float32(index)
    return curve[index] + part * (curve[index + 1] - curve[index])


@numba.njit("UniTuple(float32, 3)(float32[:, :, :, ::1], float32, float32, float32)", fastmath=True, **_OPTIONS)
def _cube(cube, r, g, b):  # noqa: ANN001, ANN202
    """Trilinear; outside 0..1 the edge counts."""
    last = np.float32(cube.shape[0] - 1)
    r, g, b = min(max(r * last, np.float32(0)), last), min(max(g * last, np.float32(0)), last), min(max(b * last, np.float32(0)), last)
    i, j, k = min(np.int32(r), cube.shape[0] - 2), min(np.int32(g), cube.shape[0] - 2), min(np.int32(b), cube.shape[0] - 2)
    r, g, b = r - np.float32(i), g - np.float32(j), b - np.float32(k)
    red, green, blue = np.float32(0), np.float32(0), np.float32(0)
    for corner in range(8):
        x, y, z = corner >> 2, (corner >> 1) & 1, corner & 1
        weight = (r if x else 1 - r) * (g if y else 1 - g) * (b if z else 1 - b)
        node = cube[i + x, j + y, k + z]
        red += weight * node[0]
        green += weight * node[1]
        blue += weight * node[2]
    return np.float32(red), np.float32(green), np.float32(blue)


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], uint8[:, :, :, ::1])", **_OPTIONS)
def apply_table(y, u, v, table):  # noqa: ANN001, ANN201
    """The colour table in place.

    `table` (128, 128, 3, 256) uint8 is indexed [U/2, V/2][new Y, U, V][Y]; the low bit of U and V is carried over.
    A chroma sample goes by the mean of its four Y.
    """
    for row in range(u.shape[0]):
        upper, lower = y[2 * row], y[2 * row + 1]
        for column in range(u.shape[1]):
            cell = table[u[row, column] >> 1, v[row, column] >> 1]
            a, b = upper[2 * column], upper[2 * column + 1]
            c, d = lower[2 * column], lower[2 * column + 1]
            mean = (np.int32(a) + np.int32(b) + np.int32(c) + np.int32(d) + 2) >> 2
            upper[2 * column] = cell[0, a]
            upper[2 * column + 1] = cell[0, b]
            lower[2 * column] = cell[0, c]
            lower[2 * column + 1] = cell[0, d]
            u[row, column] = min(cell[1, mean] + (u[row, column] & 1), 255)
            v[row, column] = min(cell[2, mean] + (v[row, column] & 1), 255)


@numba.njit(
    "void(float32[:, ::1], float32, float32, float32, float32[:, :, :, ::1], float32, float32[:, :, :, ::1])", fastmath=True, **_OPTIONS
)
def bake_nodes(curves, first, step, saturation, cube, strength, nodes):  # noqa: ANN001, ANN201
    """What the colours of the table's nodes become: `nodes` (33, 33, 3, 256) float32, every 4th [U/2, V/2] of `apply_table`'s table.

    `curves` (3, N) float32 holds R', G', B' out for R', G', B' = first + i · step in; `saturation` is a factor about BT.709 luma;
    `cube` (n, n, n, 3) float32, indexed [R][G][B], takes part with `strength` (0: not at all).
    Every 4th Y is computed, the three between are interpolated.
    """
    last = np.float32(curves.shape[1] - 1.001)
    scale = np.float32(1) / step
    for u in range(nodes.shape[0]):
        blue = (np.float32(8 * u) + np.float32(0.5) - np.float32(128)) / np.float32(224)
        for v in range(nodes.shape[1]):
            red = (np.float32(8 * v) + np.float32(0.5) - np.float32(128)) / np.float32(224)
            add_r = np.float32(1.5748) * red
            add_g = np.float32(-0.187324) * blue - np.float32(0.468124) * red
            add_b = np.float32(1.8556) * blue
            cell = nodes[u, v]
            for node in range(65):
                luma = np.float32(4 * node - 16) * np.float32(1 / 219)
                r = _curve(curves[0], (luma + add_r - first) * scale, last)
                g = _curve(curves[1], (luma + add_g - first) * scale, last)
                b = _curve(curves[2], (luma + add_b - first) * scale, last)
                grey = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
                r, g, b = grey + saturation * (r - grey), grey + saturation * (g - grey), grey + saturation * (b - grey)
                if strength > 0:
                    red_out, green_out, blue_out = _cube(cube, r, g, b)
                    r, g, b = r + strength * (red_out - r), g + strength * (green_out - g), b + strength * (blue_out - b)
                grey = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
                _put(cell[0], node, np.float32(16.5) + np.float32(219) * grey)
                _put(cell[1], node, np.float32(128) + np.float32(224 / 1.8556) * (b - grey))
                _put(cell[2], node, np.float32(128) + np.float32(224 / 1.5748) * (r - grey))


@numba.njit("void(float32[:, :, :, ::1], uint8[:, :, :, ::1])", fastmath=True, **_OPTIONS)
def spread_nodes(nodes, table):  # noqa: ANN001, ANN201
    """The whole table from its nodes, bilinear in U and V, rounded down (the half is in the nodes)."""
    row = np.empty((nodes.shape[1], 3, 256), np.float32)
    for u in range(table.shape[0]):
        far_u = np.float32(u & 3) * np.float32(0.25)
        one, other = nodes[u >> 2], nodes[(u >> 2) + 1]
        for v in range(nodes.shape[1]):
            for part in range(3):
                for y in range(256):
                    row[v, part, y] = one[v, part, y] + far_u * (other[v, part, y] - one[v, part, y])
        for v in range(table.shape[1]):
            far_v = np.float32(v & 3) * np.float32(0.25)
            for part in range(3):
                before, after, out = row[v >> 2, part], row[(v >> 2) + 1, part], table[u, v, part]
                for y in range(256):
                    value = before[y] + far_v * (after[y] - before[y])
                    out[y] = np.uint8(np.int32(min(max(value, np.float32(1)), np.float32(254.9))))
