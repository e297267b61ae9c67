"""Worker processes that nobody waits for: they take what the show leaves of the processor."""

import os
import sys
from contextlib import suppress
from typing import Final

import psutil

_NICE: Final = 15


def stand_back() -> None:
    """Lower the whole process, for good; nothing where the system doesn't allow it."""
    with suppress(OSError):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(_NICE)
