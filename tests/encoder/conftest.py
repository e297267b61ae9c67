"""One encoded show for all tests of this folder: encoding it again for each would cost most of their time."""

import pytest

from tests.encoder.show import Encoded, encode

LOOP_S = 8.0
"""240 pictures, 375 frames of sound: the first length at which both end together, so that it can be played in a loop."""


@pytest.fixture(scope="session")
def show() -> Encoded:
    return encode(LOOP_S)
