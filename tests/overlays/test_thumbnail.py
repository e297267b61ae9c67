"""Pictures from outside made anew: small, whole, and nothing else of the file."""

import resource
import time

import cv2
import numpy as np
import pytest

from overlays.thumbnail import thumbnail
from studio.errors import InvalidInput
from studio.model.picture_header import read_header


def encoded(name: str, pixels) -> bytes:
    return cv2.imencode(name, pixels)[1].tobytes()


def pixels_of(data: bytes):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def test_a_photo_is_shrunk_and_keeps_its_shape():
    photo = np.full((2000, 3000, 3), (40, 90, 200), np.uint8)
    small = thumbnail(encoded(".png", photo))
    assert read_header(small).kind == "jpeg"
    assert pixels_of(small).shape == (683, 1024, 3)
    assert np.abs(pixels_of(small).astype(int) - (40, 90, 200)).max() <= 3


def test_a_small_picture_keeps_its_size_and_holes():
    sticker = np.zeros((40, 60, 4), np.uint8)
    sticker[10:30, 10:30] = (10, 20, 30, 255)
    made = thumbnail(encoded(".png", sticker))
    assert read_header(made).kind == "png"
    assert np.array_equal(pixels_of(made), sticker)


def test_16_bits_become_8():
    deep = np.full((20, 20, 3), 0x8000, np.uint16)
    assert pixels_of(thumbnail(encoded(".png", deep))).dtype == np.uint8


def test_what_hides_behind_the_pixels_is_gone():
    picture = encoded(".jpg", np.full((20, 20, 3), 128, np.uint8)) + b"PK\x03\x04 a whole zip file"
    assert b"PK" not in thumbnail(picture)


def test_of_a_gif_of_10_000_frames_the_first_is_shown():
    first = encoded(".gif", np.full((8, 8, 3), (0, 0, 255), np.uint8))
    body = first[:-1]
    frame = body[body.index(b"\x2c") :]
    many = body + frame * 10_000 + b"\x3b"
    before_kb, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    made = pixels_of(thumbnail(many))
    assert made.shape[:2] == (8, 8)
    assert (made[:, :, 2] > 200).all()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 50_000
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", [".png", ".jpg", ".webp", ".gif"])
def test_half_a_picture_is_refused_or_shown_never_worse(name):
    whole = encoded(name, np.random.default_rng(2).integers(0, 255, (64, 64, 3), np.uint8))
    for share in (0.1, 0.5, 0.9):
        try:
            assert read_header(thumbnail(whole[: int(len(whole) * share)])).width == 64
        except InvalidInput as error:
            assert error.code == "picture.broken"
