"""The terminal that a command talks to."""

import os
from typing import Literal


def locale() -> Literal["zh_CN", "en"]:
    """Its language, by the variables that POSIX names for it."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_CN" if wanted.lower().startswith("zh") else "en"
