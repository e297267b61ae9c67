"""Tables as strangers write them, through the command line as a user runs it: each row is taken whole, or refused with its line and reason."""

import csv
import io
import json
import sqlite3

import pytest

from tests.e2e.show import run_main

NAUGHTY = (
    "'; DROP TABLE fan; --", "{0.__class__}", "%s%n", "<img src=x onerror=alert(1)>", "\u202eevil", "a\u0301" * 200, "👨‍👩‍👧‍👦" * 50, "\ufeff小美",
    "ﷺ", "Ω≈ç√∫", "NULL", "undefined", "../../etc/passwd", "${jndi:ldap://x}", "\\", "`id`", "𝕴𝖙𝖆𝖑", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "  ", "١٢٣", "=cmd|' /C calc'!A0",
    "+1", "-1", "@SUM(1)", "＝1", "\t=1",
)  # fmt: skip
"""Names written for this test: markup, formats, queries, formulas, directions, marks, joined emoji."""


def take(folder, text, *words, encoding="utf-8", name="t.csv", code=1):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    done = run_main(folder, "fans", "import", str(path), "--platform", "douyin", *words, timeout_s=120)
    assert "Traceback" not in done.stderr
    assert done.returncode == code, (done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.startswith("{") else {}, done.stderr


def stored(folder):
    with sqlite3.connect(folder / "encore.db") as connection:
        return dict(connection.execute("SELECT fan_id, name FROM identity"))


def test_naughty_names_come_in_as_text_and_go_out_neutralised_and_the_same(tmp_path):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([("id", "name"), *((f"u{number}", name) for number, name in enumerate(NAUGHTY))])
    answer, _ = take(tmp_path, buffer.getvalue(), code=0)
    assert answer == {"accepted": len(NAUGHTY), "duplicate": 0, "rejected": 0}
    out = tmp_path / "out.csv"
    assert run_main(tmp_path, "fans", "export", "--output", str(out)).returncode == 0
    for row in csv.DictReader(io.StringIO(out.read_bytes().decode(), newline="")):
        shown = row["name"].lstrip(" \u3000")
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "＝")), row
    before = stored(tmp_path)
    (tmp_path / "encore.db").unlink()
    again, _ = take(tmp_path, out.read_bytes(), name="again.csv", code=0)
    assert again["accepted"] == len(NAUGHTY)
    assert stored(tmp_path) == before


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16", "big5"])
def test_every_encoding_of_a_chinese_computer_is_read(tmp_path, encoding):
    words = ("--encoding", "big5") if encoding == "big5" else ()
    answer, _ = take(tmp_path, "会员ID,昵称,积分\nu1,小美,5\n" if encoding != "big5" else "id,昵稱,積分\nu1,小美,5\n", *words,
                     *(("--column", "昵稱=name", "--column", "積分=points") if encoding == "big5" else ()), encoding=encoding, code=0)  # fmt: skip
    assert (answer["accepted"], stored(tmp_path)) == (1, {"u1": "小美"})


GUESSES = (
    ({"spent": str(10**18)}, "spent"), ({"spent": "-5"}, "spent"), ({"spent": "1e5"}, "spent"), ({"spent": "12.345"}, "spent"),
    ({"spent": "NaN"}, "spent"), ({"points": "1.5"}, "points"), ({"points": "-1"}, "points"), ({"points": "٣x"}, "points"),
    ({"followed_at": "1970-01-01"}, "followed_at"), ({"followed_at": "2100-01-01"}, "followed_at"), ({"followed_at": "5/1/2024"}, "followed_at"),
    ({"followed_at": "2024-02-30"}, "followed_at"), ({"id": "1.23E+17"}, "id"), ({"id": "小**"}, "id"), ({"id": ""}, "id"), ({"id": "0"}, "id"),
    ({"id": "a\0b"}, "id"), ({"id": "x" * 201}, "id"),
)  # fmt: skip


def test_a_value_that_would_have_to_be_guessed_is_refused_with_line_and_field(tmp_path):
    good = {"id": "ok", "spent": "5", "points": "1", "followed_at": "2024-01-05"}
    rows = [good, *({**good, "id": f"u{number}", **cells} for number, (cells, _) in enumerate(GUESSES))]
    answer, errors = take(tmp_path, "\n".join(",".join(row) for row in (good, *(row.values() for row in rows))))
    assert (answer["accepted"], answer["rejected"]) == (1, len(GUESSES))
    for line, (cells, field) in enumerate(GUESSES, 3):
        assert f"t.csv:{line}: {field}" in errors, cells
    assert set(stored(tmp_path)) == {"ok"}


def test_a_name_of_ten_thousand_signs_is_cut_and_a_nul_is_no_sign(tmp_path):
    take(tmp_path, "id,name\nu1," + "美" * 10_000 + "\nu2,a\0b\n", code=0)
    names = stored(tmp_path)
    assert len(names["u1"]) <= 200
    assert "\0" not in names["u2"]


def test_two_gigabytes_of_one_line_are_refused_in_a_moment(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"id,name\nu1,")
        file.truncate(2 * 2**30)
    done = run_main(tmp_path, "fans", "import", str(path), "--platform", "douyin", timeout_s=120)
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 2)
    assert done.stderr


def test_what_is_no_table_is_refused_and_no_file_is_made(tmp_path):
    for name, data in (("x.xlsx", b"PK\x03\x04" + bytes(99)), ("x.csv", b""), ("y.csv", bytes(range(256)) * 40), ("z.csv", b'"' * 200_000)):
        _, errors = take(tmp_path, data, name=name, code=2)
        assert errors.count("\n") <= 2
        assert not (tmp_path / "encore.db").exists()
