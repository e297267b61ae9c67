"""What this window knows of the room: the newest snapshot of each thing, as the stream told it.

It refuses to be the truth: every value is replaced by what the engine says next.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from studio.model.loyalty import DEFAULT_NAMES
from ui.models.drops import Drop, drop
from ui.models.people import Person, person
from ui.models.queue import NOTHING_WAITS, Queue, queue

NOTICES_KEPT = 30
RATE_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened: the engine's words for it in each language, its code, and when it came."""

    id: int
    code: str
    texts: Mapping[str, str]
    level: str
    at_s: float
    count: int = 1
    is_over: bool = False
    """What it told has ended by itself."""


@dataclass(slots=True)
class Room:
    """Snapshots, `people` of those who are present; `take` puts a message of the stream in and answers which of them changed."""

    people: tuple[Person, ...] = ()
    present: int = 0
    regulars: int = 0
    drops: dict[str, Drop] = field(default_factory=dict)
    live: Mapping[str, Any] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    meters: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, Any] = field(default_factory=dict)
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=NOTICES_KEPT))
    shop: Queue = NOTHING_WAITS
    handouts: Queue = NOTHING_WAITS
    shown: Mapping[str, Any] = field(default_factory=dict)
    tiers: tuple[str, ...] = DEFAULT_NAMES
    """What the loyalty rules call the tiers, from the lowest."""
    currency: str = "CNY"
    lost_at_s: float = 0.0
    _rates: "deque[tuple[float, Mapping[str, Any]]]" = field(default_factory=lambda: deque(maxlen=12))

    def take(self, kind: str, data: Any, now_s: float | None = None) -> bool:
        """Put one message in; False for a kind that a room doesn't keep."""
        keep = {
            "board": self._board,
            "drop": self._drop,
            "live": self._live,
            "health": self._health,
            "settings": self._settings,
            "meters": partial(self._table, "meters"),
            "notice": self._notice,
            "shop": partial(self._queue, "shop"),
            "handouts": partial(self._queue, "handouts"),
            "measure": partial(self._table, "measured"),
            "rules": self._rules,
            "shown": partial(self._table, "shown"),
        }.get(kind)
        if keep is None or not isinstance(data, dict | list):
            return False
        keep(data, time.time() if now_s is None else now_s)
        return True

    def _board(self, data: Any, _now_s: float) -> None:
        board = data if isinstance(data, dict) else {}
        rows = [row for row in board.get("rows") or () if isinstance(row, dict)]
        present, regulars = board.get("present"), board.get("regulars")
        self.present = present if isinstance(present, int) else 0
        here = [row for number, row in enumerate(rows) if row.get("present", number < self.present)]
        self.people = tuple(person(row) for row in here)
        self.regulars = regulars if isinstance(regulars, int) else sum(row.is_regular for row in self.people)

    def _drop(self, data: Any, _now_s: float) -> None:
        rows = data if isinstance(data, list) else data.get("drops") if "drops" in data else [data]
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and row.get("id"):
                self.drops[str(row["id"])] = drop(row)

    def _live(self, data: Any, now_s: float) -> None:
        self.live = data if isinstance(data, dict) else {}
        self.lost_at_s = (self.lost_at_s or now_s) if self.state == "reconnecting" else 0.0

    def _health(self, data: Any, now_s: float) -> None:
        before = _figure(self.health, ("video", "encoded")) or 0.0
        self.health = data if isinstance(data, dict) else {}
        if (_figure(self.health, ("video", "encoded")) or 0.0) < before:
            self._rates.clear()  # another show, or another engine: counters began anew
        self._rates.append((now_s, self.health))
        while len(self._rates) > 2 and now_s - self._rates[0][0] > RATE_WINDOW_S:
            self._rates.popleft()

    def _settings(self, data: Any, _now_s: float) -> None:
        self.settings = data.get("settings", data) if isinstance(data, dict) else {}

    def _table(self, name: str, data: Any, _now_s: float) -> None:
        setattr(self, name, data if isinstance(data, dict) else {})

    def _queue(self, name: str, data: Any, _now_s: float) -> None:
        setattr(self, name, queue(data))

    def _rules(self, data: Any, _now_s: float) -> None:
        rules = data if isinstance(data, dict) else {}
        named = [str(row.get("name") or "") for row in rules.get("tiers") or () if isinstance(row, dict)]
        self.tiers = tuple(named) or DEFAULT_NAMES
        self.currency = str(rules.get("currency") or self.currency)

    def _notice(self, data: Any, now_s: float) -> None:
        if not isinstance(data, dict):
            return
        texts, number, times, at = data.get("text"), data.get("id"), data.get("count"), data.get("at")
        fresh = Notice(
            id=number if isinstance(number, int) else -1,
            code=str(data.get("code") or ""),
            texts={str(key): str(value) for key, value in texts.items()} if isinstance(texts, dict) else {},
            level=str(data.get("level") or "info"),
            at_s=float(at) if isinstance(at, int | float) else now_s,
            count=times if isinstance(times, int) else 1,
            is_over=data.get("over_at") is not None,
        )
        known = [notice.id for notice in self.notices]
        if fresh.is_over and fresh.id in known:  # settled where it stands: it is no news
            self.notices[known.index(fresh.id)] = fresh
            return
        kept = [notice for notice in self.notices if notice.id != fresh.id]
        self.notices.clear()
        self.notices.extend([fresh, *kept])

    @property
    def state(self) -> str:
        """Of the broadcast: idle, connecting, live, reconnecting or stopped."""
        return str(self.live.get("state") or "idle")

    @property
    def is_on_air(self) -> bool:
        """From the start of a show to its stop, whatever the outputs do."""
        return self.state in {"connecting", "live", "reconnecting"}

    @property
    def since_s(self) -> float:
        """When the show began, seconds since 1970; 0 off air."""
        since = self.live.get("since")
        return float(since) if isinstance(since, int | float) and self.is_on_air else 0.0

    @property
    def outputs(self) -> tuple[Mapping[str, Any], ...]:
        """The outputs with their counters, figures from health, states from `live`, which is told at each change."""
        figures = {str(row.get("name")): row for row in _rows(self.health)}
        states = {str(row.get("name")): row for row in _rows(self.live)}
        kept = ("state", "detail", "detail_params")
        return tuple(
            {**figures[name], **{key: row[key] for key in kept if key in row}} if (row := states.get(name)) is not None else figures[name]
            for name in figures
        ) or tuple(states.values())

    def source(self, kind: str) -> Mapping[str, Any]:
        """How the "video" or "audio" source does: {kind, spec, name, state, width, height, fps, code, params}; empty before it is known."""
        rows = self.live.get("sources")
        return next((row for row in rows if isinstance(row, dict) and row.get("kind") == kind), {}) if isinstance(rows, list) else {}

    def running_drops(self) -> list[Drop]:
        """Drops the audience takes part in, the newest first."""
        return sorted((found for found in self.drops.values() if found.is_running), key=lambda item: -item.opened_at_s)

    def settled_drops(self) -> list[Drop]:
        """What is over, the newest first."""
        return sorted((found for found in self.drops.values() if found.is_settled), key=lambda item: -item.closes_at_s)

    def waiting_drops(self) -> list[Drop]:
        """What a second person has to approve."""
        return [found for found in self.drops.values() if found.is_waiting]

    def rate(self, *path: str) -> float | None:
        """How much a counter of the health report grew in a second, over the last few; None before two reports."""
        if len(self._rates) < 2:
            return None
        (first_s, first), (last_s, last) = self._rates[0], self._rates[-1]
        before, after = _figure(first, path), _figure(last, path)
        if before is None or after is None or last_s <= first_s or after < before:
            return None
        return (after - before) / (last_s - first_s)

    def output_kbps(self, name: str) -> float | None:
        """What an output sends, in kbit/s."""
        if len(self._rates) < 2:
            return None
        (first_s, first), (last_s, last) = self._rates[0], self._rates[-1]
        before, after = _sent(first, name), _sent(last, name)
        if before is None or after is None or last_s <= first_s or after < before:
            return None
        return (after - before) * 8 / 1000 / (last_s - first_s)


def _rows(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    outputs = report.get("outputs")
    return [row for row in outputs if isinstance(row, dict)] if isinstance(outputs, list) else []


def _figure(report: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    value: Any = report
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _sent(report: Mapping[str, Any], name: str) -> float | None:
    for row in _rows(report):
        if row.get("name") == name:
            return _figure(row, ("bytes",))
    return None


def currency_of(room: Room) -> str:
    """What the room sells in: by the profile, which only the host sees, or as the stream says to everybody."""
    audience = room.settings.get("audience")
    return str(audience.get("currency") or room.currency) if isinstance(audience, Mapping) else room.currency
