"""Colours at the edges: 24 patches from full-range BGR, and how a picture covers the canvas."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.colour import EdgeConverter
from capture.scale import cover
from tests.capture.capture_clips import PATCHES_SRGB, as_yuv


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("size", [(64, 36), (320, 180), (50, 90)])
def test_every_patch_keeps_its_colour_in_bt709(channels: int, size: tuple[int, int]) -> None:
    converter = EdgeConverter(64, 36)
    for red, green, blue in PATCHES_SRGB:
        picture = np.full((size[1], size[0], channels), (blue, green, red, 99)[:channels], np.uint8)
        frame = converter.convert(picture, 5, 6)
        ideal = as_yuv(np.array([red, green, blue]) / 255, "bt709")
        for plane, value in zip((frame.y, frame.u, frame.v), ideal, strict=True):
            assert np.abs(plane - value).max() <= 0.51  # rounding alone
        assert (frame.time_ns, frame.seq) == (5, 6)


def test_the_extremes_stay_in_range_and_grey_has_no_colour() -> None:
    converter = EdgeConverter(16, 16)
    for level in range(256):
        frame = converter.convert(np.full((16, 16, 3), level, np.uint8), 0, 0)
        assert (frame.planes[16:] == 128).all()
        assert frame.y[0, 0] == round(16 + 219 * level / 255)
    corners = [(red, green, blue) for red in (0, 255) for green in (0, 255) for blue in (0, 255)]
    for corner in corners:
        frame = converter.convert(np.full((16, 16, 3), corner, np.uint8), 0, 0)
        assert 16 <= frame.y.min() <= frame.y.max() <= 235
        assert 16 <= frame.planes[16:].min() <= frame.planes[16:].max() <= 240


def test_chroma_is_the_mean_of_four_pixels_and_luma_stays_sharp() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[0, 0] = (0, 0, 255)
    frame = EdgeConverter(4, 4).convert(picture, 0, 0)
    red = as_yuv(np.array([1.0, 0, 0]), "bt709")
    assert abs(frame.y[0, 0] - red[0]) <= 0.51
    assert (frame.y[:2, :2].reshape(-1)[1:] == 16).all()
    assert abs(frame.v[0, 0] - (128 + (red[2] - 128) / 4)) <= 0.51
    assert (frame.v.reshape(-1)[1:] == 128).all()


def test_a_picture_of_another_shape_is_cut_evenly() -> None:
    picture = np.zeros((100, 300, 3), np.uint8)
    picture[:, 100:200] = 255
    frame = EdgeConverter(100, 100).convert(picture, 0, 0)
    assert (frame.y[:, 2:98] == 235).all()


@pytest.mark.parametrize("size", [(96, 96), (150, 150), (192, 192), (333, 333), (60, 60)])
def test_fine_lines_are_averaged_not_picked(size: tuple[int, int]) -> None:
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    picture[:, ::2] = 255
    frame = EdgeConverter(96, 96).convert(picture, 0, 0)
    assert abs(frame.y.mean() - 125.5) < 4
    if size[0] >= 192:
        assert frame.y.std() < 25


SIDE = st.integers(1, 8192)
EVEN = st.integers(32, 1920).map(lambda half: half * 2)


@given(st.tuples(SIDE, SIDE), st.tuples(EVEN, EVEN))
def test_the_part_that_is_shown_is_inside_centred_and_of_the_canvas_shape(source: tuple[int, int], canvas: tuple[int, int]) -> None:
    crop = cover(source, canvas)
    assert 0 <= crop.x <= crop.x + crop.width <= source[0]
    assert 0 <= crop.y <= crop.y + crop.height <= source[1]
    assert crop.width == source[0] or crop.height == source[1]
    assert crop.x % 2 == crop.y % 2 == 0
    assert abs(source[0] - crop.width - 2 * crop.x) <= 4
    assert abs(source[1] - crop.height - 2 * crop.y) <= 4
    wanted = min(source[0], source[1] * canvas[0] / canvas[1])
    assert abs(crop.width - wanted) <= 2 or crop.width == 2


def test_pixels_that_are_not_square_are_seen_as_they_should_be() -> None:
    assert cover((1440, 1080), (1920, 1080), Fraction(4, 3)).width == 1440
    assert cover((1440, 1080), (1920, 1080)).height < 1080
