"""The profile: what a user may set, and beside each key what its value may be and what a change of it touches.

Pure values; they are parsed and printed by `studio.model.profile_tables`.
"""

from dataclasses import dataclass, field

from studio.model.addresses import check_listen
from studio.model.camera import POWER_LINES
from studio.model.look import LookSettings
from studio.model.room_clock import check_time_zone
from studio.model.rules import Rule, choice, flag, integer, key, number, scheme, text
from studio.model.shot import ShotSettings
from studio.model.sound_settings import AudioSettings, EffectSettings, InputSettings, MixSettings

STREAM_CODECS = ("libx264", "h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox", "h264_mf")
"""Encoders of a stream by FFmpeg's names; which of them work on a machine is found out by trying (`main.py devices`)."""

SECRET_MASK = "***"  # noqa: S105 - it stands for a secret


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """The canvas and what fills it."""

    width: int = integer(64, 3840, 1920, "encoder", even=True)
    height: int = integer(64, 3840, 1080, "encoder", even=True)
    fps: int = integer(1, 120, 30, "encoder")
    source: str = text("testcard", "capture", scheme("testcard", "camera:N", "file:PATH", "screen:N"))
    power_line_hz: int = key(0, Rule(int, lambda value: "" if value in POWER_LINES else "0, 50 or 60", "hot"))

    @property
    def is_portrait(self) -> bool:
        """Higher than wide: has its own overlay layout."""
        return self.height > self.width


@dataclass(frozen=True, slots=True)
class OverlaySettings:
    """What is burned into the picture, and what it may tell of a fan."""

    fan_board: bool = flag(True)
    locale: str = choice("zh_CN", "en")
    theme: str = choice("dark", "light")
    names: str = choice("opt_in", "all", "masked")
    show_amounts: bool = flag(False)
    ticker: bool = flag(True)


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The one encode that all outputs share."""

    codec: str = choice("auto", *STREAM_CODECS, touches="encoder")
    bitrate_kbps: int = integer(100, 100_000, 6000, "encoder")
    keyframe_s: int = integer(1, 10, 2, "encoder")
    preset: str = text(
        "veryfast",
        "encoder",
        lambda value: (
            ""
            if value in {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"}
            else "one of 'ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'"
        ),
    )
    latency: str = choice("low", "normal", touches="encoder")
    adaptive: bool = flag(True, "encoder")


@dataclass(frozen=True, slots=True, repr=False)
class OutputSettings:
    """A server (`server` and `key`, `key_secret` or the whole `url`), a recording (`path`) or a virtual `camera`.

    Its repr never shows a key.
    """

    name: str = text("", "output")
    server: str = text("", "output")
    key: str = text("", "output")
    key_secret: str = text("", "output")
    url: str = text("", "output")
    path: str = text("", "output")
    split_minutes: int = integer(0, 1440, 0, "output")
    split_mb: int = integer(0, 1_000_000, 0, "output")
    enabled: bool = flag(True, "output")
    tracks: str = choice("mix", "separate", touches="output")
    codec: str = choice("h264", "hevc", "av1", touches="output")
    camera: str = text("", "output")
    camera_sound: str = text("auto", "output")
    camera_python: str = text("", "output")

    @property
    def is_file(self) -> bool:
        """A recording."""
        return bool(self.path)

    @property
    def is_server(self) -> bool:
        """A publication, with an address."""
        return not (self.path or self.camera)

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
class ReplaySettings:
    """The last stretch of the show, kept in memory to be saved by a key; 0 seconds is off, an empty folder the user's videos."""

    seconds: int = integer(0, 120, 0, "output")
    folder: str = text("", "output")


def check_currency(code: str) -> str:
    """What is allowed where `code` is no currency's."""
    return "" if len(code) == 3 and code.isascii() and code.isupper() else "an ISO 4217 code, as CNY"


@dataclass(frozen=True, slots=True)
class AudienceSettings:
    """The fan file and where its events come from."""

    store: str = text("sqlite:///encore.db", "output")
    room: str = text("r1", "output", lambda value: "" if 0 < len(value.strip()) <= 100 else "a text of 1 to 100 signs")
    timezone: str = text("Asia/Shanghai", "output", check_time_zone)
    currency: str = text("CNY", "output", check_currency)
    events: str = text("none", "output", scheme("none", "file:PATH", "simulated:SEED"))
    speed: float = number(0, 1000, 1.0, "output")
    rules: str = text("", "output")


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """For how many days what is kept of fans; 0 is as long as the fan file. What a legal hold names stays whatever stands here."""

    chat_days: int = integer(0, 36_500, 365, "hot")
    former_name_days: int = integer(0, 36_500, 730, "hot")
    phone_days: int = integer(0, 36_500, 730, "hot")
    address_days: int = integer(0, 36_500, 730, "hot")
    order_name_days: int = integer(0, 36_500, 730, "hot")
    birthday_days: int = integer(0, 36_500, 730, "hot")
    inactive_fan_days: int = integer(0, 36_500, 0, "hot")


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What an assistant may give away without a second person; 0 means no limit."""

    max_value_minor: int = integer(0, 10**12, 0, "hot")
    drops_an_hour: int = integer(0, 3600, 0, "hot")
    approve_over_minor: int = integer(0, 10**12, 0, "hot")


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """Who may call the control API from outside this machine's window."""

    listen: str = text("", "output", check_listen)
    tokens: str = text("", "output")
    member_page: bool = flag(False)
    public_url: str = text("", "hot", lambda value: "" if not value or value.startswith("https://") else "https://…")
    limits: LimitSettings = field(default_factory=LimitSettings)


@dataclass(frozen=True, slots=True)
class HookSettings:
    """A shop that sends its orders to `POST /v1/hooks/{name}`; `secret` names the key of its signature in the keyring."""

    name: str = text("", "hot")
    kind: str = choice("standard", "shopify")
    secret: str = text("", "hot")


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole profile."""

    video: VideoSettings = field(default_factory=VideoSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    input: tuple[InputSettings, ...] = ()
    mix: MixSettings = field(default_factory=MixSettings)
    effect: tuple[EffectSettings, ...] = ()
    look: LookSettings = field(default_factory=LookSettings)
    shot: ShotSettings = field(default_factory=ShotSettings)
    overlay: OverlaySettings = field(default_factory=OverlaySettings)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    output: tuple[OutputSettings, ...] = ()
    replay: ReplaySettings = field(default_factory=ReplaySettings)
    audience: AudienceSettings = field(default_factory=AudienceSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)
    hook: tuple[HookSettings, ...] = ()
