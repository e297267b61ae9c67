"""The runtime folder: one engine holds it, windows find the engine through it.

`engine.json` (0600) tells where the engine listens and with which token; it is removed at a clean end.
"""

import json
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import platformdirs

from studio.errors import RuntimeInUse, os_code

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """What a window needs to attach."""

    pid: int
    url: str
    token: str
    preview: str
    version: str = VERSION

    def __repr__(self) -> str:
        return f"EngineAddress(pid={self.pid}, url={self.url!r})"


def default_folder() -> Path:
    """`ENCORE_RUNTIME`, else the user's runtime folder."""
    chosen = os.environ.get("ENCORE_RUNTIME")
    if chosen:
        return Path(chosen)
    with warnings.catch_warnings(action="ignore"):  # without XDG_RUNTIME_DIR, as in a container, it falls back and complains
        return Path(platformdirs.user_runtime_dir("encore-studio", appauthor=False))


class RuntimeFolder:
    """The lock and the address of one engine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None
        self._claims: dict[str, IO[str]] = {}

    def acquire(self) -> None:
        """Take the folder for this process. Raises RuntimeInUse when another engine has it or it can't be used."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (self.folder / "engine.lock").open("a+")
        except OSError as error:
            raise RuntimeInUse(
                "runtime.unusable", folder=str(self.folder), reason=error.strerror or str(error), reason_code=os_code(error)
            ) from error
        try:
            _lock(lock)
        except OSError as error:
            lock.close()
            raise RuntimeInUse("runtime.in_use", folder=str(self.folder)) from error
        self._lock = lock

    def claim(self, name: str) -> bool:
        """Hold a lock of another name in this folder until `let_go` or the end of the process; whether it was free."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self.folder / name).open("a+")
        try:
            _lock(lock)
        except OSError:
            lock.close()
            return False
        self._claims[name] = lock
        return True

    def let_go(self, name: str) -> None:
        """Somebody else may have that lock; idempotent."""
        if (lock := self._claims.pop(name, None)) is not None:
            lock.close()

    def publish(self, address: EngineAddress) -> None:
        """Write engine.json, readable by this user alone, in one step."""
        fresh = self.folder / "engine.json.new"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(address), file)
        fresh.replace(self.folder / "engine.json")

    def mark_on_air(self, profile: Path, outputs: Sequence[str]) -> None:
        """Remember that this profile is on air, and at which outputs: an engine that finds this after a crash goes on air there again."""
        fresh = self.folder / "on_air.new"
        fresh.write_text(json.dumps({"profile": str(profile.absolute()), "outputs": list(outputs)}), encoding="utf-8")
        fresh.replace(self.folder / "on_air")

    def clear_on_air(self) -> None:
        """The show ended as somebody wished; idempotent."""
        (self.folder / "on_air").unlink(missing_ok=True)

    def was_on_air(self, profile: Path) -> tuple[str, ...] | None:
        """The outputs at which this profile was on air when the last engine died, None when it was not."""
        try:
            mark = json.loads((self.folder / "on_air").read_text(encoding="utf-8"))
            return tuple(map(str, mark["outputs"])) if mark["profile"] == str(profile.absolute()) else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def release(self) -> None:
        """Remove the address and free the folder; idempotent."""
        if self._lock is not None:
            (self.folder / "engine.json").unlink(missing_ok=True)
            self.leave()

    def leave(self) -> None:
        """Free the folder as it was found; idempotent."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def is_held(folder: Path, name: str) -> bool:
    """Whether a process holds the lock of this name."""
    try:
        probe = (folder / name).open("r+")
    except OSError:
        return False
    with probe:
        try:
            _lock(probe)
        except OSError:
            return True
    return False


def read_address(folder: Path) -> EngineAddress | None:
    """The running engine's address, or None when none runs: the file alone proves nothing, the lock does."""
    try:
        address = EngineAddress(**json.loads((folder / "engine.json").read_text(encoding="utf-8")))
        probe = (folder / "engine.lock").open("a+")
    except (OSError, ValueError, TypeError):
        return None
    with probe:
        try:
            _lock(probe)
        except OSError:
            return address
    return None


def _lock(file: IO[str]) -> None:
    """Lock without waiting; OSError when another process has it. Ends with the process, however it ends."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
