"""The fans page: who the fans are and who comes back, to be looked at; whose birthday it is and who is due
today, to be spoken to; who might be one person; and all of them in order.

It refuses to count: the engine counts in the background, and this shows how far it is.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, icon_button, label, scrolling
from ui.controls.charts import Bar, Bars, HeatMap, HeatRow
from ui.figures import count, time_of_day
from ui.language import words
from ui.models.people import tier_words
from ui.panels.alike import AlikePanel
from ui.panels.birthdays import BirthdaysPanel
from ui.panels.fan_card import FanCard
from ui.panels.fans_due import DuePanel
from ui.panels.fans_list import FansList
from ui.panels.page_head import PageHead

_ASK_MS = 700
_MONTHS = 8
_SEGMENTS = (("loyal", "gold"), ("first_purchase", "good"), ("price_sensitive", "warn"), ("silent", "muted"), ("other", "focus"))
_LAYERS = (("devoted", "brand"), ("core", "gold"), ("active", "good"), ("new", "focus"))
_TIER_TOKENS = ("leaf", "bronze", "silver", "gold")


class FansPage(QWidget):
    """Asks when it is opened, and again while the engine counts."""

    turned = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._bridge = bridge
        self._note = Elided("", "small")
        self.segments, self.layers, self.tiers = Bars(), Bars(), Bars()
        self.cohorts = HeatMap(tuple(words("fans.within", days=days) for days in (30, 60, 90)))
        self._rates = tuple(label("—", "huge") for _ in range(3))
        self._forecast = label("", "small")
        self._forecast.setWordWrap(True)
        self.birthdays, self.due, self.card = BirthdaysPanel(bridge), DuePanel(), FanCard(bridge, is_host=True)
        self.alike = AlikePanel(bridge)
        self._side = QStackedWidget()
        self.list = FansList(bridge)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.ask)

    def _build(self) -> None:
        top = PageHead("fans")
        top.turned.connect(self.turned)
        top.middle.addWidget(self._note, 1)
        top.middle.addWidget(icon_button("reset", words("fans.refresh"), lambda: self.ask(is_fresh=True)))
        charts = QHBoxLayout()
        charts.setSpacing(12)
        for title, made in (("fans.segments", self.segments), ("fans.layers", self.layers), ("fans.tiers", self.tiers)):
            charts.addWidget(_card(words(title), made), 1)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(12)
        column.addLayout(charts)
        column.addWidget(_card(words("fans.cohorts"), self._rate_row(), self.cohorts, self._forecast))
        column.addWidget(_card(words("fans.all"), self.list))
        column.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(scrolling(inside), 5)
        whom = QWidget()
        below = QVBoxLayout(whom)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(12)
        below.addWidget(self.birthdays)
        below.addWidget(self.alike)
        below.addWidget(self.due, 1)
        for part in (whom, self.card):
            self._side.addWidget(part)
        both.addWidget(self._side, 3)
        self.card.left.connect(lambda: self._leave_card(whom))
        for names in (self.list, self.birthdays, self.alike, self.due):
            names.chosen.connect(self.open_card)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(12)
        outer.addWidget(top)
        outer.addLayout(both, 1)

    def open_card(self, platform: str, fan_id: str) -> None:
        """A fan's card, in the place of who is due."""
        self._side.setCurrentWidget(self.card)
        self.card.choose(platform, fan_id)

    def _leave_card(self, whom: QWidget) -> None:
        self._side.setCurrentWidget(whom)
        self.birthdays.ask()
        self.alike.ask()

    def _rate_row(self) -> QWidget:
        made = QWidget()
        across = QHBoxLayout(made)
        across.setContentsMargins(0, 0, 0, 8)
        for days, figure in zip((30, 90, 365), self._rates, strict=True):
            one = QVBoxLayout()
            one.setSpacing(0)
            one.addWidget(figure)
            one.addWidget(label(words("fans.rate", days=days), "small"))
            across.addLayout(one, 1)
        return made

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self.ask()
        self.birthdays.ask()
        self.alike.ask()
        self.list.begin()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102 - Qt's name
        self._timer.stop()
        super().hideEvent(event)

    def ask(self, *, is_fresh: bool = False) -> None:
        """Ask for all figures."""
        self._bridge.ask(lambda client: client.segments(is_fresh=is_fresh), self._show_segments, self._note.setText)
        self._bridge.ask(lambda client: client.cohorts(), self._show_cohorts)
        self._bridge.ask(lambda client: client.repurchase(), self.due.show_answer)

    def _show_segments(self, answer: Any) -> None:
        if not isinstance(answer, Mapping):
            return
        self._note.setText(_state_words(answer))
        if answer.get("state") == "counting" and self.isVisible():
            self._timer.start()
        if "segments" not in answer:
            return
        for bars, name, keys in ((self.segments, "segments", _SEGMENTS), (self.layers, "layers", _LAYERS)):
            fans = {one["key"]: one["fans"] for one in answer[name]}
            bars.show_bars(tuple(Bar(words(f"{name[:-1]}.{_key(key)}"), fans.get(key, 0), token) for key, token in keys))
        tiers = zip(answer["tiers"], _TIER_TOKENS, strict=False)
        bars = [Bar(tier_words(one["name"], int(one["key"])), one["fans"], token, int(one["key"])) for one, token in tiers]
        self.tiers.show_bars(tuple(bars))

    def _show_cohorts(self, answer: Any) -> None:
        if not isinstance(answer, Mapping) or "cohorts" not in answer:
            return
        rates = {one["days"]: one["rate"] for one in answer["rates"]}
        for days, figure in zip((30, 90, 365), self._rates, strict=True):
            figure.setText("—" if rates.get(days) is None else f"{rates[days]:.0%}")
        newest = list(reversed(answer["cohorts"]))[:_MONTHS]
        self.cohorts.show_rows(tuple(HeatRow(one["month"], one["buyers"], tuple(cell["rate"] for cell in one["again"])) for one in newest))
        forecast = answer["forecast"]
        expected = forecast.get("expected")
        if expected:
            self._forecast.setText(words("fans.expected", days=expected[0]["days"], count=count(round(expected[0]["purchases"]))))
        else:
            self._forecast.setText(str(forecast.get("why") or "") if newest else words("fans.no_buyers"))


def _key(key: str) -> str:
    return "newcomer" if key == "new" else key


def _state_words(answer: Mapping[str, Any]) -> str:
    progress = answer.get("progress")
    if answer.get("state") == "counting":
        share = progress["done"] / progress["of"] if progress and progress["of"] else 0.0
        return words("fans.counting", share=f"{share:.0%}")
    if answer.get("state") == "failed":
        return str(answer.get("error") or "")
    return words("fans.as_of", count=count(int(answer.get("fans") or 0)), time=time_of_day(answer.get("as_of")))


def _card(title: str, *parts: QWidget) -> QFrame:
    made = QFrame()
    made.setProperty("part", "card")
    inside = QVBoxLayout(made)
    inside.setContentsMargins(16, 12, 16, 14)
    inside.setSpacing(8)
    heading: QLabel = label(title, "head")
    inside.addWidget(heading)
    for part in parts:
        inside.addWidget(part)
    inside.addStretch(1)
    return made
