"""What could be brought in here, by name and by the word for the profile.

It opens as little as it can, so that it neither hangs nor takes a device from the show; nothing found is an empty list.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from studio.errors import SourceUnavailable

if TYPE_CHECKING:
    from capture.pulse import PulseSource

_PROBED_CAMERAS = 6
"""Where the system has no list to read, numbers are tried: each missing one costs up to 0.3 s on Windows."""


class FoundDevice(NamedTuple):
    """A device: its name for people, and what a profile's `source` says to get it."""

    name: str
    spec: str


def every_kind() -> dict[str, list[dict[str, str]]]:
    """{cameras, microphones, system_sounds, speakers, screens}: [{name, spec}]; blocks."""
    found = {
        "cameras": cameras(),
        "microphones": [*microphones(), *pulse_microphones()],
        "system_sounds": system_sounds(),
        "speakers": speakers(),
        "screens": screens(),
    }
    return {kind: [row._asdict() for row in rows] for kind, rows in found.items()}


def cameras() -> list[FoundDevice]:
    """The cameras; on Linux those in use as well."""
    if sys.platform == "linux":
        return _listed_cameras(Path("/sys/class/video4linux"))
    from capture.camera import open_capture

    found: list[FoundDevice] = []
    for number in range(_PROBED_CAMERAS):
        capture = open_capture(number)
        if capture is None:
            break
        capture.release()
        found.append(FoundDevice(f"Camera {number}", f"camera:{number}"))
    return found


def microphones() -> list[FoundDevice]:
    """The sound devices with inputs, the system's own choice first."""
    from capture import portaudio

    try:
        names = [device["name"] for device in portaudio.inputs()]
        default = portaudio.find_input("default")["name"] if names else ""
    except SourceUnavailable:
        return []
    listed = [FoundDevice(name, f"device:{name}") for name in names if name != "default"]
    return [FoundDevice(default, "device:default"), *listed] if names else []


def pulse_microphones() -> list[FoundDevice]:
    """The microphones of PulseAudio or PipeWire by their stable ids; none elsewhere."""
    return [FoundDevice(found.name, f"pulse:{found.id}") for found in _pulse_sources() if not found.monitor_of]


def system_sounds() -> list[FoundDevice]:
    """What the computer plays, by the device on which it plays it; none where the system doesn't give it."""
    return [FoundDevice(found.name, f"system:{found.monitor_of}") for found in _pulse_sources() if found.monitor_of]


def _pulse_sources() -> list["PulseSource"]:
    from capture import pulse

    try:
        return pulse.sources() if pulse.has_pulse() else []
    except SourceUnavailable:
        return []


def speakers() -> list[FoundDevice]:
    """The sound devices on which the mix can be heard, the system's own choice first."""
    from capture import portaudio

    try:
        names = [device["name"] for device in portaudio.outputs()]
        default = portaudio.find_output("default")["name"] if names else ""
    except SourceUnavailable:
        return []
    listed = [FoundDevice(name, name) for name in names if name != "default"]
    return [FoundDevice(default, "default"), *listed] if names else []


def screens() -> list[FoundDevice]:
    """The screens of the display that this process may see."""
    from capture.screen import open_grabber

    try:
        grabber = open_grabber()
    except SourceUnavailable:
        return []
    try:
        areas = grabber.monitors[1:]
    finally:
        grabber.close()
    return [FoundDevice(f"{area['width']} × {area['height']}", f"screen:{number}") for number, area in enumerate(areas)]


def _listed_cameras(folder: Path) -> list[FoundDevice]:
    """What the kernel lists; a device's further nodes (index above 0) carry metadata, not pictures."""
    found: list[tuple[int, str]] = []
    for node in folder.glob("video*"):
        number = node.name.removeprefix("video")
        try:
            if number.isdecimal() and (node / "index").read_text().strip() == "0":
                found.append((int(number), (node / "name").read_text(errors="replace").strip()))
        except OSError:
            continue  # unplugged while we looked
    return [FoundDevice(name, f"camera:{number}") for number, name in sorted(found)]
