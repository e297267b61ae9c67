"""What can be plugged in, by the word that the profile uses for it; filled once by `main.py`.

It creates nothing at import and finds nothing by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from studio.encoder_port import Encoders
from studio.errors import InvalidInput
from studio.model.settings import VideoSettings
from studio.ports import (
    AudioSource,
    ColourTools,
    Look,
    OpenAudioSource,
    OpenOutput,
    OpenVideoSource,
    Overlays,
    PictureTools,
    VideoSource,
)
from studio.replay_port import CutClips, OpenReplay
from studio.sound_port import LoadEffect, MasterChain, OpenMonitor, SoundChain


@dataclass(slots=True)
class Registry:
    """Constructors of everything that touches the world, named as in the profile."""

    encoders: Encoders
    open_output: OpenOutput
    open_replay: OpenReplay
    cut_clips: CutClips
    open_test_output: OpenOutput
    picture_tools: PictureTools
    new_look: Callable[[VideoSettings], Look]
    colour_tools: ColourTools
    new_overlays: Callable[[VideoSettings], Overlays]
    new_sound_chain: Callable[[], SoundChain]
    new_master: Callable[[], MasterChain]
    load_effect: LoadEffect
    open_monitor: OpenMonitor
    sound_devices: Callable[[], dict[str, list[dict[str, str]]]]
    """{microphones, system, speakers}: [{name, spec}], `spec` as the profile says it; blocks."""
    video_sources: dict[str, OpenVideoSource] = field(default_factory=dict)
    audio_sources: dict[str, OpenAudioSource] = field(default_factory=dict)

    def video_source(self, settings: VideoSettings) -> VideoSource:
        """The source that `settings.source` names. Raises InvalidInput."""
        scheme, _, rest = settings.source.partition(":")
        if scheme not in self.video_sources:
            raise InvalidInput("source.unknown", source=settings.source)
        return self.video_sources[scheme](rest, settings)

    def audio_source(self, source: str) -> AudioSource | None:
        """The source that `source` names, or None for "none". Raises InvalidInput."""
        scheme, _, rest = source.partition(":")
        if scheme == "none":
            return None
        if scheme not in self.audio_sources:
            raise InvalidInput("source.unknown", source=source)
        return self.audio_sources[scheme](rest)
