"""The shops that send their orders here: added and taken out, each with its address, its key, and what came in or was refused.

It refuses to show a key, but for one that was made just now, which nobody could read again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.bridge import Bridge
from ui.controls import Body, Choice, Elided, HoldButton, button, icon_button, label, row, rule
from ui.figures import count, time_of_day
from ui.language import fault_words, words
from ui.plain import plain

_KINDS = ("standard", "shopify")
_KEY_LENGTH = 500


class HooksCard(QFrame):
    """`ask` shows what stands now."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self._bridge = bridge
        self.rows = Body()
        self.note: QLabel = label("", "small")
        self.note.setWordWrap(True)
        self.name = QLineEdit()
        self.name.setMaxLength(32)
        self.name.setPlaceholderText(words("hooks.name_hint"))
        self.name.setAccessibleName(words("hooks.name"))
        self.name.returnPressed.connect(self._add)
        self.kind = Choice(words("hooks.kind"))
        self.kind.setMinimumContentsLength(14)
        for kind in _KINDS:
            self.kind.addItem(words(f"hooks.kind_{kind}"), kind)
        hint = label(words("hooks.hint"), "small")
        hint.setWordWrap(True)
        made = QVBoxLayout(self)
        made.setContentsMargins(16, 12, 16, 14)
        made.setSpacing(8)
        made.addWidget(label(words("hooks.title"), "title"))
        made.addWidget(hint)
        made.addWidget(self.rows)
        added = row(spacing=8)
        added.addWidget(self.name, 1)
        added.addWidget(self.kind)
        added.addWidget(button(words("hooks.add"), self._add, size="small"))
        made.addLayout(added)
        made.addWidget(self.note)
        made.addStretch(1)

    def ask(self) -> None:
        """How each stands."""
        self._bridge.ask(lambda client: client.hooks(), self._show, self.say)

    def say(self, text: str) -> None:
        """What was done, or why not."""
        if isValid(self):
            self.note.setText(text)

    def _show(self, answer: Any) -> None:
        if not isValid(self) or not isinstance(answer, Mapping):
            return
        hooks = [one for one in answer.get("hooks") or () if isinstance(one, Mapping)]
        rows = [HookRow(self._bridge, one, self._address(str(one["name"])), self) for one in hooks]
        self.rows.fill(*(rows or [label(words("hooks.none"), "muted")]))

    def _address(self, name: str) -> str:
        """Under the name that the world reaches; without one, where the engine listens on this machine."""
        remote = self._bridge.room.settings.get("remote")
        public = str(remote.get("public_url") or "") if isinstance(remote, Mapping) else ""
        return f"{(public or self._bridge.address.url).rstrip('/')}/v1/hooks/{name}"

    def _add(self) -> None:
        name = self.name.text().strip()
        fresh = {"name": name, "kind": str(self.kind.currentData()), "secret": f"hook-{name}"}

        def done() -> None:
            self.name.clear()
            self.say(words("hooks.added", name=name))

        self.keep([*self._kept(), fresh], done)

    def remove(self, name: str) -> None:
        """Out of the profile: its messages are answered 404 from now on, and orders that came stay."""
        self.keep([one for one in self._kept() if one.get("name") != name], lambda: self.say(words("hooks.removed", name=name)))

    def _kept(self) -> list[Mapping[str, Any]]:
        return [one for one in self._bridge.room.settings.get("hook") or () if isinstance(one, Mapping)]

    def keep(self, hooks: list[Mapping[str, Any]], done: Callable[[], None]) -> None:
        """The profile's list of them, whole."""

        def kept(answer: Any) -> None:
            self._bridge.room.take("settings", answer)
            if isValid(self):
                done()
                self.ask()

        self._bridge.ask(lambda client: client.patch_settings({"hook": hooks}), kept, self.say)


class HookRow(QWidget):
    """One shop."""

    def __init__(self, bridge: Bridge, hook: Mapping[str, Any], address: str, card: HooksCard) -> None:
        super().__init__()
        self._bridge, self._card, self._name = bridge, card, str(hook["name"])
        self.state = label(*state_words(hook))
        self.state.setWordWrap(True)
        self.key = QLineEdit()
        self.key.setMaxLength(_KEY_LENGTH)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(words("hooks.key_hint"))
        self.key.setAccessibleName(words("hooks.key_of", name=self._name))
        self.key.returnPressed.connect(self._keep)
        self.made = QWidget()
        self.made.hide()
        self._try: QPushButton = button(words("hooks.test"), self._test, size="small")
        self._try.setEnabled(bool(hook.get("has_key")))
        remove = HoldButton(words("product.remove"), icon="close")
        remove.held.connect(lambda: card.remove(self._name))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 8)
        lines.setSpacing(6)
        lines.addLayout(
            row(label(plain(self._name, 32), "head"), label(words(f"hooks.kind_{hook.get('kind')}"), "tag"), None, self._try, remove)
        )
        where = row(spacing=6)
        shown = Elided(f"POST {address}", "small")
        where.addWidget(shown, 1)
        where.addWidget(icon_button("copy", words("hooks.copy_address"), lambda: self._copy(address, words("hooks.address_copied"))))
        lines.addLayout(where)
        lines.addWidget(self.state)
        keys = row(spacing=8)
        keys.addWidget(self.key, 1)
        keys.addWidget(button(words("hooks.keep_key"), self._keep, size="small", icon="key"))
        if hook.get("kind") == "standard":
            keys.addWidget(self._maker(has_key=bool(hook.get("has_key"))))
        lines.addLayout(keys)
        lines.addWidget(self.made)
        lines.addWidget(rule())

    def _maker(self, *, has_key: bool) -> QPushButton:
        """A key that the shop uses is void by a new one: that takes more than a click."""
        if not has_key:
            return button(words("hooks.make_key"), lambda: self._send(None), kind="ghost", size="small")
        made = HoldButton(words("hooks.renew_key"), icon="reset")
        made.held.connect(lambda: self._send(None))
        return made

    def _keep(self) -> None:
        text = self.key.text().strip()
        if text:
            self._send(text)

    def _send(self, key: str | None) -> None:
        def done(answer: Any) -> None:
            made = str(answer.get("key") or "")
            if not isValid(self):
                return
            if made:
                QGuiApplication.clipboard().setText(made)
                self._card.say(words("hooks.key_made"))
                self._show_made(made)
            else:
                self._card.say(words("hooks.key_kept"))
                self._card.ask()

        self._bridge.ask(lambda client: client.keep_hook_key(self._name, key), done, self._card.say)

    def _show_made(self, key: str) -> None:
        self.key.clear()
        self.state.hide()
        self._try.setEnabled(True)
        shown = Elided(key, "strong")
        line = row(spacing=6)
        line.addWidget(shown, 1)
        line.addWidget(button(words("hooks.seen_key"), self._card.ask, size="small"))
        self.made.setLayout(line)
        self.made.show()

    def _test(self) -> None:
        self._bridge.ask(
            lambda client: client.test_hook(self._name), lambda _: self._card.say(words("hooks.tested", name=self._name)), self._card.say
        )

    def _copy(self, text: str, said: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._card.say(said)


def state_words(hook: Mapping[str, Any]) -> tuple[str, str]:
    """What came in and what was refused since the engine started, and how it is to be shown."""
    taken, refused = int(hook.get("taken") or 0), int(hook.get("refused") or 0)
    told = [words("hooks.taken", count=count(taken), time=time_of_day(hook.get("taken_at")))] if taken else []
    if refused:
        reason = fault_words(str(hook.get("fault")), name=str(hook.get("name")))
        told.append(words("hooks.refused", count=count(refused), time=time_of_day(hook.get("refused_at")), reason=reason))
    if not hook.get("has_key"):
        told.append(words("hooks.no_key"))
    return " ".join(told) or words("hooks.nothing_yet"), "warn" if refused or not hook.get("has_key") else "small"
