"""What stands behind: the person and the product box stay bit for bit, the rest goes, and edges hold still."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from capture.look import background
from capture.look.person import inside, small_picture, steadied
from capture.look.picture import Booth, to_frame
from capture.look.pipeline import BeautyLook
from studio.errors import InvalidInput, TooLarge
from studio.model.frames import VideoFrame
from studio.model.profile_tables import parse
from studio.model.rules import InvalidSettings
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings, View
from tests.capture.look.pictures import again, clip, face, mask, rgb, settled


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A picture of a plain green room."""
    path = tmp_path_factory.mktemp("rooms") / "room.png"
    cv2.imwrite(str(path), np.full((90, 120, 3), (60, 200, 60), np.uint8))
    return path


@pytest.mark.parametrize("name", ["presenter", "astronaut"])
def test_blur_leaves_the_face_bit_for_bit_and_takes_detail_from_what_is_far_from_the_person(name):
    source = face(name)
    shown, booth = settled(source, background="blur", background_blur=1.0)
    skin = cv2.erode(mask(name, "skin").astype(np.uint8), np.ones((9, 9))).astype(bool)
    assert np.array_equal(shown.y[skin], source.y[skin])
    far = cv2.resize(booth.faces.person, (source.width, source.height)) < 0.02
    far = cv2.erode(far.astype(np.uint8), np.ones((61, 61))).astype(bool)
    before, after = (cv2.Laplacian(plane, cv2.CV_32F)[far].std() for plane in (source.y, shown.y))
    assert after < 0.5 * before


def test_no_halo_of_the_person_stands_in_the_blurred_background():
    """A dark person before a white wall: the wall beside them stays white."""
    person = np.zeros((180, 320), np.float32)
    person[60:, 100:220] = 1
    frame = VideoFrame.black(1280, 720)
    frame.y[:] = np.where(cv2.resize(person, (1280, 720), interpolation=cv2.INTER_NEAREST) > 0, 30, 220)
    wanted = background.plan(LookSettings(background="blur", background_blur=1.0), 1280, 720)
    coarse = cv2.resize(person, (256, 144), interpolation=cv2.INTER_AREA)
    background.replace_background(frame, wanted, coarse, View(0, 0, 1280, 720), (1280, 720))
    wall = cv2.erode((cv2.resize(person, (1280, 720)) == 0).astype(np.uint8), np.ones((25, 25))).astype(bool)
    assert frame.y[wall].min() > 205


def test_a_picture_takes_the_rooms_place_and_the_product_box_is_kept(room):
    source = face("presenter")
    shown, _ = settled(source, background=f"image:{room}", keep_area="0.02,0.7,0.2,0.25")
    green = to_frame(np.full((16, 16, 3), (60, 200, 60), np.uint8))
    assert np.abs(shown.y[20:200, 20:300].astype(int) - int(green.y[0, 0])).max() <= 2
    assert np.abs(shown.v[10:100, 10:150].astype(int) - int(green.v[0, 0])).max() <= 2
    box = (slice(round(0.7 * 1080), round(0.95 * 1080)), slice(round(0.02 * 1920), round(0.22 * 1920)))
    assert np.array_equal(shown.y[box], source.y[box])
    skin = cv2.erode(mask("presenter", "skin").astype(np.uint8), np.ones((9, 9))).astype(bool)
    assert np.array_equal(shown.y[skin], source.y[skin])


def test_until_the_person_is_found_the_room_is_not_shown():
    source = face("presenter")
    look = BeautyLook(VideoSettings(width=source.width, height=source.height))
    look.configure(LookSettings(background="blur"))
    assert look.wait_ready(180)
    shot = ShotSettings()
    picture = look.frame(source, None, shot)
    look.apply(picture, None, shot)
    assert cv2.Laplacian(picture.y, cv2.CV_32F).std() < 0.35 * cv2.Laplacian(source.y, cv2.CV_32F).std()


def test_the_mask_hardly_changes_on_a_still_person_with_noise():
    source, random = face("presenter"), np.random.default_rng(2)
    booth = Booth(source.width, source.height, LookSettings(background="blur"))
    masks = []
    for number in range(24):
        noisy = VideoFrame(np.clip(source.planes + random.normal(0, 3, source.planes.shape), 0, 255).astype(np.uint8), 0, 0)
        booth.show(again(noisy, number))
        masks.append(booth.faces.person)
    changes = [np.abs(after - before).sum() / after.sum() for before, after in pairwise(masks[8:])]
    assert np.mean(changes) <= 0.01, np.mean(changes)


def test_a_person_who_moves_is_followed_by_the_mask_at_once():
    before, now = np.zeros((144, 256), np.float32), np.zeros((144, 256), np.float32)
    before[40:, 60:120] = 1
    now[40:, 100:160] = 1
    result = steadied(before, now)
    assert result[80, 145] > 0.9
    assert result[80, 75] < 0.1


@pytest.mark.parametrize("size", [(64, 64), (1080, 1920), (1366, 768), (3840, 2160), (66, 1920)])
def test_any_canvas_is_blurred_without_a_complaint(size):
    frame = VideoFrame(np.random.default_rng(1).integers(0, 256, (size[1] * 3 // 2, size[0]), dtype=np.uint8), 0, 0)
    width, height = inside(*size)
    small = small_picture(frame)
    assert small.shape == (3, height, width)
    before = frame.planes.copy()
    wanted = background.plan(LookSettings(background="blur"), *size)
    background.replace_background(frame, wanted, np.ones((height, width), np.float32), View(0, 0, *size), size)
    assert np.array_equal(frame.planes, before), "all person: nothing changes"
    background.replace_background(frame, wanted, np.zeros((height, width), np.float32), View(0, 0, *size), size)
    assert frame.y.std() < before[: size[1]].std()


def keyed_scene(shade):
    """A grey circle lit green at its rim before a green screen that is lit unevenly, RGB."""
    picture = np.empty((360, 640, 3), np.float32)
    light = np.linspace(0.6, 1.0, 640)[None, :, None]
    picture[:] = np.array([20, 200, 40], np.float32) * light
    rows, columns = np.mgrid[:360, :640]
    distance = np.hypot(rows - 180, columns - 320)
    picture[distance < 100] = shade
    rim = (distance < 100) & (distance > 88)
    picture[rim] = np.add(shade, (-10, 25, -10))
    return picture.clip(0, 255).astype(np.uint8), distance


def test_a_key_takes_the_screen_out_wherever_it_is_lit_and_its_light_off_the_rim(room):
    picture, distance = keyed_scene((150, 140, 135))
    frame = to_frame(picture)
    source = VideoFrame(frame.planes.copy(), 0, 0)
    blue = room.with_name("blue.png")
    cv2.imwrite(str(blue), np.full((90, 120, 3), (200, 60, 60), np.uint8))
    wanted = background.plan(LookSettings(background="key:#14c828", key_image=str(blue)), 640, 360)
    background.replace_background(frame, wanted, None, View(0, 0, 640, 360), (640, 360))
    behind = to_frame(np.full((16, 16, 3), (60, 60, 200), np.uint8))
    assert np.abs(frame.y[distance > 108].astype(int) - int(behind.y[0, 0])).max() <= 2
    inner = distance < 84
    assert np.abs(frame.y[inner].astype(int) - source.y[inner]).max() == 0
    half = inner[::2, ::2]
    assert np.abs(frame.u[half].astype(int) - source.u[half]).max() <= 2
    rim = ((distance < 97) & (distance > 91))[::2, ::2]
    green_before = (128 - source.v[rim].astype(float)) + (128 - source.u[rim].astype(float))
    green_after = (128 - frame.v[rim].astype(float)) + (128 - frame.u[rim].astype(float))
    assert green_after.mean() < 0.6 * green_before.mean()


def test_goods_as_green_as_the_screen_keep_their_colour_in_the_product_box(room):
    picture, _ = keyed_scene((150, 140, 135))
    picture[250:330, 40:110] = (60, 150, 80)
    frame = to_frame(picture)
    source = VideoFrame(frame.planes.copy(), 0, 0)
    wanted = background.plan(LookSettings(background="key:#14c828", key_image=str(room), keep_area="0.05,0.65,0.15,0.3"), 640, 360)
    background.replace_background(frame, wanted, None, View(0, 0, 640, 360), (640, 360))
    for plane, before, shrink in ((frame.y, source.y, 1), (frame.u, source.u, 2), (frame.v, source.v, 2)):
        goods = (slice(252 // shrink, 328 // shrink), slice(42 // shrink, 108 // shrink))
        assert np.array_equal(plane[goods], before[goods])
    assert (frame.y[:, 440:] != source.y[:, 440:]).mean() > 0.9, "elsewhere the screen is gone"


def test_a_key_of_grey_takes_nothing_strong_and_black_stands_behind_without_a_picture():
    frame = to_frame(rgb("astronaut"))
    wanted = background.plan(LookSettings(background="key:#00ff00"), frame.width, frame.height)
    source = VideoFrame(frame.planes.copy(), 0, 0)
    background.replace_background(frame, wanted, None, View(0, 0, 512, 512), (512, 512))
    skin = mask("astronaut", "skin")
    assert np.array_equal(frame.y[skin], source.y[skin])


@pytest.mark.parametrize("value", ["green", "key:", "key:#12345", "key:00ff00", "image:", "blur:3", "key:#gggggg", ""])
def test_a_background_that_is_none_is_refused(value):
    with pytest.raises(InvalidSettings):
        parse({"look": {"background": value}})


def test_what_is_no_picture_is_refused_and_the_old_look_stays(tmp_path):
    look = BeautyLook(VideoSettings(width=64, height=64))
    look.configure(LookSettings(smooth=0.5))
    order = look._order
    svg, huge = tmp_path / "room.svg", tmp_path / "huge.png"
    svg.write_text("<svg/>")
    header = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + (50_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    huge.write_bytes(header + bytes(100))
    for path, kind in ((svg, InvalidInput), (huge, TooLarge), (tmp_path / "none.png", InvalidInput)):
        with pytest.raises(kind):
            look.configure(LookSettings(background=f"image:{path}"))
        assert look._order is order


def test_the_same_background_is_not_read_again_for_another_slider(room):
    look = BeautyLook(VideoSettings(width=64, height=64))
    look.configure(LookSettings(background=f"image:{room}"))
    planned = look._order.behind
    look.configure(LookSettings(background=f"image:{room}", smooth=0.3))
    assert look._order.behind is planned


def test_a_close_up_never_hides_its_product_and_true_skin_keeps_the_background(room):
    source = clip(1)[0]
    _, booth = settled(source, background=f"image:{room}")
    look = booth._look
    close = ShotSettings(close_up=True, close_up_area="")
    picture = look.frame(again(source, 30), booth.faces, close)
    look.apply(picture, booth.faces, close)
    assert np.array_equal(picture.planes, source.planes)
    bare = ShotSettings(true_skin=True)
    picture = look.frame(again(source, 31), booth.faces, bare)
    look.apply(picture, booth.faces, bare)
    assert not np.array_equal(picture.y[:100], source.y[:100])


def test_the_mask_is_cut_and_mirrored_like_the_picture():
    coarse = np.zeros((144, 256), np.float32)
    coarse[:, :64] = 1
    shown = background.on_canvas(coarse, View(0, 0, 960, 540), (1920, 1080), (480, 270))
    assert shown[100, 200] == 1
    assert shown[100, 300] == 0
    mirrored = background.on_canvas(coarse, View(0, 0, 960, 540, is_mirrored=True), (1920, 1080), (480, 270))
    assert np.allclose(mirrored, shown[:, ::-1], atol=1e-5)
