"""One output of the profile added, changed or taken out: what becomes of its key, and of the outputs beside it. Pure.

It never lets a key follow to another server: whoever changes the host gives the new one's key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from studio.errors import NotFound
from studio.model.profile_tables import merge_patch, parse, to_json
from studio.model.rules import Fault, InvalidSettings
from studio.model.settings import SECRET_MASK, OutputSettings, Settings

EDITABLE = (
    *("name", "server", "key", "path", "split_minutes", "split_mb", "tracks", "codec", "enabled"),
    *("camera", "camera_sound", "camera_python"),
)
_OWN_PREFIX = "output-"
_OF = {
    "server": ("server", "key", "key_secret", "url"),
    "path": ("path", "split_minutes", "split_mb", "tracks", "codec"),
    "camera": ("camera", "camera_sound", "camera_python"),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """What came of it: the whole profile, the output in it, and the key that goes to the keyring under `output.key_secret` (or none)."""

    settings: Settings
    output: OutputSettings
    key: str = ""
    is_new: bool = False


def find_output(settings: Settings, name: str) -> OutputSettings:
    """The output of this name. Raises NotFound."""
    for output in settings.output:
        if output.name == name:
            return output
    raise NotFound("live.no_such_output", name=name)


def edit_output(settings: Settings, name: str, fields: Mapping[str, Any], fresh_secret: str) -> Edit:
    """The output `name` with other fields, or a new one; a key leaves the profile for the keyring, under `fresh_secret` where it has no
    name there yet. `key` as `***` or missing keeps what is there, null or "" takes it out. Raises InvalidSettings.
    """
    unknown = [field for field in fields if field not in EDITABLE]
    if unknown:
        raise InvalidSettings((Fault(f"output.{unknown[0]}", "", "unknown; the keys are " + ", ".join(EDITABLE)),))
    before = next((output for output in settings.output if output.name == name), None)
    table = _table(before, fields) | {"name": name} | {key: value for key, value in fields.items() if key != "key"}
    _take_key(table, before, fields)
    tables = [table if output is before else row for output, row in zip(settings.output, _rows(settings), strict=True)]
    changed = _with_outputs(settings, tables if before is not None else [*tables, table])
    place = len(settings.output) if before is None else settings.output.index(before)
    output = changed.output[place]
    if not output.is_server or not output.key:
        return Edit(changed, output, is_new=before is None)
    secret = before.key_secret if before is not None and is_own_secret(before.key_secret) else fresh_secret
    kept = replace(output, key="", key_secret=secret)
    outputs = (*changed.output[:place], kept, *changed.output[place + 1 :])
    return Edit(replace(changed, output=outputs), kept, output.key, is_new=before is None)


def remove_output(settings: Settings, name: str) -> Settings:
    """The profile without it. Raises NotFound."""
    gone = find_output(settings, name)
    return replace(settings, output=tuple(output for output in settings.output if output is not gone))


def own_secrets(settings: Settings) -> frozenset[str]:
    """The names under which we keep outputs' keys; names that a user chose aren't among them."""
    return frozenset(output.key_secret for output in settings.output if is_own_secret(output.key_secret))


def server_host(server: object) -> str:
    """The host of a server's address, empty where it can't be told."""
    try:
        return urlsplit(str(server).strip()).hostname or ""
    except ValueError:
        return ""


def is_own_secret(name: str) -> bool:
    """Whether we made the name, and may forget what it stands for."""
    return name.startswith(_OWN_PREFIX)


def own_secret(unique: str) -> str:
    """A name of ours."""
    return _OWN_PREFIX + unique


def _table(before: OutputSettings | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the new fields are laid over: a server that becomes a recording keeps nothing of a server, and the other way round."""
    if before is None:
        return {}
    table: dict[str, Any] = _rows(Settings(output=(before,)))[0]
    if table.pop("url", ""):
        server, key = before.target()
        table |= {"server": server, "key": key}
    for kind in _OF:
        if fields.get(kind):
            for name in (name for other, names in _OF.items() if other != kind for name in names):
                table.pop(name, None)
    return table


def _take_key(table: dict[str, Any], before: OutputSettings | None, fields: Mapping[str, Any]) -> None:
    is_elsewhere = before is not None and "server" in fields and server_host(before.target()[0]) != server_host(fields["server"])
    if is_elsewhere or ("key" in fields and fields["key"] != SECRET_MASK):
        table.pop("key", None)
        table.pop("key_secret", None)
    if fields.get("key") and fields["key"] != SECRET_MASK:
        table["key"] = fields["key"]


def _rows(settings: Settings) -> list[dict[str, Any]]:
    return to_json(settings, with_secrets=True)["output"]


def _with_outputs(settings: Settings, tables: list[dict[str, Any]]) -> Settings:
    parse({"output": tables})  # its faults name these tables alone
    return merge_patch(settings, {"output": tables})
