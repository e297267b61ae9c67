"""Profiles on disk: read, checked, written in one step; a broken one is refused with a line for each fault.

Stream keys that are typed into a window go to the keyring, not here.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

import platformdirs

from studio.errors import InvalidInput, os_code
from studio.model.profile_tables import parse, to_json
from studio.model.rules import InvalidSettings
from studio.model.settings import Settings

MAX_BYTES = 1 << 20


def default_path() -> Path:
    """The profile of the user's config folder."""
    return Path(platformdirs.user_config_dir("encore-studio", appauthor=False)) / "profile.toml"


def data_folder() -> Path:
    """Where recordings and the fan file of the default profile go."""
    return Path(platformdirs.user_data_dir("encore-studio", appauthor=False))


def read(path: Path) -> Settings:
    """The profile's settings. Raises InvalidInput (missing, unreadable, not TOML) or InvalidSettings."""
    return parse(read_toml(path))


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises InvalidInput, with the line where TOML ends."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput("profile.too_large", path=str(path))
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise InvalidInput("profile.missing", path=str(path)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput("profile.unreadable", path=str(path), reason=reason, reason_code=os_code(error)) from error
    except UnicodeDecodeError as error:
        raise InvalidInput("profile.not_utf8", path=str(path), line=error.object.count(b"\n", 0, error.start) + 1) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput("profile.not_toml", path=str(path), reason=str(error)) from error


def write(path: Path, settings: Settings) -> None:
    """Write it beside and rename, readable by this user alone: it may hold a key that the user typed into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(to_toml(to_json(settings, with_secrets=True)))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def set_aside(path: Path) -> Path:
    """Move a broken profile out of the way, losing nothing; where it went."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.stem}.broken-{number}{path.suffix}")
        if not aside.exists():
            path.replace(aside)
            return aside
    raise InvalidInput("profile.unreadable", path=str(path), reason="too many broken copies")


def to_toml(tables: dict[str, Any]) -> str:
    """The profile's tables as TOML: tables of plain values, lists of tables, one level of tables within."""
    parts: list[str] = []
    for name, value in tables.items():
        if isinstance(value, list):
            parts.extend(f"[[{name}]]\n{_lines(table)}" for table in value)
        else:
            plain = {key: item for key, item in value.items() if not isinstance(item, dict)}
            parts.append(f"[{name}]\n{_lines(plain)}")
            parts.extend(f"[{name}.{key}]\n{_lines(item)}" for key, item in value.items() if isinstance(item, dict))
    return "\n".join(parts)


def faults_of(error: InvalidInput) -> list[str]:
    """One line for each fault, as the commands print them."""
    return [str(fault) for fault in error.faults] if isinstance(error, InvalidSettings) else [str(error)]


def _lines(table: dict[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(signs.get(sign, sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in value) + '"'
