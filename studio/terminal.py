"""The terminal that a command talks to."""

import getpass
import os
import sys
from typing import Literal


def locale() -> Literal["zh_CN", "en"]:
    """Its language, by the variables that POSIX names for it."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_CN" if wanted.lower().startswith("zh") else "en"


def ask_secret(name: str) -> str:
    """A key, unseen as it is typed, else the whole of standard input: of two lines none is taken silently for the key."""
    return getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read()
