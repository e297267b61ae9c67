"""What holds for every test: no thread of ours outlives it, nothing reaches the user's own folders or keyring."""

import contextlib
import os
import sys
import threading
import time

import hypothesis
import pytest
import pytestqt.plugin
from _pytest.runner import runtestprotocol

from tests.postgres import postgres, postgres_url, store_url  # noqa: F401 - fixtures of every test

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# pytest-qt turns Qt's loop between a test and its fixtures. asyncio's callbacks hang on that loop where it is a window's: run there,
# outside of `run_until_complete`, a task finds no running loop, dies unseen, and who waits for it waits for ever; or the process crashes.
pytestqt.plugin._process_events = lambda: None

# The same examples in each run, so that a failure is repeated by running it again; and no limit for an example: that would judge the machine.
hypothesis.settings.register_profile("encore", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("encore")

REAL_TIME = ("tests/e2e/", "tests/encoder/", "tests/capture/", "tests/ui/")
"""Where real servers, devices and windows run against the clock: a shared machine that stalls for a second is no bug of ours."""

POOLS = ("asyncio_", "ThreadPoolExecutor", "pymedia", "QThread", "Dummy-", "pydevd", "watchdog")
"""Threads that a library keeps for the process; all others are stages of ours and must have ended."""


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind():
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 20
    while True:
        left = [
            thread for thread in threading.enumerate() if thread not in before and thread.is_alive() and not thread.name.startswith(POOLS)
        ]
        if not left or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    assert not left, f"threads left behind: {[thread.name for thread in left]}"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("ENCORE_RUNTIME", str(home / "runtime"))


IS_SECOND_TRY = pytest.StashKey[bool]()


def pytest_runtest_protocol(item, nextitem):
    """A real-time test that fails is run once more; that it had to be is printed, and the second result counts.

    The second try gets fixtures of its own, those of the module too, and a time limit of its own.
    """
    if not item.nodeid.startswith(REAL_TIME) or item.stash.get(IS_SECOND_TRY, False):
        return None
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    failed = [report for report in reports if report.failed]
    if failed:
        item.stash[IS_SECOND_TRY] = True
        print(f"\nonce more: {item.nodeid}: {failed[0].when}: {failed[0].longreprtext[-3000:]}", file=sys.__stdout__, flush=True)
        with contextlib.suppress(Exception):  # what it says is that the first try failed
            item.session._setupstate.teardown_exact(item.session)
        return item.ihook.pytest_runtest_protocol(item=item, nextitem=nextitem)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
