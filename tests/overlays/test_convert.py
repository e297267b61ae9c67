"""Colours across the border of I420: exact to a level, area true, and not BT.601."""

import cv2
import numpy as np
import pytest

from overlays import ConvertTools
from overlays.blend import blend
from overlays.convert import faded, to_layer
from studio.model.frames import VideoFrame
from studio.ports import Layers
from tests.overlays.air_samples import ground

PATCHES = (
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170), (214, 126, 44), (80, 91, 166),
    (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46), (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31),
    (187, 86, 149), (8, 133, 161), (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
    (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255),
)  # fmt: skip
"""The 24 patches of the usual chart in sRGB, and the corners."""


def bt709(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """ITU-R BT.709, limited range, in float."""
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + luma * 219 / 255, 128 + (blue - luma) / 1.8556 * 224 / 255, 128 + (red - luma) / 1.5748 * 224 / 255


@pytest.mark.parametrize("patch", PATCHES)
def test_a_painted_colour_becomes_its_bt709_levels(patch):
    red, green, blue = patch
    layer = to_layer(np.full((4, 4, 4), (blue, green, red, 255), np.uint8), 0, 0, 0)
    assert layer is not None
    found = (layer.luma[0, 0], layer.chroma_u[0, 0], layer.chroma_v[0, 0])
    assert np.abs(np.subtract(found, bt709(red, green, blue), dtype=float)).max() <= 0.51


@pytest.mark.parametrize("patch", PATCHES)
def test_a_colour_comes_back_from_the_frame(patch):
    frame = ground("grey", 64, 64)
    frame.y[:], frame.u[:], frame.v[:] = np.round(bt709(*patch))
    out = np.zeros((32, 32, 4), np.uint8)
    ConvertTools().shrink_bgrx(frame, out)
    assert np.abs(out[:, :, 2::-1].astype(int) - patch).max() <= 2
    assert (out[:, :, 3] == 255).all()


@pytest.mark.parametrize("cover", [1, 60, 128, 224, 254])
def test_half_transparent_colour_over_a_colour_is_what_float_says(cover):
    over, under = (200, 60, 30), (40, 90, 210)
    pixel = [round(part * cover / 255) for part in over[::-1]]
    layer = to_layer(np.full((8, 8, 4), (*pixel, cover), np.uint8), 0, 0, 0)
    frame = ground("grey", 8, 8)
    frame.y[:], frame.u[:], frame.v[:] = np.round(bt709(*under))
    blend(frame, Layers((layer,)))
    mixed = [a * cover / 255 + b * (1 - cover / 255) for a, b in zip(over, under, strict=True)]
    assert np.abs(np.subtract((frame.y[4, 4], frame.u[2, 2], frame.v[2, 2]), bt709(*mixed), dtype=float)).max() <= 1.6


def test_transparent_borders_are_cut_off_at_even_edges():
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[7:11, 13:15] = 255
    layer = to_layer(pixels, 100, 40, "key")
    assert layer is not None
    assert (layer.x, layer.y, layer.alpha.shape) == (112, 46, (6, 4))
    assert layer.alpha_half.shape == (3, 2)
    assert layer.alpha.sum() == 8 * 255
    assert to_layer(np.zeros((4, 4, 4), np.uint8), 0, 0, 0) is None


def test_a_faded_layer_has_its_share_of_everything():
    layer = to_layer(np.full((4, 4, 4), (255, 255, 255, 255), np.uint8), 2, 4, 0)
    half = faded(layer, 128, 6, 8, "half")
    assert (half.x, half.y, half.key) == (6, 8, "half")
    assert half.alpha[0, 0] == 128
    assert half.luma[0, 0] == 118
    assert faded(layer, 255, 6, 8, 1).luma is layer.luma


def test_each_small_pixel_is_the_mean_of_its_area():
    frame = ground("grey", 64, 64)
    frame.y[:] = np.indices((64, 64)).sum(axis=0) % 2 * 219 + 16
    out = np.zeros((16, 16, 4), np.uint8)
    ConvertTools().shrink_bgrx(frame, out)
    assert np.abs(out[:, :, :3].astype(int) - 128).max() <= 2


@pytest.mark.parametrize("size", [(960, 540), (540, 960), (700, 394), (1920, 1080), (2200, 1200), (17, 9)])
def test_any_size_can_be_asked_for(size):
    frame = ground("noise")
    out = np.zeros((size[1], size[0], 4), np.uint8)
    ConvertTools().shrink_bgrx(frame, out)
    assert (out[:, :, 3] == 255).all()


def test_a_still_comes_as_jpeg_of_the_asked_width_in_the_right_colours():
    frame = ground("grey", 640, 360)
    frame.y[:], frame.u[:], frame.v[:] = np.round(bt709(210, 54, 60))
    picture = cv2.imdecode(np.frombuffer(ConvertTools().jpeg(frame, 320), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (180, 320, 3)
    assert np.abs(picture[90, 160].astype(int) - (60, 54, 210)).max() <= 3


@pytest.mark.parametrize(("asked", "given"), [(-5, 16), (0, 16), (10**6, 640)])
def test_a_silly_width_gives_a_sound_picture(asked, given):
    data = ConvertTools().jpeg(VideoFrame.black(640, 360), asked)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape[1] == given
