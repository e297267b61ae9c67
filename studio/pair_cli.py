"""`python main.py pair --role ROLE`: asks the running engine for a one-time pairing code and prints it.

It makes no code itself and keeps none; the code alone goes to standard output, everything else to standard error.
"""

import asyncio
import sys
from pathlib import Path

from studio.engine.runtime import default_folder
from studio.errors import KnownError
from studio.remote.client import StudioClient
from studio.remote.roles import Role
from studio.remote.surface import Body
from studio.terminal import locale
from studio.words import say, say_error

_DONE, _FAILED = 0, 1


def pair(role: Role, *, platform: str = "", room: str = "", folder: Path | None = None) -> int:
    """Print a code for a device of this role (a connector may be bound to platform and room); the answer is the exit code."""
    language = locale()
    try:
        answer = asyncio.run(_ask(folder or default_folder(), role, platform, room))
    except KnownError as error:
        print(say_error(error, language), file=sys.stderr)  # noqa: T201 - a command's answer
        return _FAILED
    print(say("errors", language, "pair.code", minutes=int(answer["valid_s"]) // 60, role=role), file=sys.stderr)  # noqa: T201
    print(answer["code"])  # noqa: T201
    return _DONE


async def _ask(folder: Path, role: Role, platform: str, room: str) -> Body:
    async with StudioClient.from_runtime(folder) as client:
        return await client.pair_code(role, platform=platform, room=room)
