"""What holds for every test: no thread of ours outlives it, nothing reaches the user's own folders or keyring."""

import os
import threading
import time

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

POOLS = ("asyncio_", "ThreadPoolExecutor", "pymedia", "QThread", "Dummy-", "pydevd", "watchdog")
"""Threads that a library keeps for the process; all others are stages of ours and must have ended."""


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind():
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 3
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
