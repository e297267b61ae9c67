import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.look.denoise import Denoiser
from studio.model.frames import VideoFrame
from tests.capture.look.pictures import FRAME_NS, face

SCENE = face("astronaut")


def noisy(number, sigma=4.0, scene=SCENE):
    random = np.random.default_rng(number)
    planes = np.clip(np.rint(scene.planes + random.normal(0, sigma, scene.planes.shape)), 0, 255).astype(np.uint8)
    return VideoFrame(planes, number * FRAME_NS, number)


def test_noise_on_a_still_scene_falls_to_less_than_half_and_detail_stays():
    denoiser = Denoiser()
    shown = [denoiser.clean(noisy(number), 1.0) for number in range(40)][15:]
    seen = [noisy(number) for number in range(15, 40)]
    inside = (SCENE.planes > 20) & (SCENE.planes < 235)
    before, after = (np.stack([frame.planes for frame in frames]).astype(float).std(axis=0)[inside].mean() for frames in (seen, shown))
    assert after <= 0.5 * before, after / before
    mean = np.stack([frame.y for frame in shown]).mean(axis=0)
    assert np.abs(mean - SCENE.y)[inside[: SCENE.height]].mean() < 1.0


def test_strength_is_continuous_and_none_changes_nothing():
    kept = []
    for strength in (0.0, 0.25, 0.5, 1.0):
        denoiser = Denoiser()
        shown = [denoiser.clean(noisy(number), strength) for number in range(20)][10:]
        kept.append(np.stack([frame.y for frame in shown]).astype(float).std(axis=0).mean())
    assert kept == sorted(kept, reverse=True)
    plain = Denoiser()
    plain.clean(noisy(0), 0.0)
    assert np.array_equal(plain.clean(noisy(1), 0.0).planes, noisy(1).planes)


def test_what_moves_is_not_smeared():
    """A bright bar that goes 12 pixels a frame leaves nothing behind and is whole where it is."""
    denoiser = Denoiser()
    for number in range(12):
        frame = VideoFrame.black(640, 360, number * FRAME_NS, number)
        frame.y[:] = 60
        frame.y[100:260, 40 + 12 * number : 90 + 12 * number] = 200
        shown = denoiser.clean(frame, 1.0)
        assert np.abs(shown.y.astype(int) - frame.y).max() <= 1


def test_a_slow_fade_is_followed_to_the_level():
    denoiser = Denoiser()
    for number in range(120):
        frame = VideoFrame.black(64, 64, number * FRAME_NS, number)
        frame.y[:] = 60 + min(number, 60)
        shown = denoiser.clean(frame, 1.0)
    assert np.abs(shown.y.astype(int) - 120).max() == 0


def test_a_repeated_tick_shows_the_same_and_a_cut_a_gap_or_another_size_begins_anew():
    denoiser = Denoiser()
    denoiser.clean(noisy(0), 1.0)
    second = denoiser.clean(noisy(1), 1.0)
    assert denoiser.clean(noisy(1), 1.0) is second
    late = noisy(60)
    assert denoiser.clean(late, 1.0) is late
    other = VideoFrame.black(64, 64, 61 * FRAME_NS, 61)
    assert denoiser.clean(other, 1.0) is other
    cut = VideoFrame.black(64, 64, 62 * FRAME_NS, 62)
    cut.planes[:] = 200
    assert np.array_equal(denoiser.clean(cut, 1.0).planes, cut.planes)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_pictures_give_levels_between_the_old_and_the_new(seed, strength):
    random = np.random.default_rng(seed)
    denoiser = Denoiser()
    first, second = (VideoFrame(random.integers(0, 256, (96, 64), dtype=np.uint8), number * FRAME_NS, number) for number in range(2))
    denoiser.clean(first, strength)
    shown = denoiser.clean(second, strength).planes.astype(int)
    low, high = np.minimum(first.planes, second.planes), np.maximum(first.planes, second.planes)
    assert (shown >= low.astype(int) - 1).all()
    assert (shown <= high.astype(int) + 1).all()


@pytest.mark.parametrize("size", [(64, 64), (66, 130), (3840, 2160)])
def test_any_size(size):
    denoiser = Denoiser()
    for number in range(3):
        assert denoiser.clean(VideoFrame.black(*size, number * FRAME_NS, number), 0.7).planes.shape == (size[1] * 3 // 2, size[0])
