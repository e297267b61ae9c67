"""Persons from the command line, as child processes."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

MAIN = Path(__file__).resolve().parents[2] / "main.py"


@pytest.fixture
def fans(tmp_path):
    env = {**os.environ, "LANG": "en_US.UTF-8", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

    def run(*words, expect=0, given=""):
        command = [sys.executable, str(MAIN), "fans", *words]
        done = subprocess.run(
            command, check=False, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", input=given, timeout=120, env=env
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == expect, (done.stdout, done.stderr)
        return done.stdout

    lines = [
        {"id": f"e{n}", "type": "order", "at": "2026-11-20T12:00:00Z", "platform": platform, "room": "r1",
         "fan": {"id": fan, "name": name}, "order": f"o{n}", "amount_minor": 100_50, "currency": "CNY"}
        for n, (platform, fan, name) in enumerate([("douyin", "u1", "小美"), ("kuaishou", "k1", "美美"), ("douyin", "u2", "阿柚")])
    ]  # fmt: skip
    (tmp_path / "events.jsonl").write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    run("import", "events.jsonl")
    return run


def test_merging_undoing_and_rebuilding_from_the_command_line(fans):
    alone = fans("export", "--all")
    merged = json.loads(fans("merge", "douyin:u1", "kuaishou:k1", "--reason", "same phone"))
    both = fans("export", "--all")
    assert json.loads(both.splitlines()[0])["spent_minor"] == 201_00
    fans("rebuild")
    assert fans("export", "--all") == both
    assert json.loads(fans("history", "kuaishou:k1"))["reason"] == "same phone"
    fans("undo", str(merged["number"]))
    assert fans("export", "--all") == alone
    fans("merge", "douyin:u1", "kuaishou:k1")
    fans("split", "kuaishou:k1")
    assert fans("export", "--all") == alone
    fans("merge", "douyin:u1", "douyin:u1", expect=1)
    fans("merge", "douyin:u1", "douyin:nobody", expect=1)
    fans("merge", "douyin:u1", "what", expect=2)


def test_contacts_suggest_a_person_is_told_held_and_erased(fans, tmp_path):
    fans("contact", "douyin:u1", "phone", given="13800138000\n")
    told = json.loads(fans("contact", "kuaishou:k1", "phone", given="+86 138 0013 8000\n"))
    assert told["key"].endswith("secrets.json"), "no keyring here, and it says so"
    [suggested] = fans("suggest").splitlines()
    assert [reason["code"] for reason in json.loads(suggested)["reasons"]] == ["same_phone"]
    assert b"13800138000" not in (tmp_path / "encore.db").read_bytes()
    fans("tell", "douyin:u1", "--output", "u1.json")
    assert json.loads((tmp_path / "u1.json").read_text(encoding="utf-8"))["contacts"][0]["value"] == "13800138000"
    _be_live_and_check_in(tmp_path / "encore.db", "r2")
    streaks = []
    for room in ("r1", "r2"):
        fans("tell", "douyin:u1", "--output", "u1.json", "--room", room)
        streaks.append(json.loads((tmp_path / "u1.json").read_text(encoding="utf-8"))["card"]["streak_days"])
    assert streaks == [0, 1], "live days are a room's own"
    fans("hold", "douyin:u1", "--reason", "dispute")
    fans("erase", "douyin:u1", "--yes", expect=1)
    fans("release", "douyin:u1")
    fans("erase", "douyin:u1", expect=2)
    assert json.loads(fans("erase", "douyin:u1", "--yes"))["accounts"] == 1
    assert "小美".encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("encore.db*"))
    fans("history", "douyin:u1", expect=1)
    assert json.loads(fans("tidy"))["erased"] == 0
    key = fans("key")
    assert json.loads(fans("key", "--take", given=key))["place"].endswith("secrets.json")


def test_who_has_a_birthday_these_days(fans):
    tomorrow = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(1)
    fans("contact", "douyin:u1", "birthday", given=f"1996-{tomorrow:%m-%d}\n")
    [row] = [json.loads(line) for line in fans("birthdays", "--days", "3").splitlines()]
    assert (row["id"], row["birthday"], row["on"], row["points"]) == ("u1", f"{tomorrow:%m-%d}", tomorrow.isoformat(), 0)
    assert fans("birthdays", "--days", "0", expect=2) == ""


def _be_live_and_check_in(path: Path, room: str) -> None:
    today = int(time.time() + 2 * 3600) // 86_400  # Asia/Shanghai, from 06:00
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.execute("INSERT INTO live_day (room, show_day) VALUES (?, ?)", (room, today))
        store.execute("UPDATE person SET checkin_days = ?", (today.to_bytes(4, "little") + b"\1",))
