"""What the loyalty rules give a fan, on their card: points for things, the birthday's gift, rights, and a price of their own.

It decides nothing: it asks, shows what was answered, and offers the way back where the ledger has one.
"""

import uuid
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeAlias

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from studio.model.loyalty import POINTS_DROP
from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import Body, Elided, button, label, row
from ui.figures import count, money
from ui.language import words
from ui.panels.fan_price import FanPrice
from ui.plain import plain

Question: TypeAlias = Callable[[StudioClient], Coroutine[Any, Any, Any]]
_SHOWN = 3


class FanLoyalty(QWidget):
    """A part of the fan's card; `changed` is called when points moved."""

    def __init__(self, bridge: Bridge, currency: str, who: tuple[str, str], changed: Callable[[], None]) -> None:
        super().__init__()
        self._bridge, self._currency, self._who, self._changed = bridge, currency, who, changed
        self._clicks: dict[str, str] = {}
        self._left = label("", "small")
        self._left.setWordWrap(True)
        self._items, self._redeemed, self._rights, self._gift = Body(), Body(), Body(), Body()
        self._by = label("", "small")
        self.note: QLabel = label("", "small")
        self.note.setWordWrap(True)
        self.note.hide()
        self.birthday = QLineEdit()
        self.birthday.setMaxLength(10)
        self.birthday.setFixedWidth(120)
        self.birthday.setPlaceholderText(words("loyalty.birthday_hint"))
        self.birthday.setAccessibleName(words("loyalty.birthday"))
        self.birthday.returnPressed.connect(self._keep_birthday)
        self._keep: QPushButton = button(words("loyalty.keep"), self._keep_birthday, size="small")
        self._forget: QPushButton = button(words("loyalty.forget"), self._forget_birthday, kind="ghost", size="small")
        self.price = FanPrice(bridge, currency, who)
        self._build()
        self.ask()

    def _build(self) -> None:
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(8)
        made.addLayout(row(label(words("loyalty.title"), "head"), self._left, None))
        for part in (self._items, self._redeemed, self.note):
            made.addWidget(part)
        made.addLayout(row(label(words("loyalty.rights"), "head"), self._by, None))
        made.addWidget(self._rights)
        made.addLayout(row(label(words("loyalty.birthday"), "muted"), self.birthday, self._keep, self._forget, None))
        made.addWidget(self._gift)
        made.addWidget(self.price)

    def ask(self) -> None:
        """Everything anew."""
        self._bridge.ask(lambda client: client.fan_loyalty(*self._who), self._show, self._say)

    def _show(self, answer: Any) -> None:
        if not isValid(self) or not isinstance(answer, Mapping):
            return
        self._left.setText(_left_words(answer))
        items = [self._item(item) for item in answer.get("items") or ()]
        self._items.fill(*(items or [_wrapped(words("loyalty.no_items"), "muted")]))
        self._redeemed.fill(*(self._had(one) for one in list(answer.get("redeemed") or ())[:_SHOWN]))
        rights = answer.get("rights")
        self._by.setText(words("loyalty.by_confirmed") if rights else "")
        self._rights.fill(_wrapped(rights_words(rights) if rights else words("loyalty.staff")))
        self._show_birthday(answer.get("birthday") or {})

    def _item(self, item: Mapping[str, Any]) -> QWidget:
        key, name, missing = str(item["item"]), plain(str(item["name"]), 20), int(item["missing"])
        worth = words("loyalty.takes_off", amount=money(int(item["value_minor"]), self._currency)) if item["kind"] == "cash_off" else ""
        line = row(spacing=8)
        line.addWidget(Elided(" · ".join(part for part in (name, worth) if part)), 1)
        line.addWidget(label(words("loyalty.cost", points=count(int(item["points"]))), "small"))
        redeem = button(words("loyalty.redeem"), lambda: self._redeem(key, name, redeem), size="small", icon="gift")
        redeem.setAccessibleName(words("loyalty.redeem_item", name=name))
        if missing:
            redeem.setEnabled(False)
            redeem.setText(words("loyalty.missing", points=count(missing)))
        line.addWidget(redeem)
        return _lined(line)

    def _redeem(self, item: str, name: str, pressed: QPushButton) -> None:
        """One click is one item, also where the answer was lost and it is asked again."""
        pressed.setEnabled(False)
        click = self._clicks.setdefault(item, f"window-{uuid.uuid4()}")

        def done(answer: Any) -> None:
            self._clicks.pop(item, None)
            self._moved(words("loyalty.redeemed", name=name, left=count(int(answer["redeemable"]))))

        body = {"click_id": click, "item": item}
        self._ask(lambda client: client.redeem(*self._who, body), done)

    def _had(self, one: Mapping[str, Any]) -> QWidget:
        name, number, points = plain(str(one["name"]), 20), int(one["number"]), int(one["points"])
        line = row(spacing=8)
        line.addWidget(Elided(words("loyalty.had_line", name=name, points=count(points), state=_state_words(one)), "small"), 1)
        if one.get("can_undo"):
            line.addWidget(self._undo_button(number, words("loyalty.undone", name=name, points=count(points))))
        elif one["state"] == "done":
            said = words("loyalty.waits_again", name=name)
            question: Question = lambda client: client.handout_step("undo", POINTS_DROP, str(number))  # noqa: E731
            line.addWidget(
                button(words("loyalty.not_handed"), lambda: self._ask(question, lambda _: self._moved(said)), kind="ghost", size="small")
            )
        return _lined(line)

    def _undo_button(self, number: int, said: str) -> QPushButton:
        def press() -> None:
            made.setEnabled(False)
            self._ask(lambda client: client.undo_points(*self._who, number), lambda _: self._moved(said))

        made = button(words("fan.undo"), press, kind="ghost", size="small", icon="undo")
        return made

    def _show_birthday(self, told: Mapping[str, Any]) -> None:
        known, points, gift = str(told.get("birthday") or ""), int(told.get("points") or 0), told.get("gift")
        if not self.birthday.hasFocus() or not self.birthday.isModified():
            self.birthday.setText(known)
        self._forget.setVisible(bool(known))
        if told.get("due"):
            give = button(words("loyalty.give", points=count(points)), lambda: self._give(give), kind="main", size="small", icon="gift")
            self._gift.fill(_lined(row(give, None)))
        elif isinstance(gift, Mapping):
            line = row(spacing=8)
            line.addWidget(_wrapped(words("loyalty.given", points=count(int(gift["points"]))), "small"), 1)
            line.addWidget(self._undo_button(int(gift["number"]), words("loyalty.gift_undone", points=count(int(gift["points"])))))
            self._gift.fill(_lined(line))
        else:
            self._gift.fill(_wrapped(words("loyalty.gift_waits", points=count(points)) if points else words("loyalty.no_gift"), "small"))

    def _give(self, pressed: QPushButton) -> None:
        pressed.setEnabled(False)
        click = self._clicks.setdefault("birthday", f"window-{uuid.uuid4()}")

        def done(answer: Any) -> None:
            self._clicks.pop("birthday", None)
            self._moved(words("loyalty.gave", points=count(int(answer["given"])), left=count(int(answer["points"]))))

        self._ask(lambda client: client.give_birthday(*self._who, click), done)

    def _keep_birthday(self) -> None:
        text = self.birthday.text().strip()
        self.birthday.setModified(False)

        def kept(answer: Any) -> None:
            self._say(words("loyalty.kept", day=str(answer["birthday"])))
            self.ask()

        self._ask(lambda client: client.keep_birthday(*self._who, text), kept, keeps=True)

    def _forget_birthday(self) -> None:
        self.birthday.setModified(False)
        self._ask(lambda client: client.forget_birthday(*self._who), lambda _: self._moved(words("loyalty.forgotten")))

    def _moved(self, said: str) -> None:
        self._say(said)
        self.ask()
        self._changed()

    def _ask(self, question: Question, done: Callable[[Any], None], *, keeps: bool = False) -> None:
        """Ask for a step; refused, everything is shown as it stands. `keeps` leaves what was typed to be put right."""

        def answered(answer: Any) -> None:
            if isValid(self):
                done(answer)

        def refused(text: str) -> None:
            if isValid(self):
                self._say(text)
                if not keeps:
                    self.ask()

        self._bridge.ask(question, answered, refused)

    def _say(self, text: str) -> None:
        if isValid(self):
            self.note.setText(text)
            self.note.setVisible(bool(text))


def rights_words(rights: Mapping[str, Any]) -> str:
    """What a tier may, on one line."""
    percent = int(rights["percent"])
    price = words("loyalty.right_full") if percent == 100 else words("loyalty.right_price", percent=percent, tenths=f"{percent / 10:g}")
    gift = [words("loyalty.right_birthday", points=count(int(rights["birthday_points"])))] if rights["birthday_points"] else []
    return " · ".join([price, *gift, *(plain(str(right), 20) for right in rights["rights"])])


def _state_words(one: Mapping[str, Any]) -> str:
    """What became of something that was redeemed."""
    is_handed = one["state"] in {"todo", "done"}
    return words(f"loyalty.{one['state']}_{one['kind']}" if is_handed else f"loyalty.{one['state']}")


def _left_words(answer: Mapping[str, Any]) -> str:
    left, waiting = int(answer.get("redeemable") or 0), int(answer.get("waiting") or 0)
    line = words("loyalty.left", points=count(left))
    return f"{line} · {words('loyalty.waiting', points=count(waiting))}" if waiting > 0 else line


def _wrapped(text: str, role: str = "") -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    return made


def _lined(line: Any) -> QWidget:
    made = QWidget()
    made.setLayout(line)
    return made
