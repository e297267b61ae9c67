import os
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.look import colour
from capture.look.cube import LONGEST_LINE, parse_cube, read_cube
from studio.errors import InvalidInput
from studio.model.settings import LookSettings
from studio.words import say_error
from tests.capture.look.pictures import ROOT


def three_d(size, rows=None, head=""):
    levels = [index / (size - 1) for index in range(size)]
    lines = rows or [f"{r} {g} {b}" for b in levels for g in levels for r in levels]
    return "\n".join([f"{head}LUT_3D_SIZE {size}", *lines]) + "\n"


def test_red_runs_fastest_in_a_3d_table():
    rows = ["0 0 0", "1 0 0", "0 1 0", "1 1 0", "0 0 1", "1 0 1", "0 1 1", ".5 .25 .125"]
    cube = parse_cube(three_d(2, rows), "a.cube")
    assert cube.is_3d
    assert cube.values[1, 0, 0].tolist() == [1, 0, 0]
    assert cube.values[0, 0, 1].tolist() == [0, 0, 1]
    assert cube.values[1, 1, 1].tolist() == [0.5, 0.25, 0.125]


def test_a_1d_table_with_a_title_comments_a_domain_and_windows_line_ends_is_read():
    text = '\ufeff# made by hand\r\nTITLE "warm  look"\r\n\r\nLUT_1D_SIZE 3\r\nDOMAIN_MIN 0 0 0\r\nDOMAIN_MAX 2 2 2\r\n0 0 0\r\n.5 .4 .3\r\n1 1 1\r\n'
    cube = parse_cube(text, "a.cube")
    assert not cube.is_3d
    assert cube.high == (2, 2, 2)
    assert np.allclose(cube.values[1], [0.5, 0.4, 0.3])


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "missing"),
        ("LUT_3D_SIZE 2\n0 0 0\n", 2, "1 rows instead of 8"),
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 9, 10, "more than 8"),
        ("LUT_3D_SIZE 2\n0 0 0\n0 nan 0\n", 3, "finite"),
        ("LUT_3D_SIZE 2\n0 0 inf\n", 2, "finite"),
        ("LUT_3D_SIZE 2\n0 0 1e30\n", 2, "finite"),
        ("LUT_3D_SIZE 2\nNaN NaN NaN\n", 2, "finite"),
        ("LUT_3D_SIZE 2\n0 0\n", 2, "three"),
        ("LUT_3D_SIZE 2\n0 0 0 0\n", 2, "three"),
        ("LUT_3D_SIZE 66\n", 1, "2 to 65"),
        ("LUT_3D_SIZE 1\n", 1, "2 to 65"),
        ("LUT_3D_SIZE -5\n", 1, "2 to 65"),
        ("LUT_3D_SIZE 99999999999999999999\n", 1, "2 to 65"),
        ("LUT_1D_SIZE 65537\n", 1, "2 to 65536"),
        ("LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n", 2, "second size"),
        ("0 0 0\n", 1, "come first"),
        ("LUT_1D_SIZE 2\nDOMAIN_MAX 0 0 0\n0 0 0\n1 1 1\n", 4, "below DOMAIN_MAX"),
        ("LUT_1D_SIZE 2\n<script>\n", 2, "finite"),
        ("LUT_1D_SIZE 2\nINCLUDE ../../secret\n", 2, "unknown word INCLUDE"),
    ],
)
def test_a_broken_table_is_refused_by_the_number_of_its_line(text, line, word):
    with pytest.raises(InvalidInput) as refusal:
        parse_cube(text, "bad.cube")
    assert refusal.value.code == "look.cube_broken"
    assert refusal.value.params["line"] == line
    assert word in say_error(refusal.value, "en")
    chinese = say_error(refusal.value, "zh_CN")
    assert f"第 {line} 行" in chinese
    assert not {"three", "rows", "missing", "must", "unknown", "second"} & set(chinese.split()), "a Chinese host reads Chinese"


@pytest.mark.parametrize(
    ("head", "body", "line", "word"),
    [
        ("LUT_3D_SIZE 2\n", "0 0 0\n", 10, "more than 8 rows"),
        ("LUT_3D_SIZE 65\n", "0 0 0\n", 65**3 + 2, "more than 274625 rows"),
        ("LUT_3D_SIZE 2\n", "nan 0 0\n", 2, "finite"),
        ("", "# words without end\n", None, "no table ends"),
        ("LUT_3D_SIZE 2\n", "0 0 0 " * 1000, 2, f"longer than {LONGEST_LINE}"),
        ("", "\x00" * 4096, 1, f"longer than {LONGEST_LINE}"),
    ],
)
def test_two_gigabytes_of_text_are_refused_by_line_at_once_and_with_little_memory(tmp_path, head, body, line, word):
    huge = tmp_path / "huge.cube"
    block = (body * (1 + 2**20 // len(body))).encode()
    with huge.open("wb") as file:
        file.write(head.encode())
        for _ in range(20):
            file.write(block)
        file.truncate(2 * 1024**3)
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(InvalidInput) as refusal:
        read_cube(huge)
    took_s, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.value.code == "look.cube_broken"
    assert line is None or refusal.value.params["line"] == line
    assert word in say_error(refusal.value, "en")
    assert peak < 32 * 2**20, "of two gigabytes"
    assert took_s < 20, "a bound against reading all of it, under tracing"


def test_line_numbers_are_an_editors_whatever_ends_a_line(tmp_path):
    path = tmp_path / "mac.cube"
    for end in ("\n", "\r\n", "\r"):
        path.write_bytes(end.join(["# made\u2028by hand", "LUT_1D_SIZE 2", "0 0 0", "1 1 x"]).encode())
        with pytest.raises(InvalidInput) as refusal:
            read_cube(path)
        assert refusal.value.params["line"] == 4


def test_a_table_is_read_once_while_its_strength_is_drawn_and_anew_when_it_was_written(tmp_path):
    path = tmp_path / "warm.cube"
    path.write_text(three_d(2, ["0 0 0", "1 0 0", "0 1 0", "1 1 0", "0 0 1", "1 0 1", "0 1 1", "1 1 .5"]))
    first = colour.bake(LookSettings(lut=str(path), lut_strength=1.0))
    path.write_text(three_d(2))
    os.utime(path, ns=(1, 1))
    assert not np.array_equal(first, colour.bake(LookSettings(lut=str(path), lut_strength=1.0)))


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path):
    for path in (tmp_path / "none.cube", tmp_path):
        with pytest.raises(InvalidInput, match=r"look\.cube_unreadable"):
            read_cube(path)


@given(st.text(max_size=400))
def test_any_text_is_a_table_or_refused(text):
    try:
        parse_cube("LUT_1D_SIZE 2\n" + text, "any.cube")
    except InvalidInput as refusal:
        assert refusal.code == "look.cube_broken"


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_a_table(content):
    try:
        parse_cube(content.decode("utf-8", errors="replace"), "any.cube")
    except InvalidInput as refusal:
        assert isinstance(refusal.params["line"], int)


@pytest.mark.parametrize("path", sorted((ROOT / "resources" / "luts").glob("*.cube")), ids=lambda path: path.stem)
def test_every_shipped_table_is_read_and_is_mild(path):
    cube = read_cube(path)
    size = cube.values.shape[0]
    identity = np.stack(np.meshgrid(*[np.linspace(0, 1, size)] * 3, indexing="ij"), axis=-1)
    assert cube.is_3d
    assert np.abs(cube.values - identity).max() < 0.15
    assert cube.values[0, 0, 0].max() < 0.06
    assert cube.values[-1, -1, -1].min() > 0.95


def test_tables_are_shipped():
    assert len(list((ROOT / "resources" / "luts").glob("*.cube"))) == 3
