"""What the rules mean while they are typed: a line each, what to think twice about, who gets what, and who would move.

It refuses to ask anybody: lines and warnings come from the rules themselves, the movers from whoever asked the engine.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from studio.model.loyalty import Rules
from studio.model.rights import rights_matrix
from studio.model.rule_lines import Line, explain, params_in, warn
from studio.words import say_tier
from ui import badges
from ui.controls import label, row
from ui.figures import count, day_and_time
from ui.language import fault_words, locale, words
from ui.models.people import tier_words
from ui.plain import plain
from ui.shapes import State, StateShape

_NAMED = 3


def card(title: str) -> tuple[QFrame, QVBoxLayout]:
    """A card with its head, and what takes its body."""
    made = QFrame()
    made.setProperty("part", "card")
    inside = QVBoxLayout(made)
    inside.setContentsMargins(16, 12, 16, 14)
    inside.setSpacing(8)
    inside.addWidget(label(title, "head"))
    return made, inside


def lines_of(rules: Rules, currency: str) -> list[QWidget]:
    """What they say, a line each."""
    return [_said(line) for line in explain(rules, currency)]


def warnings_of(rules: Rules, currency: str) -> list[QWidget]:
    """What may cost more than it seems."""
    return [_marked(_line_words(line), "warn") for line in warn(rules, currency)]


def faults_of(texts: Sequence[str]) -> list[QWidget]:
    """What has to be put right first."""
    return [_marked(text, "bad") for text in texts]


def matrix_of(rules: Rules) -> QWidget:
    """Who gets what: a column each tier."""
    matrix = rights_matrix(rules)
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    for column, name in enumerate(matrix["tiers"], 1):
        badge = QLabel()
        badge.setPixmap(badges.pixmap(column, 20, made.devicePixelRatioF()))
        badge.setToolTip(tier_words(name, column))
        grid.addWidget(badge, 0, column, Qt.AlignmentFlag.AlignCenter)
    for line, found in enumerate(matrix["rows"], 1):
        grid.addWidget(label(plain(found["name"], 20) or words(f"rules.right_{found['key']}")), line, 0)
        for column, value in enumerate(found["values"], 1):
            grid.addWidget(_cell(found["key"], value), line, column, Qt.AlignmentFlag.AlignCenter)
    return made


def summary_of(answer: Mapping[str, Any]) -> str:
    """How many would move."""
    if not answer.get("is_new"):
        return words("rules.same")
    if not answer.get("moves"):
        return words("rules.nobody_moves")
    return words("rules.would_move", up=count(int(answer.get("up") or 0)), down=count(int(answer.get("down") or 0)))


def moves_of(answer: Mapping[str, Any]) -> list[QWidget]:
    """Who would move, from where to where, and the first of them by name."""
    parts: list[QWidget] = [_move(one) for one in answer.get("moves") or ()] or [label(words("rules.nobody"), "muted")]
    if answer.get("is_new") and answer.get("earning_from"):
        parts.append(_wrapped(words("rules.earning_from", day=answer["earning_from"]), "small"))
    return parts


def history_of(changes: Sequence[Mapping[str, Any]]) -> list[QWidget]:
    """The changes before, the newest first: which, when, by whom."""
    said = (
        words("rules.history_line", number=one["number"], at=day_and_time(one.get("at")), by=plain(str(one["by"]), 24)) for one in changes
    )
    return [_wrapped(text, "small") for text in said] or [label(words("rules.never_changed"), "muted")]


def _move(one: Mapping[str, Any]) -> QWidget:
    made = QWidget()
    inside = QVBoxLayout(made)
    inside.setContentsMargins(0, 2, 0, 2)
    inside.setSpacing(0)
    before, after = tier_words(one["from_name"], int(one["from"])), tier_words(one["to_name"], int(one["to"]))
    badge_from, badge_to = QLabel(), QLabel()
    for badge, rank in ((badge_from, one["from"]), (badge_to, one["to"])):
        badge.setPixmap(badges.pixmap(int(rank), 18, made.devicePixelRatioF()))
    top = row(
        badge_from, label(before), label("→", "muted"), badge_to, label(after), None, label(count(int(one["count"])), "strong"), spacing=6
    )
    inside.addLayout(top)
    names = [plain(str(fan.get("name") or fan.get("id")), 12) for fan in list(one.get("names") or ())[:_NAMED]]
    more = words("rules.and_more") if int(one["count"]) > len(names) else ""
    inside.addWidget(_wrapped(words("list.separator").join(names) + more, "small"))
    return made


def _said(line: Line) -> QWidget:
    return _wrapped(_line_words(line))


def _line_words(line: Line) -> str:
    return fault_words(line.code, **params_in(line, lambda name: say_tier(name, locale())))


def _wrapped(text: str, role: str = "") -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    return made


def _marked(text: str, state: State) -> QWidget:
    made = QWidget()
    sign = StateShape(state, 16)
    said = _wrapped(text)
    line = row(sign, spacing=8)
    line.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
    line.addWidget(said, 1)
    made.setLayout(line)
    return made


def _cell(key: str, value: Any) -> QLabel:
    if key == "price":
        return label(words("rules.full_price") if value == 100 else words("rules.price", percent=value, tenths=f"{value / 10:g}"))
    if key == "birthday":
        return label(f"+{value}" if value else "—", "" if value else "muted")
    return label("✓" if value else "—", "strong" if value else "muted")
