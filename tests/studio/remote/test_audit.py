"""The audit's file: bounded, private, unforgeable, and no trouble of its disk is the show's."""

import asyncio
import json
import threading

import pytest

from studio.remote.audit import AuditFile, AuditRow


def row(number: int, **more) -> AuditRow:
    values = {
        "who": "host",
        "role": "host",
        "token": "t",
        "address": "127.0.0.1",
        "what": "POST /v1/live/start",
        "path": "/",
        "outcome": "allowed",
    }
    return AuditRow(at_ms=number, status=200, **values | more)


async def test_rows_come_back_in_order_from_a_moment_on(tmp_path):
    audit = AuditFile(tmp_path / "audit.jsonl")
    for number in range(10):
        audit.note(row(number))
    assert [read["at_ms"] for read in await audit.rows(-1, 100)] == list(range(10))
    assert [read["at_ms"] for read in await audit.rows(6, 2)] == [7, 8]
    assert await audit.rows(9, 100) == []


async def test_the_file_is_this_user_s_alone(tmp_path):
    audit = AuditFile(tmp_path / "new folder" / "audit.jsonl")
    audit.note(row(1))
    await audit.stop()
    assert audit.path.stat().st_mode & 0o777 == 0o600


async def test_no_text_forges_a_line(tmp_path):
    audit = AuditFile(tmp_path / "audit.jsonl")
    audit.note(row(1, who='x"}\n{"at_ms": 2, "who": "host"}\r\u2028\x00\ud800'))
    await audit.stop()
    assert len(audit.path.read_text().splitlines()) == 1
    assert [read["at_ms"] for read in await audit.rows(-1, 10)] == [1]


async def test_the_disk_is_written_by_another_thread(tmp_path):
    audit = AuditFile(tmp_path / "audit.jsonl")
    threads = []
    write = audit._append
    audit._append = lambda batch: (threads.append(threading.current_thread()), write(batch))
    audit.note(row(1))
    await audit.stop()
    assert threads
    assert threading.main_thread() not in threads


async def test_two_files_are_kept_and_no_more(tmp_path):
    audit = AuditFile(tmp_path / "audit.jsonl", max_bytes=1000)
    for number in range(40):
        audit.note(row(number))
        await audit.stop()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.jsonl", "audit.jsonl.1"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    numbers = [read["at_ms"] for read in await audit.rows(-1, 100)]
    assert numbers == list(range(numbers[0], 40))
    assert 4 <= len(numbers) <= 12


async def test_a_torn_line_of_a_killed_engine_is_passed_over(tmp_path):
    path = tmp_path / "audit.jsonl"
    path.write_text('{"at_ms": 1, "who": "host"}\n[1]\n{"at_ms": "x"}\n{"at_ms": 2, "wh')
    assert [read["at_ms"] for read in await AuditFile(path).rows(-1, 10)] == [1]


async def test_after_a_torn_line_the_next_row_still_counts(tmp_path):
    path = tmp_path / "audit.jsonl"
    path.write_text('{"at_ms": 2, "wh')
    audit = AuditFile(path)
    audit.note(row(3))
    assert [read["at_ms"] for read in await audit.rows(-1, 10)] == [3]


async def test_more_than_a_thousand_waiting_rows_are_lost_and_the_file_says_how_many(tmp_path):
    audit = AuditFile(tmp_path / "audit.jsonl")
    for number in range(1500):
        audit.note(row(number))
    rows = await audit.rows(-1, 10_000)
    assert [read["at_ms"] for read in rows[:-1]] == list(range(1000))
    assert rows[-1]["detail"] == "500 rows lost"
    assert audit.lost == 0


async def test_a_full_disk_is_said_once_and_costs_nothing_else(tmp_path, caplog):
    blocker = tmp_path / "file"
    blocker.write_text("")
    audit = AuditFile(blocker / "audit.jsonl")
    for number in range(5):
        audit.note(row(number))
        await audit.stop()
    assert len([record for record in caplog.records if "audit" in record.message]) == 1
    blocker.unlink()
    audit.note(row(6))
    assert [read["at_ms"] for read in await audit.rows(-1, 10)] == [6]
    assert caplog.records[-1].message == "The audit is written again"


async def test_stopping_twice_and_without_a_row_is_nothing(tmp_path):
    audit = AuditFile(tmp_path / "audit.jsonl")
    await audit.stop()
    await audit.stop()
    assert not audit.path.exists()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "audit"]


@pytest.mark.parametrize("at", [0, 1_790_000_000_000])
async def test_each_line_is_json_of_the_row(tmp_path, at):
    audit = AuditFile(tmp_path / "audit.jsonl")
    audit.note(row(at, detail="小美"))
    await audit.stop()
    assert json.loads(audit.path.read_text())["detail"] == "小美"
