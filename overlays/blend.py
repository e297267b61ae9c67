"""Layers onto an I420 frame, in place, and nothing outside their rectangles.

It refuses to convert: a layer comes as premultiplied planes, so that each pixel costs one multiplication.
"""

import numpy as np
from numba import njit

from studio.model.frames import VideoFrame
from studio.ports import Layers


def blend(frame: VideoFrame, layers: Layers) -> None:
    """Put the layers on the frame, bottom first: out = in × (255 − alpha) / 255 + layer, rounded; what lies outside is clipped."""
    for layer in layers.items:
        _blend_plane(frame.y, layer.luma, layer.alpha, layer.x, layer.y)
        _blend_plane(frame.u, layer.chroma_u, layer.alpha_half, layer.x // 2, layer.y // 2)
        _blend_plane(frame.v, layer.chroma_v, layer.alpha_half, layer.x // 2, layer.y // 2)


@njit(nogil=True, cache=True)
def _blend_plane(plane, values, alpha, left, top):  # noqa: ANN001, ANN202 - numba infers the types
    """One plane, uint8, in place. Without a branch on alpha the loop runs 16 pixels at a time; alpha 0 then gives back the pixel exactly.

    (t + (t >> 8)) >> 8 with t = v + 128 is v / 255, rounded, for every v up to 255 × 255.
    """
    first_row, last_row = max(0, -top), min(values.shape[0], plane.shape[0] - top)
    first, last = max(0, -left), min(values.shape[1], plane.shape[1] - left)
    if last <= first:
        return
    for row in range(first_row, last_row):
        out = plane[top + row, left + first : left + last]
        value = values[row, first:last]
        cover = alpha[row, first:last]
        for column in range(last - first):
            t = np.uint16(np.uint16(out[column]) * np.uint16(np.uint16(255) - np.uint16(cover[column])) + np.uint16(128))
            out[column] = np.uint8(np.uint16(np.uint16(t + np.uint16(t >> np.uint16(8))) >> np.uint16(8)) + np.uint16(value[column]))
