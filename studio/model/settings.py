"""The profile: what a user may set, what each value may be, and what a change touches.

Pure: it parses, checks, merges and prints settings; it opens no file and no device.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

from studio.errors import Conflict, InvalidInput

SECRET_MASK = "***"  # noqa: S105 - it stands for a secret

Touched: TypeAlias = Literal["hot", "capture", "encoder", "output"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong value: where it is, what was given, what is allowed (in English, short, as printed by the commands)."""

    key: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.key} = {self.value}: {self.allowed}"


class InvalidSettings(InvalidInput):
    """One or more wrong values; nothing was applied."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("settings.invalid", count=len(faults), first=str(faults[0]) if faults else "")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one key is checked: `check` returns what is allowed when the value is wrong, else an empty text."""

    kind: type
    check: Callable[[Any], str]
    touches: Touched


def _key(default: Any, rule: _Rule) -> Any:
    return field(default=default, metadata={"rule": rule})


def _number(low: float, high: float, default: float, touches: Touched = "hot") -> Any:
    def check(value: float) -> str:
        return "" if low <= value <= high else f"a number from {low:g} to {high:g}"

    return _key(default, _Rule(float, check, touches))


def _integer(low: int, high: int, default: int, touches: Touched, *, even: bool = False) -> Any:
    allowed = f"{'an even' if even else 'a'} whole number from {low} to {high}"

    def check(value: int) -> str:
        return "" if low <= value <= high and not (even and value % 2) else allowed

    return _key(default, _Rule(int, check, touches))


def _choice(*choices: str, touches: Touched = "hot") -> Any:
    def check(value: str) -> str:
        return "" if value in choices else "one of " + ", ".join(repr(choice) for choice in choices)

    return _key(choices[0], _Rule(str, check, touches))


def _text(default: str, touches: Touched, check: Callable[[str], str] = lambda _: "") -> Any:
    return _key(default, _Rule(str, check, touches))


def _flag(default: bool, touches: Touched = "hot") -> Any:  # noqa: FBT001 - it is the default's value, not a mode
    return _key(default, _Rule(bool, lambda _: "", touches))


def _unbuilt(off: float | bool | str, touches: Touched = "hot") -> Any:  # noqa: FBT001 - likewise
    """A key of the contract whose part isn't built: only its "off" is taken."""

    def check(value: float | bool | str) -> str:  # noqa: FBT001
        return "" if value == off else f"not built yet, leave it at {off!r}"

    kind = float if isinstance(off, float) else type(off)
    return _key(off, _Rule(kind, check, touches))


def _scheme(*schemes: str) -> Callable[[str], str]:
    allowed = "one of " + ", ".join(f'"{scheme}"' for scheme in schemes)

    def check(value: str) -> str:
        for scheme in schemes:
            head, colon, _ = scheme.partition(":")
            if value == head and not colon:
                return ""
            if colon and value.startswith(head + ":") and len(value) > len(head) + 1:
                rest = value[len(head) + 1 :]
                return "" if head not in {"camera", "screen"} or rest.isdecimal() else f"{head}: and a number, as {head}:0"
        return allowed

    return check


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """The canvas and what fills it."""

    width: int = _integer(64, 3840, 1920, "encoder", even=True)
    height: int = _integer(64, 3840, 1080, "encoder", even=True)
    fps: int = _integer(1, 120, 30, "encoder")
    source: str = _text("testcard", "capture", _scheme("testcard", "camera:N", "file:PATH", "screen:N"))

    @property
    def is_portrait(self) -> bool:
        """Higher than wide: has its own overlay layout."""
        return self.height > self.width


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """Where the sound comes from and how it is treated."""

    source: str = _text("none", "capture", _scheme("none", "device:NAME", "file:PATH", "tone"))
    sync_offset_ms: int = _integer(-2000, 2000, 0, "hot")
    denoise: bool = _unbuilt(False)
    gate: bool = _unbuilt(False)
    compressor: bool = _unbuilt(False)
    limiter: bool = _unbuilt(False)
    target_lufs: float = _unbuilt(0.0)


@dataclass(frozen=True, slots=True)
class LookSettings:
    """Beauty 0..1 and colour -1..1; all zero is the camera's picture bit for bit."""

    enabled: bool = _flag(True)
    smooth: float = _number(0, 1, 0.0)
    whiten: float = _number(0, 1, 0.0)
    rosy: float = _number(0, 1, 0.0)
    sharpen: float = _unbuilt(0.0)
    slim: float = _unbuilt(0.0)
    eyes: float = _unbuilt(0.0)
    exposure: float = _number(-1, 1, 0.0)
    contrast: float = _number(-1, 1, 0.0)
    saturation: float = _number(-1, 1, 0.0)
    temperature: float = _number(-1, 1, 0.0)
    tint: float = _number(-1, 1, 0.0)
    lut: str = _text("", "hot")
    lut_strength: float = _number(0, 1, 1.0)
    background: str = _unbuilt("none")


@dataclass(frozen=True, slots=True)
class OverlaySettings:
    """What is burned into the picture, and what it may tell of a fan."""

    fan_board: bool = _flag(True)
    locale: str = _choice("zh_CN", "en")
    theme: str = _choice("dark", "light")
    names: str = _choice("opt_in", "all", "masked")
    show_amounts: bool = _flag(False)


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The one encode that all outputs share."""

    codec: str = _text("auto", "encoder")
    bitrate_kbps: int = _integer(100, 100_000, 6000, "encoder")
    keyframe_s: int = _integer(1, 10, 2, "encoder")
    preset: str = _text(
        "veryfast",
        "encoder",
        lambda value: (
            ""
            if value in {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"}
            else "one of 'ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'"
        ),
    )
    latency: str = _choice("low", "normal", touches="encoder")
    adaptive: bool = _flag(True, "encoder")


@dataclass(frozen=True, slots=True, repr=False)
class OutputSettings:
    """A server (`server` and `key`, `key_secret` or the whole `url`) or a recording (`path`). Its repr never shows a key."""

    name: str = _text("", "output")
    server: str = _text("", "output")
    key: str = _text("", "output")
    key_secret: str = _text("", "output")
    url: str = _text("", "output")
    path: str = _text("", "output")

    @property
    def is_file(self) -> bool:
        """A recording."""
        return bool(self.path)

    def target(self) -> tuple[str, str]:
        """(server, key): `url` splits at the last / before any ?, the key keeps its query."""
        if not self.url:
            return self.server, self.key
        address, question, query = self.url.partition("?")
        server, _, key = address.rpartition("/")
        return server, key + question + query

    def __repr__(self) -> str:
        return f"OutputSettings(name={self.name!r}, path={self.path!r}, server={self.target()[0]!r})"


@dataclass(frozen=True, slots=True)
class AudienceSettings:
    """The fan file and where its events come from."""

    store: str = _text("sqlite:///encore.db", "output")
    room: str = _text("r1", "output")
    timezone: str = _text("Asia/Shanghai", "output")
    currency: str = _text(
        "CNY",
        "output",
        lambda value: "" if len(value) == 3 and value.isascii() and value.isupper() else "an ISO 4217 code, as CNY",
    )
    events: str = _text("none", "output", _scheme("none", "file:PATH", "simulated:SEED"))
    speed: float = _number(0, 1000, 1.0, "output")


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What an assistant may give away without a second person; 0 means no limit."""

    max_value_minor: int = _integer(0, 10**12, 0, "hot")
    drops_an_hour: int = _integer(0, 3600, 0, "hot")
    approve_over_minor: int = _integer(0, 10**12, 0, "hot")


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """Who may call the control API from outside this machine's window."""

    listen: str = _text("", "output")
    tokens: str = _text("", "output")
    limits: LimitSettings = field(default_factory=LimitSettings)


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole profile."""

    video: VideoSettings = field(default_factory=VideoSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    look: LookSettings = field(default_factory=LookSettings)
    overlay: OverlaySettings = field(default_factory=OverlaySettings)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    output: tuple[OutputSettings, ...] = ()
    audience: AudienceSettings = field(default_factory=AudienceSettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)


_SECTIONS: dict[str, type] = {
    "video": VideoSettings,
    "audio": AudioSettings,
    "look": LookSettings,
    "overlay": OverlaySettings,
    "encoder": EncoderSettings,
    "audience": AudienceSettings,
    "remote": RemoteSettings,
}


def parse(profile: Mapping[str, Any]) -> Settings:
    """A profile's tables as settings. Raises InvalidSettings with every fault found, in the order of the file."""
    faults: list[Fault] = []
    parts: dict[str, Any] = {}
    for name, value in profile.items():
        if name == "output":
            parts["output"] = _outputs(value, faults)
        elif name not in _SECTIONS:
            known = ", ".join([*_SECTIONS, "output"])
            faults.append(Fault(name, _shown(value), f"unknown; the tables are {known}"))
        elif not isinstance(value, Mapping):
            faults.append(Fault(name, _shown(value), f"must be a table, [{name}]"))
        else:
            parts[name] = _section(_SECTIONS[name], value, name, faults)
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
    tables: dict[str, Any] = {name: _plain(getattr(settings, name)) for name in _SECTIONS}
    tables["output"] = []
    for output in settings.output:
        table = {name: value for name, value in _plain(output).items() if value}
        if not with_secrets:
            if table.get("key"):
                table["key"] = SECRET_MASK
            if table.get("url"):
                server, key = output.target()
                table["url"] = f"{server}/{SECRET_MASK}" if key else server
        tables["output"].append(table)
    return tables


def merge_patch(settings: Settings, patch: Mapping[str, Any]) -> Settings:
    """RFC 7396 on the profile, all or nothing; `output` is replaced whole and a key sent back as `***` keeps its value.

    Raises InvalidSettings.
    """
    document = _merge(to_json(settings, with_secrets=True), patch)
    outputs = document.get("output")
    if isinstance(outputs, list):
        before = {output.name: output for output in settings.output}
        document["output"] = [_unmask(table, before) for table in outputs]
    elif "output" in document and outputs is None:
        document["output"] = []
    return parse(document)


def touched(old: Settings, new: Settings) -> frozenset[Touched]:
    """What a change asks for: nothing but a new scene (`hot`), the source, the encoder, or an output again."""
    result: set[Touched] = set()
    for name, kind in _SECTIONS.items():
        before, after = getattr(old, name), getattr(new, name)
        for item in fields(kind):
            if getattr(before, item.name) != getattr(after, item.name):
                result.add(item.metadata["rule"].touches if "rule" in item.metadata else "hot")
    if old.output != new.output:
        result.add("output")
    return frozenset(result)


def refuse_while_live(old: Settings, new: Settings) -> None:
    """Raise Conflict for a change that would need another session, output or fan file: it waits for the end of the show.

    The bitrate may go down, and up again to where the show began: the headers stay.
    """
    frozen = {
        "video": (old.video, replace(new.video, source=old.video.source)),
        "encoder": (old.encoder, replace(new.encoder, bitrate_kbps=old.encoder.bitrate_kbps, adaptive=old.encoder.adaptive)),
        "output": (old.output, new.output),
        "audience": (old.audience, new.audience),
        "remote": (old.remote, replace(new.remote, limits=old.remote.limits)),
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


def _take(where: str, value: Any, rule: _Rule, name: str, values: dict[str, Any], faults: list[Fault]) -> None:
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


def _outputs(tables: Any, faults: list[Fault]) -> tuple[OutputSettings, ...]:
    if not isinstance(tables, list):
        faults.append(Fault("output", _shown(tables), "must be a list of tables, [[output]]"))
        return ()
    outputs: list[OutputSettings] = []
    for number, table in enumerate(tables):
        where = f"output[{number}]"
        if not isinstance(table, Mapping):
            faults.append(Fault(where, _shown(table), "must be a table, [[output]]"))
            continue
        before = len(faults)
        output = _section(OutputSettings, table, where, faults)
        if len(faults) == before:
            output = _checked_output(output, where, {other.name for other in outputs}, faults)
            outputs.append(output)
    return tuple(outputs)


def _checked_output(output: OutputSettings, where: str, names: set[str], faults: list[Fault]) -> OutputSettings:
    output = replace(output, server=output.server.strip(), key=output.key.strip(), url=output.url.strip())
    if not output.name:
        faults.append(Fault(f"{where}.name", '""', "every output needs a name"))
    elif output.name in names:
        faults.append(Fault(f"{where}.name", _shown(output.name), "used by another output already"))
    ways = [name for name in ("server", "url", "path") if getattr(output, name)]
    if len(ways) != 1:
        faults.append(Fault(where, ", ".join(ways) or "nothing", "give one of server (with key), url or path"))
        return output
    if output.is_file:
        if output.path.rpartition(".")[2].lower() not in {"mp4", "mkv", "flv", "ts"}:
            faults.append(Fault(f"{where}.path", _shown(output.path), "must end in .mp4, .mkv, .flv or .ts"))
        return output
    server, key = output.target()
    if not server.startswith(("rtmp://", "rtmps://")) or len(server.split("/")) < 4 or not server.split("/")[2]:
        faults.append(Fault(f"{where}.{ways[0]}", _shown(server), "must be rtmp://HOST[:PORT]/APP or rtmps://…"))
    if any(sign.isspace() or not sign.isprintable() for sign in key):
        faults.append(Fault(f"{where}.key", SECRET_MASK, "has a blank or a line break inside; copy it again"))
    if output.key and output.key_secret:
        faults.append(Fault(f"{where}.key", SECRET_MASK, "give key or key_secret, not both"))
    return output


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
