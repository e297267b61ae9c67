"""The fan file fails in the middle of a show: the show goes on, events wait on the disk, no drop begins, and nothing is lost or counted twice."""

import asyncio
import contextlib
import json
import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest

from studio.remote.client import StudioClient
from tests.e2e.show import engine, run_main
from tests.servers import end, wait_until

SMALL = {
    "video": {"width": 320, "height": 180, "fps": 15, "source": "testcard"},
    "encoder": {"bitrate_kbps": 300, "preset": "ultrafast"},
    "output": [{"name": "archive", "path": "show.mkv"}],
}
COUPON = {"kind": "coupon", "title": "券", "value_minor": 100, "stock": 5, "seconds": 600}
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATIENCE_S = 40


def order(number, fan, seconds=0.0):
    at = (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": f"e{number}", "type": "order", "at": at, "platform": "douyin", "room": "r1", "fan": {"id": fan, "name": f"粉丝{fan}"},
        "order": f"o{number}", "amount_minor": 100, "currency": "CNY",
    }  # fmt: skip


def written(path, orders):
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in orders), encoding="utf-8")
    return path


def with_feed(folder):
    """An order each fifth of a second, for longer than any of these tests takes."""
    feed = written(folder / "feed.jsonl", (order(number, f"u{number % 50}", number / 5) for number in range(2_000)))
    return {**SMALL, "audience": {"events": f"file:{feed}"}}


def go_live(running):
    assert running.call("POST", "/v1/live/start")[0] == 200
    running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > 5 and health["events"]["accepted"] >= 5, PATIENCE_S)


def journaled(folder) -> int:
    path = folder / "encore.db.journal"
    return len(path.read_bytes().splitlines()) if path.exists() else 0


def wait_for_notice(running, code) -> dict:
    async def listen():
        client = StudioClient(running.address["url"], running.address["token"])
        async with asyncio.timeout(PATIENCE_S), client, contextlib.aclosing(client.stream()) as messages:
            async for message in messages:
                if message.type == "notice" and message.data["code"] == code:
                    return message.data
        raise AssertionError(code)

    return asyncio.run(listen())


def goes_on(running):
    """On air, and frames come."""
    encoded = running.call("GET", "/v1/health")[1]["video"]["encoded"]
    running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > encoded + 10, PATIENCE_S)
    assert running.call("GET", "/v1/live")[1]["state"] == "live"


def refuses_drops(running, code):
    status, answer = running.call("POST", "/v1/drops", {**COUPON, "click_id": f"c{time.monotonic_ns()}"})
    assert (status, answer["code"]) == (503, code), answer


@contextlib.contextmanager
def locked(folder, _flag):
    """Another program has the file, as a viewer of databases that waits in a dialog."""
    other = sqlite3.connect(folder / "encore.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextlib.contextmanager
def read_only(_folder, flag):
    flag.touch()
    try:
        yield
    finally:
        flag.unlink()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("trouble", "code"), [(locked, "store.locked"), (read_only, "store.read_only")])
def test_a_file_that_takes_nothing_for_a_while_costs_nothing(tmp_path, trouble, code):
    flag = tmp_path / "make-read-only"
    with engine(tmp_path, with_feed(tmp_path), script="tests/e2e/with_read_only.py", more={"TEST_READ_ONLY": str(flag)}) as running:
        go_live(running)
        with trouble(tmp_path, flag):
            notice = wait_for_notice(running, code)
            assert (notice["level"], set(notice["text"])) == ("bad", {"zh_CN", "en"})
            wait_until(lambda: journaled(tmp_path) >= 10, PATIENCE_S, "events in the journal")
            refuses_drops(running, code)
            goes_on(running)
            kept = journaled(tmp_path)
        wait_for_notice(running, "store.back")
        wait_until(lambda: journaled(tmp_path) == 0, PATIENCE_S, "the journal to be applied")
        accepted = running.call("GET", "/v1/health")[1]["events"]["accepted"]
        assert accepted >= kept
        assert running.call("POST", "/v1/drops", {**COUPON, "click_id": "after"})[0] == 201
        running.wait_for("/v1/health", lambda health: health["events"]["accepted"] > accepted, PATIENCE_S)
        assert running.call("POST", "/v1/live/stop")[0] == 200
        end(running.process, timeout_s=30)
        assert running.process.returncode == 0
    assert journaled(tmp_path) == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "encore.db")) as store:
        orders = {row[0] for row in store.execute("SELECT order_no FROM purchase")}
        assert orders == {f"o{number}" for number in range(len(orders))}, "one after the other, none left out"
        assert store.execute("SELECT SUM(counted_minor) FROM spend").fetchone() == (100 * len(orders),)
        assert store.execute("SELECT value FROM counter WHERE name = 'spent_minor'").fetchone() == (100 * len(orders),)


@pytest.mark.timeout(240)
def test_a_file_that_breaks_is_told_kept_out_of_and_made_good_from_a_copy(tmp_path):
    bought = written(tmp_path / "bought.jsonl", (order(10_000 + number, f"u{number}") for number in range(3_000)))
    assert run_main(tmp_path, "fans", "import", str(bought), "--store", f"sqlite:///{tmp_path}/encore.db").returncode == 0
    store = f"sqlite:///{tmp_path}/encore.db"
    copied = run_main(tmp_path, "fans", "backup", "copy.db", "--store", store)
    assert copied.returncode == 0, copied.stderr
    with engine(tmp_path, with_feed(tmp_path)) as running:
        go_live(running)
        with (tmp_path / "encore.db").open("r+b") as file:
            size = file.seek(0, 2)
            file.seek(4096)
            file.write(bytes(size - 4096))
        wait_for_notice(running, "store.corrupt")
        wait_until(lambda: journaled(tmp_path) >= 10, PATIENCE_S, "events in the journal")
        refuses_drops(running, "store.corrupt")
        goes_on(running)
        end(running.process, timeout_s=30)
        assert running.process.returncode == 0
    kept = journaled(tmp_path)
    for words in (["fans", "stats"], ["fans", "rebuild"], ["live", "profile.toml", "--duration", "1"]):
        more = ["--store", store] if words[0] == "fans" else []
        refused = run_main(tmp_path, *words, *more)
        assert refused.returncode == 4, (words, refused)
        assert "Traceback" not in refused.stderr
    assert journaled(tmp_path) == kept, "whoever refuses touches nothing"
    restored = run_main(tmp_path, "fans", "restore", "copy.db", "--store", store)
    assert restored.returncode == 0, restored.stderr
    with engine(tmp_path, SMALL) as running:
        wait_until(lambda: journaled(tmp_path) == 0, PATIENCE_S, "the journal to be applied")
        running.wait_for("/v1/fans/douyin/u1", lambda fan: fan.get("orders"), PATIENCE_S)
    told = json.loads(run_main(tmp_path, "fans", "stats", "--store", store).stdout)
    assert told["orders"] == 3_000 + kept
