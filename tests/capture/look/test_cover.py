import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from capture.look.picture import Booth, to_frame, to_rgb
from studio.model.look import LookSettings
from tests.capture.look.pictures import again, detail, face, mask
from tests.capture.look.worn import found

FULL = LookSettings(smooth=1.0, whiten=1.0, rosy=1.0, even_tone=1.0)


def held(picture, middle, shade, wide=52, high=150):
    """A thing of one colour with a shaded side and a dark cap before the picture, and where its body is."""
    result = picture.copy()
    x, y = (round(float(value)) for value in middle)
    light = 1.04 - 0.25 * np.linspace(-1, 1, wide) ** 2
    body = np.broadcast_to(np.array(shade) * light[None, :, None], (high, wide, 3)).copy()
    body[: high // 4] *= 0.35
    box = np.s_[y - high // 2 : y - high // 2 + high, x - wide // 2 : x - wide // 2 + wide]
    result[box] = body.clip(0, 255)
    inner = np.s_[y - high // 2 + high // 4 + 4 : y - high // 2 + high - 4, x - wide // 2 + 4 : x - wide // 2 + wide - 4]
    return to_frame(result), inner


def on_air(shots, look=FULL):
    booth, number, shown = Booth(1920, 1080, look), 0, None
    for frame, count in shots:
        for _ in range(count):
            number += 1
            shown = booth.show(again(frame, number))
    return shown, booth


@pytest.mark.parametrize("shade", [(222, 200, 170), (205, 160, 140), (235, 235, 230), (176, 24, 48)])
def test_a_thing_of_nearly_the_skins_colour_that_comes_before_the_cheek_keeps_its_own(shade):
    person = found("presenter")
    frame, inner = held(to_rgb(face("presenter")), person.points[[50, 205]].mean(axis=0), shade)
    shown, booth = on_air([(face("presenter"), 24), (frame, 12)])
    assert booth.faces.count == 1
    assert deltaE_ciede2000(rgb2lab(to_rgb(frame)[inner]), rgb2lab(to_rgb(shown)[inner])).mean() <= 1


def test_the_skin_beside_it_stays_smooth_and_so_does_all_of_it_once_the_thing_is_gone():
    person, plain = found("presenter"), face("presenter")
    frame, _ = held(to_rgb(plain), person.points[[50, 205]].mean(axis=0), (222, 200, 170))
    where = mask("presenter", "skin")
    where[:, : int(person.points[1][0])] = False
    shown, _ = on_air([(plain, 24), (frame, 12)])
    assert detail(shown.y, where) < 0.6 * detail(plain.y, where)
    shown, booth = on_air([(plain, 24), (frame, 12), (plain, 12)])
    assert booth.faces.items[0].cover is None
    assert detail(shown.y, mask("presenter", "skin")) < 0.6 * detail(plain.y, mask("presenter", "skin"))


def test_a_face_in_another_light_is_not_taken_for_a_thing():
    plain = face("presenter")
    warmer = type(plain)(plain.planes.copy(), 0, 0)
    warmer.u[:] = (warmer.u.astype(int) - 5).clip(0, 255)
    warmer.v[:] = (warmer.v.astype(int) + 6).clip(0, 255)
    warmer.y[:] = (warmer.y * 0.85).astype(np.uint8)
    _, booth = on_air([(plain, 24), (warmer, 6)])
    assert booth.faces.items[0].cover is None


def test_what_lies_on_a_beige_bottle_before_the_neck_keeps_its_colour():
    person = found("presenter")
    chin = person.points[152]
    frame, inner = held(to_rgb(face("presenter")), (chin[0], chin[1] + 0.38 * person.width), (222, 200, 170), 90, 160)
    shown, _ = on_air([(face("presenter"), 24), (frame, 12)])
    assert deltaE_ciede2000(rgb2lab(to_rgb(frame)[inner]), rgb2lab(to_rgb(shown)[inner])).mean() <= 1
