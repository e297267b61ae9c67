"""Mixing planes by a mask, by chroma and over time, compiled by numba with the interpreter lock released.

It refuses anything but plain arrays; where a mask is whole or nothing no bit of the chosen side changes.
"""

import numba
import numpy as np

_OPTIONS = {"cache": True, "nogil": True, "boundscheck": False}


@numba.njit("void(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1])", **_OPTIONS)
def mix(plane, other, mask):  # noqa: ANN001, ANN201
    """`plane` where the mask is 255, `other` where it is 0, in between mixed, in place; all (h, w)."""
    for row in range(plane.shape[0]):
        line, behind, share = plane[row], other[row], mask[row]
        for column in range(plane.shape[1]):
            near, far, part = np.int32(line[column]), np.int32(behind[column]), np.int32(share[column])
            value = far * 255 + (near - far) * part + 127
            line[column] = np.uint8((value * 32897) >> 23)  # divided by 255, exact below 2^16


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
