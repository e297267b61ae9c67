"""A camera's automatics: held, let go, and what is said where a driver refuses. No camera is needed: OpenCV's own object refuses for a file."""

import time

import cv2
import pytest

from capture.camera import Camera
from capture.camera_controls import Answer, CameraControls, is_held, judged
from capture.power_line import PowerLine
from studio.camera_port import ControlledCamera
from studio.model.camera import HELD, CameraOrder, CameraValues
from studio.model.settings import VideoSettings
from tests.capture.conftest import FakeCamera
from tests.servers import PATIENCE_S

LOCK = CameraOrder(is_locked=True)
TAKEN = Answer(is_taken=True, automatic=0.0, value=4600.0, wanted=4600.0)


class Driver:
    """A driver as V4L2's: steps of its own, nothing known of what it hasn't, and an exposure that falls back when automatics end."""

    def __init__(self, **missing: bool) -> None:
        self.values = {
            cv2.CAP_PROP_AUTO_EXPOSURE: 3.0,
            cv2.CAP_PROP_EXPOSURE: 157.0,
            cv2.CAP_PROP_AUTO_WB: 1.0,
            cv2.CAP_PROP_WB_TEMPERATURE: 4612.0,
            cv2.CAP_PROP_AUTOFOCUS: 1.0,
            cv2.CAP_PROP_FOCUS: 30.0,
        }
        if missing.get("focus"):
            del self.values[cv2.CAP_PROP_AUTOFOCUS], self.values[cv2.CAP_PROP_FOCUS]
        self.stubborn = cv2.CAP_PROP_AUTO_WB if missing.get("white_balance") else -1

    def get(self, prop: int, /) -> float:
        return self.values.get(prop, -1.0)

    def set(self, prop: int, value: float, /) -> bool:
        if prop not in self.values or prop == self.stubborn:
            return False
        self.values[prop] = float(round(value))
        if prop == cv2.CAP_PROP_AUTO_EXPOSURE and value == 1.0:
            self.values[cv2.CAP_PROP_EXPOSURE] = 250.0
        return True


def controls(driver):
    return CameraControls(driver, lambda _hz: True)


def test_what_the_automatics_found_is_held_and_given_back():
    driver = Driver()
    before = dict(driver.values)
    made = controls(driver)
    report = made.carry_out(LOCK)
    assert (report.held, report.refused) == (HELD, ())
    assert driver.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 1.0
    assert driver.values[cv2.CAP_PROP_EXPOSURE] == 157.0, "not what the driver fell back to"
    assert report.values == CameraValues(157.0, 4612.0, 30.0)
    made.carry_out(LOCK)
    report = made.carry_out(CameraOrder())
    assert (report.held, report.refused) == ((), ())
    assert driver.values == before


def test_a_profiles_values_are_held_whatever_the_automatics_found():
    driver = Driver()
    report = controls(driver).carry_out(CameraOrder(is_locked=True, values=CameraValues(80.0, 3200.4, 12.0)))
    assert report.held == HELD
    assert report.values == CameraValues(80.0, 3200.0, 12.0)


def test_a_fixed_lens_needs_no_lock_and_a_stubborn_white_balance_is_named():
    assert controls(Driver(focus=True)).carry_out(LOCK).held == ("exposure", "white_balance")
    assert controls(Driver(focus=True)).carry_out(LOCK).refused == ()
    report = controls(Driver(white_balance=True)).carry_out(LOCK)
    assert (report.held, report.refused) == (("exposure", "focus"), ("white_balance",))


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        (TAKEN, True),
        (Answer(is_taken=True, automatic=0.0, value=4650.0, wanted=4600.0), True),
        (Answer(is_taken=True, automatic=0.0, value=5600.0, wanted=4600.0), False),
        (Answer(is_taken=True, automatic=1.0, value=4600.0, wanted=4600.0), False),
        (Answer(is_taken=False, automatic=0.0, value=4600.0, wanted=4600.0), False),
        (Answer(is_taken=True, automatic=0.0, value=-1.0, wanted=None), True),
    ],
)
def test_a_drivers_yes_is_believed_only_when_it_says_the_same_afterwards(answer, held):
    assert is_held(answer, 0.0) is held


def test_where_nothing_can_be_held_the_lens_is_named_too():
    none = Answer(is_taken=False, automatic=-1.0, value=-1.0, wanted=None)
    assert judged(dict.fromkeys(HELD, none)) == ((), HELD)


def test_opencv_itself_refuses_for_a_file_and_for_a_device_that_is_not_there(fake_camera: FakeCamera):
    for capture in (cv2.VideoCapture(str(fake_camera.path)), cv2.VideoCapture("/none/such")):
        made = CameraControls(capture, PowerLine(str(fake_camera.path)).ask)
        report = made.carry_out(CameraOrder(is_locked=True, power_line_hz=50))
        assert (report.held, report.refused, report.power_line) == ((), HELD, "refused")
        assert made.carry_out(CameraOrder()).power_line == "as_is"
        capture.release()


@pytest.mark.parametrize("device", [199, "/dev/null", "/none/such"])
def test_flicker_is_refused_by_what_is_no_camera(device):
    line = PowerLine(device)
    assert not line.ask(50)
    assert not line.ask(60)
    assert line.ask(0), "nothing was changed, so nothing has to be given back"


def test_the_thread_that_owns_the_device_carries_an_order_out_and_pictures_go_on(fake_camera: FakeCamera, monkeypatch):
    monkeypatch.setattr("capture.camera._SETTLE_S", 0.0)
    camera = Camera(str(fake_camera.path), VideoSettings(width=320, height=180, fps=50))
    assert isinstance(camera, ControlledCamera)
    camera.order(LOCK)
    assert camera.report() is None, "no device yet"
    camera.open(time.monotonic_ns())
    deadline = time.monotonic() + PATIENCE_S
    while camera.report() is None:
        assert time.monotonic() < deadline
        assert camera.read(PATIENCE_S) is not None
    assert camera.report().refused == HELD
    camera.order(CameraOrder())
    assert camera.read(PATIENCE_S) is not None
    camera.close()
    assert camera.report() is None
