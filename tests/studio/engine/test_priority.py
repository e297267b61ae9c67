import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.engine.priority import BEHIND, NICE, lower_threads, raise_threads, stand_behind


@pytest.mark.skipif(sys.platform != "linux", reason="nice values of threads are Linux'")
def test_all_threads_but_the_main_one_go_first_while_live_and_are_as_before_afterwards():
    with _worker() as program, _worker(stand_behind) as recording:
        is_allowed = raise_threads()
        raised = [os.getpriority(os.PRIO_PROCESS, thread) for thread in (program, recording, os.getpid())]
        lower_threads()
        lowered = [os.getpriority(os.PRIO_PROCESS, thread) for thread in (program, recording)]
    assert raised == [NICE if is_allowed else 0, BEHIND, 0], "who stands behind the show stays there"
    assert lowered == [0, BEHIND]


@contextlib.contextmanager
def _worker(begin=lambda: None):
    """A thread that waits, by the system's id."""
    started, done = threading.Event(), threading.Event()

    def work():
        begin()
        started.set()
        done.wait(60)

    worker = threading.Thread(target=work, name="worker")
    worker.start()
    started.wait(30)
    try:
        yield worker.native_id
    finally:
        done.set()
        worker.join()


_IN_ITS_OWN_SESSION = """
from pathlib import Path
from studio.app.spare import in_idle_time
from studio.engine.priority import lower_threads, raise_threads
def place():
    return Path("/proc/self/autogroup").read_text().split()[-1]
with in_idle_time():
    print(place())
print(place())
is_allowed = raise_threads()
print(place() if is_allowed else -5)
lower_threads()
print(place())
"""


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this system shares the processor by process")
def test_a_session_stands_back_while_it_loads_first_while_live_and_as_others_otherwise():
    words = [sys.executable, "-c", _IN_ITS_OWN_SESSION]
    done = subprocess.run(words, capture_output=True, text=True, check=True, start_new_session=True, cwd=Path(__file__).parents[3])
    assert done.stdout.split() == ["5", "0", str(NICE), "0"]
