"""A screen that nobody sees: Xvfb on a free display, a mouse and keys for it, and what stands on it."""

import contextlib
import os
import select
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import mss
import numpy as np

from tests.servers import end, wait_until


@dataclass(frozen=True)
class Place:
    """A window on the screen."""

    id: str
    x: int
    y: int
    width: int
    height: int


@dataclass
class Display:
    """One X server; `name` is its DISPLAY."""

    name: str
    process: subprocess.Popen

    def environment(self) -> dict[str, str]:
        return {"DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def do(self, *words: str) -> str:
        """xdotool."""
        done = subprocess.run(
            ["xdotool", *words], env={**os.environ, "DISPLAY": self.name}, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout

    def window(self, name: str, timeout_s: float = 60) -> Place:
        """The window with this title, once it is there."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self.do("search", "--onlyvisible", "--name", name).split()
            return bool(found)

        wait_until(is_there, timeout_s, f"a window {name}")
        table = dict(line.split("=", 1) for line in self.do("getwindowgeometry", "--shell", found[0]).split())
        return Place(found[0], *(int(table[key]) for key in ("X", "Y", "WIDTH", "HEIGHT")))

    def click(self, x: int, y: int) -> None:
        self.do("mousemove", str(x), str(y), "sleep", "0.1", "click", "1")

    @contextlib.contextmanager
    def hold(self, x: int, y: int) -> Iterator[None]:
        """The mouse's button is down there."""
        self.do("mousemove", str(x), str(y), "sleep", "0.1", "mousedown", "1")
        try:
            yield
        finally:
            self.do("mouseup", "1")

    def key(self, window: Place, name: str) -> None:
        self.do("windowfocus", "--sync", window.id, "key", name)

    def picture(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        """What stands there, (height, width, 3)."""
        with mss.MSS(display=self.name) as camera:
            shot = camera.grab({"left": x, "top": y, "width": width, "height": height})
            return np.asarray(shot)[:, :, :3].copy()


@contextlib.contextmanager
def display(width: int = 1440, height: int = 900) -> Iterator[Display]:
    """Xvfb, ended with the `with`."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        is_ready, _, _ = select.select([reading], [], [], 60)
        assert is_ready, "Xvfb doesn't start"
        yield Display(":" + os.read(reading, 16).decode().strip(), process)
    finally:
        os.close(reading)
        end(process)
