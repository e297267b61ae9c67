"""What brings picture and sound in, by the word that a profile uses for it.

Importing it costs nothing: each source's libraries are loaded when it is first asked for.
"""

from studio.model.settings import VideoSettings
from studio.ports import AudioSource, OpenAudioSource, OpenVideoSource, VideoSource

__all__ = ["audio_sources", "video_sources"]


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
