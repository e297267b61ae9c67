"""What a profile says of the sound: the microphone, further inputs, the mix of them all, and effects.

Pure values; they are parsed and printed by `studio.model.profile_tables`.
"""

from dataclasses import dataclass

from studio.model.rules import Rule, choice, flag, integer, key, number, scheme, text

MICROPHONE = "microphone"
"""The name of the input that `[audio]` describes, where inputs are called by name."""


def _loudness_target(lufs: float) -> str:
    return "" if lufs == 0 or -30 <= lufs <= -9 else "0, or a number from -30 to -9"


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """The microphone, or what stands in for it, how it is treated; limiter and loudness of the whole mix."""

    source: str = text("none", "capture", scheme("none", "device:NAME", "pulse:ID", "system:ID", "file:PATH", "tone"))
    sync_offset_ms: int = integer(-2000, 2000, 0, "hot")
    muted: bool = flag(False)
    push_to_talk: bool = flag(False)
    solo: bool = flag(False)
    gain_db: float = number(-24, 24, 0.0)
    pan: float = number(-1, 1, 0.0)
    highpass: bool = flag(False)
    denoise: bool = flag(False)
    gate: bool = flag(False)
    compressor: bool = flag(False)
    eq: str = choice("flat", "voice", "warm", "bright")
    deess: bool = flag(False)
    limiter: bool = flag(False)
    target_lufs: float = key(0.0, Rule(float, _loudness_target, "hot"))


@dataclass(frozen=True, slots=True)
class InputSettings:
    """A further input beside the microphone: a voice with a chain of its own, music that makes room for voices, or other sound."""

    name: str = text("", "capture")
    kind: str = choice("voice", "music", "other")
    source: str = text("none", "capture", scheme("none", "device:NAME", "pulse:ID", "system:ID", "music:PATH", "file:PATH", "tone"))
    shuffle: bool = flag(False)
    repeat: bool = flag(True)
    sync_offset_ms: int = integer(-2000, 2000, 0, "hot")
    muted: bool = flag(False)
    solo: bool = flag(False)
    gain_db: float = number(-60, 24, 0.0)
    pan: float = number(-1, 1, 0.0)
    highpass: bool = flag(False)
    denoise: bool = flag(False)
    gate: bool = flag(False)
    compressor: bool = flag(False)
    eq: str = choice("flat", "voice", "warm", "bright")
    deess: bool = flag(False)

    def as_voice(self) -> AudioSettings:
        """What a voice's chain needs to know."""
        return AudioSettings(
            muted=self.muted,
            gain_db=self.gain_db,
            highpass=self.highpass,
            denoise=self.denoise,
            gate=self.gate,
            compressor=self.compressor,
            eq=self.eq,
            deess=self.deess,
        )


@dataclass(frozen=True, slots=True)
class EffectSettings:
    """A short sound on a key of the host's window, and by itself when something happens."""

    name: str = text("", "hot")
    path: str = text("", "hot")
    key: str = choice("", *"1234567890")
    on: str = choice("none", "drop", "winner", "gift", "order")
    gain_db: float = number(-60, 24, 0.0)


@dataclass(frozen=True, slots=True)
class MixSettings:
    """How music makes room for voices, and what the host hears of the mix, and where."""

    duck_db: float = number(-40, 0, -12.0)
    duck_attack_ms: int = integer(10, 2000, 80, "hot")
    duck_hold_ms: int = integer(0, 3000, 400, "hot")
    duck_release_ms: int = integer(50, 5000, 800, "hot")
    monitor: str = text("", "hot")
    monitor_voices: bool = flag(False)
    monitor_gain_db: float = number(-60, 12, 0.0)


@dataclass(frozen=True, slots=True)
class Strip:
    """One input of the desk, whichever table of the profile it comes from."""

    name: str
    kind: str
    source: str
    voice: AudioSettings
    gain_db: float
    pan: float
    is_muted: bool
    is_solo: bool
    sync_offset_ms: int
    needs_key: bool = False
    shuffle: bool = False
    repeat: bool = True


def strip_of(audio: AudioSettings) -> Strip:
    """The microphone's; its chain does gain and mute."""
    return Strip(
        MICROPHONE,
        "voice",
        audio.source,
        audio,
        0.0,
        audio.pan,
        is_muted=False,
        is_solo=audio.solo,
        sync_offset_ms=audio.sync_offset_ms,
        needs_key=audio.push_to_talk,
    )


def strips_of(inputs: tuple[InputSettings, ...]) -> list[Strip]:
    """The others', as they stand in the profile."""
    return [
        Strip(
            name=found.name,
            kind=found.kind,
            source=found.source,
            voice=found.as_voice(),
            gain_db=0.0 if found.kind == "voice" else found.gain_db,
            pan=found.pan,
            is_muted=found.muted and found.kind != "voice",
            is_solo=found.solo,
            sync_offset_ms=found.sync_offset_ms,
            shuffle=found.shuffle,
            repeat=found.repeat,
        )
        for found in inputs
    ]
