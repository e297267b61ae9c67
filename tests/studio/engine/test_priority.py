import os
import sys
import threading

import pytest

from studio.engine.priority import NICE, lower_threads, raise_threads


@pytest.mark.skipif(sys.platform != "linux", reason="nice values of threads are Linux'")
def test_all_threads_but_the_main_one_go_first_while_live_and_are_as_before_afterwards():
    done, nices = threading.Event(), []
    started = threading.Event()

    def work():
        started.set()
        done.wait(60)

    worker = threading.Thread(target=work, name="program")
    worker.start()
    started.wait(30)
    try:
        is_allowed = raise_threads()
        nices.append(os.getpriority(os.PRIO_PROCESS, worker.native_id))
        main = os.getpriority(os.PRIO_PROCESS, os.getpid())
        lower_threads()
        nices.append(os.getpriority(os.PRIO_PROCESS, worker.native_id))
    finally:
        done.set()
        worker.join()
    assert nices == [NICE if is_allowed else 0, 0]
    assert main == 0
