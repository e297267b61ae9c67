"""The privacy page: for how long each kind of thing is kept of fans, and of whom nothing may be deleted.

It refuses to delete anything itself: the engine tidies up daily by what stands here.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, label, row, scrolled_past, scrolling
from ui.figures import moment
from ui.language import words
from ui.panels.page_head import PageHead
from ui.panels.watching import Watching
from ui.plain import plain

FIELDS = ("chat_days", "former_name_days", "phone_days", "address_days", "order_name_days", "birthday_days", "inactive_fan_days")
_LONGEST_DAYS = 36_500


class PrivacyPage(Watching, QWidget):
    """In the show's place."""

    turned = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._bridge = bridge
        head = PageHead("privacy")
        head.turned.connect(self.turned)
        head.middle.addStretch(1)
        self.fields = {name: scrolled_past(QSpinBox()) for name in FIELDS}
        self._note: QLabel = label("", "small")
        self._note.setWordWrap(True)
        self.save: QPushButton = button(words("spec.save"), self._save, kind="main")
        self._holds = QVBoxLayout()
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self._retention(), 1)
        both.addWidget(self._held(), 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(12)
        outer.addWidget(head)
        outer.addLayout(both, 1)
        self.watch(bridge, "settings")
        self.refresh()

    def _retention(self) -> QFrame:
        made, inside = _card(words("retention.title"))
        hint = label(words("retention.hint"), "small")
        hint.setWordWrap(True)
        inside.addWidget(hint)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for number, (name, field) in enumerate(self.fields.items()):
            field.setRange(0, _LONGEST_DAYS)
            field.setSpecialValueText(words("retention.for_ever"))
            field.setSuffix(words("retention.days"))
            field.setFixedWidth(140)
            field.lineEdit().setTextMargins(10, 0, 10, 0)  # a style sheet's padding doesn't reach what is typed
            field.setAccessibleName(words(f"retention.{name}"))
            text = label(words(f"retention.{name}"))
            text.setWordWrap(True)
            grid.addWidget(text, number, 0)
            grid.addWidget(field, number, 1)
        inside.addLayout(grid)
        inside.addLayout(row(self.save, None))
        inside.addWidget(self._note)
        inside.addStretch(1)
        return made

    def _held(self) -> QFrame:
        made, inside = _card(words("holds.title"))
        hint = label(words("holds.hint"), "small")
        hint.setWordWrap(True)
        inside.addWidget(hint)
        listed = QWidget()
        listed.setObjectName("scrolled")
        listed.setLayout(self._holds)
        self._holds.setContentsMargins(0, 0, 4, 0)
        inside.addWidget(scrolling(listed), 1)
        return made

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self._ask()

    def refresh(self) -> None:
        """Show what the profile says."""
        privacy = self._bridge.room.settings.get("privacy")
        for name, field in self.fields.items():
            value = privacy.get(name) if isinstance(privacy, Mapping) else None
            if isinstance(value, int) and not field.hasFocus():
                field.setValue(value)

    def _save(self) -> None:
        wanted = {name: field.value() for name, field in self.fields.items()}

        def done(answer: Any) -> None:
            self._bridge.room.take("settings", answer)
            self._note.setText(words("retention.saved"))

        self._bridge.ask(lambda client: client.patch_settings({"privacy": wanted}), done, self._note.setText)

    def _ask(self) -> None:
        self._bridge.ask(lambda client: client.holds(), self._show, self._note.setText)

    def _show(self, answer: Any) -> None:
        while (item := self._holds.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        rows = [one for one in answer.get("rows") or () if isinstance(one, Mapping)] if isinstance(answer, Mapping) else []
        for held in rows:
            self._holds.addWidget(self._row(held))
        if not rows:
            self._holds.addWidget(label(words("holds.none"), "muted"))
        self._holds.addStretch(1)

    def _row(self, held: Mapping[str, Any]) -> QWidget:
        who = (str(held.get("platform")), str(held.get("id")))
        at = moment(held.get("at"))
        since = at.astimezone().strftime("%Y-%m-%d") if at else ""
        made = QWidget()
        lines = QVBoxLayout(made)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(0)
        top = row(label(plain(who[0], 20), "tag"), spacing=8)
        top.addWidget(Elided(plain(str(held.get("name") or who[1])), "strong"), 1)
        release = button(
            words("privacy.release"),
            lambda: self._bridge.ask(lambda client: client.release_fan(*who), lambda _: self._ask(), self._note.setText),
            size="small",
        )
        top.addWidget(release)
        lines.addLayout(top)
        told = words("holds.line", reason=plain(str(held.get("reason")), 120), by=plain(str(held.get("by")), 20), since=since)
        lines.addWidget(Elided(told, "small"))
        return made


def _card(title: str) -> tuple[QFrame, QVBoxLayout]:
    made = QFrame()
    made.setProperty("part", "card")
    inside = QVBoxLayout(made)
    inside.setContentsMargins(16, 12, 16, 14)
    inside.setSpacing(8)
    inside.addWidget(label(title, "title"))
    return made, inside
