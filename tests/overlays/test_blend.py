"""Layers onto a frame: the formula, the rectangle, the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overlays.blend import blend
from overlays.convert import to_layer
from studio.model.frames import VideoFrame
from studio.ports import Layer, Layers
from tests.overlays.air_samples import copied, ground


def random_layer(x: int, y: int, width: int, height: int, seed: int = 1) -> Layer:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 4), np.uint8)
    pixels[0, 0, 3] = pixels[-1, -1, 3] = 255
    pixels[:, :, :3] = pixels[:, :, :3].astype(int) * pixels[:, :, 3:] // 255
    layer = to_layer(pixels, x, y, seed)
    assert layer is not None
    return layer


def expected(plane: np.ndarray, values: np.ndarray, alpha: np.ndarray, x: int, y: int) -> np.ndarray:
    """The formula of the port, in float and rounded, on a plane as large as needed."""
    out = plane.astype(float)
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            if 0 <= y + row < plane.shape[0] and 0 <= x + column < plane.shape[1]:
                below = np.floor(out[y + row, x + column] * (255 - float(alpha[row, column])) / 255 + 0.5)
                out[y + row, x + column] = below + values[row, column]
    return out


@pytest.mark.parametrize(("x", "y"), [(8, 4), (-6, -4), (40, 26), (0, 0), (60, 40), (64, 8), (-20, 0)])
def test_every_plane_follows_the_formula_and_is_clipped_at_the_frame(x, y):
    frame = ground("noise", 64, 48)
    before, layer = copied(frame), random_layer(x, y, 20, 12)
    blend(frame, Layers((layer,)))
    assert np.array_equal(frame.y, expected(before.y, layer.luma, layer.alpha, x, y))
    assert np.array_equal(frame.u, expected(before.u, layer.chroma_u, layer.alpha_half, x // 2, y // 2))
    assert np.array_equal(frame.v, expected(before.v, layer.chroma_v, layer.alpha_half, x // 2, y // 2))


@given(st.integers(0, 255), st.integers(0, 255))
def test_every_level_under_every_coverage_is_rounded_and_stays_in_range(level, cover):
    values = np.full((2, 2), round(235 * cover / 255), np.uint8)
    half = np.full((1, 1), cover, np.uint8)
    layer = Layer(0, 0, values, values[:1, :1], values[:1, :1], np.full((2, 2), cover, np.uint8), half, 0)
    frame = VideoFrame(np.full((3, 2), level, np.uint8), 0, 0)
    blend(frame, Layers((layer,)))
    assert frame.y[0, 0] == int(level * (255 - cover) / 255 + 0.5) + values[0, 0]


def test_a_transparent_pixel_keeps_every_bit():
    for level in range(256):
        frame = VideoFrame(np.full((3, 2), level, np.uint8), 0, 0)
        zero, one = np.zeros((2, 2), np.uint8), np.zeros((1, 1), np.uint8)
        blend(frame, Layers((Layer(0, 0, zero, one, one, zero, one, 0),)))
        assert (frame.planes == level).all()


def test_nothing_outside_the_rectangle_is_touched():
    frame = ground("noise", 64, 48)
    before, layer = copied(frame), random_layer(10, 6, 20, 12)
    blend(frame, Layers((layer,)))
    frame.y[6:18, 10:30] = before.y[6:18, 10:30]
    frame.u[3:9, 5:15], frame.v[3:9, 5:15] = before.u[3:9, 5:15], before.v[3:9, 5:15]
    assert np.array_equal(frame.planes, before.planes)


def test_the_last_layer_lies_on_top():
    frame = ground("black", 16, 16)
    red, blue = (
        to_layer(np.full((16, 16, 4), colour, np.uint8), 0, 0, name) for name, colour in (("r", (0, 0, 255, 255)), ("b", (255, 0, 0, 255)))
    )
    blend(frame, Layers((red, blue)))
    assert frame.y[4, 4] == blue.luma[4, 4] == 32
