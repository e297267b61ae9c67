"""The neck goes with the face: the step between them stays, and whitening ends nowhere in a line."""

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from capture.look import step
from capture.look.anatomy import CHIN, RIGHT_SIDE
from capture.look.step import share_of
from tests.capture.look.pictures import face
from tests.capture.look.worn import found, worn

FACE = (150.0, 110.0, 152.0)
WHITENED = (175.0, 112.0, 150.0)


@pytest.mark.parametrize("neck", [(140.0, 108.0, 154.0), (110.0, 110.0, 150.0), (70.0, 114.0, 146.0), (45.0, 120.0, 138.0)])
def test_the_step_to_the_face_looks_as_large_as_before(neck):
    change = (20.0, 2.0, -2.0)
    share = share_of(FACE, WHITENED, neck, change)
    after = tuple(value + share * moved for value, moved in zip(neck, change, strict=True))
    before, shown = (float(deltaE_ciede2000(step._lab(one), step._lab(other))) for one, other in ((FACE, neck), (WHITENED, after)))
    plain = tuple(value + moved for value, moved in zip(neck, change, strict=True))
    assert abs(shown - before) <= 0.6
    assert abs(shown - before) <= abs(float(deltaE_ciede2000(step._lab(WHITENED), step._lab(plain))) - before) + 1e-9


def test_a_face_that_does_not_change_leaves_the_neck_alone():
    assert share_of(FACE, FACE, (120.0, 110.0, 150.0), (20.0, 0.0, 0.0)) < 0.05


def test_in_shade_a_tone_may_be_stronger_but_not_of_another_hue():
    from capture.look import neck_kernels

    tone = (-18.0, 22.0)

    def near(times, light, turned=0.0):
        u, v = times * tone[0] + turned, times * tone[1] + turned
        return neck_kernels.near(u, v, light, *tone, 6.0, 10.0)

    assert near(1.0, 1.0) == 1
    assert near(1.8, 1.0) == 0
    assert near(1.8, 0.6) == 1
    assert near(1.0, 0.6, turned=12) == 0


def bare_chested():
    """(the presenter as if all below the jaw were skin, far beyond the region; the row where it begins)"""
    plain, person = face("presenter"), found("presenter")
    bare = type(plain)(plain.planes.copy(), 0, 0)
    chin = int(person.points[CHIN][1]) + 6
    cheek = person.points[RIGHT_SIDE] + (person.points[CHIN] - person.points[RIGHT_SIDE]) * 0.3
    x, y = (int(value) // 2 for value in cheek)
    bare.y[chin:] = 150
    bare.u[chin // 2 :], bare.v[chin // 2 :] = (int(np.median(plane[y - 4 : y + 4, x + 8 : x + 24])) for plane in (plain.u, plain.v))
    return bare, chin


def test_whitening_ends_softly_where_the_chest_runs_on():
    bare, chin = bare_chested()
    shown = worn(bare, found("presenter"), whiten=1.0)
    lift = shown.y[chin + 40 :].astype(int) - 150
    assert lift.max() >= 10
    assert np.abs(np.diff(lift, axis=0)).max() <= 2
    assert np.abs(np.diff(lift, axis=1)).max() <= 2


def test_a_beard_of_the_skins_hue_is_no_neck():
    bare, chin = bare_chested()
    strands = np.random.default_rng(5).normal(0, 26, bare.y[chin:].shape)
    bare.y[chin:] = (110 + strands).clip(16, 235).astype(np.uint8)
    shown = worn(bare, found("presenter"), whiten=1.0)
    assert np.abs(shown.y[chin + 60 :].astype(int) - bare.y[chin + 60 :]).mean() < 0.5


def test_a_neck_is_whitened_with_the_face_and_the_wall_is_not():
    plain, person = face("hopper"), found("hopper")
    shown = worn(plain, person, whiten=1.0)
    chin = person.points[CHIN]
    neck = np.s_[int(chin[1] + 0.09 * person.width) : int(chin[1] + 0.15 * person.width), int(chin[0]) - 8 : int(chin[0]) + 8]
    assert (shown.y[neck].astype(int) - plain.y[neck]).mean() > 4
