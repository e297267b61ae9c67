"""The rules file beside the profile: found, read with the line of each fault, and taken at the start of an engine.

Rules that would move somebody wait until a person has looked at it; a file with faults changes nothing.
"""

import asyncio
import logging
import tomllib
from pathlib import Path
from typing import Final

from studio.app.notices import Notices
from studio.audience.rules_desk import RulesDesk
from studio.errors import InvalidInput
from studio.model.loyalty import Rules
from studio.model.rules_file import InvalidRules, parse_rules
from studio.model.rules_text import with_lines
from studio.model.settings import Settings

log = logging.getLogger(__name__)

NAME: Final = "loyalty.toml"
MAX_BYTES: Final = 1 << 20


def find(settings: Settings, folder: Path) -> Path | None:
    """The file that the profile names, else `loyalty.toml` in its folder, else None. A named one need not be there: `read` says so."""
    if settings.audience.rules:
        return folder / settings.audience.rules
    path = folder / NAME
    return path if path.exists() else None


def read(path: Path) -> Rules:
    """The rules of a file. Raises InvalidInput (missing, unreadable, not TOML) or InvalidRules with file and line of each fault."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput("rules.too_large", path=str(path))
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except FileNotFoundError as error:
        raise InvalidInput("rules.missing", path=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("rules.not_toml", path=str(path), reason=str(error)) from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput("rules.unreadable", path=str(path), reason=str(error)) from error
    try:
        return parse_rules(document)
    except InvalidRules as error:
        raise with_lines(error, text, path.name) from error


async def take(path: Path, desk: RulesDesk, notices: Notices) -> None:
    """Take what the file says; what became of it is told to the windows."""
    try:
        rules = await asyncio.to_thread(read, path)
    except InvalidRules as error:
        notices.add("bad", "rules.file_broken", path=path.name, count=len(error.faults), first=error.faults[0])
        return
    except InvalidInput as error:
        notices.add_error(error)
        return
    taken = await desk.take_file(rules)
    log.info("The loyalty rules of %s: %s (%d up, %d down)", path, taken.state, taken.up, taken.down)
    if taken.state == "waiting":
        notices.add("warn", "rules.waits", path=path.name, up=taken.up, down=taken.down)
    elif taken.state == "applied":
        notices.add("good", "rules.applied", up=taken.up, down=taken.down)
