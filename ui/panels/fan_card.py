"""One fan's card: who it is, what they bought and how often they came, and why they are where they are.

It refuses to show anything that the role may not read: it asks, and shows the answer or why there is none.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import badges, icons, theme
from ui.bridge import Bridge
from ui.controls import Body, Elided, button, go_to_place, icon_button, label, place_of, row, rule, scrolling
from ui.language import fault_words, words
from ui.models.people import is_devoted, layer_words, segment_words, tier_words
from ui.panels.fan_accounts import FanAccounts
from ui.panels.fan_figures import facts_of, figures_of
from ui.panels.fan_loyalty import FanLoyalty
from ui.panels.fan_outlook import FanOutlook
from ui.panels.fan_privacy import FanPrivacy
from ui.panels.fan_staff import staff_button
from ui.panels.member_link import member_buttons
from ui.plain import plain


class FanCard(QFrame):
    """Empty until someone is chosen; `left` comes when it is closed. The host's has what only a host may do."""

    left = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None, *, is_host: bool = False) -> None:
        super().__init__(parent)
        self._is_host = is_host
        self.setProperty("part", "card")
        self._bridge = bridge
        self._who = ("", "")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._body: QWidget | None = None
        self.show_nobody()

    def who(self) -> tuple[str, str]:
        """Platform and id of the fan that is shown."""
        return self._who

    def choose(self, platform: str, fan_id: str) -> None:
        """Ask for a fan's card."""
        if not platform or not fan_id:
            self._say(words("fan.unidentified"))
            return
        is_anew, self._who = self._who == (platform, fan_id), (platform, fan_id)

        def show(answer: Any) -> None:
            if self._who == (platform, fan_id) and isinstance(answer, Mapping):
                place = place_of(self._body) if is_anew else 0
                self._replace(self._card(answer))
                go_to_place(self._body, place)

        self._bridge.ask(lambda client: client.fan(platform, fan_id), show, self._say)

    def show_nobody(self) -> None:
        """The empty state."""
        self._who = ("", "")
        self._say(words("fan.choose"))

    def _leave(self) -> None:
        self.show_nobody()
        self.left.emit()

    def _erased(self) -> None:
        self._who = ("", "")
        self._say(words("privacy.erased"))

    def _say(self, text: str) -> None:
        self._replace(_nobody(text, self.devicePixelRatioF()))

    def _replace(self, body: QWidget) -> None:
        if self._body is not None:
            self._layout.removeWidget(self._body)
            self._body.deleteLater()
        self._body = body
        self._layout.addWidget(body)

    def _card(self, fan: Mapping[str, Any]) -> QWidget:
        made = QWidget()
        made.setObjectName("scrolled")
        inside = QVBoxLayout(made)
        inside.setContentsMargins(16, 14, 16, 14)
        inside.setSpacing(12)
        inside.addLayout(self._top(fan))
        inside.addWidget(rule())
        who, self._sums, self._facts = self._who, Body(), Body()
        self._fill(fan)
        self.loyalty = FanLoyalty(self._bridge, str(fan.get("currency") or "CNY"), who, self._ask_figures)
        for part in (self._sums, self.loyalty):
            inside.addWidget(part)
            inside.addWidget(rule())
        inside.addLayout(self._segment(fan))
        inside.addWidget(rule())
        inside.addWidget(self._facts)
        inside.addWidget(rule())
        inside.addWidget(FanAccounts(self._bridge, fan, who, lambda: self.choose(*who)))
        if self._is_host:
            inside.addWidget(rule())
            inside.addWidget(FanPrivacy(self._bridge, who, lambda: self.choose(*who), self._erased))
        inside.addStretch(1)
        inside.addLayout(self._actions(fan))
        return scrolling(made)

    def _fill(self, fan: Mapping[str, Any]) -> None:
        self._sums.fill(figures_of(fan))
        self._facts.fill(facts_of(fan))

    def _ask_figures(self) -> None:
        """Points moved: the figures anew, and nothing else, so that what was just said still stands there."""
        who = self._who

        def show(answer: Any) -> None:
            if self._who == who and isinstance(answer, Mapping):
                self._fill(answer)

        self._bridge.ask(lambda client: client.fan(*who), show)

    def _top(self, fan: Mapping[str, Any]) -> QVBoxLayout:
        badge = QLabel()
        tier = badges.rank_of(fan)
        devoted = is_devoted(fan.get("layer"))
        badge.setPixmap(badges.pixmap(tier, 56, self.devicePixelRatioF(), is_devoted=devoted))
        name = Elided(plain(str(fan.get("name") or "")), "large")
        former = [plain(str(old)) for old in fan.get("names") or () if plain(str(old)) != name.text()]
        tags = [
            tier_words(fan.get("tier"), tier) if not fan.get("staff") else words("fan.staff"),
            layer_words(fan.get("layer")),
            plain(self._who[0], 20),
        ]
        both = QVBoxLayout()
        both.setSpacing(4)
        both.addWidget(name)
        if former:
            both.addWidget(Elided(words("fan.former", names=words("list.separator").join(former[:3])), "small"))
        line = QHBoxLayout()
        line.setSpacing(14)
        line.addWidget(badge)
        line.addLayout(both, 1)
        line.addWidget(icon_button("close", words("fan.close"), self._leave), 0, Qt.AlignmentFlag.AlignTop)
        made = QVBoxLayout()
        made.setSpacing(8)
        made.addLayout(line)
        made.addLayout(row(*(label(tag, "tag") for tag in tags if tag), None, spacing=6))
        alike = plain(str(fan.get("looks_like") or ""), 20)
        if alike:
            warned = label("⚠ " + words("fan.looks_like", name=alike), "warn")
            warned.setWordWrap(True)
            made.addWidget(warned)
        return made

    def _segment(self, fan: Mapping[str, Any]) -> QVBoxLayout:
        made = QVBoxLayout()
        made.setSpacing(8)
        segment = segment_words(fan.get("segment"))
        made.addLayout(row(label(segment or words("fan.no_segment"), "head"), label(words("fan.why"), "small") if segment else None, None))
        for reason in _why(fan, "why", "reasons"):
            text = label("· " + reason)
            text.setWordWrap(True)
            made.addWidget(text)
        layer = words("list.separator").join(_why(fan, "layer_why", "layer_reasons"))
        if layer:
            made.addWidget(Elided(words("fan.layer_why", layer=layer_words(fan.get("layer")), why=layer)))
        made.addWidget(FanOutlook(self._bridge, self._who))
        return made

    def _actions(self, fan: Mapping[str, Any]) -> QVBoxLayout:
        self._note = label("", "small")
        hide = button(words("fan.hide"), lambda: self._moderate("hide"), size="small", icon="hide")
        show = button(words("fan.show"), lambda: self._moderate("show"), size="small", icon="show")
        self._note.setWordWrap(True)
        both = QVBoxLayout()
        both.setSpacing(6)
        both.addLayout(row(hide, show, None))
        both.addLayout(row(*member_buttons(self._bridge, self._who, self._note.setText), None))
        if self._is_host:
            who = self._who
            both.addLayout(row(staff_button(self._bridge, fan, lambda: self.choose(*who), self._note.setText), None))
        both.addWidget(self._note)
        return both

    def _moderate(self, action: str) -> None:
        platform, fan_id = self._who
        body = {"platform": platform, "id": fan_id, "action": action, "text": ""}
        note = self._note
        self._bridge.ask(lambda client: client.moderate(body), lambda _: note.setText(words(f"fan.done.{action}")), note.setText)


def _nobody(text: str, device_ratio: float) -> QWidget:
    """Words in the place of a card."""
    made = QWidget()
    picture = QLabel()
    picture.setPixmap(icons.pixmap("unknown_person", 40, theme.colour("muted"), device_ratio))
    picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
    line = label(text, "muted")
    line.setAlignment(Qt.AlignmentFlag.AlignCenter)
    line.setWordWrap(True)
    inside = QVBoxLayout(made)
    inside.setContentsMargins(24, 24, 24, 24)
    inside.addStretch(1)
    inside.addWidget(picture)
    inside.addWidget(line)
    inside.addStretch(1)
    return made


def _why(fan: Mapping[str, Any], codes: str, told: str) -> list[str]:
    """The reasons in the window's language, or as the engine says them."""
    known = [fault_words(str(one["code"]), value=one["value"]) for one in fan.get(codes) or ()]
    return [plain(str(reason), 120) for reason in known or fan.get(told) or ()][:5]
