"""`python main.py draw verify PROOF`: checks a draw from its proof, and tells the first thing that doesn't hold.

It needs no engine, no store and no network; whom it trusts is what the audience copied from the picture.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from studio.errors import InvalidInput, os_code
from studio.model.proof import Verdict, verify
from studio.terminal import locale
from studio.words import say

_DONE, _NO, _WRONG = 0, 1, 2


def run(arguments: Sequence[str]) -> int:
    """The command, with what follows `draw`; the answer is the exit code. Raises InvalidInput for a hash that is none."""
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as ended:
        return _WRONG if ended.code else _DONE
    language = locale()
    try:
        proof = Path(given.proof).read_bytes()
    except OSError as error:
        raise InvalidInput("draw.unreadable", path=given.proof, reason=error.strerror or str(error), reason_code=os_code(error)) from error
    verdict = verify(proof, given.opening, given.closing)
    for line in _lines(verdict, given.opening, given.closing, language):
        print(line)  # noqa: T201 - a command's answer
    return _NO if verdict.outcome == "invalid" else _DONE


def _lines(verdict: Verdict, opening: str | None, closing: str | None, language: str) -> list[str]:
    if verdict.outcome == "invalid":
        params = {name: "" if value is None else value for name, value in verdict.params.items()}
        return [verdict.outcome, say("errors", language, verdict.fault, **params)]
    lines = [verdict.outcome, say("errors", language, f"draw.{verdict.outcome}")]
    if not verdict.has_beacon:
        # In both languages: this one sentence must not be missed.
        lines += [say("errors", name, "draw.no_beacon") for name in ("zh_CN", "en")]
    if not (opening and closing):
        lines.append(say("errors", language, "draw.give_both"))
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py draw", description="Check a draw.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="verify")
    check = commands.add_parser("verify", help="recompute a draw from its proof")
    check.add_argument("proof", metavar="PROOF", help="the proof as JSON")
    check.add_argument("--opening", metavar="HEX", help="the opening hash as it was on the picture, 64 signs or the first 32")
    check.add_argument("--closing", metavar="HEX", help="the closing hash as it was on the picture, 64 signs or the first 32")
    return parser
