"""The outputs, each with a state of its own: one that fails says so and costs the others nothing.

It refuses to show any key.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import button, head, label, row, section, show_menu
from ui.figures import count
from ui.language import words
from ui.models.outputs import TROUBLED, kind_of, output_state, told_words
from ui.panels.device_row import DeviceRow
from ui.panels.watching import Watching
from ui.plain import plain
from ui.shapes import State

_LONGEST_TIP = 400
_ICONS = {"file": "disk", "camera": "camera"}


def _saved_words(answer: Mapping[str, Any]) -> str:
    path, seconds = plain(str(answer.get("path") or ""), 200), answer.get("seconds")
    return words("outputs.saved_replay", path=path, seconds=count(seconds if isinstance(seconds, int | float) else 0))


def _cut(bridge: Bridge, name: str, say: Callable[[str], None]) -> None:
    """A file for each mark of what this output has recorded and that wasn't cut yet."""

    def told(paths: list[str]) -> None:
        folder = plain(str(Path(paths[0]).parent), 200) if paths else ""
        say(words("outputs.cut_done" if paths else "outputs.cut_none", count=len(paths), folder=folder))

    say(words("outputs.cutting"))
    bridge.ask(lambda client: _clips(client, name), told, say)


async def _clips(client: StudioClient, name: str) -> list[str]:
    """The paths of the clips."""
    rows = [row for row in await client.recordings() if row["output"] == name and not (row["is_open"] or row["is_cut"])]
    return [str(clip["path"]) for row in rows for clip in await client.cut_clips(row["path"])]


class OutputsPanel(Watching, QWidget):
    """A row for each output of the profile, which opens what can be done with it.

    `edit_asked` carries an output's name, `add_asked` the kind that is wanted (server, file, camera); `measure_asked` comes from below.
    """

    edit_asked = Signal(str)
    add_asked = Signal(str)
    measure_asked = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: dict[str, DeviceRow] = {}
        self._tested: dict[str, tuple[State, str, str]] = {}
        frame, self._layout = section(is_last=True, bottom=8)
        self.add = button(words("outputs.add"), self._show_add_menu, kind="ghost", size="small", icon="add")
        self._layout.addWidget(head(words("outputs.title"), self.add, height=36))
        self._empty = label(words("outputs.empty"), "muted")
        self._empty.setWordWrap(True)
        self._layout.addWidget(self._empty)
        self.mark = button(words("outputs.mark"), self.set_mark, size="small", icon="mark")
        self.replay = button(words("outputs.save_replay"), self.save_replay, size="small", icon="replay")
        self._said = label("", "small")
        self._said.setWordWrap(True)
        self._layout.addLayout(row(self.mark, self.replay, None, spacing=8, margins=(0, 4, 0, 0)))
        self._layout.addWidget(self._said)
        self._said.hide()
        self.measure: QPushButton = button(words("measure.open"), self.measure_asked.emit, kind="ghost", size="small")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        outer.addWidget(self.measure)
        self.watch(bridge, "settings", "health", "live")
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        room = self._bridge.room
        tables = self._tables()
        for gone in [name for name in self._rows if name not in tables]:
            self._rows.pop(gone).deleteLater()
        if room.is_on_air:
            self._tested.clear()
        for name in tables:
            row = self._told(name)
            device = self._rows.get(name)
            if device is None:
                device = self._rows[name] = self._new_row(name, _ICONS.get(row["kind"], "upload"))
            state, line = output_state(row, room.output_kbps(name), is_on_air=room.is_on_air)
            state, line, whole = self._tested.get(name, (state, line, line))
            device.show_row(plain(name), line, state)
            device.setToolTip(plain(whole, _LONGEST_TIP))
            self._offer(device, name, row)
        self._empty.setVisible(not tables)
        has_file = any(table.get("path") for table in tables.values())
        replay = room.settings.get("replay")
        self.mark.setVisible(has_file)
        self.mark.setEnabled(room.is_on_air)
        self.replay.setVisible(has_file and isinstance(replay, Mapping) and bool(replay.get("seconds")))

    def menu(self, name: str) -> QMenu:
        """What can be done with an output now."""
        room, row = self._bridge.room, self._told(name)
        menu = QMenu(self)
        if room.is_on_air and self._is_running(row):
            if row.get("state") in TROUBLED and row["kind"] != "file":
                menu.addAction(words("output.retry_now"), partial(self._retry, name))
            menu.addAction(words("output.stop"), partial(self._step, name, "stop"))
        elif room.is_on_air:
            menu.addAction(words("output.start"), partial(self._step, name, "start"))
        elif row["kind"] not in {"file", "camera"}:
            menu.addAction(words("output.test_now"), partial(self._test, name)).setEnabled(not self._is_testing(name))
        if row["kind"] == "file" and not self._is_running(row):
            menu.addAction(words("outputs.cut"), partial(_cut, self._bridge, name, self.say))
        menu.addSeparator()
        enabled = menu.addAction(words("outputs.enabled"), partial(self._enable, name, is_on=not row["enabled"]))
        enabled.setCheckable(True)
        enabled.setChecked(bool(row["enabled"]))
        for action in (enabled, menu.addAction(words("outputs.change"), partial(self.edit_asked.emit, name))):
            action.setEnabled(not self._is_running(row))
        return menu

    def say(self, text: str) -> None:
        """A line below the rows."""
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def set_mark(self) -> None:
        """A chapter of the recordings, named by the time of day."""
        title = words("outputs.mark.title", time=time.strftime("%H:%M:%S"))
        self._bridge.ask(lambda client: client.mark(title), lambda _: self.say(words("outputs.marked", title=title)), self.say)

    def save_replay(self) -> None:
        """The last stretch of the show as a file."""
        self.say(words("outputs.saving_replay"))
        self._bridge.ask(lambda client: client.save_replay(), lambda answer: self.say(_saved_words(answer)), self.say)

    def _tables(self) -> dict[str, Mapping[str, Any]]:
        tables = [table for table in self._bridge.room.settings.get("output") or () if isinstance(table, Mapping)]
        return {str(table.get("name") or ""): table for table in tables}

    def _told(self, name: str) -> dict[str, Any]:
        """How it is set and how it stands."""
        table = self._tables().get(name, {})
        told = next((row for row in self._bridge.room.outputs if row.get("name") == name), {})
        return {"name": name, "kind": kind_of(table), **told, "enabled": table.get("enabled", True)}

    @staticmethod
    def _is_running(row: Mapping[str, Any]) -> bool:
        return row.get("state", "idle") not in {"idle", "stopped"}

    def _is_testing(self, name: str) -> bool:
        return name in self._tested and self._tested[name][1] == words("output.testing")

    def _new_row(self, name: str, icon: str) -> DeviceRow:
        device = DeviceRow(icon)
        device.make_choosable()
        device.clicked.connect(lambda: show_menu(self.menu(name), device))
        self._layout.insertWidget(self._layout.indexOf(self._empty), device)
        return device

    def _show_add_menu(self) -> None:
        menu = QMenu(self)
        for kind in ("server", "file", "camera"):
            menu.addAction(words(f"outputs.add_{kind}"), partial(self.add_asked.emit, kind))
        show_menu(menu, self.add)

    def _offer(self, device: DeviceRow, name: str, row: Mapping[str, Any]) -> None:
        """Off air a test, on air a retry for what is in trouble and a start for what doesn't run; the rest is in the menu."""
        is_on_air, is_file = self._bridge.room.is_on_air, row["kind"] == "file"
        if is_on_air and not self._is_running(row):
            device.offer(words("output.start"), partial(self._step, name, "start"))
        elif is_on_air and not is_file and row.get("state") in TROUBLED:
            device.offer(words("output.retry"), partial(self._retry, name))
        elif not is_on_air and row["kind"] not in {"file", "camera"}:
            device.offer(words("output.test"), None if self._is_testing(name) else partial(self._test, name))
        else:
            device.offer("", None)

    def _retry(self, name: str) -> None:
        self._bridge.ask(lambda client: client.retry_output(name), None, self.say)

    def _step(self, name: str, step: str) -> None:
        self.say("")
        self._bridge.ask(lambda client: client.output_step(name, "start" if step == "start" else "stop"), self._take_live, self.say)

    def _take_live(self, answer: object) -> None:
        self._bridge.room.take("live", answer)
        self._bridge.changed.emit("live")

    def _enable(self, name: str, *, is_on: bool) -> None:
        self.say("")
        self._bridge.ask(lambda client: client.put_output(name, {"enabled": is_on}), None, self.say)

    def _test(self, name: str) -> None:
        self._keep(name, ("warn", words("output.testing"), words("output.testing")))
        self._bridge.ask(
            lambda client: client.check_output(name),
            lambda answer: self._keep(name, told_words(answer)),
            lambda fault: self._keep(name, ("bad", fault, fault)),
        )

    def _keep(self, name: str, told: tuple[State, str, str]) -> None:
        """Until the next test or show."""
        self._tested[name] = told
        self.refresh()
