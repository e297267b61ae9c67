"""What the hub orders of a camera while a colour profile is used, and how it says what the camera can't."""

import pytest

from studio.app.camera_desk import CameraDesk
from studio.app.look_watch import LookWatch
from studio.errors import KnownError
from studio.model.camera import HELD, CameraOrder, CameraReport, CameraValues
from studio.model.look import LookSettings
from studio.model.settings import Settings, VideoSettings
from studio.words import LOCALES, say_error


class _Media:
    """A media side with a camera that answers when the test says so."""

    def __init__(self, *, has_camera=True):
        self.has_camera = has_camera
        self.orders: list[CameraOrder] = []
        self.answer = None

    def order_camera(self, order):
        self.orders.append(order)

    def camera_report(self):
        return None if self.answer is None else self.answer(self.orders[-1])


def desk(**more):
    media, told = _Media(**more), []
    return CameraDesk(media, told.append), media, told


PROFILE = Settings(look=LookSettings(colour_profile="lamp.json"))
VALUES = CameraValues(120.0, 4500.0, 10.0)


def test_a_profile_holds_the_camera_where_it_was_measured_and_its_end_lets_go():
    camera, media, told = desk()
    camera.follow(Settings(), CameraValues())
    assert media.orders == [], "nothing is asked of a camera that nobody set"
    camera.follow(PROFILE, VALUES)
    assert media.orders[-1] == CameraOrder(is_locked=True, values=VALUES)
    assert camera.state()["lock"] == "waiting"
    media.answer = lambda order: CameraReport(order, HELD)
    camera.watch()
    assert (camera.state()["lock"], told) == ("held", [])
    off = Settings(look=LookSettings(colour_profile="lamp.json", enabled=False))
    camera.follow(off, VALUES)
    assert media.orders[-1] == CameraOrder()
    assert camera.state()["lock"] == "off"


def test_a_clip_has_nothing_to_hold():
    camera, _, told = desk(has_camera=False)
    camera.follow(PROFILE, VALUES)
    camera.watch()
    assert (camera.state()["lock"], told) == ("none", [])


@pytest.mark.parametrize(
    ("held", "refused", "lock", "codes"),
    [
        ((), HELD, "refused", ["camera.lock_refused"]),
        (("exposure", "focus"), ("white_balance",), "partly", ["camera.white_balance_refused"]),
        (("white_balance",), ("exposure", "focus"), "partly", ["camera.exposure_refused", "camera.focus_refused"]),
    ],
)
def test_what_cannot_be_held_is_told_once_in_words(held, refused, lock, codes):
    camera, media, told = desk()
    camera.follow(PROFILE, VALUES)
    media.answer = lambda order: CameraReport(order, held, refused)
    for _ in range(5):
        camera.watch()
    assert told == codes
    assert (camera.state()["lock"], camera.state()["refused"]) == (lock, list(refused))
    for locale in LOCALES:
        assert all(say_error(KnownError(code), locale) != code for code in codes)


def test_flicker_that_cannot_be_set_is_told_and_asked_of_the_camera_alone():
    camera, media, told = desk()
    camera.follow(Settings(video=VideoSettings(power_line_hz=50)), CameraValues())
    assert media.orders == [CameraOrder(power_line_hz=50)]
    media.answer = lambda order: CameraReport(order, power_line="refused")
    camera.watch()
    assert told == ["camera.power_line_refused"]
    assert camera.state()["power_line"] == "refused"


async def test_the_values_of_a_reading_are_asked_anew_and_missing_ones_cost_no_reading(monkeypatch):
    monkeypatch.setattr("studio.app.camera_desk._READING_S", 0.1)
    camera, media, _ = desk()
    assert await camera.values() == CameraValues(), "no answer"
    media.answer = lambda order: CameraReport(order, values=CameraValues(exposure=float(order.reading)))
    assert await camera.values() == CameraValues(exposure=2.0)
    assert await desk(has_camera=False)[0].values() == CameraValues()


def test_what_of_the_look_cannot_work_is_told_once():
    told = []
    watch = LookWatch(lambda *words: told.append(words))
    watch.watch({"faces": "on", "person": "on"})
    broken = {"faces": "off: …", "faces_code": "look.weights_missing", "file": "face_mesh.tflite", "person": "on"}
    for _ in range(3):
        watch.watch(broken)
    watch.watch({"faces": "on", "person": "off: …", "person_code": "look.person_off"})
    assert told == [("look.weights_missing", "face_mesh.tflite"), ("look.person_off", "")]
