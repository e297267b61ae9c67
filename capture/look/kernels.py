"""The loops over pixels, compiled by numba with the interpreter lock released; importing this file compiles or loads them.

It refuses anything but plain arrays, and it never allocates per pixel.
"""

import numba
import numpy as np

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], float32[:, :, ::1], float32, float32)", fastmath=True, **_OPTIONS)
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


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], uint8[::1])", **_OPTIONS)
def apply_table(y, u, v, table):  # noqa: ANN001, ANN201
    """The colour table in place.

    `table` is (128, 128, 3, 256) uint8 below 255, flat: [U/2, V/2][new Y, U, V][Y]; the low bit of U and V is carried over.
    A chroma sample goes by the mean of its four Y. What can be done for a whole row at once is done before and after the look-ups,
    which makes a quarter of the time (measured against one loop).
    """
    columns = u.shape[1]
    cells = np.empty(columns, np.uint32)
    low_u, low_v = np.empty(columns, np.uint8), np.empty(columns, np.uint8)
    one, two = np.uint32(1), np.uint64(2)
    for row in range(u.shape[0]):
        upper, lower, blue, red = y[2 * row], y[2 * row + 1], u[row], v[row]
        for column in range(columns):
            place = (np.uint32(blue[column]) >> one) * np.uint32(128) + (np.uint32(red[column]) >> one)
            cells[column] = place * np.uint32(768)
            low_u[column], low_v[column] = blue[column] & np.uint8(1), red[column] & np.uint8(1)
        for column in range(columns):
            cell = np.uint64(cells[column])
            a, b = np.uint64(upper[2 * column]), np.uint64(upper[2 * column + 1])
            c, d = np.uint64(lower[2 * column]), np.uint64(lower[2 * column + 1])
            mean = cell + ((a + b + c + d + two) >> two)
            upper[2 * column] = table[cell + a]
            upper[2 * column + 1] = table[cell + b]
            lower[2 * column] = table[cell + c]
            lower[2 * column + 1] = table[cell + d]
            blue[column] = table[mean + np.uint64(256)]
            red[column] = table[mean + np.uint64(512)]
        for column in range(columns):
            blue[column] += low_u[column]
            red[column] += low_v[column]
