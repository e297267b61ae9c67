"""Changes of look, shot and sound on their way to the engine: at most 15 a second, never the last one lost, each can be taken back.

It refuses to have two changes under way at once: a newer value waits for the answer to the older.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.remote.client import StudioClient
from ui.bridge import Bridge

SEND_MS = 67
STEPS_KEPT = 100
Place = tuple[str, str]
"""A table of the profile, and a key in it."""
Values = dict[Place, Any]
Tables = dict[str, dict[str, Any]]
INPUT = "input:"
"""Begins what stands for one of the profile's inputs in the place of a table."""


class Edits(QObject):
    """`settled` comes with the engine's look when nothing is under way; `stepped` when undo and redo may have changed."""

    settled = Signal(dict)
    stepped = Signal()
    refused = Signal(str, str)
    """The words, and the table of what couldn't be changed."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._waiting: Values = {}
        self._sent: Values = {}
        self._is_asking = False
        self._asked = ""
        self._before: Values = {}
        self._after: Values = {}
        self._undo: list[tuple[Values, Values]] = []
        self._redo: list[tuple[Values, Values]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEND_MS)
        self._timer.timeout.connect(self._send)

    @property
    def is_busy(self) -> bool:
        """Whether the engine's word is older than the hand's."""
        return bool(self._waiting) or self._is_asking

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forward."""
        return bool(self._redo)

    def edit(self, key: str, value: Any, table: str = "look") -> None:
        """A step of the hand; `finish` makes all steps since the last one to one that is taken back at once."""
        place = (table, key)
        if place not in self._before:
            self._before[place] = self._newest(place)
        self._after[place] = value
        self._put({place: value})

    def finish(self) -> None:
        """The hand has let go."""
        before, after = self._before, self._after
        self._before, self._after = {}, {}
        if after and before != after:
            self._undo = [*self._undo[-STEPS_KEPT + 1 :], (before, after)]
            self._redo.clear()
            self.stepped.emit()

    def undo(self) -> None:
        """Take the last change back."""
        if self._undo:
            before, after = self._undo.pop()
            self._redo.append((before, after))
            self._step_to(before)

    def redo(self) -> None:
        """Make it again."""
        if self._redo:
            before, after = self._redo.pop()
            self._undo.append((before, after))
            self._step_to(after)

    def _step_to(self, values: Values) -> None:
        kept = {place: value for place, value in values.items() if value is not None}
        self.settled.emit({**self._known("look"), **{key: value for (table, key), value in kept.items() if table == "look"}})
        self._put(kept)
        self.stepped.emit()

    def _newest(self, place: Place) -> Any:
        """What the hand said last, though the engine hasn't answered; else the engine's word."""
        for said in (self._waiting, self._sent):
            if place in said:
                return said[place]
        table, key = place
        return self._known(table).get(key)

    def _known(self, table: str) -> Mapping[str, Any]:
        settings = self._bridge.room.settings
        known = settings.get(table)
        if table.startswith(INPUT):
            rows = [row for row in settings.get("input") or () if isinstance(row, Mapping)]
            known = next((row for row in rows if row.get("name") == table.removeprefix(INPUT)), None)
        return known if isinstance(known, Mapping) else {}

    def _put(self, values: Values) -> None:
        self._waiting.update(values)
        if not self._timer.isActive() and not self._is_asking:
            self._timer.start()

    def _send(self) -> None:
        if self._is_asking or not self._waiting:
            return
        tables: Tables = {}
        for (table, key), value in self._waiting.items():
            tables.setdefault(table, {})[key] = value
        self._sent, self._waiting = self._waiting, {}
        self._is_asking, self._asked = True, next(iter(tables))
        self._bridge.ask(lambda client: _change(client, tables), self._answered, self._failed)

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self._bridge.room.take("settings", answer)
        self._go_on()

    def _failed(self, text: str) -> None:
        self.refused.emit(text, self._asked)
        self._go_on()

    def _go_on(self) -> None:
        self._is_asking, self._sent = False, {}
        if self._waiting:
            self._timer.start()
        elif not self._before:
            self.settled.emit(dict(self._known("look")))


async def _change(client: StudioClient, tables: Tables) -> Mapping[str, Any]:
    """Inputs one by one, because they lie in a list; all else at once."""
    answer: Mapping[str, Any] = {}
    for name in [table.removeprefix(INPUT) for table in tables if table.startswith(INPUT)]:
        answer = await client.change_input(name, tables[INPUT + name])
    others = {table: values for table, values in tables.items() if not table.startswith(INPUT)}
    return await client.patch_settings(others) if others else answer
