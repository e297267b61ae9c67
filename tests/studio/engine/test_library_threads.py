import threading

import pytest

from studio.engine import library_threads
from studio.engine.library_threads import LibraryThreads, thread_ids
from tests.servers import wait_until


@pytest.fixture
def busy(monkeypatch):
    """A thread that works, told as a library's: Python's list doesn't name it."""
    before = thread_ids()
    ending = threading.Event()

    def work():
        while not ending.is_set():
            sum(range(1000))

    thread = threading.Thread(target=work, name="library's")
    thread.start()
    known = [other for other in threading.enumerate() if other is not thread]
    monkeypatch.setattr(library_threads.threading, "enumerate", lambda: known)
    yield before, ending, thread
    ending.set()
    thread.join()


def spent(threads: LibraryThreads) -> float:
    threads.look(1)
    return threads.ms_a_frame


def test_what_a_librarys_thread_cost_is_told_by_frame_and_stays_when_the_thread_has_ended(busy):
    before, ending, thread = busy
    threads = LibraryThreads(before)
    wait_until(lambda: spent(threads) > 20, what="the work is counted")
    ending.set()
    wait_until(lambda: thread.native_id not in thread_ids(), what="the system's own thread has ended")
    whole = threads.ms_a_frame
    threads.look(10)
    assert threads.ms_a_frame == pytest.approx(whole / 10)


def test_what_ended_threads_cost_is_kept_when_a_library_starts_others(busy):
    before, ending, thread = busy
    threads = LibraryThreads(before)
    wait_until(lambda: spent(threads) > 20, what="the work is counted")
    ending.set()
    wait_until(lambda: thread.native_id not in thread_ids(), what="the system's own thread has ended")
    told = spent(threads)
    threads.renew()
    assert spent(threads) == pytest.approx(told)


def test_the_figure_waits_for_a_look():
    threads = LibraryThreads(thread_ids())
    assert threads.ms_a_frame == 0
