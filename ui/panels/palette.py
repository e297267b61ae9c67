"""The drops palette: a lottery and a coupon, each one click; for three seconds the click can be taken back in place.

It refuses to open anything off air or while the stream is lost: the audience couldn't see it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import preferences
from ui.bridge import Bridge
from ui.controls import DropTile, Elided, button, label, row
from ui.controls.tile import TileView
from ui.figures import clock
from ui.language import words
from ui.models import specs
from ui.models.drops import Drop
from ui.models.specs import Kind, Spec
from ui.panels.drop_row import result_words
from ui.panels.watching import Watching
from ui.room import currency_of
from ui.shapes import State, StateShape

UNDO_S = 3.0
_TICK_MS = 100
_KINDS: tuple[tuple[Kind, str, str], ...] = (("lottery", "gift", "F1"), ("coupon", "coupon", "F2"))


@dataclass(slots=True)
class _Click:
    """A click under way: when, and which drop it became; `is_taken_back` before the answer came."""

    at_s: float
    drop_id: str = ""
    is_taken_back: bool = False


class Palette(Watching, QWidget):
    """Tiles, and below them what was given so far where there is room."""

    edit_asked = Signal(object)
    shown = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.specs: dict[Kind, Spec] = {kind: specs.restore(kind, preferences.table(f"drop/{kind}")) for kind, _, _ in _KINDS}
        self._clicks: dict[Kind, _Click] = {}
        self.tiles: dict[Kind, DropTile] = {}
        self._edits: list[QPushButton] = []
        self._note: QLabel = label("", "small")
        self._fault: QLabel = label("", "fault")
        self._past = _Past(bridge)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.watch(bridge, "drop", "live", "settings", "rules", with_link=True)
        self.refresh()

    def _build(self) -> None:
        self._tiles = QHBoxLayout()
        self._tiles.setSpacing(8)
        for kind, icon, key in _KINDS:
            tile = DropTile(words(f"kind.{kind}"), icon, key)
            tile.clicked.connect(lambda _=False, chosen=kind: self.press(chosen))
            edit_words = words("spec.edit", kind=words(f"kind.{kind}"))
            self._edits.append(_corner_button(tile, edit_words, lambda chosen=kind: self.edit_asked.emit(self.specs[chosen])))
            self.tiles[kind] = tile
            self._tiles.addWidget(tile)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(0)
        top = QWidget()
        top.setFixedHeight(32)
        top.setLayout(row(label(words("drops.give"), "head"), self._fault, None, self._note))
        made.addWidget(top)
        made.addLayout(self._tiles)
        made.addWidget(self._past)

    def set_height(self, tile_px: int, *, with_past: bool) -> None:
        """Make room, or take it: tiles of 96, 92 or 44 pixels, with or without what was given so far."""
        for tile, edit in zip(self.tiles.values(), self._edits, strict=True):
            tile.set_height(tile_px)
            edit.setVisible(tile_px >= 92)
        self._past.setVisible(with_past)

    def why_not(self) -> str:
        """Why nothing can be opened now, in words; empty when it can."""
        if self._bridge.link != "on":
            return words("drops.no_engine")
        if self._bridge.room.state == "reconnecting":
            return words("drops.stream_lost")
        return "" if self._bridge.room.is_on_air else words("drops.off_air")

    def _running(self, kind: Kind) -> Drop | None:
        return next((found for found in self._bridge.room.running_drops() if found.kind == kind), None)

    def press(self, kind: Kind) -> None:
        """The tile or its key: open, take back, or show, by what the tile says."""
        doing = self.tiles[kind].view().doing
        if doing == "undo":
            self._take_back(kind)
        elif doing == "running" and (running := self._running(kind)) is not None:
            self.shown.emit(running.id)
        elif doing == "ready":
            self.open(self.specs[kind])

    def open(self, spec: Spec) -> None:
        """Open a drop now."""
        self.keep(spec)
        self._fault.setText("")
        click = _Click(time.monotonic())
        self._clicks[spec.kind] = click
        body = specs.body(spec, currency_of(self._bridge.room))
        self._bridge.ask(lambda client: client.open_drop(body), lambda answer: self._opened(click, answer), self._refuse(spec.kind))
        self.refresh()

    def keep(self, spec: Spec) -> None:
        """Open this one at a click from now on."""
        self.specs[spec.kind] = spec
        preferences.remember_table(f"drop/{spec.kind}", specs.table(spec))
        self.refresh()

    def _opened(self, click: _Click, answer: Any) -> None:
        found = answer[0] if isinstance(answer, tuple) else answer
        click.drop_id = str(found.get("id") or "")
        self._take(found)
        self.shown.emit(click.drop_id)
        if click.is_taken_back:
            self._cancel(click.drop_id)

    def _take_back(self, kind: Kind) -> None:
        click = self._clicks.pop(kind, None)
        if click is None:
            return
        click.is_taken_back = True
        if click.drop_id:
            self._cancel(click.drop_id)
        self.refresh()

    def _cancel(self, drop_id: str) -> None:
        self._bridge.ask(lambda client: client.drop_step(drop_id, "cancel"), self._take, self._fault.setText)

    def _take(self, answer: Any) -> None:
        self._bridge.room.take("drop", answer)
        self._bridge.changed.emit("drop")

    def _refuse(self, kind: Kind) -> Callable[[str], None]:
        def say(text: str) -> None:
            self._clicks.pop(kind, None)
            self._fault.setText(text)
            self.refresh()

        return say

    def refresh(self) -> None:
        """Show what the room says, now."""
        why_not = self.why_not()
        for kind, tile in self.tiles.items():
            tile.show_view(self._view(kind, why_not))
        self._note.setText(why_not)

    def _view(self, kind: Kind, why_not: str) -> TileView:
        click = self._clicks.get(kind)
        if click is not None:
            left = UNDO_S - (time.monotonic() - click.at_s)
            if left > 0:
                return TileView("undo", words("drops.take_back", seconds=f"{int(left) + 1}"), left / UNDO_S)
            self._clicks.pop(kind)
        running = self._running(kind)
        if running is not None:
            now = time.time()
            return TileView("running", words("drops.running", time=clock(running.seconds_left(now) + 0.999)), running.part_left(now))
        if any(found.kind == kind for found in self._bridge.room.waiting_drops()):
            return TileView("waiting", words("drops.waiting"), state="none")
        if why_not:
            return TileView("unavailable", specs.line(self.specs[kind], currency_of(self._bridge.room), self._bridge.room.tiers))
        return TileView("ready", specs.line(self.specs[kind], currency_of(self._bridge.room), self._bridge.room.tiers))


def _corner_button(tile: DropTile, name: str, on_click: Callable[[], object]) -> QPushButton:
    """The pencil in a tile's lower right corner."""
    made = button("", on_click, kind="ghost", size="small", icon="edit")
    made.setFixedWidth(30)
    made.setAccessibleName(name)
    made.setToolTip(name)
    corner = QGridLayout(tile)
    corner.setContentsMargins(0, 0, 8, 8)
    corner.setRowStretch(0, 1)
    corner.setColumnStretch(0, 1)
    corner.addWidget(made, 1, 1)
    return made


class _Past(Watching, QWidget):
    """The last two drops of the show, and how they ended."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.setFixedHeight(104)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 12, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(label(words("drops.past"), "small"))
        self._rows = [(StateShape("none", 14), Elided("", "quiet"), label("", "small")) for _ in range(3)]
        for shape, text, when in self._rows:
            line = row(shape, spacing=10)
            line.addWidget(text, 1)
            line.addWidget(when)
            self._layout.addLayout(line)
        self._layout.addStretch(1)
        self.watch(bridge, "drop")
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        found = self._bridge.room.settled_drops()[: len(self._rows)]
        for number, (shape, text, when) in enumerate(self._rows):
            drop = found[number] if number < len(found) else None
            shape.setVisible(drop is not None)
            if drop is None:
                text.setText(words("drops.no_past") if number == 0 else "")
                when.setText("")
                continue
            state: State = "good" if drop.state in {"drawn", "closed"} else "none"
            shape.set_state(state)
            text.setText(f"{drop.title} · {result_words(drop)}")
            when.setText(time.strftime("%H:%M", time.localtime(drop.closes_at_s)))
