"""The fan board as the audience sees it: read by OCR from the decoded recording and compared with the events file."""

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from studio.app.sample import RESOURCES
from tests import decode
from tests.e2e.show import run_live

WIDTH, HEIGHT = 1920, 1080
BOARD = (48, 130, 420, 420)
SHOWN = ["Vivian Chen", "小鹿同学", "Momo", "山茶花开", "Coffee Lin"]
MASKED = ["藏起来的人"]


def events(path):
    """Five regulars who agreed to be named, one who didn't say, and one who hides."""
    at = datetime.now(UTC) - timedelta(minutes=3)
    lines = []

    def add(number, name, kind, **more):
        nonlocal at
        at += timedelta(milliseconds=200)
        event = {"id": f"e{len(lines)}", "type": kind, "at": at.isoformat(), "platform": "douyin", "room": "r1"}
        lines.append(event | {"fan": {"id": f"u{number}", "name": name}} | more)

    for number, name in enumerate([*SHOWN, *MASKED, "隐身的人"]):
        add(number, name, "order", order=f"o{number}", amount_minor=99_00 - number, currency="CNY", items=[])
        add(number, name, "enter")
        if name in SHOWN:
            add(number, name, "chat", text="亮牌")
    add(6, "隐身的人", "chat", text="隐身")
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def board_text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    events(folder / "events.jsonl")
    tables = {
        "video": {"width": WIDTH, "height": HEIGHT, "fps": 5, "source": f"file:{RESOURCES / 'presenter.mp4'}"},
        "encoder": {"preset": "ultrafast"},
        "output": [{"name": "archive", "path": "show.mp4"}],
        "audience": {"events": f"file:{folder / 'events.jsonl'}", "speed": 0.0},
    }
    show = run_live(folder, tables, 34)
    assert show.code == 0, show.errors
    x, y, width, height = BOARD
    picture = folder / "board.png"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-sseof", "-0.8", "-i", str(folder / "show.mp4"), "-frames:v", "1", "-vf",
         f"crop={width}:{height}:{x}:{y},scale=iw*2:ih*2:flags=lanczos,negate,format=gray", str(picture)],
        check=True, timeout=60,
    )  # fmt: skip
    words = subprocess.run(
        ["tesseract", str(picture), "-", "-l", "chi_sim+eng", "--psm", "6"], capture_output=True, text=True, check=True, timeout=120
    )
    return show, words.stdout.replace(" ", ""), folder


def test_the_names_of_those_who_agreed_can_be_read_on_the_picture(board_text):
    _, words, _ = board_text
    found = [name for name in SHOWN if name.replace(" ", "") in words]
    assert len(found) >= 4, words  # one in five may be misread by the OCR, which is not trained for this font


def test_nobody_else_is_named(board_text):
    _, words, _ = board_text
    assert "藏起来" not in words
    assert "隐身" not in words


def test_the_file_was_taken_whole(board_text):
    show, _, folder = board_text
    lines = (folder / "events.jsonl").read_text().splitlines()
    assert (show.report["events"]["received"], show.report["events"]["accepted"]) == (len(lines), len(lines))
    assert decode.decode_errors(folder / "show.mp4") == []
