"""What the host may do with everything that is kept of a fan: hand it out, hold it, or erase it.

It refuses to erase by a click: a word has to be typed, and what happens is said first.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import button, choose_new_file, label, row
from ui.language import words
from ui.plain import plain


class FanPrivacy(QWidget):
    """A part of the host's card; `changed` is called after a hold, `gone` after the fan was erased."""

    def __init__(self, bridge: Bridge, who: tuple[str, str], changed: Callable[[], None], gone: Callable[[], None]) -> None:
        super().__init__()
        self._bridge = bridge
        self._who = who
        self._changed = changed
        self._gone = gone
        self._note: QLabel = label("", "small")
        self._note.setWordWrap(True)
        self.export: QPushButton = button(words("privacy.export"), self._choose, size="small", icon="upload")
        self.hold: QPushButton = button(words("privacy.hold"), lambda: self._ask("hold"), size="small", icon="key")
        self.erase: QPushButton = button(words("privacy.erase"), lambda: self._ask("erase"), size="small", icon="close")
        self.question = QWidget()
        self._words = label("", "small")
        self._words.setWordWrap(True)
        self.typed = QLineEdit()
        self.confirm: QPushButton = button("", self._confirmed, kind="main", size="small")
        self._wanted = ""
        asked = QVBoxLayout(self.question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(6)
        asked.addWidget(self._words)
        asked.addWidget(self.typed)
        asked.addLayout(row(self.confirm, button(words("import.cancel"), self.question.hide, kind="ghost", size="small"), None))
        self.question.hide()
        self.typed.textChanged.connect(self._show_confirm)
        self.typed.returnPressed.connect(self.confirm.click)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(6)
        made.addWidget(label(words("privacy.title"), "head"))
        made.addLayout(row(self.export, self.hold, self.erase, None))
        made.addWidget(self.question)
        made.addWidget(self._note)
        bridge.ask(lambda client: client.fan_links(*who), self._show_hold)

    def _show_hold(self, answer: Any) -> None:
        held = answer.get("hold") if isinstance(answer, Mapping) else None
        if isinstance(held, Mapping):
            self.hold.setText(words("privacy.release"))
            self.hold.clicked.disconnect()
            self.hold.clicked.connect(lambda: self._do(lambda client: client.release_fan(*self._who), words("privacy.released")))
            self.erase.setEnabled(False)
            self.erase.setToolTip(words("fan.held", reason=plain(str(held.get("reason")), 80)))
            self._note.setText(self.erase.toolTip())

    def _ask(self, wanted: str) -> None:
        self._wanted = wanted
        self.typed.clear()
        self.typed.setMaxLength(200)
        self._words.setText(words(f"privacy.{wanted}_line", word=words("privacy.erase_word")))
        self.typed.setPlaceholderText(words(f"privacy.{wanted}_hint", word=words("privacy.erase_word")))
        self.typed.setAccessibleName(self._words.text())
        self.confirm.setText(words(f"privacy.{wanted}_go"))
        self._show_confirm()
        self.question.show()
        self.typed.setFocus()

    def _show_confirm(self) -> None:
        text = self.typed.text().strip()
        self.confirm.setEnabled(text.casefold() == words("privacy.erase_word").casefold() if self._wanted == "erase" else bool(text))

    def _confirmed(self) -> None:
        self.question.hide()
        if self._wanted == "hold":
            body = {"reason": self.typed.text().strip()}
            self._do(lambda client: client.fan_step(*self._who, "hold", body), words("privacy.held"))
            return
        self._bridge.ask(lambda client: client.erase_person(*self._who), lambda _: self._gone(), self._note.setText)

    def _do(self, question: Callable[[StudioClient], Any], said: str) -> None:
        def done(_: Any) -> None:
            self._note.setText(said)
            self._changed()

        self._bridge.ask(question, done, self._note.setText)

    def _choose(self) -> None:
        choose_new_file(self, words("privacy.export"), "fan.json", "JSON (*.json)", lambda path: self.save_to(Path(path)))

    def save_to(self, path: Path) -> None:
        """Write everything that is kept of the fan to a file, for this user's eyes alone."""

        async def save(client: StudioClient) -> None:
            await client.save_person_document(*self._who, path)

        self._bridge.ask(save, lambda _: self._note.setText(words("privacy.exported", name=plain(path.name, 60))), self._note.setText)
