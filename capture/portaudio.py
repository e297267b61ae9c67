"""PortAudio by sounddevice: loaded late, listed, and started anew when devices came or went.

It opens no stream; who opens one says so here, because PortAudio can't start anew underneath it.
"""

from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypedDict

from studio.errors import SourceUnavailable


class InputDevice(TypedDict):
    """What PortAudio says of a device with inputs."""

    index: int
    name: str
    max_input_channels: int
    default_samplerate: float


@dataclass(slots=True)
class _State:
    """PortAudio's own state is the process's; this is what we know of it. Changed by the `microphone` thread alone."""

    open_streams: int = 0
    is_stale: bool = False


_state = _State()


def library() -> ModuleType:
    """sounddevice, with PortAudio started. Raises SourceUnavailable where the system's library is missing."""
    try:
        import sounddevice
    except OSError as error:
        raise SourceUnavailable("microphone.no_library", retryable=True) from error
    if _state.is_stale and not _state.open_streams:
        _start_anew(sounddevice)
    return sounddevice


def look_again() -> None:
    """Have the next call list the devices anew, once no stream is open: PortAudio lists those of its start for ever."""
    _state.is_stale = True


def _start_anew(sounddevice: ModuleType) -> None:
    try:
        while sounddevice._initialized:  # noqa: SLF001 - there is no public way, and its documentation names this one
            sounddevice._terminate()  # noqa: SLF001
        sounddevice._initialize()  # noqa: SLF001
    except sounddevice.PortAudioError as error:
        raise SourceUnavailable("microphone.none", retryable=True) from error
    _state.is_stale = False


def stream_opened() -> None:
    """A stream stands from now on."""
    _state.open_streams += 1


def stream_closed() -> None:
    """A stream is gone."""
    _state.open_streams -= 1


def inputs() -> list[InputDevice]:
    """Every device with at least one input. Raises SourceUnavailable."""
    sounddevice = library()
    try:
        devices: Any = sounddevice.query_devices()
    except sounddevice.PortAudioError as error:
        raise SourceUnavailable("microphone.none", retryable=True) from error
    return [device for device in devices if device["max_input_channels"] > 0]


def find_input(name: str) -> InputDevice:
    """The input of that name, or the first whose name holds it; "default" is the system's. Raises SourceUnavailable."""
    devices = inputs()
    if not devices:
        raise SourceUnavailable("microphone.none", retryable=True)
    if name == "default":
        index = library().default.device[0]
        return next((device for device in devices if device["index"] == index), devices[0])
    for device in devices:
        if device["name"] == name:
            return device
    for device in devices:
        if name.casefold() in device["name"].casefold():
            return device
    raise SourceUnavailable("microphone.missing", retryable=True, name=name)
