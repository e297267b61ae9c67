"""The profile: what a user may set, and beside each key what its value may be and what a change of it touches.

Pure values; they are parsed and printed by `studio.model.profile_tables`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from studio.errors import InvalidInput

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
class Rule:
    """How one key is checked: `check` returns what is allowed when the value is wrong, else an empty text."""

    kind: type
    check: Callable[[Any], str]
    touches: Touched


def _key(default: Any, rule: Rule) -> Any:
    return field(default=default, metadata={"rule": rule})


def _number(low: float, high: float, default: float, touches: Touched = "hot") -> Any:
    def check(value: float) -> str:
        return "" if low <= value <= high else f"a number from {low:g} to {high:g}"

    return _key(default, Rule(float, check, touches))


def _integer(low: int, high: int, default: int, touches: Touched, *, even: bool = False) -> Any:
    allowed = f"{'an even' if even else 'a'} whole number from {low} to {high}"

    def check(value: int) -> str:
        return "" if low <= value <= high and not (even and value % 2) else allowed

    return _key(default, Rule(int, check, touches))


def _choice(*choices: str, touches: Touched = "hot") -> Any:
    def check(value: str) -> str:
        return "" if value in choices else "one of " + ", ".join(repr(choice) for choice in choices)

    return _key(choices[0], Rule(str, check, touches))


def _text(default: str, touches: Touched, check: Callable[[str], str] = lambda _: "") -> Any:
    return _key(default, Rule(str, check, touches))


def _flag(default: bool, touches: Touched = "hot") -> Any:  # noqa: FBT001 - it is the default's value, not a mode
    return _key(default, Rule(bool, lambda _: "", touches))


def _unbuilt(off: float | bool | str, touches: Touched = "hot") -> Any:  # noqa: FBT001 - likewise
    """A key of the contract whose part isn't built: only its "off" is taken."""

    def check(value: float | bool | str) -> str:  # noqa: FBT001
        return "" if value == off else f"not built yet, leave it at {off!r}"

    kind = float if isinstance(off, float) else type(off)
    return _key(off, Rule(kind, check, touches))


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
