"""The look's keys and the line between before and after, with a real window, a real keyboard and mouse, and a real engine."""

import cv2
import numpy as np
import pytest

from tests.e2e.display import Display, Place, display
from tests.e2e.show import profile
from tests.e2e.test_window import folder  # noqa: F401 - a fixture
from tests.e2e.windowed import AttachedEngine, window_process
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(300)

FPS = 15


@pytest.fixture
def screen():
    with display() as made:
        yield made


class Eye:
    """Looks at two places of the preview, left and right of its middle."""

    def __init__(self, screen: Display, window: Place) -> None:
        self._screen, self._window = screen, window

    def light(self) -> tuple[float, float]:
        """How bright they are."""
        left, right = (self._screen.picture(self._window.x + x, self._window.y + 250, 20, 20) for x in (480, 900))
        return float(left.mean()), float(right.mean())

    def sees(self, left: float, right: float, what: str) -> None:
        """Wait until both are about so bright."""
        wait_until(lambda: all(abs(one - other) < 12 for one, other in zip(self.light(), (left, right), strict=True)), 30, what)


def test_the_original_is_held_the_line_is_drawn_and_one_key_each_is_close_up_and_true_skin(folder, screen):  # noqa: F811 - the fixture
    picture = np.full((360, 640, 3), 90, np.uint8)
    cv2.imwrite(str(folder / "grey.png"), picture)
    tables = {
        "video": {"width": 640, "height": 360, "fps": FPS, "source": f"file:{folder / 'grey.png'}"},
        "look": {"exposure": 0.8},
        "overlay": {"fan_board": False},
        "output": [{"name": "archive", "path": "show.mp4"}],
    }
    with window_process(folder, screen.environment(), str(profile(folder, tables))):
        engine = AttachedEngine(folder)
        window = screen.window("返场")
        engine.wait_for("/v1/health", lambda health: health["look"]["faces"] == "on", 60)
        eye = Eye(screen, window)
        wait_until(lambda: min(eye.light()) > 105, 60, "the picture with the look")
        after, before = eye.light()[0], 90.0
        screen.do("windowfocus", "--sync", window.id, "keydown", "b")
        eye.sees(before, before, "the original while B is held")
        screen.do("keyup", "b")
        eye.sees(after, after, "the look again")
        screen.click(window.x + 322, window.y + 78)
        eye.sees(before, after, "before on the left, after on the right")
        screen.do("mousemove", str(window.x + 690), str(window.y + 350), "mousedown", "1")
        screen.do(
            "mousemove", str(window.x + 500), str(window.y + 350), "sleep", "0.2", "mousemove", str(window.x + 420), str(window.y + 350)
        )
        eye.sees(after, after, "the line drawn to the left of both places")
        screen.do("mouseup", "1")
        for key, name in (("F10", "true_skin"), ("F9", "close_up")):
            for wanted in (True, False):
                screen.key(window, key)
                engine.wait_for("/v1/settings", lambda settings, so=wanted, of=name: settings["shot"][of] is so)
