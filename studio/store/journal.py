"""A file beside the store that takes events while the store can't: each append is on the disk before it returns.

It is read from the start when the store works again; applying an event twice changes nothing, so it is cleared only afterwards.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from studio.model.event_lines import to_line
from studio.model.events import FanEvent, parse_object
from studio.store.database import Database
from studio.store.working import Received

_ANY_TIME_MS: Final = 1 << 62
"""Events were judged when they were received: a clock that was set since must not refuse them now."""


def journal_of(database: Database, room: str, folder: Path | None) -> "Journal | None":
    """The journal of a room: beside a SQLite file, for a server in the folder; None without one."""
    if database.is_sqlite:
        return Journal(database.path.with_name(database.path.name + ".journal"))
    if folder is None:
        return None
    name = hashlib.sha256(f"{database.shown_url}|{room}".encode()).hexdigest()[:16]
    return Journal(folder / f"{name}.journal")


class Journal:
    """Received events, one a line. Calls block on the disk: not for the loop thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The file; there is none while the store takes everything."""
        return self._path

    @property
    def has_events(self) -> bool:
        """Whether anything waits to be applied."""
        return self._path.exists() and self._path.stat().st_size > 0

    def append(self, batch: Sequence[Received]) -> None:
        """Raises OSError when the disk doesn't take it; then nothing of the batch counts as kept."""
        lines = "".join(
            json.dumps([one.received_ms, one.is_live, one.event.is_cut, json.loads(to_line(one.event))], ensure_ascii=False) + "\n"
            for one in batch
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "ab+") as file:
            if file.tell() and file.seek(-1, os.SEEK_END) and file.read(1) != b"\n":
                file.write(b"\n")  # a power cut left half a line: ours must not be glued to it
            file.write(lines.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> Iterator[Received]:
        """What was kept; a half line, as a power cut leaves one, ends it or is passed over."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    received_ms, is_live, is_cut, document = json.loads(line)
                except ValueError:
                    continue
                event = parse_object(document, 0, _ANY_TIME_MS)
                if isinstance(event, FanEvent):
                    yield Received(replace(event, is_cut=bool(is_cut)), int(received_ms), bool(is_live))

    def clear(self) -> None:
        """All of it is in the store."""
        self._path.unlink(missing_ok=True)
