"""Files in and out by commands, as child processes, as a user runs them."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

MAIN = Path(__file__).resolve().parents[2] / "main.py"
HEAD = "会员ID,昵称,积分,入会时间,累计消费\n"


@pytest.fixture
def main(tmp_path):
    def run(*words, expect=0, text=True):
        done = subprocess.run(
            [sys.executable, str(MAIN), *map(str, words)],
            check=False,
            cwd=tmp_path,
            capture_output=True,
            text=text,
            encoding="utf-8" if text else None,
            timeout=120,
            env={**os.environ, "LANG": "en_US.UTF-8"},
        )
        assert "Traceback" not in str(done.stderr)
        assert done.returncode == expect, (done.stdout, done.stderr)
        return done

    return run


@pytest.fixture
def members(tmp_path):
    path = tmp_path / "会员.csv"
    path.write_bytes((HEAD + "u1,小美,120,2024-01-05,500\nu2,=cmd|'/c calc'!A1,7,,\nu3,坏,x,,\nu4,大橘🍊,1,,\n").encode("gb18030"))
    return path


def test_members_of_a_shop_come_in_and_each_refused_row_is_told(main, members, tmp_path):
    preview = json.loads(main("fans", "import", members, "--platform", "抖音", "--preview").stdout)
    assert (preview["columns"]["会员ID"], preview["refused_count"]) == ("id", 1)
    assert not (tmp_path / "encore.db").exists()
    first = main("fans", "import", members, "--platform", "抖音", "--rejected", tmp_path / "bad.csv", expect=1)
    assert json.loads(first.stdout) == {"accepted": 3, "duplicate": 0, "rejected": 1}
    assert "会员.csv:4: points: “x” is no whole number." in first.stderr
    assert (tmp_path / "bad.csv").read_text(encoding="utf-8").splitlines()[1] == "4,cell.whole,points: “x” is no whole number."
    assert json.loads(main("fans", "import", members, "--platform", "抖音", expect=1).stdout) == {
        "accepted": 0,
        "duplicate": 3,
        "rejected": 1,
    }
    stats = json.loads(main("fans", "stats").stdout)
    assert (stats["fans"], stats["orders"], stats["spent_minor"]) == (3, 1, 500_00)


def test_what_a_plan_lacks_is_said_before_anything_is_written(main, members, tmp_path):
    assert "platform" in main("fans", "import", members, expect=2).stderr
    assert "id" in main("fans", "import", members, "--platform", "douyin", "--column", "会员ID=", expect=2).stderr
    assert "iq" in main("fans", "import", members, "--platform", "douyin", "--column", "昵称=iq", expect=2).stderr
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04" + bytes(100))
    assert "CSV UTF-8" in main("fans", "import", "book.xlsx", expect=2).stderr
    assert not (tmp_path / "encore.db").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-bom", "gbk"])
@pytest.mark.parametrize("language", ["", "zh_CN", "en"])
def test_an_export_opens_in_a_spreadsheet_and_comes_back_as_it_was(main, members, tmp_path, encoding, language):
    main("fans", "import", members, "--platform", "抖音", expect=1)
    main("fans", "export", "--output", "out.csv", "--encoding", encoding, "--language", language)
    data = (tmp_path / "out.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-bom")
    text = data.decode({"utf-8-bom": "utf-8-sig"}.get(encoding, encoding))
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[2] for row in rows[1:]] == ["小美", "'=cmd|'/c calc'!A1", "大橘?" if encoding == "gbk" else "大橘🍊"]
    assert rows[1][4] == ("500.00" if language else "50000")
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0
    main("fans", "import", "out.csv", "--store", "sqlite:///other.db")
    stats = json.loads(main("fans", "stats", "--store", "sqlite:///other.db").stdout)
    assert (stats["fans"], stats["spent_minor"]) == (3, 500_00)
    told = main("fans", "export", "--store", "sqlite:///other.db").stdout
    assert "'=cmd|'/c calc'!A1" in told


def test_a_backup_and_its_restore(main, members, tmp_path):
    main("fans", "import", members, "--platform", "抖音", expect=1)
    assert json.loads(main("fans", "backup", "copy.db").stdout)["fans"] == 3
    assert "copy.db" in main("fans", "backup", "copy.db", expect=1).stderr
    (tmp_path / "more.csv").write_text("id,points\nu9,5\n", encoding="utf-8")
    main("fans", "import", "more.csv", "--platform", "douyin")
    answer = json.loads(main("fans", "restore", "copy.db").stdout)
    assert (answer["restored"]["fans"], json.loads(main("fans", "stats").stdout)["fans"]) == (3, 3)
    assert json.loads(main("fans", "stats", "--store", f"sqlite:///{answer['before']}").stdout)["fans"] == 4
    (tmp_path / "copy.db").write_text("not a backup " * 20, encoding="utf-8")
    main("fans", "restore", "copy.db", expect=4)
    assert json.loads(main("fans", "stats").stdout)["fans"] == 3


def test_products_by_csv_with_a_picture(main, tmp_path):
    (tmp_path / "货.csv").write_bytes("商品编码,商品名称,链接号,直播价,底价,库存\nK1,口红,1,99,79,10\nK2,面霜,2,x,,\n".encode("gbk"))
    done = main("products", "import", "货.csv", expect=1)
    assert json.loads(done.stdout) == {"accepted": 1, "duplicate": 0, "rejected": 1}
    assert "货.csv:3" in done.stderr
    (tmp_path / "k1.png").write_bytes(cv2.imencode(".png", np.full((30, 40, 3), 99, np.uint8))[1].tobytes())
    assert len(json.loads(main("products", "picture", "K1", "k1.png").stdout)["picture"]) == 64
    (tmp_path / "k1.png").write_text("<svg/>", encoding="utf-8")
    assert "PNG" in main("products", "picture", "K1", "k1.png", expect=2).stderr
    main("products", "picture", "K9", "k1.png", expect=2)
    [line] = main("products", "list").stdout.splitlines()
    product = json.loads(line)
    assert (product["sku"], product["price_minor"], product["floor_minor"], len(product["picture"])) == ("K1", 9900, 7900, 64)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_import_goes_on_and_counts_each_row_once(main, tmp_path):
    count = 6_000
    rows = "".join(f"u{number},名{number},{number % 7},2024-01-05,{number % 3}\n" for number in range(count))
    (tmp_path / "many.csv").write_text(HEAD + rows, encoding="utf-8")
    words = [sys.executable, str(MAIN), "fans", "import", "many.csv", "--platform", "douyin"]
    (tmp_path / "first.csv").write_text(HEAD + rows.splitlines()[0], encoding="utf-8")
    main("fans", "import", "first.csv", "--platform", "douyin")
    killed = 0
    for _ in range(3):
        child = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wal = tmp_path / "encore.db-wal"
        before = wal.stat().st_size if wal.exists() else 0
        deadline = time.monotonic() + 60
        while child.poll() is None and time.monotonic() < deadline:
            if wal.exists() and wal.stat().st_size > before + 300_000:
                child.kill()
                killed += 1
                break
            time.sleep(0.002)
        child.communicate(timeout=60)
    assert killed
    answer = json.loads(main(*words[2:]).stdout)
    assert answer["accepted"] + answer["duplicate"] == count
    stats = json.loads(main("fans", "stats").stdout)
    assert stats["spent_minor"] == sum(number % 3 for number in range(count)) * 100
    told = csv.DictReader(io.StringIO(main("fans", "export").stdout))
    points = sum(int(row["points"]) for row in told)
    assert points == sum(number % 7 + number % 3 for number in range(count))
