"""The outputs, each with a state of its own: one that fails says so and costs the others nothing.

It refuses to show any key.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import button, head, label, row, section
from ui.figures import count, size
from ui.language import fault_words, words
from ui.panels.device_row import DeviceRow
from ui.panels.watching import Watching
from ui.plain import plain
from ui.shapes import State

_LONGEST_TIP = 400
_STATES: dict[str, State] = {
    "idle": "none",
    "connecting": "warn",
    "live": "good",
    "reconnecting": "bad",
    "refused": "bad",
    "failed": "bad",
    "stopped": "none",
}


def output_state(row: Mapping[str, Any], kbps: float | None, *, is_on_air: bool) -> tuple[State, str]:
    """An output's shape and line."""
    state = str(row.get("state") or "idle")
    is_file = row.get("kind") == "file"
    if not is_on_air and state in {"idle", "stopped"}:
        return "none", words("output.ready_file" if is_file else "output.ready")
    detail = str(row.get("detail") or "")
    if state in {"reconnecting", "refused", "failed", "live"} and detail:
        params = row.get("detail_params")
        return "warn" if state == "live" else _STATES[state], fault_words(detail, **(params if isinstance(params, dict) else {}))
    if state == "live" and is_file:
        return "good", words("output.recording", size=size(float(row.get("bytes") or 0)))
    if state == "live" and kbps is not None:
        return _sending(row, kbps)
    return _STATES.get(state, "none"), words(f"output.{state}")


def _sending(row: Mapping[str, Any], kbps: float) -> tuple[State, str]:
    """At which rate; on a narrow network with the floor and the ceiling between which it moves."""
    floor, wanted, ceiling = (int(row.get(name) or 0) for name in ("floor_kbps", "wanted_kbps", "ceiling_kbps"))
    if wanted < ceiling:
        return "warn", words("output.sending_less", kbps=count(kbps), floor=count(floor), ceiling=count(ceiling))
    return "good", words("output.sending", kbps=count(kbps))


def told_words(answer: Mapping[str, Any]) -> tuple[State, str, str]:
    """What came of a connection test: (shape, line, all of it for the one who points at it)."""
    params = answer.get("params")
    params = params if isinstance(params, dict) else {}
    whole = [fault_words(str(answer.get("code")), **params)]
    whole += [fault_words(str(row["code"]), **row["params"]) for row in answer.get("advice") or ()]
    if answer.get("verdict") == "good":
        state: State = "good" if len(whole) == 1 else "warn"
        return state, words("output.tested_good", kbps=count(float(params.get("kbps") or 0))), " ".join(whole)
    if answer.get("verdict") == "narrow":
        return "warn", words("output.tested_narrow", kbps=count(float(params.get("advised") or 0))), " ".join(whole)
    return ("none" if answer.get("verdict") == "cut" else "bad"), whole[0], " ".join(whole)


class OutputsPanel(Watching, QWidget):
    """A row for each output of the profile."""

    def __init__(self, bridge: Bridge, on_edit: Callable[[], None], on_measure: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: dict[str, DeviceRow] = {}
        self._tested: dict[str, tuple[State, str, str]] = {}
        frame, self._layout = section(is_last=True, bottom=8)
        self._layout.addWidget(
            head(words("outputs.title"), button(words("outputs.edit"), on_edit, kind="ghost", size="small", icon="edit"), height=36)
        )
        self._empty = label(words("outputs.empty"), "muted")
        self._empty.setWordWrap(True)
        self._layout.addWidget(self._empty)
        self.mark = button(words("outputs.mark"), self.set_mark, size="small", icon="mark")
        self.replay = button(words("outputs.save_replay"), self.save_replay, size="small", icon="replay")
        self._said = label("", "small")
        self._said.setWordWrap(True)
        self._moments = QWidget()
        moments = QVBoxLayout(self._moments)
        moments.setContentsMargins(0, 4, 0, 0)
        moments.setSpacing(4)
        moments.addLayout(row(self.mark, self.replay, None, spacing=8))
        moments.addWidget(self._said)
        self.measure: QPushButton = button(words("measure.open"), on_measure, kind="ghost", size="small")
        outer = QVBoxLayout(self)
        self._layout.addWidget(self._moments)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        outer.addWidget(self.measure)
        self.watch(bridge, "settings", "health", "live")
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        room = self._bridge.room
        told = {str(row.get("name")): row for row in room.outputs}
        profile = [row for row in room.settings.get("output") or () if isinstance(row, Mapping)]
        names = [str(row.get("name") or "") for row in profile] or list(told)
        files = {str(row.get("name") or "") for row in profile if row.get("path")}
        for gone in [name for name in self._rows if name not in names]:
            self._rows.pop(gone).deleteLater()
        for name in names:
            row = told.get(name, {"name": name, "kind": "file" if name in files else "rtmp"})
            device = self._rows.get(name)
            if device is None:
                device = self._rows[name] = DeviceRow("disk" if row.get("kind") == "file" else "upload")
                self._layout.insertWidget(self._layout.indexOf(self._moments), device)
            state, line = output_state(row, room.output_kbps(name), is_on_air=room.is_on_air)
            if room.is_on_air:
                self._tested.clear()
            state, line, whole = self._tested.get(name, (state, line, line))
            device.show_row(plain(name), line, state)
            device.setToolTip(plain(whole, _LONGEST_TIP))
            self._offer(device, name, row)
        self._empty.setVisible(not names)
        replay = room.settings.get("replay")
        self.mark.setEnabled(room.is_on_air)
        self.replay.setVisible(isinstance(replay, Mapping) and bool(replay.get("seconds")))
        self._moments.setVisible(bool(files))

    def set_mark(self) -> None:
        """A chapter of the recordings, named by the time of day."""
        title = words("outputs.mark.title", time=time.strftime("%H:%M:%S"))

        def marked(_: object) -> None:
            self._said.setText(words("outputs.marked", title=title))

        self._bridge.ask(lambda client: client.mark(title), marked, self._said.setText)

    def save_replay(self) -> None:
        """The last stretch of the show as a file."""

        def saved(answer: Mapping[str, Any]) -> None:
            path, seconds = plain(str(answer.get("path") or ""), 200), answer.get("seconds")
            self._said.setText(words("outputs.saved_replay", path=path, seconds=count(seconds if isinstance(seconds, int | float) else 0)))

        self._said.setText(words("outputs.saving_replay"))
        self._bridge.ask(lambda client: client.save_replay(), saved, self._said.setText)

    def _offer(self, device: DeviceRow, name: str, row: Mapping[str, Any]) -> None:
        """Off air a test, on air a retry for what is in trouble; a recording needs neither."""
        if row.get("kind") == "file":
            device.offer("", None)
        elif not self._bridge.room.is_on_air:
            is_idle = name not in self._tested or self._tested[name][1] != words("output.testing")
            device.offer(words("output.test"), partial(self._test, name) if is_idle else None)
        elif row.get("state") in {"reconnecting", "refused", "failed"}:
            device.offer(words("output.retry"), partial(self._retry, name))
        else:
            device.offer("", None)

    def _retry(self, name: str) -> None:
        self._bridge.ask(lambda client: client.retry_output(name))

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
