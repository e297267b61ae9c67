"""The figures of a fan's card: what they spent, how often they came, what they have; and the facts below them.

It refuses to work anything out: a value that the engine doesn't tell is a dash.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QGridLayout, QWidget

from ui.controls import label
from ui.figures import count, moment, money
from ui.language import words

_FIGURES_A_LINE = 3
"""Five beside one another are wider than the card in a window of 1280 pixels."""
_ON_AIR = {"named", "masked", "hidden"}


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _day(value: Any) -> str:
    found = moment(value)
    return found.astimezone().strftime("%Y-%m-%d") if found else "—"


def figures_of(fan: Mapping[str, Any]) -> QWidget:
    """The six that are looked at first."""
    currency = str(fan.get("currency") or "CNY")
    figures = (
        ("spent", money(_whole(fan.get("spent_minor")), currency)),
        ("rank", _rank(fan)),
        ("orders", count(_whole(fan.get("orders")))),
        ("visits", words("unit.times", count=count(_whole(fan.get("visits"))))),
        ("points", count(_whole(fan.get("points")))),
        ("streak", words("unit.days", count=count(_whole(fan.get("streak_days"))))),
    )
    told = QWidget()
    made = _grid(told, 2)
    for number, (name, value) in enumerate(figures):
        line, column = divmod(number, _FIGURES_A_LINE)
        made.addWidget(label(words(f"fan.{name}"), "small"), 2 * line, column)
        made.addWidget(label(value, "title"), 2 * line + 1, column)
    return told


def _rank(fan: Mapping[str, Any]) -> str:
    """Whoever bought nothing shares the last place with everybody else who didn't: nothing to be told."""
    has_rank = _whole(fan.get("rank")) > 0 and _whole(fan.get("spent_minor")) > 0
    return words("unit.rank", rank=count(_whole(fan.get("rank")))) if has_rank else "—"


def facts_of(fan: Mapping[str, Any]) -> QWidget:
    """The rest."""
    currency = str(fan.get("currency") or "CNY")
    facts = (
        ("confirmed", money(_whole(fan.get("confirmed_minor")), currency)),
        ("refunds", count(_whole(fan.get("refunds")))),
        ("gifts", money(_whole(fan.get("gifts_minor")), currency)),
        ("watched", words("unit.minutes", count=count(_whole(fan.get("watched_s")) // 60))),
        ("tickets", count(_whole(fan.get("tickets")))),
        ("first_order", _day(fan.get("first_order_at"))),
        ("last_order", _day(fan.get("last_order_at"))),
        ("followed", _day(fan.get("followed_at"))),
        ("on_air", words(f"fan.air.{fan.get('on_air')}") if fan.get("on_air") in _ON_AIR else "—"),
    )
    told = QWidget()
    made = _grid(told, 6)
    made.setColumnStretch(1, 1)
    made.setColumnStretch(3, 1)
    for number, (name, value) in enumerate(facts):
        made.addWidget(label(words(f"fan.{name}"), "muted"), number // 2, number % 2 * 2)
        made.addWidget(label(value), number // 2, number % 2 * 2 + 1)
    return told


def _grid(told: QWidget, spacing: int) -> QGridLayout:
    made = QGridLayout(told)
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(12)
    made.setVerticalSpacing(spacing)
    return made
