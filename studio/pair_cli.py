"""`python main.py pair --role ROLE`: asks the running engine for a one-time pairing code and prints it.

It makes no code itself and keeps none; the code alone goes to standard output, everything else to standard error.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.engine.runtime import default_folder
from studio.errors import KnownError
from studio.remote.client import StudioClient
from studio.remote.roles import ROLES
from studio.remote.surface import Body
from studio.words import say, say_error

_DONE, _FAILED, _WRONG = 0, 1, 2


def run(arguments: Sequence[str], folder: Path | None = None) -> int:
    """The command, with what follows `pair`; the answer is the exit code."""
    parser = argparse.ArgumentParser(prog="main.py pair", description="Print a one-time code that pairs another device.")
    parser.add_argument("--role", required=True, choices=ROLES)
    parser.add_argument("--platform", default="", help="bind a connector to this platform")
    parser.add_argument("--room", default="", help="bind a connector to this room")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as ended:
        return _WRONG if ended.code else _DONE
    locale = _locale()
    try:
        answer = asyncio.run(_ask(folder or default_folder(), given))
    except KnownError as error:
        print(say_error(error, locale), file=sys.stderr)  # noqa: T201 - a command's answer
        return _FAILED
    print(say("errors", locale, "pair.code", minutes=int(answer["valid_s"]) // 60, role=given.role), file=sys.stderr)  # noqa: T201
    print(answer["code"])  # noqa: T201
    return _DONE


async def _ask(folder: Path, given: argparse.Namespace) -> Body:
    async with StudioClient.from_runtime(folder) as client:
        return await client.pair_code(given.role, platform=given.platform, room=given.room)


def _locale() -> str:
    """The language of the terminal."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_CN" if wanted.lower().startswith("zh") else "en"
