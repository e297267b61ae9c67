"""Each slider begins where it is off: a host who draws it from 0 sees nothing jump."""

from functools import cache

import numpy as np
import pytest

from capture.look.picture import Booth
from studio.model.look import LookSettings
from tests.capture.look.pictures import SETTLE, again, face

SLIDERS = ("smooth", "whiten", "rosy", "sharpen", "even_tone", "eye_bags", "smile_lines", "teeth", "eye_light")
SLIDERS += ("slim", "narrow", "chin", "forehead", "eyes", "nose", "mouth", "lips", "blush", "brows", "exposure", "contrast")
SLIDERS += ("highlights", "shadows", "saturation", "vibrance", "temperature", "tint")
MOST_LEVELS = 8
"""A shape that moves an edge of 200 levels by a twentieth of a pixel changes 8."""


@cache
def settled_booth():
    """A booth that knows the face, and the number of its next frame in a list."""
    source = face("astronaut")
    booth = Booth(source.width, source.height, LookSettings(smooth=0.3))
    for number in range(SETTLE):
        booth.show(again(source, number))
    return booth, [SETTLE]


def worn(**look):
    """The planes of the settled face under a look."""
    booth, next_number = settled_booth()
    booth.configure(LookSettings(**look))
    shown = booth.show(again(face("astronaut"), next_number[0]))
    next_number[0] += 1
    return shown.planes.astype(int)


@pytest.mark.parametrize("slider", SLIDERS)
def test_a_hundredth_of_the_way_is_seen_by_nobody_and_the_whole_way_by_all(slider):
    source = face("astronaut").planes.astype(int)
    assert np.abs(worn(**{slider: 0.01}) - source).max() <= MOST_LEVELS
    assert np.abs(worn(**{slider: 1.0}) - source).max() >= 3
