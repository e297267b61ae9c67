"""`main.py outputs`: how the running engine's outputs stand, a retry that doesn't wait, and the connection test before a show.

It asks the engine and decides nothing; no key is printed or taken.
"""

import argparse
import asyncio
from pathlib import Path

from studio.engine.runtime import default_folder
from studio.remote.client import StudioClient
from studio.remote.surface import Body
from studio.terminal import locale
from studio.words import say

_OK, _NO = 0, 1


def run(words: list[str], folder: Path | None = None) -> int:
    """The command; the exit code. Raises what the engine refuses, EngineUnreachable without one."""
    parser = argparse.ArgumentParser(prog="main.py outputs", description="The outputs of the running engine.")
    commands = parser.add_subparsers(dest="command", metavar="list|retry|test|platforms")
    commands.add_parser("list", help="how each stands")
    commands.add_parser("retry", help="don't wait, reconnect now").add_argument("name")
    test = commands.add_parser("test", help="publish to it for some seconds before the show")
    test.add_argument("name")
    test.add_argument("--seconds", type=int, default=10, choices=range(3, 31), metavar="3…30")
    commands.add_parser("platforms", help="what platforms publish of their limits")
    arguments = parser.parse_args(words)
    return asyncio.run(_run(arguments, folder or default_folder()))


async def _run(arguments: argparse.Namespace, folder: Path) -> int:
    language = locale()
    async with StudioClient.from_runtime(folder, locale=language) as client:
        if arguments.command == "platforms":
            lines = [_platform_line(row) for row in await client.platforms()]
        elif arguments.command == "test":
            answer = await client.check_output(arguments.name, arguments.seconds)
            lines = told_lines(answer, language)
            _print(lines)
            return _OK if answer["verdict"] == "good" else _NO
        elif arguments.command == "retry":
            lines = [_output_line(row, language) for row in (await client.retry_output(arguments.name))["outputs"]]
        else:
            lines = [_output_line(row, language) for row in (await client.live())["outputs"]]
    _print(lines)
    return _OK


def told_lines(answer: Body, language: str) -> list[str]:
    """A test's answer in words: what came of it, then what the platform wouldn't take."""
    rows = [answer, *answer["advice"]]
    return [say("errors", language, row["code"], **row["params"]) for row in rows]


def _output_line(row: Body, language: str) -> str:
    why = f"  {say('errors', language, row['detail'], **row['detail_params'])}" if row["detail"] else ""
    rate = f"  {row['wanted_kbps']} kbit/s ({row['floor_kbps']}–{row['ceiling_kbps']})" if row["wanted_kbps"] else ""
    return f"{row['name']:<16} {row['kind']:<6} {row['state']}{rate}{why}"


def _platform_line(row: Body) -> str:
    limits = ", ".join(f"{limit['lines']}p{limit['fps']} ≤ {limit['most_kbps']} kbit/s" for limit in row["limits"] or ())
    keyframes = f"keyframes every {row['keyframe_s']} s" if row["keyframe_s"] else ""
    told = "; ".join(part for part in (limits, keyframes, row["level"] and f"level {row['level']}") if part)
    source = f"  [{row['source']}, {row['as_of']}]" if row["source"] else ""
    return f"{row['name']:<12} {told or 'not published'}{source}"


def _print(lines: list[str]) -> None:
    print("\n".join(lines))  # noqa: T201 - a command's answer
