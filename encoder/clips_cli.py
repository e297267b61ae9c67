"""`python main.py recordings …`: clips of what was marked during a show, and a plain file from what a crash left behind.

It needs no engine and decodes nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from encoder import clips
from studio.errors import Conflict

_DONE, _WRONG = 0, 2


def run(arguments: Sequence[str]) -> int:
    """The command, with what follows `recordings`; the answer is the exit code. Raises InvalidInput, Conflict, OutputFailed."""
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as ended:
        return _WRONG if ended.code else _DONE
    return given.run(given)


def _clips(given: argparse.Namespace) -> int:
    """One file for each marked moment."""
    copied = None
    for copied in clips.cut_marked(given.recording, given.to or given.recording.parent, given.before, given.after):
        print(f"{copied.path}  {copied.seconds:.1f} s")  # noqa: T201 - a command's answer
    if copied is None:
        raise Conflict("recordings.no_marks", path=str(given.recording))
    return _DONE


def _plain(given: argparse.Namespace) -> int:
    """The whole recording in another file, with its index."""

    def tell(part: float) -> None:
        print(f"\r{part:4.0%}", end="", file=sys.stderr, flush=True)  # noqa: T201 - how far it is

    copied = clips.copy_whole(given.recording, given.out, tell)
    print(file=sys.stderr)  # noqa: T201 - the line of the progress ends
    print(f"{copied.path}  {copied.seconds:.1f} s")  # noqa: T201 - a command's answer
    return _DONE


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 24 * 3600:
        raise argparse.ArgumentTypeError("0 to 86400 seconds")
    return value


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="main.py recordings", description="Recordings, after the show.")
    commands = top.add_subparsers(dest="command", required=True)
    cut = commands.add_parser("clips", help="a file for each moment that was marked: drops, products shown, and F7")
    cut.add_argument("recording", type=Path)
    cut.add_argument("--before", type=_seconds, default=5.0, metavar="S", help="seconds before the mark (5)")
    cut.add_argument("--after", type=_seconds, default=60.0, metavar="S", help="seconds after it (60)")
    cut.add_argument("--to", type=Path, metavar="FOLDER", help="else beside the recording")
    cut.set_defaults(run=_clips)
    plain = commands.add_parser("plain", help="a plain file from one that a crash left behind, or in another container")
    plain.add_argument("recording", type=Path)
    plain.add_argument("out", type=Path)
    plain.set_defaults(run=_plain)
    return top
