"""What is to be expected of one fan: the next purchase by category, purchases in 90 days, and where they stood before.

It refuses to guess: what the engine can't say takes no room.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import label
from ui.language import words
from ui.models.people import layer_words, segment_words
from ui.plain import plain

_HABITS = 2
_STEPS = 3


class FanOutlook(QWidget):
    """Empty until the engine answers; lines below one another then."""

    def __init__(self, bridge: Bridge, who: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        bridge.ask(lambda client: client.outlook(*who), self._show)

    def _show(self, answer: Any) -> None:
        if not isinstance(answer, Mapping):
            return
        for text in outlook_lines(answer):
            line = label(text, "muted")
            line.setWordWrap(True)
            self._lines.addWidget(line)


def outlook_lines(answer: Mapping[str, Any]) -> list[str]:
    """`GET /v1/fans/{platform}/{id}/outlook` in words, at most six lines."""
    due = sorted((one for one in answer.get("habits") or () if one.get("due_on")), key=lambda one: str(one["due_on"]), reverse=True)
    lines = [
        words(
            f"outlook.{one['basis']}",
            category=plain(str(one["category"]), 20) or words("outlook.any"),
            days=one["interval_days"],
            day=one["due_on"],
        )
        for one in due[:_HABITS]
    ]
    if answer.get("expected_90d") is not None:
        lines.append(words("outlook.expected", count=f"{answer['expected_90d']:.1f}"))
    steps = [
        words("outlook.stood", day=one["day"], segment=segment_words(one.get("segment_name")), layer=layer_words(one.get("layer_name")))
        for one in list(answer.get("history") or ())[-_STEPS:]
    ]
    return lines + steps
