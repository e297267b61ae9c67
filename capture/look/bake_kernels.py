"""Baking the colour table, compiled by numba with the interpreter lock released; importing this file compiles or loads it.

It refuses to run on the frame's path: some 10 ms, on whichever thread the look is configured.
"""

import numba
import numpy as np

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}


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


@numba.njit("float32(float32)", inline="always", fastmath=True, **_OPTIONS)
def _linear(value):  # noqa: ANN001, ANN202
    """The inverse of BT.709's camera curve, odd about zero."""
    size = abs(value)
    if size < np.float32(0.081):
        return value * np.float32(1 / 4.5)
    lit = ((size + np.float32(0.099)) * np.float32(1 / 1.099)) ** np.float32(1 / 0.45)
    return lit if value > 0 else -lit


@numba.njit("float32(float32)", inline="always", fastmath=True, **_OPTIONS)
def _shown(value):  # noqa: ANN001, ANN202
    """BT.709's camera curve, odd about zero."""
    size = abs(value)
    if size < np.float32(0.018):
        return value * np.float32(4.5)
    shown = np.float32(1.099) * size ** np.float32(0.45) - np.float32(0.099)
    return shown if value > 0 else -shown


@numba.njit("UniTuple(float32, 3)(float32[:, ::1], float32, float32, float32)", fastmath=True, **_OPTIONS)
def _mixed(matrix, r, g, b):  # noqa: ANN001, ANN202
    """The camera's matrix, in linear light."""
    r, g, b = _linear(r), _linear(g), _linear(b)
    red = _shown(matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b)
    green = _shown(matrix[1, 0] * r + matrix[1, 1] * g + matrix[1, 2] * b)
    blue = _shown(matrix[2, 0] * r + matrix[2, 1] * g + matrix[2, 2] * b)
    return red, green, blue


@numba.njit("UniTuple(float32, 3)(float32, float32, float32, float32, float32)", fastmath=True, **_OPTIONS)
def _saturated(r, g, b, saturation, vibrance):  # noqa: ANN001, ANN202
    """About BT.709 luma; vibrance is the stronger, the paler the colour."""
    spread = min(max(max(r, g, b) - min(r, g, b), np.float32(0)), np.float32(1))
    factor = saturation * (np.float32(1) + vibrance * (np.float32(1) - spread))
    grey = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
    return grey + factor * (r - grey), grey + factor * (g - grey), grey + factor * (b - grey)


@numba.njit(
    "void(float32[:, ::1], UniTuple(float32, 2), float32[:, ::1], boolean, UniTuple(float32, 2), float32[:, :, :, ::1], float32,"
    " float32[:, :, :, ::1])",
    fastmath=True,
    **_OPTIONS,
)
def bake_nodes(curves, places, matrix, is_mixing, vividness, cube, strength, nodes):  # noqa: ANN001, ANN201
    """What the colours of the table's nodes become: `nodes` (33, 33, 3, 256) float32, every 4th [U/2, V/2] of `apply_table`'s table.

    `matrix` (3, 3) goes first, in linear light, where `is_mixing`; `curves` (3, N) float32 holds R', G', B' out for
    R', G', B' = first + i · step in, `places` being (first, step); `vividness` is (saturation, vibrance) as `_saturated` takes them;
    `cube` (n, n, n, 3) float32, indexed [R][G][B], takes part with `strength` (0: not at all).
    Every 4th Y is computed, the three between are interpolated.
    """
    last = np.float32(curves.shape[1] - 1.001)
    first, scale = places[0], np.float32(1) / places[1]
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
                r, g, b = luma + add_r, luma + add_g, luma + add_b
                if is_mixing:
                    r, g, b = _mixed(matrix, r, g, b)
                r = _curve(curves[0], (r - first) * scale, last)
                g = _curve(curves[1], (g - first) * scale, last)
                b = _curve(curves[2], (b - first) * scale, last)
                r, g, b = _saturated(r, g, b, vividness[0], vividness[1])
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
