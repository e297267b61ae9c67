"""The fan file's commands as child processes, as a user runs them."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MAIN = Path(__file__).resolve().parents[2] / "main.py"


def line(number, kind="chat", fan="u1", at="2026-11-20T12:00:00Z", **more) -> str:
    name = more.pop("name", "小美")
    event = {"id": f"e{number}", "type": kind, "at": at, "platform": "douyin", "room": "r1", "fan": {"id": fan, "name": name}, **more}
    if kind in {"order", "refund"}:
        event["currency"] = "CNY"
    if kind == "chat":
        event.setdefault("text", "hi")
    return json.dumps(event, ensure_ascii=False)


@pytest.fixture
def fans(tmp_path):
    def run(*words, expect=0):
        command = [sys.executable, str(MAIN), "fans", *map(str, words)]
        done = subprocess.run(
            command,
            check=False,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            env={**os.environ, "LANG": "en_US.UTF-8"},
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == expect, (done.stdout, done.stderr)
        return done

    return run


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = [line(number, "order", f"u{number % 7}", order=f"o{number}", amount_minor=100_00) for number in range(40)]
    lines += [line(100, "refund", "u1", order="o1", amount_minor=50_00), line(101, name="=HYPERLINK(1)", fan="u9"), line(101), "{broken"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_import_tells_what_became_of_each_line_and_repeats_change_nothing(fans, events):
    first = fans("import", events, expect=1)
    assert json.loads(first.stdout) == {"accepted": 42, "duplicate": 1, "rejected": 1}
    assert "events.jsonl:44: not JSON" in first.stderr
    assert json.loads(fans("import", events, expect=1).stdout) == {"accepted": 0, "duplicate": 43, "rejected": 1}
    stats = json.loads(fans("stats").stdout)
    assert (stats["fans"], stats["orders"], stats["spent_minor"], stats["events"]) == (8, 40, 40 * 100_00 - 50_00, 42)
    assert stats["tiers"] == {"1": 1, "3": 7}
    everything = json.loads(fans("stats", "--all").stdout)
    assert (everything["fans"], everything["buyers"]) == (8, 7)
    assert sum(one["fans"] for one in everything["segments"]) == sum(one["fans"] for one in everything["layers"]) == 8
    assert everything["forecast"]["why"].startswith("Expected purchases need at least 50 buyers")


def test_rebuilding_changes_no_byte_of_the_export(fans, events):
    fans("import", events, expect=1)
    before = fans("export", "--all").stdout
    assert len(before.splitlines()) == 8 + 1
    assert json.loads(fans("rebuild").stdout) == {"events": 42}
    assert fans("export", "--all").stdout == before


def test_an_export_is_harmless_in_a_spreadsheet(fans, events, tmp_path):
    fans("import", events, expect=1)
    fans("export", "--output", tmp_path / "fans.csv")
    text = (tmp_path / "fans.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 8
    assert {row["name"] for row in rows} == {"小美", "'=HYPERLINK(1)"}


def test_what_the_user_did_wrong_is_said_in_one_line(fans, tmp_path, events):
    assert "no-such.jsonl" in fans("import", "no-such.jsonl", expect=2).stderr
    fans("import", events, "--timezone", "Mars/Olympus", expect=2)
    assert "ISO 4217" in fans("stats", "--currency", "yuan", expect=2).stderr
    fans("stats", "--store", "mysql://x/y", expect=2)
    fans("stats", expect=4)
    assert not (tmp_path / "encore.db").exists()
    (tmp_path / "encore.db").write_text("not a store" * 50, encoding="utf-8")
    assert "encore.db" in fans("import", events, expect=4).stderr
    assert (tmp_path / "encore.db").read_text(encoding="utf-8") == "not a store" * 50


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_kill_during_import_loses_nothing_acknowledged_and_applies_nothing_twice(fans, tmp_path):
    path = tmp_path / "many.jsonl"
    count = 8_000
    lines = (line(number, "order", f"u{number % 100}", order=f"o{number}", amount_minor=100) for number in range(count))
    path.write_text("\n".join(lines), encoding="utf-8")
    # The file is laid before: what is killed is an import, not the making of the tables.
    (tmp_path / "first.jsonl").write_text(path.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    fans("import", tmp_path / "first.jsonl")
    killed = 0
    for _ in range(2):
        child = subprocess.Popen([sys.executable, str(MAIN), "fans", "import", str(path)], cwd=tmp_path, stdout=subprocess.PIPE)
        before = (tmp_path / "encore.db-wal").stat().st_size if (tmp_path / "encore.db-wal").exists() else 0
        deadline = time.monotonic() + 60
        while child.poll() is None and time.monotonic() < deadline:
            wal = tmp_path / "encore.db-wal"
            if wal.exists() and wal.stat().st_size > before + 200_000:
                child.kill()
                killed += 1
                break
            time.sleep(0.002)
        child.communicate(timeout=60)
        if child.returncode == 0:
            break
        stats = json.loads(fans("stats").stdout)
        assert stats["orders"] == stats["events"]
        assert stats["spent_minor"] == 100 * stats["orders"], "a batch is there with all that follows from it, or not at all"
    assert killed
    fans("import", path)
    stats = json.loads(fans("stats").stdout)
    assert (stats["orders"], stats["spent_minor"]) == (count, 100 * count)
