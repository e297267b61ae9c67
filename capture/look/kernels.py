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
