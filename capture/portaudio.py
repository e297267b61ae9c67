"""PortAudio by sounddevice: loaded late, listed, and started anew when devices came or went.

It opens no stream; who opens one says so here, because PortAudio can't start anew underneath it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypedDict

from capture import device_scout
from studio.errors import SourceUnavailable

_WAY_S = 0.5
"""What every stream needs to close: they look each 5 to 100 ms. A stream that doesn't costs the others no more than this."""
_FIRST_PATIENCE_S, _MOST_PATIENCE_S = 3.0, 120.0
"""From one interruption of all streams to the next at least, twice as long each time, for a device that is seen and can't be opened."""


class SoundDevice(TypedDict):
    """What PortAudio says of a device."""

    index: int
    name: str
    max_input_channels: int
    max_output_channels: int
    default_samplerate: float


@dataclass(slots=True)
class _State:
    """PortAudio's own state is the process's; this is what we know of it. Changed under `_lock` by the threads that open devices."""

    open_streams: int = 0
    yielding_streams: int = 0
    """Of these, those that only the host hears."""
    is_stale: bool = False
    starts: int = 0
    is_way_asked: bool = False
    """Every stream is to be closed for a moment: a device that is missed was seen from outside."""
    way_again_s: float = 0.0
    patience_s: float = _FIRST_PATIENCE_S


_state = _State()
_lock = threading.RLock()
"""Held while devices are listed and opened: PortAudio must not start anew in the middle of it. No stream that stands takes it."""


@contextmanager
def opening() -> Iterator[None]:
    """From looking for a device to its open stream, one thread at a time."""
    with _lock:
        yield


def library() -> ModuleType:
    """sounddevice, with PortAudio started. Raises SourceUnavailable where the system's library is missing."""
    try:
        import sounddevice
    except OSError as error:
        raise SourceUnavailable("microphone.no_library", retryable=True) from error
    with _lock:
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
    _state.is_way_asked = False
    _state.starts += 1


def is_way_asked() -> bool:
    """Whether every stream is to be closed now, and opened again after `await_start`."""
    return _state.is_way_asked


def await_start() -> None:
    """After a stream was closed because of `is_way_asked`: until PortAudio has started anew, half a second at most."""
    deadline_s = time.monotonic() + _WAY_S
    while _state.is_way_asked:
        if time.monotonic() > deadline_s:
            _state.is_way_asked = False
            return
        library()
        time.sleep(0.005)


def find_by_force(name: str) -> bool:
    """Whether the list is a new one now because an input that is missed was seen from outside: then all streams were closed for it.

    Without streams it says no: then the list is new anyway. Another interruption follows after 3 s at the earliest, then 6, 12 …
    """
    now_s = time.monotonic()
    if not (_state.is_stale and _state.open_streams) or now_s < _state.way_again_s:
        return False
    if not _is_among(device_scout.seen(), name):
        return False
    calm = now_s - _state.way_again_s > _MOST_PATIENCE_S
    _state.patience_s = _FIRST_PATIENCE_S if calm else min(_MOST_PATIENCE_S, 2 * _state.patience_s)
    _state.way_again_s = now_s + _state.patience_s
    before = _state.starts
    _state.is_way_asked = True
    await_start()
    return _state.starts > before


def _is_among(names: tuple[str, ...], name: str) -> bool:
    """By the rule of `find_input`."""
    return any(name == "default" or name.casefold() in known.casefold() for known in names)


def stream_opened(*, gives_way: bool = False) -> None:
    """A stream stands from now on; one that `gives_way` is closed for a moment by its owner when devices are to be listed anew."""
    with _lock:
        _state.open_streams += 1
        _state.yielding_streams += gives_way


def stream_closed(*, gives_way: bool = False) -> None:
    """A stream is gone."""
    with _lock:
        _state.open_streams -= 1
        _state.yielding_streams -= gives_way


def must_give_way() -> bool:
    """Whether somebody misses a device, and nothing holds up the new list but streams that give way."""
    with _lock:
        return _state.is_stale and 0 < _state.open_streams == _state.yielding_streams


def inputs() -> list[SoundDevice]:
    """Every device with at least one input. Raises SourceUnavailable."""
    return [device for device in _devices() if device["max_input_channels"] > 0]


def outputs() -> list[SoundDevice]:
    """Every device with two outputs or more. Raises SourceUnavailable."""
    return [device for device in _devices() if device["max_output_channels"] > 1]


def find_input(name: str) -> SoundDevice:
    """The input of that name, or the first whose name holds it; "default" is the system's. Raises SourceUnavailable."""
    devices = inputs()
    if not devices:
        raise SourceUnavailable("microphone.none", retryable=True)
    found = _found(devices, name, 0)
    if found is None:
        raise SourceUnavailable("microphone.missing", retryable=True, name=name)
    return found


def find_output(name: str) -> SoundDevice:
    """The output of that name, likewise. Raises SourceUnavailable."""
    found = _found(outputs(), name, 1)
    if found is None:
        raise SourceUnavailable("monitor.missing", retryable=True, name=name)
    return found


def _devices() -> list[SoundDevice]:
    with _lock:
        sounddevice = library()
        try:
            listed: Any = sounddevice.query_devices()
        except sounddevice.PortAudioError as error:
            raise SourceUnavailable("microphone.none", retryable=True) from error
        return list(listed)


def _found(devices: list[SoundDevice], name: str, side: int) -> SoundDevice | None:
    """Among these; `side` 0 asks for the system's own input, 1 for its output."""
    if name == "default" and devices:
        index = library().default.device[side]
        return next((device for device in devices if device["index"] == index), devices[0])
    exact = next((device for device in devices if device["name"] == name), None)
    return exact or next((device for device in devices if name.casefold() in device["name"].casefold()), None)
