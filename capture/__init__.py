"""What brings picture and sound in, by the word that a profile uses for it, and what treats both.

Importing it costs nothing: the libraries of each are loaded when it is first asked for.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from studio.errors import KnownError
from studio.model.settings import VideoSettings
from studio.ports import AudioSource, ColourTools, Look, OpenAudioSource, OpenVideoSource, VideoSource
from studio.sound_port import MasterChain, Monitor, SoundChain

__all__ = [
    "audio_sources",
    "colour_tools",
    "load_effect",
    "new_look",
    "new_master",
    "new_sound_chain",
    "open_monitor",
    "sound_devices",
    "video_sources",
]


def _testcard(rest: str, settings: VideoSettings) -> VideoSource:
    from capture.testcard import TestCard

    return TestCard(rest, settings)


def _clip_picture(rest: str, settings: VideoSettings) -> VideoSource:
    from capture.file import ClipPicture

    return ClipPicture(rest, settings)


def _camera(rest: str, settings: VideoSettings) -> VideoSource:
    from capture.camera import Camera, camera_number

    return Camera(camera_number(rest), settings)


def _screen(rest: str, settings: VideoSettings) -> VideoSource:
    from capture.screen import Screen, screen_number

    return Screen(screen_number(rest), settings)


def _clip_sound(rest: str) -> AudioSource:
    from capture.clip_sound import ClipSound

    return ClipSound(rest)


def _microphone(rest: str) -> AudioSource:
    from capture.microphone import Microphone

    return Microphone(rest)


def _music(rest: str) -> AudioSource:
    from capture.music import Music

    return Music(rest)


def _pulse(rest: str) -> AudioSource:
    from capture.pulse import PulseInput

    return PulseInput(rest)


def _system_sound(rest: str) -> AudioSource:
    from capture.pulse import PulseInput

    return PulseInput(rest, is_system=True)


def _tone(rest: str) -> AudioSource:
    from capture.tone import Tone

    return Tone(rest)


video_sources: dict[str, OpenVideoSource] = {"testcard": _testcard, "file": _clip_picture, "camera": _camera, "screen": _screen}
audio_sources: dict[str, OpenAudioSource] = {
    "file": _clip_sound,
    "music": _music,
    "device": _microphone,
    "pulse": _pulse,
    "system": _system_sound,
    "tone": _tone,
}


def new_look(settings: VideoSettings) -> Look:
    """The look on a canvas of this size and rate."""
    from capture.look import BeautyLook

    return BeautyLook(settings)


def colour_tools() -> ColourTools:
    """Measuring colour on the camera's frames."""
    from capture.look.measure import ColourMeter

    return ColourMeter()


def new_sound_chain() -> SoundChain:
    """What is done to one voice."""
    from capture.sound import VoiceChain

    return VoiceChain()


def new_master() -> MasterChain:
    """What is done to the sum of all inputs."""
    from capture.sound import Master

    return Master()


def load_effect(path: str) -> NDArray[np.float32]:
    """A sound file as (N, 2) float32 at 48 kHz; blocks. Raises SourceUnavailable, InvalidInput for one that is too long."""
    from capture import effect

    return effect.load_effect(path)


def open_monitor(device: str, on_state: Callable[[KnownError | None], None]) -> Monitor:
    """The output device on which the host hears the mix."""
    from capture.monitor import MonitorOutput

    return MonitorOutput(device, on_state)


def sound_devices() -> dict[str, list[dict[str, str]]]:
    """{microphones, system, speakers}: [{name, spec}], `spec` as the profile says it; blocks."""
    from capture import devices

    found = {
        "microphones": [*devices.microphones(), *devices.pulse_microphones()],
        "system": devices.system_sounds(),
        "speakers": devices.speakers(),
    }
    return {kind: [row._asdict() for row in rows] for kind, rows in found.items()}
