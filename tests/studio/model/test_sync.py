"""The sync assistant's arithmetic on flashes and beeps whose distance is known."""

import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.model.sync import LEAST_PAIRS, measured


def scene(late_ms, seconds=8, *, fps=30.0, phase_ms=7.0, jitter_ms=0.0, seed=1):
    """(picture times, light of two parts, sound times, peaks): a flash each second in the second part, a beep `late_ms` behind it."""
    random = np.random.default_rng(seed)
    light_ms = phase_ms + np.arange(int(seconds * fps)) * 1000 / fps
    light = random.normal(90, 2, (len(light_ms), 2)).astype(np.float32)
    # a camera shows a flash in the first picture whose exposure ends after it began
    light[(light_ms - 300) % 1000 < 120, 1] += 80
    sound_ms = np.arange(seconds * 1000.0)
    sound = np.abs(random.normal(0, 0.003, len(sound_ms))).astype(np.float32)
    for second in range(seconds):
        begin = round(second * 1000 + 300 + late_ms + random.uniform(-jitter_ms, jitter_ms))
        if 0 <= begin < len(sound):
            sound[begin : begin + 80] = 0.3
    return light_ms, light, sound_ms, sound


@pytest.mark.parametrize("late_ms", [-180, -40, 0, 35, 120, 400])
@pytest.mark.parametrize("fps", [25.0, 29.97, 60.0])
def test_the_offset_is_the_distance_within_a_picture(late_ms, fps):
    found = measured(*scene(late_ms, fps=fps))
    assert found.offset_ms == pytest.approx(-late_ms, abs=1000 / fps + 1)
    assert found.pairs >= LEAST_PAIRS
    assert found.spread_ms <= 1000 / fps


def test_on_average_over_a_cameras_phase_nothing_is_left():
    """A picture shows a flash half its own length late in the mean; that is what the viewer sees too."""
    left = [measured(*scene(50, phase_ms=phase)).offset_ms + 50 for phase in np.linspace(0, 33, 12)]
    assert np.mean(left) == pytest.approx(1000 / 60, abs=5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda light, sound: (light * 0 + 90, sound), "sync.no_flash"),
        (lambda light, sound: (light, sound * 0), "sync.no_beep"),
        (lambda light, sound: (light, np.full_like(sound, 0.2)), "sync.no_beep"),
        (lambda light, sound: (light[:0], sound), "sync.no_flash"),
        (lambda light, sound: (light, sound[:0]), "sync.no_beep"),
    ],
    ids=["dark", "quiet", "noise", "no picture", "no sound"],
)
def test_without_flash_or_beep_nothing_is_measured_and_it_is_said_which(change, code):
    light_ms, light, sound_ms, sound = scene(50)
    light, sound = change(light, sound)
    with pytest.raises(InvalidInput) as refused:
        measured(light_ms[: len(light)], light, sound_ms[: len(sound)], sound)
    assert refused.value.code == code


def test_beeps_at_random_are_refused():
    with pytest.raises(InvalidInput) as refused:
        measured(*scene(0, seconds=20, jitter_ms=300, seed=4))
    assert refused.value.code == "sync.unsteady"


def test_two_flashes_are_too_few():
    with pytest.raises(InvalidInput):
        measured(*scene(0, seconds=3))
