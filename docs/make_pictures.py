# ruff: noqa: INP001 - a script beside the documents, no package
"""Makes the README's pictures: the sample show in real windows on an X server that nobody sees.

It refuses to retouch: what the windows show is what is written, by way of the X server's own screen.
"""

import argparse
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mss
import mss.tools

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1440, 900
WAIT_S = 120.0
FIRST_PERSON = ("mousemove", "1200", "270", "click", "1")
"""A click on the first row of "who is here" in the assistant's window."""
PEOPLE = 12
"""Regulars that should be present before a picture is taken: then both lists are full."""


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """Xvfb on a free display; its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        if not select.select([reading], [], [], 20)[0]:
            raise SystemExit("Xvfb doesn't start: is it installed?")
        yield ":" + os.read(reading, 16).decode().strip()
    finally:
        os.close(reading)
        server.terminate()
        server.wait(10)


def environment(folder: Path, display: str, language: str, theme: str) -> dict[str, str]:
    """Nothing of this user's is read or written."""
    own = {name: str(folder / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    for path in own.values():
        Path(path).mkdir(exist_ok=True)
    settings = Path(own["XDG_CONFIG_HOME"]) / "encore-studio" / "window.ini"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(f"[General]\nlanguage={language}\ntheme={theme}\n", encoding="utf-8")
    return {**os.environ, **own, "ENCORE_RUNTIME": str(folder / "runtime"), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}


class Api:
    """The engine's control API."""

    def __init__(self, folder: Path) -> None:
        path = folder / "runtime" / "engine.json"
        wait(path.exists, "the engine")
        self._address = json.loads(path.read_text(encoding="utf-8"))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call's answer."""
        request = urllib.request.Request(  # noqa: S310 - the engine's own address
            self._address["url"] + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self._address['token']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - likewise
            return json.loads(answer.read() or b"null")

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self._address["url"])

    @property
    def token(self) -> str:
        """The host's."""
        return str(self._address["token"])


def wait(is_so: Callable[[], Any], what: str) -> None:
    """Look again until it is so."""
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {WAIT_S:g} s in vain for {what}")
        time.sleep(0.1)


@contextlib.contextmanager
def window(folder: Path, variables: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A window's process."""
    with (folder / "window.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, str(ROOT / "main.py"), *words], cwd=folder, env=variables, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def is_drawn(display: str) -> bool:
    """Whether anything stands on the screen."""
    with mss.MSS(display=display) as camera:
        return len(set(camera.grab({"left": 0, "top": 0, "width": WIDTH, "height": 52}).rgb)) > 20


def take(display: str, path: Path) -> None:
    """Write what the screen shows."""
    path.parent.mkdir(exist_ok=True)
    with mss.MSS(display=display) as camera:
        shot = camera.grab({"left": 0, "top": 0, "width": WIDTH, "height": HEIGHT})
        mss.tools.to_png(shot.rgb, shot.size, output=str(path))
    sys.stdout.write(f"{path}\n")


def open_lottery(api: Api, language: str) -> None:
    """A lottery as a host would open it."""
    words = (
        {"title": "豆沙色口红 · 3 支", "prize": "豆沙色口红"} if language == "zh_CN" else {"title": "Three lipsticks", "prize": "Lipstick"}
    )
    prizes = [{"name": words["prize"], "value_minor": 12_900, "currency": "CNY"}] * 3
    body = {"kind": "lottery", "title": words["title"], "prizes": prizes, "keyword": "想要", "seconds": 90, "early_close": True}
    api.call("POST", "/v1/drops", {"click_id": f"picture-{time.time()}", **body})


def pictures(target: Path, language: str, theme: str, names: dict[str, str]) -> None:
    """One show, one language, one theme: the host's window, then the assistant's."""
    folder = Path(tempfile.mkdtemp(prefix="encore-pictures-"))
    try:
        with screen() as display, _engine_ended(folder):
            variables = environment(folder, display, language, theme)
            with window(folder, variables, "sample"):
                _show(Api(folder), folder, variables, target, names, language)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _engine_ended(folder: Path) -> Iterator[None]:
    """End the engine last: a window that is still there would start another."""
    try:
        yield
    finally:
        if (folder / "runtime" / "engine.json").exists():
            with contextlib.suppress(OSError):
                Api(folder).call("POST", "/v1/engine/stop")


def _show(api: Api, folder: Path, variables: dict[str, str], target: Path, names: dict[str, str], language: str) -> None:
    # Two windows drawn in software beside 1080p are more than two cores carry: at 720p nobody has to tell of it in the picture.
    small = {"width": 1280, "height": 720}
    api.call("PATCH", "/v1/settings", {"overlay": {"locale": language}, "video": small, "encoder": {"preset": "ultrafast"}})
    wait(lambda: api.call("GET", "/v1/health")["look"].get("faces") == "on", "the look")
    api.call("POST", "/v1/live/start")
    wait(lambda: api.call("GET", "/v1/board")["present"] >= PEOPLE, "the audience")
    wait(lambda: not api.call("GET", "/v1/health")["standing"], "a machine that has room")
    open_lottery(api, language)
    wait(lambda: api.call("GET", "/v1/drops")[0]["entries"] >= 3, "entries")
    time.sleep(3)  # the greeting's slide and the meters settle
    take(variables["DISPLAY"], target / names["host"])
    if "assistant" in names:
        with screen() as other:
            own = variables | {"ENCORE_TOKEN": api.token, "DISPLAY": other}
            with window(folder, own, "assistant", api.url):
                wait(lambda: is_drawn(other), "the assistant's window")
                time.sleep(8)  # the chat fills
                subprocess.run(["xdotool", *FIRST_PERSON], env=own, check=True, timeout=20)
                time.sleep(2)  # the card comes
                take(other, target / names["assistant"])


def main() -> None:
    """All pictures, or only the first."""
    arguments = argparse.ArgumentParser(description="Makes docs/pictures/*.png from the sample show.")
    arguments.add_argument("--target", type=Path, default=ROOT / "docs" / "pictures")
    arguments.add_argument("--only-first", action="store_true")
    given = arguments.parse_args()
    pictures(given.target, "zh_CN", "dark", {"host": "host-window.png", "assistant": "assistant-window.png"})
    if not given.only_first:
        pictures(given.target, "en", "light", {"host": "host-window-light-en.png"})


if __name__ == "__main__":
    main()
