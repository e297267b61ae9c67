import logging
import threading

import pytest

from studio.app import log_thread
from tests.servers import PATIENCE_S

log = logging.getLogger("somebody")


class SlowDisk(logging.Handler):
    """Takes a line only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()
        self.written: list[str] = []

    def emit(self, record):
        assert self.may.wait(PATIENCE_S)
        self.written.append(record.getMessage())


@pytest.fixture
def disk():
    root, made = logging.getLogger(), SlowDisk()
    before = root.handlers[:], root.level
    root.handlers, root.level = [made], logging.INFO
    yield made
    made.may.set()
    root.handlers, root.level = before


def test_nobody_who_says_something_waits_for_the_disk_and_all_of_it_is_written_in_order(disk):
    with log_thread.written_beside():
        for number in range(100):
            log.info("line %d", number)
        assert disk.written == []
        disk.may.set()
    assert disk.written == [f"line {number}" for number in range(100)]
    log.info("afterwards")
    assert disk.written[-1] == "afterwards"


def test_more_lines_than_are_kept_are_lost_and_counted(disk, monkeypatch):
    monkeypatch.setattr(log_thread, "_MOST_LINES", 10)
    with log_thread.written_beside():
        for number in range(50):
            log.info("line %d", number)
        disk.may.set()
    *lines, last = disk.written
    assert lines == [f"line {number}" for number in range(len(lines))]
    assert last.startswith(f"{50 - len(lines)} lines of the log were lost")
    assert len(lines) in {10, 11}, "what was kept, and what the thread had in its hand"


def test_the_log_is_whole_again_after_a_failure(disk):
    disk.may.set()
    before = logging.getLogger().handlers[:]

    def fail():
        with log_thread.written_beside():
            log.info("before")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (disk.written, logging.getLogger().handlers) == (["before"], before)
