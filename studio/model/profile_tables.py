"""The profile as tables: parsed and checked, printed, merged, and what a change of it touches.

Pure: it opens no file and no device; what each key may be stands beside the key, in `studio.model.settings`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from studio.errors import Conflict
from studio.model.addresses import is_host
from studio.model.input_tables import checked_effects, checked_inputs
from studio.model.rules import Fault, InvalidSettings, Rule, Touched
from studio.model.settings import (
    SECRET_MASK,
    AudienceSettings,
    AudioSettings,
    EffectSettings,
    EncoderSettings,
    HookSettings,
    InputSettings,
    LimitSettings,
    LookSettings,
    MixSettings,
    OutputSettings,
    OverlaySettings,
    PrivacySettings,
    RemoteSettings,
    ReplaySettings,
    Settings,
    VideoSettings,
)
from studio.model.shot import ShotSettings

SECTIONS: dict[str, type] = {
    "video": VideoSettings,
    "audio": AudioSettings,
    "mix": MixSettings,
    "look": LookSettings,
    "shot": ShotSettings,
    "overlay": OverlaySettings,
    "encoder": EncoderSettings,
    "replay": ReplaySettings,
    "audience": AudienceSettings,
    "privacy": PrivacySettings,
    "remote": RemoteSettings,
}
LISTS = ("input", "effect", "output", "hook")
_HOOK_NAME = re.compile("[a-z][a-z0-9-]{0,31}")


def parse(profile: Mapping[str, Any]) -> Settings:
    """A profile's tables as settings. Raises InvalidSettings with every fault found, in the order of the file."""
    faults: list[Fault] = []
    parts: dict[str, Any] = {}
    for name, value in profile.items():
        if name == "output":
            parts["output"] = _outputs(value, faults)
        elif name == "hook":
            parts["hook"] = _hooks(value, faults)
        elif name == "input":
            parts["input"] = checked_inputs(_list("input", InputSettings, value, faults), faults)
        elif name == "effect":
            parts["effect"] = checked_effects(_list("effect", EffectSettings, value, faults), faults)
        elif name not in SECTIONS:
            known = ", ".join([*SECTIONS, *LISTS])
            faults.append(Fault(name, _shown(value), f"unknown; the tables are {known}"))
        elif not isinstance(value, Mapping):
            faults.append(Fault(name, _shown(value), f"must be a table, [{name}]"))
        else:
            parts[name] = _section(SECTIONS[name], value, name, faults)
    if faults:
        raise InvalidSettings(tuple(faults))
    return Settings(**parts)


def parse_look(document: Mapping[str, Any]) -> LookSettings:
    """The one `[look]` table of a LOOK.toml. Raises InvalidSettings."""
    others = [name for name in document if name != "look"]
    if others or "look" not in document:
        raise InvalidSettings((Fault(others[0] if others else "look", "", "the file holds one table, [look]"),))
    return parse({"look": document["look"]}).look


def to_json(settings: Settings, *, with_secrets: bool = False) -> dict[str, Any]:
    """The profile as plain tables; a key that is set reads `***` unless `with_secrets`."""
    tables: dict[str, Any] = {name: _plain(getattr(settings, name)) for name in SECTIONS}
    tables["output"] = []
    for output in settings.output:
        table = {item.name: value for item in fields(output) if (value := getattr(output, item.name)) != item.default}
        if not with_secrets:
            if table.get("key"):
                table["key"] = SECRET_MASK
            if table.get("url"):
                server, key = output.target()
                table["url"] = f"{server}/{SECRET_MASK}" if key else server
        tables["output"].append(table)
    tables["input"] = [_plain(found) for found in settings.input]
    tables["effect"] = [_plain(found) for found in settings.effect]
    tables["hook"] = [_plain(hook) for hook in settings.hook]
    return tables


def merge_patch(settings: Settings, patch: Mapping[str, Any]) -> Settings:
    """RFC 7396 on the profile, all or nothing; lists of tables are replaced whole, and a key sent back as `***` keeps its value.

    Raises InvalidSettings.
    """
    document = _merge(to_json(settings, with_secrets=True), patch)
    outputs = document.get("output")
    if isinstance(outputs, list):
        before = {output.name: output for output in settings.output}
        document["output"] = [_unmask(table, before) for table in outputs]
    for name in LISTS:
        if document.get(name) is None:
            document[name] = []
    return parse(document)


def touched(old: Settings, new: Settings) -> frozenset[Touched]:
    """What a change asks for: nothing but a new scene (`hot`), the source, the encoder, or an output again."""
    result: set[Touched] = set()
    for name, kind in SECTIONS.items():
        before, after = getattr(old, name), getattr(new, name)
        for item in fields(kind):
            if getattr(before, item.name) != getattr(after, item.name):
                result.add(item.metadata["rule"].touches if "rule" in item.metadata else "hot")
    if old.output != new.output:
        result.add("output")
    if (old.hook, old.effect) != (new.hook, new.effect):
        result.add("hot")
    if old.input != new.input:
        places = [(found.name, found.source) for found in old.input], [(found.name, found.source) for found in new.input]
        result.add("capture" if places[0] != places[1] else "hot")
    return frozenset(result)


def refuse_while_live(old: Settings, new: Settings) -> None:
    """Raise Conflict for a change that would need another session, output or fan file: it waits for the end of the show.

    The bitrate may go down, and up again to where the show began: the headers stay.
    """
    frozen = {
        "video": (old.video, replace(new.video, source=old.video.source)),
        "encoder": (old.encoder, replace(new.encoder, bitrate_kbps=old.encoder.bitrate_kbps, adaptive=old.encoder.adaptive)),
        "output": (old.output, new.output),
        "replay": (old.replay, new.replay),
        "audience": (old.audience, new.audience),
        "remote": (old.remote, replace(old.remote, listen=new.remote.listen, tokens=new.remote.tokens)),
    }
    changed = [name for name, (before, after) in frozen.items() if before != after]
    if changed:
        raise Conflict("settings.live", tables=", ".join(changed))


def _section(kind: type, table: Mapping[str, Any], path: str, faults: list[Fault]) -> Any:
    known = {item.name: item for item in fields(kind)}
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = f"{path}.{name}"
        item = known.get(name)
        if item is None:
            faults.append(Fault(where, _shown(value), "unknown; the keys are " + ", ".join(known)))
        elif "rule" not in item.metadata:
            if isinstance(value, Mapping):
                values[name] = _section(LimitSettings, value, where, faults)
            else:
                faults.append(Fault(where, _shown(value), f"must be a table, [{where}]"))
        else:
            _take(where, value, item.metadata["rule"], name, values, faults)
    return kind(**values)


def _take(where: str, value: Any, rule: Rule, name: str, values: dict[str, Any], faults: list[Fault]) -> None:
    is_secret = name in {"key", "url"}
    if rule.kind is float and type(value) is int:
        value = float(value)
    if type(value) is not rule.kind:
        kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text in quotes"}
        faults.append(Fault(where, SECRET_MASK if is_secret else _shown(value), f"must be {kinds[rule.kind]}"))
        return
    allowed = rule.check(value)
    if allowed:
        faults.append(Fault(where, SECRET_MASK if is_secret else _shown(value), allowed))
    else:
        values[name] = value


def _list(name: str, kind: type, tables: Any, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
    """The sound tables of a list, with the place of each."""
    if not isinstance(tables, list):
        faults.append(Fault(name, _shown(tables), f"must be a list of tables, [[{name}]]"))
        return
    for number, table in enumerate(tables):
        where = f"{name}[{number}]"
        if not isinstance(table, Mapping):
            faults.append(Fault(where, _shown(table), f"must be a table, [[{name}]]"))
            continue
        before = len(faults)
        found = _section(kind, table, where, faults)
        if len(faults) == before:
            yield where, found


def _outputs(tables: Any, faults: list[Fault]) -> tuple[OutputSettings, ...]:
    outputs: list[OutputSettings] = []
    for where, output in _list("output", OutputSettings, tables, faults):
        outputs.append(_checked_output(output, where, {other.name for other in outputs}, faults))
    return tuple(outputs)


def _hooks(tables: Any, faults: list[Fault]) -> tuple[HookSettings, ...]:
    hooks: list[HookSettings] = []
    for where, hook in _list("hook", HookSettings, tables, faults):
        if not _HOOK_NAME.fullmatch(hook.name):
            faults.append(Fault(f"{where}.name", _shown(hook.name), "1 to 32 of a-z, 0-9 and -, beginning with a letter"))
        elif hook.name in {other.name for other in hooks}:
            faults.append(Fault(f"{where}.name", _shown(hook.name), "used by another hook already"))
        if not hook.secret:
            faults.append(Fault(f"{where}.secret", '""', "the name of a secret that was kept with: main.py secret put NAME"))
        hooks.append(hook)
    return tuple(hooks)


def _checked_output(output: OutputSettings, where: str, names: set[str], faults: list[Fault]) -> OutputSettings:
    output = replace(output, server=output.server.strip(), key=output.key.strip(), url=output.url.strip())
    if not output.name:
        faults.append(Fault(f"{where}.name", '""', "every output needs a name"))
    elif output.name in names:
        faults.append(Fault(f"{where}.name", _shown(output.name), "used by another output already"))
    ways = [name for name in ("server", "url", "path", "camera") if getattr(output, name)]
    if len(ways) != 1:
        faults.append(Fault(where, ", ".join(ways) or "nothing", "give one of server (with key), url, path or camera"))
        return output
    if output.is_file:
        _check_recording(output, where, faults)
        return output
    if output.split_minutes or output.split_mb or (output.tracks, output.codec) != ("mix", "h264"):
        faults.append(Fault(where, "split_minutes, split_mb, tracks, codec", "for recordings only"))
    if output.is_server:
        _check_server(output, where, ways[0], faults)
    return output


def _check_server(output: OutputSettings, where: str, way: str, faults: list[Fault]) -> None:
    server, key = output.target()
    if not server.startswith(("rtmp://", "rtmps://")) or len(server.split("/")) < 4 or not is_host(server.split("/")[2]):
        faults.append(Fault(f"{where}.{way}", _shown(server), "must be rtmp://HOST[:PORT]/APP or rtmps://…"))
    if any(sign.isspace() or not sign.isprintable() for sign in key):
        faults.append(Fault(f"{where}.key", SECRET_MASK, "has a blank or a line break inside; copy it again"))
    if output.key and output.key_secret:
        faults.append(Fault(f"{where}.key", SECRET_MASK, "give key or key_secret, not both"))


def _check_recording(output: OutputSettings, where: str, faults: list[Fault]) -> None:
    ending = output.path.rpartition(".")[2].lower()
    if ending not in {"mp4", "mkv", "flv", "ts"}:
        faults.append(Fault(f"{where}.path", _shown(output.path), "must end in .mp4, .mkv, .flv or .ts"))
    elif ending not in {"mp4", "mkv"}:
        for name, plain in (("tracks", "mix"), ("codec", "h264")):
            if (given := getattr(output, name)) != plain:
                faults.append(Fault(f"{where}.{name}", _shown(given), "for .mp4 and .mkv only"))


def _unmask(table: Any, before: Mapping[str, OutputSettings]) -> Any:
    if not isinstance(table, Mapping):
        return table
    known = before.get(str(table.get("name")))
    result = dict(table)
    if known is not None and result.get("key") == SECRET_MASK:
        result["key"] = known.key
    if known is not None and str(result.get("url", "")).endswith("/" + SECRET_MASK):
        result["url"] = known.url
    return result


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge(result.get(name), value)
    return result


def _plain(part: Any) -> dict[str, Any]:
    return {item.name: getattr(part, item.name) if "rule" in item.metadata else _plain(getattr(part, item.name)) for item in fields(part)}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
