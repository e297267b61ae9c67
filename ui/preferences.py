"""What this window remembers for its user: language, theme, and the last lottery and coupon.

It refuses to hold anything of the show: that belongs to the engine's profile.
"""

import json
from typing import Any

from PySide6.QtCore import QSettings


def _store() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "encore-studio", "window")


def text(key: str, default: str = "") -> str:
    """A remembered word."""
    return str(_store().value(key, default))


def remember(key: str, value: str) -> None:
    """Keep a word."""
    store = _store()
    store.setValue(key, value)
    store.sync()


def table(key: str) -> dict[str, Any]:
    """A remembered table; empty when there is none or it can't be read."""
    try:
        found = json.loads(text(key, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def remember_table(key: str, value: dict[str, Any]) -> None:
    """Keep a table."""
    remember(key, json.dumps(value, ensure_ascii=True))
