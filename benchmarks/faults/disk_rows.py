"""Disks that are full or turn read-only in the middle of a recording, and a folder that somebody deletes; file systems of their own need root."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.faults.stage import Stage, on_air, until
from benchmarks.results import Figure, at_least, exactly
from tests import decode
from tests.servers import nginx

KEY = "k-f4ults"
_DISK_MB = 48
"""More than a recording's last minute needs, which ends it before the disk is full."""
_LEAST_S = 2.0
"""How much of a recording there is when its disk fails it."""


def why_not() -> str:
    """Why no file system can be mounted here; empty when it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "mounting a file system needs Linux and root"
    mounted = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return "" if mounted.returncode == 0 else "mounting isn't allowed here"


def disk_fails(folder: Path, slack: float) -> list[Figure]:
    """Three recordings of one show, each with a fate of its own."""
    full, broken, deleted = (folder / name for name in ("full", "broken", "deleted"))
    with contextlib.ExitStack() as undo:
        server = undo.enter_context(nginx())
        undo.enter_context(_memory_disk(full))
        is_breakable = undo.enter_context(_breakable_disk(broken, folder / "broken.img"))
        faults: dict[str, tuple[Path, Callable[[], object], set[str]]] = {
            "disk full": (full, lambda: _fill(full), {"recording.disk_full", "recording.disk_nearly_full"}),
            "folder deleted": (deleted, lambda: shutil.rmtree(deleted), {"recording.removed", "recording.put_back"}),
        }
        if is_breakable:
            faults["disk turned read-only"] = (broken, lambda: _break(broken), {"recording.not_allowed"})
        more = [{"name": name, "path": str(place / "show.mp4")} for name, (place, _, _) in faults.items()]
        with on_air(folder, {"server": server.server, "key": KEY}, slack=slack, more=more) as stage:
            figures = [figure for name, fault in faults.items() for figure in _one(stage, name, *fault)]
            return [*figures, *stage.bystanders("disks")]


def _one(stage: Stage, name: str, place: Path, fault: Callable[[], object], words: set[str]) -> list[Figure]:
    """How soon it is told, and whether Debian's programs can play what was recorded by then."""
    until(lambda: stage.output(name)["frames"] >= _LEAST_S * 30)
    frames = stage.output(name)["frames"]
    fault()
    seen = until(lambda: stage.output(name)["state"] == "failed")
    said = stage.output(name)["detail"]
    until(lambda: (place / "show.mp4").exists() and stage.output(name)["detail"] != "recording.removed")
    return [
        stage.within(f"{name}: told after", seen, 1),
        exactly(f"{name}: told in the right words", int(said in words), 1, ""),
        at_least(f"{name}: pictures that ffmpeg reads, of {frames}", _readable(place / "show.mp4"), frames - 15, "frames"),
    ]


def _readable(path: Path) -> int:
    """Pictures of a recording that may have been broken off, as Debian's ffmpeg decodes them."""
    words = ["ffmpeg", "-nostdin", "-v", "fatal", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-"]
    told = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False).stdout
    assert decode.describe(path).video["codec_name"] == "h264"
    return sum(not line.startswith("#") for line in told.splitlines())


@contextlib.contextmanager
def _memory_disk(place: Path) -> Iterator[None]:
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(place)], check=True)
    try:
        yield
    finally:
        _unmount(place)


@contextlib.contextmanager
def _breakable_disk(place: Path, image: Path) -> Iterator[bool]:
    """An ext4 file system that turns read-only at its first error, as a disk does whose sectors fail; False where there can be none."""
    place.mkdir()
    with image.open("wb") as made:
        made.truncate(_DISK_MB << 20)
    words = (["mkfs.ext4", "-q", "-O", "^has_journal", str(image)], ["mount", "-o", "loop,errors=remount-ro", str(image), str(place)])
    is_mounted = all(
        shutil.which(command[0]) and not subprocess.run(command, capture_output=True, check=False).returncode for command in words
    )
    try:
        yield is_mounted and _fault_switch(place).exists()
    finally:
        if is_mounted:
            _unmount(place)


def _fault_switch(place: Path) -> Path:
    device = next(line.split()[0] for line in Path("/proc/mounts").read_text().splitlines() if line.split()[1] == str(place))
    return Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"


def _break(place: Path) -> None:
    _fault_switch(place).write_text("a sector that can't be read")


def _fill(place: Path) -> None:
    """To the last byte, all at once."""
    with (place / "ballast").open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, shutil.disk_usage(place).free)


def _unmount(place: Path) -> None:
    """The recorder may still be at its file."""
    for _ in range(100):
        if subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "--lazy", str(place)], check=True)
