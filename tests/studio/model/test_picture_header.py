"""Pictures by their bytes: what they are and how large, told without decoding them."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from studio.errors import InvalidInput, TooLarge
from studio.model.picture_header import MAX_BYTES, PictureHeader, read_header


def png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def refused(data: bytes) -> str:
    with pytest.raises(InvalidInput) as error:
        read_header(data)
    return error.value.code


@pytest.mark.parametrize(("name", "kind"), [(".png", "png"), (".jpg", "jpeg"), (".webp", "webp"), (".gif", "gif")])
def test_a_picture_says_its_kind_and_size(name, kind):
    picture = np.random.default_rng(1).integers(0, 255, (37, 53, 3), np.uint8)
    assert read_header(cv2.imencode(name, picture)[1].tobytes()) == PictureHeader(kind, 53, 37)


def test_lossless_and_transparent_webp_say_their_size():
    picture = np.zeros((21, 33, 4), np.uint8)
    picture[:10, :, :] = 200
    assert read_header(cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()) == PictureHeader("webp", 33, 21)
    assert read_header(cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 60])[1].tobytes()) == PictureHeader("webp", 33, 21)


def test_a_huge_picture_is_refused_by_its_header_alone():
    with pytest.raises(TooLarge) as error:
        read_header(png(50_000, 50_000))
    assert error.value.code == "picture.too_many_pixels"
    assert read_header(png(4000, 4000)).width == 4000
    assert refused(png(4001, 4000)) == "picture.too_many_pixels"
    assert refused(png(2**31, 2**31)) == "picture.too_many_pixels"


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04" + b"\x00" * 50,
        b"%PDF-1.7",
        b"BM" + b"\x00" * 60,
        b"\x00\x00\x00\x1cftypavif",
        b"",
        b"GIF9",
    ],
)
def test_what_is_no_picture_by_its_bytes_is_refused(data):
    assert refused(data) == "picture.kind"


@pytest.mark.parametrize(
    "data", [png(0, 5), png(5, 5)[:20], b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\x00\x00" * 9, b"RIFF\x00\x00\x00\x00WEBPVP8 "]
)
def test_a_broken_header_is_refused(data):
    assert refused(data) == "picture.broken"


def test_a_file_of_more_than_5_mb_is_refused():
    assert refused(png(5, 5) + b"\x00" * MAX_BYTES) == "picture.too_large"


def test_a_jpeg_of_nothing_but_markers_ends_soon():
    assert refused(b"\xff\xd8\xff" + b"\xff" * (4 << 20)) == "picture.broken"
