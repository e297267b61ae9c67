"""Mixing planes by a mask, by chroma and over time, compiled by numba with the interpreter lock released.

It refuses anything but plain arrays; where a mask is whole or nothing no bit of the chosen side changes.
"""

import numba
import numpy as np

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}


_BLOCK = 64
"""Columns that are left alone, taken over or mixed at once."""


@numba.njit("UniTuple(int64, 2)(int64, int64, int64)", inline="always", **_OPTIONS)
def _rows(row, rows, small):  # noqa: ANN001, ANN202
    """The row above of a plane of `small` rows that is enlarged to `rows`, and the share of the one below in 1/256; ends held."""
    place = (2 * row + 1) * small * 128 // rows - 128
    place = min(max(place, 0), (small - 1) * 256)
    return place >> 8, place & 255


@numba.njit("void(uint8[::1], uint8[::1], uint8[::1])", **_OPTIONS)
def _kinds(upper, lower, kinds):  # noqa: ANN001, ANN202
    """What two rows of a mask ask for in each block: 0 to be left alone, 1 to be taken over, 2 to be mixed."""
    for block in range(kinds.shape[0]):
        one, other = upper[block * _BLOCK :][:_BLOCK], lower[block * _BLOCK :][:_BLOCK]
        low, high = np.uint8(255), np.uint8(0)
        for column in range(one.shape[0]):
            low = min(low, one[column], other[column])
            high = max(high, one[column], other[column])
        kinds[block] = 0 if low == 255 else (1 if high == 0 else 2)


@numba.njit(
    ["void(uint8[::1], uint8[::1], float32, uint8[::1])", "void(float32[::1], float32[::1], float32, uint8[::1])"],
    fastmath=True,
    **_OPTIONS,
)
def _between(above, below, deep, line):  # noqa: ANN001, ANN202
    for column in range(line.shape[0]):
        top = np.float32(above[column])
        line[column] = np.uint8(np.int32(top + deep * (np.float32(below[column]) - top) + np.float32(0.5)))


@numba.njit(
    [
        "void(uint8[::1], uint8[::1], float32, uint8[::1], uint8[::1], float32, uint8[::1])",
        "void(float32[::1], float32[::1], float32, uint8[::1], uint8[::1], float32, uint8[::1])",
    ],
    fastmath=True,
    **_OPTIONS,
)
def _mixed(above, below, deep, upper, lower, down, line):  # noqa: ANN001, ANN202
    for column in range(line.shape[0]):
        top, part = np.float32(above[column]), np.float32(upper[column])
        behind = top + deep * (np.float32(below[column]) - top)
        share = (part + down * (np.float32(lower[column]) - part)) * np.float32(1 / 255)
        line[column] = np.uint8(np.int32(behind + share * (np.float32(line[column]) - behind) + np.float32(0.5)))


@numba.njit(["void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1])", "void(uint8[:, ::1], float32[:, ::1], uint8[:, ::1])"], **_OPTIONS)
def mix(plane, other, mask):  # noqa: ANN001, ANN201
    """`plane` where the mask is 255, `other` where it is 0, in between mixed, in place.

    `plane` (H, W); `other` (uint8, or float32 where 8 bits would show as steps) and `mask` (any height, W) are enlarged to H on the way.
    Most of a picture is the one or the other whole: blocks are looked at first, which halves the time.
    """
    rows, columns = plane.shape
    kinds = np.empty((columns + _BLOCK - 1) // _BLOCK, np.uint8)
    seen = -1
    for row in range(rows):
        near, near_share = _rows(row, rows, mask.shape[0])
        far, far_share = _rows(row, rows, other.shape[0])
        upper, lower = mask[near], mask[min(near + 1, mask.shape[0] - 1)]
        above, below = other[far], other[min(far + 1, other.shape[0] - 1)]
        down, deep = np.float32(near_share) * np.float32(1 / 256), np.float32(far_share) * np.float32(1 / 256)
        if near != seen:
            _kinds(upper, lower, kinds)
            seen = near
        block = 0
        while block < kinds.shape[0]:
            kind, first = kinds[block], block
            while block < kinds.shape[0] and kinds[block] == kind:
                block += 1
            run = slice(first * _BLOCK, min(block * _BLOCK, columns))
            if kind == 1:
                _between(above[run], below[run], deep, plane[row, run])
            elif kind == 2:
                _mixed(above[run], below[run], deep, upper[run], lower[run], down, plane[row, run])


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, :, ::1], uint8[:, ::1])", **_OPTIONS)
def key_chroma(u, v, table, coverage):  # noqa: ANN001, ANN201
    """`table` (256, 256, 3) gives coverage, new U and new V for each U, V; the planes in place."""
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            cell = table[u[row, column], v[row, column]]
            coverage[row, column] = cell[0]
            u[row, column] = cell[1]
            v[row, column] = cell[2]


@numba.njit("void(uint8[:, ::1], uint16[:, ::1], uint8[:, ::1], int32, int32, uint8[:, ::1])", **_OPTIONS)
def lean(plane, memory, still, share, largest, out):  # noqa: ANN001, ANN201
    """`out` and `memory` (in 1/64 level, so that slow changes aren't rounded away) between the plane and the memory.

    `still` 0..255 is how far a neighbourhood is at rest, `share` in 1/256 how much of the memory counts at most, falling to none for a
    pixel that differs by `largest` levels.
    """
    reach = np.int32(largest * 64)
    steep = np.int32(65536 // reach)
    for row in range(plane.shape[0]):
        line, past, calm, shown = plane[row], memory[row], still[row], out[row]
        for column in range(plane.shape[1]):
            now = np.int32(line[column]) << 6
            away = np.int32(past[column]) - now
            near = max(reach - abs(away), 0)
            weight = (((near * steep) >> 8) * np.int32(calm[column]) * share) >> 16
            value = now + ((away * weight) >> 8)
            past[column] = np.uint16(value)
            shown[column] = np.uint8((value + 32) >> 6)
