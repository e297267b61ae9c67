"""What of the machine endangers a show: battery, heat, a restart that waits, and who holds a camera.

It only reads what the system tells anybody; where a system tells nothing, it finds nothing.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_CPU = Path("/sys/devices/system/cpu")
_RESTART_MARKS = (Path("/run/reboot-required"), Path("/var/run/reboot-required"))
_RESTART_KEYS = (
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired",
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending",
)
_CAMERA_KEY = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"
_DESKTOP_PROGRAMS = "NonPackaged"


@dataclass(frozen=True, slots=True)
class Machine:
    """One look: the battery's charge while nothing charges it (else None), heat throttling events so far, whether a restart waits."""

    battery_percent: int | None
    throttled: int
    restart_waits: bool


def look() -> Machine:
    """Blocks for some ms."""
    return Machine(_battery(), throttle_count(_CPU), restart_waits())


def _battery() -> int | None:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return round(battery.percent) if battery is not None and battery.power_plugged is False else None


def throttle_count(folder: Path) -> int:
    """How often the processor has slowed down for heat since the start of the system (Linux, Intel), 0 where it isn't counted."""
    count = 0
    for path in folder.glob("cpu*/thermal_throttle/*_throttle_count"):
        try:
            count += int(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
    return count


def restart_waits(marks: tuple[Path, ...] = _RESTART_MARKS) -> bool:
    """Whether an update waits for a restart (Debian's mark, Windows' keys); macOS tells nobody."""
    if sys.platform == "win32":
        return _has_restart_key()
    return any(mark.exists() for mark in marks)


def _has_restart_key() -> bool:
    import winreg  # pyright: ignore[reportMissingImports] - Windows' alone

    for key in _RESTART_KEYS:
        try:
            winreg.CloseKey(winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key))  # pyright: ignore
        except OSError:
            continue
        return True
    return False


def holder_of(device: Path, processes: Path = Path("/proc")) -> str:
    """The name of another program that has a device open (Linux), empty where none is seen: others' processes tell only root."""
    for folder in processes.glob("[0-9]*"):
        if folder.name == str(os.getpid()):
            continue
        try:
            names = [handle.readlink() for handle in (folder / "fd").iterdir()]
            if device in names:
                return (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue  # ended meanwhile, or not ours to look at
    return ""


def camera_user() -> str:
    """The name of another program that uses a camera now, any of them (Windows, which keeps book of it for its privacy page); or empty."""
    if sys.platform != "win32":
        return ""
    return user_of(_camera_book(), {sys.executable, getattr(sys, "_base_executable", "")})


def user_of(book: Iterable[tuple[str, int]], ours: Iterable[str]) -> str:
    """The first program that hasn't stopped yet, without its folder and ending; `book` holds (program, when it stopped, 0: it hasn't).

    A program is its path with # for each backslash, or the family name of a packaged app, which ends in its publisher's number.
    """
    own = {path.replace("\\", "#").casefold() for path in ours}
    for program, stopped in book:
        if not stopped and program.casefold() not in own:
            return program.rpartition("#")[2].removesuffix(".exe") if "#" in program else program.partition("_")[0]
    return ""


def _camera_book() -> Iterator[tuple[str, int]]:
    import winreg  # pyright: ignore[reportMissingImports] - Windows' alone

    for path in (_CAMERA_KEY, rf"{_CAMERA_KEY}\{_DESKTOP_PROGRAMS}"):
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as folder:  # pyright: ignore
            programs = [winreg.EnumKey(folder, place) for place in range(winreg.QueryInfoKey(folder)[0])]  # pyright: ignore
            for program in programs:
                with suppress(OSError), winreg.OpenKey(folder, program) as entry:  # pyright: ignore
                    stopped: int = winreg.QueryValueEx(entry, "LastUsedTimeStop")[0]  # pyright: ignore
                    yield program, stopped
