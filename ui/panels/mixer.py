"""The mixer, in the palette's place: a row for each input, and what can be added.

It refuses to keep a setting of its own: each move is a call, and what the engine answers is shown.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, label, row, scrolling
from ui.controls.meter import SILENCE_DB
from ui.edits import INPUT, Edits
from ui.language import words
from ui.panels.effects_row import EffectsRow, free_name
from ui.panels.mix_fold import MixFold
from ui.panels.mixer_add import AddMenu
from ui.panels.mixer_row import MixerRow
from ui.panels.mixer_sources import SourceMenu
from ui.panels.monitor_menu import MonitorMenu
from ui.panels.sources import source_state, source_words
from ui.panels.watching import Watching
from ui.plain import plain
from ui.shapes import State

MICROPHONE = "microphone"


class MixerPanel(Watching, QFrame):
    """`left` comes when the host is done."""

    left = Signal()

    def __init__(self, bridge: Bridge, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._edits = edits
        self.rows: dict[tuple[str, str], MixerRow] = {}
        self._playing: dict[str, Mapping[str, Any]] = {}
        self.effects = EffectsRow(bridge, self)
        self.setProperty("part", "card")
        self._said: QLabel = Elided(words("mixer.hint"), "small")
        self.monitor = MonitorMenu(bridge)
        self.mix = MixFold(bridge, edits)
        self._adding = AddMenu()
        self._sources = SourceMenu(bridge, self, self._change, self._refused)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.mix)
        self._column.addStretch(1)
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 4, 12, 6)
        made.setSpacing(2)
        head = row(
            label(words("mixer.title"), "head"),
            self._said,
            self.mix.button,
            self.monitor.button,
            self._adding.button,
            button(words("mixer.leave"), self.left.emit, kind="ghost", size="small"),
        )
        head.setStretch(1, 1)
        made.addLayout(head)
        made.addWidget(scrolling(inside), 1)
        made.addWidget(self.effects)
        self._connect()
        self.watch(bridge, "settings", "live", "health", "meters")
        self.refresh()

    def _connect(self) -> None:
        self._adding.chosen.connect(self._add)
        self._adding.effect_asked.connect(self.effects.choose)
        for part in (self.effects, self.monitor):
            part.refused.connect(self._said.setText)
        self._edits.settled.connect(self._on_settled)
        self._edits.refused.connect(self._edit_refused)

    def _on_changed(self, kind: str) -> None:
        if kind == "meters":
            self._show_levels()
        elif kind in self._kinds:
            self.refresh()

    def begin(self) -> None:
        """It was opened."""
        self._said.setText(words("mixer.hint"))
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        tables = self._tables()
        wanted = {(str(table["name"]), str(table["kind"])): table for table in tables}
        for gone in [key for key in self.rows if key not in wanted]:
            self.rows.pop(gone).deleteLater()
        told = {str(found.get("name")): found for found in self._bridge.room.health.get("inputs") or () if isinstance(found, Mapping)}
        self._playing = {**told, **{name: found for name, found in self._playing.items() if name not in told}}
        for place, (key, table) in enumerate(wanted.items()):
            if key not in self.rows:
                self.rows[key] = self._new_row(*key)
                self._column.insertWidget(place + 1, self.rows[key])
            self._show(self.rows[key], table)

    def _new_row(self, name: str, kind: str) -> MixerRow:
        made = MixerRow(words("mixer.microphone") if name == MICROPHONE else name, kind, is_microphone=name == MICROPHONE)
        made.changed.connect(lambda values: self._change(name, values))
        made.edited.connect(lambda values: self._edit(name, values))
        made.finished.connect(self._edits.finish)
        made.played.connect(lambda step: self._play(name, step))
        made.sync_asked.connect(self._sync)
        made.removed.connect(lambda: self._put([table for table in self._inputs() if table.get("name") != name]))
        made.source_asked.connect(lambda: self._sources.ask(made, name))
        return made

    def _show(self, made: MixerRow, table: Mapping[str, Any]) -> None:
        name, source = str(table["name"]), str(table.get("source") or "none")
        kind = "audio" if name == MICROPHONE else f"input:{name}"
        state, line = source_state("audio", source, self._bridge.room.source(kind))
        playing = self._playing.get(name, {})
        if state == "good":
            line = plain(str(playing.get("playing") or "")) or source_words(source)
        made.show_input(table, _quieter(state, table), line)
        made.show_paused(is_paused=bool(playing.get("paused")))
        if not self._edits.is_busy:
            made.show_faders(table)

    def _show_levels(self) -> None:
        meters = self._bridge.room.meters
        levels = meters.get("inputs")
        levels = levels if isinstance(levels, Mapping) else {}
        for (name, _), made in self.rows.items():
            alone = meters.get("peak_db") if not levels and name == MICROPHONE else None
            peak = levels.get(name, alone)
            made.show_level(float(peak) if isinstance(peak, int | float) else SILENCE_DB)

    def _tables(self) -> list[Mapping[str, Any]]:
        return [*_microphone(self._bridge.room.settings.get("audio")), *self._inputs()]

    def _inputs(self) -> list[Mapping[str, Any]]:
        return [table for table in self._bridge.room.settings.get("input") or () if isinstance(table, Mapping)]

    def _add(self, kind: str, wanted: str, source: str) -> None:
        name = free_name(wanted, {str(table.get("name")) for table in self._inputs()})
        self._put([*self._inputs(), {"name": name, "kind": kind, "source": source}])

    def _edit(self, name: str, values: dict[str, Any]) -> None:
        for key, value in values.items():
            self._edits.edit(key, value, "audio" if name == MICROPHONE else INPUT + name)

    def _change(self, name: str, values: dict[str, Any]) -> None:
        self._bridge.ask(lambda client: client.change_input(name, values), self._answered, self._refused)

    def _put(self, tables: list[Mapping[str, Any]]) -> None:
        self._patch({"input": [dict(table) for table in tables]})

    def _patch(self, patch: dict[str, Any]) -> None:
        self._bridge.ask(lambda client: client.patch_settings(patch), self._answered, self._refused)

    def _sync(self) -> None:
        """Flash and beep in front of camera and microphone; the engine measures and sets."""
        self._said.setText(words("mixer.syncing"))
        self._bridge.ask(lambda client: client.sync_sound(), self._synced, self._refused)

    def _synced(self, answer: Mapping[str, Any]) -> None:
        self._said.setText(words("mixer.synced", offset=answer.get("offset_ms"), before=answer.get("before_ms")))

    def _play(self, name: str, step: str) -> None:
        self._bridge.ask(lambda client: client.play_music(name, step), self._played, self._refused)

    def _played(self, answer: Mapping[str, Any]) -> None:
        name = str(answer.get("name"))
        self._playing[name] = answer
        for (known, _), made in self.rows.items():
            if known == name:
                made.show_paused(is_paused=bool(answer.get("paused")))

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self._said.setText(words("mixer.hint"))
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")

    def _on_settled(self, _look: Mapping[str, Any]) -> None:
        self.refresh()

    def _edit_refused(self, text: str, table: str) -> None:
        if table in {"audio", "mix"} or table.startswith(INPUT):
            self._refused(text)

    def _refused(self, text: str) -> None:
        self._said.setText(text)
        self.refresh()


def _microphone(audio: object) -> list[Mapping[str, Any]]:
    """`[audio]` as a row like the others."""
    return [{**audio, "name": MICROPHONE, "kind": "voice"}] if isinstance(audio, Mapping) else []


def _quieter(state: State, table: Mapping[str, Any]) -> State:
    """A muted input is no fault, but it isn't heard either."""
    return "none" if state == "good" and table.get("muted") else state
