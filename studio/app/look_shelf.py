"""The user's own looks and the presenters they belong to, in one file beside the profile.

It refuses to lose any: a file that can't be read is set aside, and each change is written whole before it counts.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.app.profile import set_aside
from studio.errors import Conflict, InvalidInput, NotFound, os_code
from studio.model.presets import SHIPPED
from studio.model.profile_tables import parse
from studio.model.rules import InvalidSettings

MOST = 100
_LONGEST_NAME = 40
_MOST_BYTES = 1 << 20

Preset = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shelf:
    """`looks` by name, each {presenter, look}; `presenters` by name with the look they had last; `current` presents now."""

    looks: Mapping[str, Preset] = field(default_factory=dict)
    presenters: Mapping[str, Preset] = field(default_factory=dict)
    current: str = ""


class LookShelf:
    """Loop thread; `read` and the writing block for a moment and are called on a worker thread."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._shelf = Shelf()

    def read(self) -> bool:
        """Read the file; False when it was broken and set aside."""
        if self._path is None or not self._path.exists():
            return True
        try:
            content = self._path.read_bytes()
            self._shelf = _shelf_of(json.loads(content if len(content) <= _MOST_BYTES else b""))
        except (OSError, ValueError, TypeError, KeyError, InvalidSettings, RecursionError):
            set_aside(self._path)
            return False
        return True

    def listing(self) -> dict[str, Any]:
        """{shipped, looks:[{name, presenter, look}], presenters:[name], current}: what the API answers."""
        looks = [{"name": name, **entry} for name, entry in self._shelf.looks.items()]
        return {"shipped": SHIPPED, "looks": looks, "presenters": list(self._shelf.presenters), "current": self._shelf.current}

    def look(self, name: str) -> Preset:
        """A look's keys, the user's own before a shipped one. Raises NotFound."""
        if name in self._shelf.looks:
            return self._shelf.looks[name]["look"]
        if name in SHIPPED:
            return SHIPPED[name]
        raise NotFound("look.preset_unknown", name=name)

    def keep(self, name: str, look: Preset) -> None:
        """Keep a look under a name, for the one who presents now. Raises InvalidInput, Conflict."""
        name = _checked(name)
        if name in SHIPPED:
            raise Conflict("look.preset_shipped", name=name)
        if name not in self._shelf.looks and len(self._shelf.looks) >= MOST:
            raise Conflict("look.preset_full", most=MOST)
        self._write(replace(self._shelf, looks={**self._shelf.looks, name: {"presenter": self._shelf.current, "look": look}}))

    def forget(self, name: str) -> None:
        """Take a look of the user's off the shelf. Raises NotFound."""
        if name not in self._shelf.looks:
            raise NotFound("look.preset_unknown", name=name)
        self._write(replace(self._shelf, looks={key: entry for key, entry in self._shelf.looks.items() if key != name}))

    def hand_over(self, name: str, look: Preset) -> Preset | None:
        """`name` presents from now on: whoever did before keeps the look as it is; the newcomer's last look, None for a first time."""
        name = _checked(name)
        presenters = dict(self._shelf.presenters)
        if name not in presenters and len(presenters) >= MOST:
            raise Conflict("look.preset_full", most=MOST)
        known = presenters.get(name)
        if self._shelf.current:
            presenters[self._shelf.current] = look
        presenters.setdefault(name, look)
        self._write(replace(self._shelf, presenters=presenters, current=name))
        return known if name != "" else None

    def _write(self, shelf: Shelf) -> None:
        if self._path is not None:
            document = {"version": 1, "looks": dict(shelf.looks), "presenters": dict(shelf.presenters), "current": shelf.current}
            fresh = self._path.with_name(self._path.name + ".new")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with fresh.open("w", encoding="utf-8") as file:
                    json.dump(document, file, ensure_ascii=False, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                fresh.replace(self._path)
            except OSError as error:
                raise Conflict("look.preset_unwritable", reason=error.strerror or str(error), reason_code=os_code(error)) from error
        self._shelf = shelf


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput("look.preset_name", most=_LONGEST_NAME)
    return name


def _shelf_of(document: Any) -> Shelf:
    """Raises ValueError, TypeError, KeyError or InvalidSettings for what isn't one."""
    if not isinstance(document, dict) or document.get("version") != 1:
        raise ValueError("not a shelf of looks")
    looks = {str(name): {"presenter": str(entry["presenter"]), "look": _sound(entry["look"])} for name, entry in document["looks"].items()}
    presenters = {str(name): _sound(look) for name, look in document["presenters"].items()}
    return Shelf(looks, presenters, str(document["current"]))


def _sound(look: Any) -> Preset:
    parse({"look": look})
    return dict(look)
