"""The shop page: where orders come in from, and the members' own pages that go out.

It refuses to open a door by itself: the tunnel or proxy that brings the world here is the host's.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.bridge import Bridge
from ui.controls import Switch, button, label, row, scrolling
from ui.language import words
from ui.panels.hooks_card import HooksCard
from ui.panels.page_head import PageHead
from ui.panels.watching import Watching


class ShopPage(QWidget):
    """In the show's place."""

    turned = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        head = PageHead("shop")
        head.turned.connect(self.turned)
        head.middle.addStretch(1)
        self.hooks, self.members = HooksCard(bridge), MembersCard(bridge)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(scrolling(self.hooks), 3)
        both.addWidget(self.members, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(12)
        outer.addWidget(head)
        outer.addLayout(both, 1)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self.hooks.ask()


class MembersCard(Watching, QFrame):
    """Whether members have pages of their own, and under which address the world reaches them."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self._bridge = bridge
        self.switch = Switch(words("members.switch"))
        self.switch.clicked.connect(lambda is_on: self._patch({"member_page": is_on}))
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://…")
        self.address.setAccessibleName(words("members.address"))
        self.address.returnPressed.connect(self._keep)
        self.note: QLabel = label("", "small")
        self.note.setWordWrap(True)
        self.save: QPushButton = button(words("spec.save"), self._keep, size="small")
        made = QVBoxLayout(self)
        made.setContentsMargins(16, 12, 16, 14)
        made.setSpacing(8)
        made.addLayout(row(label(words("members.title"), "title"), None, self.switch))
        for text in ("members.hint", "members.address", "members.address_hint"):
            line = label(words(text), "small" if text.endswith("hint") else "muted")
            line.setWordWrap(True)
            made.addWidget(line)
            if text == "members.address":
                kept = row(spacing=8)
                kept.addWidget(self.address, 1)
                kept.addWidget(self.save)
                made.addLayout(kept)
        made.addWidget(self.note)
        made.addStretch(1)
        self.watch(bridge, "settings")
        self.refresh()

    def refresh(self) -> None:
        """Show what the profile says."""
        remote = self._remote()
        self.switch.setChecked(bool(remote.get("member_page")))
        if not self.address.hasFocus():
            self.address.setText(str(remote.get("public_url") or ""))

    def _remote(self) -> Mapping[str, Any]:
        remote = self._bridge.room.settings.get("remote")
        return remote if isinstance(remote, Mapping) else {}

    def _keep(self) -> None:
        self._patch({"public_url": self.address.text().strip()})

    def _patch(self, remote: Mapping[str, Any]) -> None:
        def done(answer: Any) -> None:
            self._bridge.room.take("settings", answer)
            if not isValid(self):
                return
            is_on = self.switch.isChecked()
            self.note.setText(words("members.on" if is_on else "members.off") if "member_page" in remote else words("retention.saved"))

        def refused(text: str) -> None:
            if isValid(self):
                self.switch.setChecked(bool(self._remote().get("member_page")))
                self.note.setText(text)

        self._bridge.ask(lambda client: client.patch_settings({"remote": remote}), done, refused)
