import os
import threading

import cv2
import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator
from skimage.color import deltaE_ciede2000, rgb2lab

from capture.look import colour
from capture.look.picture import to_frame
from studio.errors import InvalidInput
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings
from tests.capture.look.pictures import copy, rgb

LOOKS = {
    "warm and bright": {"temperature": 0.5, "exposure": 0.3},
    "cool and magenta": {"temperature": -0.6, "tint": 0.5},
    "contrast": {"contrast": 0.6},
    "flat and pale": {"contrast": -0.5, "saturation": -0.4},
    "vivid": {"saturation": 0.5, "contrast": 0.2},
    "dark": {"exposure": -0.5},
    "ends": {"highlights": -0.7, "shadows": 0.6},
    "other ends": {"highlights": 0.8, "shadows": -0.8},
    "vibrant": {"vibrance": 0.8},
    "dull": {"vibrance": -0.7, "saturation": 0.1},
    "balanced": {"white_balance": "0.8 1 1.6"},
    "drawn": {"curve": "0,0.03 0.3,0.25 0.7,0.76 1,0.98", "curve_red": "0,0 0.5,0.55 1,1", "curve_blue": "0,0.05 1,0.9"},
}


def film(red, green, blue):
    """A look such as a .cube holds: channels mixed, a lifted black, a soft shoulder."""
    out = np.stack([0.95 * red + 0.05 * green, 0.97 * green + 0.03 * blue, 0.04 + 0.9 * blue + 0.06 * red], axis=-1)
    return out.clip(0, 1) ** np.array([0.92, 0.97, 1.05])


def write_film(path, size=33):
    levels = np.linspace(0, 1, size)
    blue, green, red = np.meshgrid(levels, levels, levels, indexing="ij")
    rows = film(red, green, blue).reshape(-1, 3)
    path.write_text(f"LUT_3D_SIZE {size}\n" + "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in rows) + "\n")
    return str(path)


def natural_picture():
    """An even-sized part of a portrait with cloth, metal and skin, 0..1, without the noise of 4:2:0 at its finest."""
    return cv2.GaussianBlur(rgb("astronaut")[:400, :400].astype(np.float64) / 255, (0, 0), 1.2)


def ideal(picture, look, *, with_film=False):
    """What the settings mean, in float on every pixel, from their definition."""
    luma = np.array([0.2126, 0.7152, 0.0722])
    linear = np.where(picture < 0.081, picture / 4.5, ((picture + 0.099) / 1.099) ** (1 / 0.45))
    stops = np.array([0.30 * look.temperature, -0.18 * look.tint, -0.30 * look.temperature])
    gains = 2**stops / (2**stops @ luma) * 2**look.exposure * np.array([float(gain) for gain in (look.white_balance or "1 1 1").split()])
    lit = linear * gains
    shown = np.where(lit < 0.018, lit * 4.5, 1.099 * lit**0.45 - 0.099)
    inside = shown.clip(0, 1)
    shown = shown + look.shadows * (1.4 if look.shadows > 0 else 0.9) * inside * (1 - inside) ** 3
    shown = shown + look.highlights * (0.9 if look.highlights > 0 else 1.4) * inside**3 * (1 - inside)
    inside = shown.clip(0, 1)
    shown = shown + look.contrast * 1.6 * inside * (1 - inside) * (inside - 0.5)
    drawn = [
        drawn_curve(drawn_curve(shown[..., index], look.curve), curve)
        for index, curve in enumerate((look.curve_red, look.curve_green, look.curve_blue))
    ]
    shown = np.stack(drawn, axis=-1)
    grey = (shown @ luma)[..., None]
    spread = (shown.max(axis=-1) - shown.min(axis=-1)).clip(0, 1)[..., None]
    shown = grey + (1 + look.saturation * (0.8 if look.saturation > 0 else 1)) * (1 + 0.6 * look.vibrance * (1 - spread)) * (shown - grey)
    if with_film:
        inside = shown.clip(0, 1)
        shown = film(inside[..., 0], inside[..., 1], inside[..., 2])
    return shown.clip(0, 1)


def drawn_curve(values, text):
    """By another's implementation of the same course."""
    if not text:
        return values
    x, y = zip(*(map(float, point.split(",")) for point in text.split()), strict=True)
    return PchipInterpolator(x, y)(values.clip(0, 1)) if len(x) > 2 else np.interp(values, x, y)


def to_float_rgb(frame):
    size = (frame.width, frame.height)
    luma = (frame.y.astype(np.float64) - 16) / 219
    u, v = (cv2.resize(plane.astype(np.float64), size, interpolation=cv2.INTER_CUBIC) for plane in (frame.u, frame.v))
    blue, red = (u - 128) / 224 * 1.8556, (v - 128) / 224 * 1.5748
    green = luma - (0.2126 * red + 0.0722 * blue) / 0.7152
    return np.stack([luma + red, green, luma + blue], axis=-1).clip(0, 1)


def delta(frame, reference):
    lab = [rgb2lab(picture) for picture in (to_float_rgb(frame), reference)]
    return deltaE_ciede2000(*lab)


@pytest.mark.parametrize("name", LOOKS)
def test_the_table_is_as_good_as_the_formulas_in_float(name):
    look, picture = LookSettings(**LOOKS[name]), natural_picture()
    frame = to_frame(np.rint(picture * 255).astype(np.uint8))
    colour.apply(frame, colour.bake(look))
    change = delta(frame, ideal(picture, look))
    assert change.mean() <= 0.6, change.mean()
    assert np.percentile(change, 95) <= 1.6, np.percentile(change, 95)


def test_a_cube_in_the_table_is_as_good_as_the_cube_in_float(tmp_path):
    look = LookSettings(lut=write_film(tmp_path / "film.cube"), contrast=0.2)
    picture = natural_picture()
    frame = to_frame(np.rint(picture * 255).astype(np.uint8))
    colour.apply(frame, colour.bake(look))
    change = delta(frame, ideal(picture, look, with_film=True))
    assert change.mean() <= 0.6
    assert np.percentile(change, 95) <= 1.6


def test_a_cubes_strength_mixes_it_with_the_picture(tmp_path):
    path = write_film(tmp_path / "film.cube")
    picture = natural_picture()
    means = []
    for strength in (0.0, 0.25, 0.5, 1.0):
        frame = to_frame(np.rint(picture * 255).astype(np.uint8))
        table = colour.bake(LookSettings(lut=path, lut_strength=strength))
        if table is not None:
            colour.apply(frame, table)
        means.append(float(to_float_rgb(frame)[..., 2].mean()))
    steps = np.diff(means) / (means[-1] - means[0])
    assert np.allclose(steps, [0.25, 0.25, 0.5], atol=0.08)


def test_a_1d_cube_and_one_with_its_own_domain_do_the_same_as_a_3d_one(tmp_path):
    levels = np.linspace(0, 1, 17)
    one, three, wide = (tmp_path / name for name in ("one.cube", "three.cube", "wide.cube"))
    one.write_text("LUT_1D_SIZE 17\n" + "\n".join(f"{x**0.8} {x} {x**1.2}" for x in levels))
    three.write_text("LUT_3D_SIZE 17\n" + "\n".join(f"{r**0.8} {g} {b**1.2}" for b in levels for g in levels for r in levels))
    doubled = levels * 2
    wide.write_text(
        "LUT_3D_SIZE 17\nDOMAIN_MAX 2 2 2\n"
        + "\n".join(f"{r**0.8:.6f} {g:.6f} {b**1.2:.6f}" for b in doubled for g in doubled for r in doubled)
    )
    frames = []
    for path in (one, three, wide):
        frame = to_frame(rgb("astronaut")[:200, :200])
        colour.apply(frame, colour.bake(LookSettings(lut=str(path))))
        frames.append(frame.planes.astype(int))
    assert np.abs(frames[0] - frames[1]).max() <= 2
    assert np.percentile(np.abs(frames[1] - frames[2]), 99) <= 3


def test_neutral_settings_have_no_table_and_the_strength_of_no_lut_is_neutral():
    assert colour.bake(LookSettings()) is None
    assert colour.bake(LookSettings(lut_strength=0.3)) is None
    assert colour.bake(LookSettings(lut="some.cube", lut_strength=0.0)) is None
    assert colour.bake(LookSettings(exposure=0.01)) is not None


def test_a_hair_of_exposure_moves_no_sample_by_more_than_a_step():
    frame = to_frame(rgb("astronaut"))
    after = copy(frame)
    colour.apply(after, colour.bake(LookSettings(exposure=1e-6)))
    assert np.abs(after.planes.astype(int) - frame.planes).max() <= 1
    assert (after.planes != frame.planes).mean() < 0.01


def test_grey_stays_grey_under_exposure_contrast_and_saturation_in_the_whole_range():
    frame = VideoFrame.black(512, 64)
    frame.y[:] = np.linspace(16, 235, 512).astype(np.uint8)
    for value in (-1.0, -0.4, 0.4, 1.0):
        after = copy(frame)
        colour.apply(after, colour.bake(LookSettings(exposure=value, contrast=value, saturation=value)))
        assert np.abs(after.u.astype(int) - 128).max() <= 1
        assert np.abs(after.v.astype(int) - 128).max() <= 1
        assert (np.diff(after.y[0].astype(int)) >= 0).all(), "a brighter grey stays brighter"


def test_noise_of_every_value_goes_through_every_extreme():
    random = np.random.default_rng(5)
    for values in ((1, 1, 1, 1, 1), (-1, -1, -1, -1, -1), (1, -1, 1, -1, 1)):
        names = ("exposure", "contrast", "saturation", "temperature", "tint")
        frame = VideoFrame(random.integers(0, 256, (96, 64), dtype=np.uint8), 0, 0)
        colour.apply(frame, colour.bake(LookSettings(**dict(zip(names, map(float, values), strict=True)))))
        assert frame.planes.min() >= 1
        assert frame.planes.max() <= 255


def test_two_threads_bake_and_apply_at_once_without_mixing():
    source = to_frame(rgb("astronaut"))
    looks = (LookSettings(exposure=0.4), LookSettings(temperature=-0.5, contrast=0.3))
    alone = []
    for look in looks:
        frame = copy(source)
        colour.apply(frame, colour.bake(look))
        alone.append(frame.planes)
    wrong = []

    def work(index):
        for _ in range(8):
            frame = copy(source)
            colour.apply(frame, colour.bake(looks[index]))
            if not np.array_equal(frame.planes, alone[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(index % 2,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_missing_cube_is_refused():
    with pytest.raises(InvalidInput, match=r"look\.cube_unreadable"):
        colour.bake(LookSettings(lut="/nowhere/film.cube"))


def test_settings_that_give_the_same_table_are_not_baked_again(tmp_path):
    path = write_film(tmp_path / "film.cube", 5)
    one = colour.signature(LookSettings(lut=path, smooth=0.2))
    assert one == colour.signature(LookSettings(lut=path, smooth=0.9, whiten=0.4))
    assert one != colour.signature(LookSettings(lut=path, vibrance=0.1))
    os.utime(path, ns=(1, 1))
    assert one != colour.signature(LookSettings(lut=path))
