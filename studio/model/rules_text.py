"""The rules as the text of a `loyalty.toml`: written out whole, and where in a text a key stands, so that a fault can name its line.

It parses nothing: what may stand in the file is judged by `studio.model.rules_file`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.model.rules_file import InvalidRules

_HEAD = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")
_PLACE = re.compile(r"([A-Za-z0-9_-]+)(?:\[(\d+)\])?(?:\.([A-Za-z0-9_-]+))?")


def to_toml(tables: Mapping[str, Any]) -> str:
    """The tables of `to_tables` as TOML that reads back as the same rules."""
    plain = [f"{key} = {_value(value)}\n" for key, value in tables.items() if not _is_table(value)]
    parts = ["".join(plain)] if plain else []
    for name, value in tables.items():
        if isinstance(value, Mapping):
            parts.append(f"[{name}]\n{_lines(value)}")
        elif _is_table(value):
            parts.extend(f"[[{name}]]\n{_lines(table)}" for table in value)
    return "\n".join(parts)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: Any) -> str:
    # JSON's whole numbers, lists and escaped texts are TOML's too, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def line_of(text: str, key: str) -> int:
    """The line (from 1) on which a fault's key stands: of the key itself, else of its table; 0 where neither is written."""
    place = _PLACE.match(key)
    if place is None:
        return 0
    table, index, inner = place[1], int(place[2] or 0), place[3] or ""
    here, seen, best = "", -1, 0
    for number, line in enumerate(text.splitlines(), 1):
        head = _HEAD.fullmatch(line)
        if head is not None:
            here = head[2]
            seen += here == table
            if here == table and (seen == index or not best):
                best = number
        elif (found := _KEY.match(line)) is not None:
            if not here and found[1] == table:
                return number
            if here == table and seen == index and found[1] == inner:
                return number
    return best


def with_lines(error: InvalidRules, text: str, name: str) -> InvalidRules:
    """The same faults, each with the file's name and its line."""
    return InvalidRules(tuple(replace(fault, file=name, line=line_of(text, fault.key)) for fault in error.faults))
