"""What may be said to `main.py`: its commands and their arguments. It runs nothing.

A first word that is no command is a profile for the window; no word at all opens it on the user's own.
"""

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_READ_THEIR_OWN = {
    "recordings": "clips of marked moments, plain files from what a crash left behind",
    "fans": "the fan file",
    "products": "the room's products",
    "draw": "check a draw",
    "outputs": "the running engine's outputs: add, change, start, stop, retry, test",
    "secret": "keys by name, in the keyring",
}
"""Commands whose own modules read what follows, `--help` too."""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was said: `command` ("" for the host's window) and its arguments; `rest` is for those that read their own.

    A wrong argument ends the program with exit code 2 and one line, `--help` with 0.
    """
    parser, names = _parser()
    first = words[0] if words else ""
    if first in _READ_THEIR_OWN:
        return argparse.Namespace(command=first, rest=list(words[1:]))
    if first in names or first in {"-h", "--help"}:
        return parser.parse_args(words)
    if len(words) > 1 or first.startswith("-") or not (set(first) & set("./\\") or Path(first).exists() or not first):
        parser.error(f"no such command: {first}")
    return argparse.Namespace(command="", profile=first or None, loopback=False)


def _parser() -> tuple[argparse.ArgumentParser, set[str]]:
    top = argparse.ArgumentParser(
        prog="main.py",
        usage="main.py [PROFILE] | main.py COMMAND …",
        description="Encore Studio: live commerce that turns traffic into regulars. Without a command it opens the host's window,"
        " on the running engine or a new one; PROFILE is your own, made on the first run, where none is named.",
        epilog="Exit codes: 0 done, 1 the answer is no or it failed, 2 wrong arguments, profile or file, 3 nothing ever went live,"
        " 4 fan file or runtime folder in use or unusable.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", prog="main.py")
    for add in (_add_shows, _add_windows, _add_machine, _add_picture):
        add(commands)
    for name, what in _READ_THEIR_OWN.items():
        commands.add_parser(name, add_help=False, help=what)
    return top, set(commands.choices)


def _add_shows(commands: Any) -> None:
    engine = commands.add_parser("engine", help="an engine that waits for live/start")
    engine.add_argument("profile", nargs="?", help="yours, made on the first run, by default")
    engine.add_argument("--loopback", action="store_true", help="with a receiver on this machine, for the rehearsal")
    engine.add_argument("--spare", action="store_true", help="wait, loaded, to take the place of an engine that dies on air")

    live = commands.add_parser("live", help="an engine that goes live at once")
    live.add_argument("profile", help="a TOML file (docs/profile.md)")
    live.add_argument("--duration", type=_seconds, metavar="S", help="seconds from the first encoded frame")
    live.add_argument("--report", type=Path, metavar="R.json", help="where the report of the show is written (docs/report.md)")

    sample = commands.add_parser("sample", help="the sample show: window, or 20 s headless without a display")
    sample.add_argument("--portrait", action="store_true", help="upright, 1080 × 1920")
    sample.add_argument("--headless", action="store_true", help="without a window, even where there is a display")
    sample.add_argument("--seconds", type=_seconds, default=20.0, metavar="S", help="how long without a window (20)")


def _add_windows(commands: Any) -> None:
    assistant = commands.add_parser("assistant", help="the assistant's window")
    assistant.add_argument("url", help="of the engine: http://127.0.0.1:PORT, or https:// through a proxy")
    assistant.add_argument("--token", default="", help="else ENCORE_TOKEN, else the window asks for a pairing code")

    pair = commands.add_parser("pair", help="a one-time pairing code")
    pair.add_argument("--role", required=True, choices=["host", "assistant", "moderator", "connector"])
    pair.add_argument("--platform", default="", help="the one platform that a connector may speak for")
    pair.add_argument("--room", default="", help="the one room that a connector may speak for")


def _add_machine(commands: Any) -> None:
    devices = commands.add_parser("devices", help="cameras, microphones, encoders that really work here")
    devices.add_argument("--json", action="store_true", help="as one JSON object, for programs")

    measure = commands.add_parser("measure", help="how fast this machine is, preset by preset, and what fits it")
    measure.add_argument("profile", nargs="?")
    measure.add_argument("--lines", action="store_true", help="a JSON object a line, for programs")


def _add_picture(commands: Any) -> None:
    picture = commands.add_parser("picture", help="the look on one picture (PNG) or clip (FFV1 in mkv, its sound copied), 8 bits a channel")
    picture.add_argument("input", help="a picture or clip")
    picture.add_argument("output", help="a .png, or .mkv for a clip")
    picture.add_argument("--look", required=True, metavar="LOOK.toml", help="a file with one [look] table")


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < 10**7:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r}: a number of seconds above 0")
