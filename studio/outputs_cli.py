"""`main.py outputs`: how the running engine's outputs stand; add, change, remove, start, stop, retry and test one of them.

It asks the engine and decides nothing. A key is read from the terminal or standard input, never from an argument, and never printed.
"""

import argparse
import asyncio
from pathlib import Path
from typing import Any

from studio.engine.runtime import default_folder
from studio.errors import Conflict, NotFound
from studio.remote.client import StudioClient
from studio.remote.surface import Body
from studio.terminal import ask_secret, locale
from studio.words import say

_OK, _NO = 0, 1
_GIVEN = ("server", "path", "split_minutes", "split_mb", "tracks", "codec", "camera")


def run(words: list[str], folder: Path | None = None) -> int:
    """The command; the exit code. Raises what the engine refuses, EngineUnreachable without one."""
    arguments = _parser().parse_args(words)
    fields = _fields(arguments) if arguments.command in {"add", "set"} else {}
    return asyncio.run(_run(arguments, fields, folder or default_folder()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py outputs", description="The outputs of the running engine.")
    commands = parser.add_subparsers(dest="command", metavar="list|add|set|remove|start|stop|retry|test|platforms")
    commands.add_parser("list", help="how each stands")
    for command, what in (("add", "a server or a recording more"), ("set", "change one that isn't running")):
        made = commands.add_parser(command, help=what)
        made.add_argument("name")
        made.add_argument("--server", metavar="rtmp://HOST/APP")
        made.add_argument("--key", action="store_true", help="ask for the stream key, or read it from standard input")
        made.add_argument("--path", metavar="FILE.mp4")
        made.add_argument("--split-minutes", type=int, metavar="N")
        made.add_argument("--split-mb", type=int, metavar="N")
        made.add_argument("--tracks", choices=("mix", "separate"), help="of a recording: voices and music on tracks of their own")
        made.add_argument("--codec", choices=("h264", "hevc", "av1"), help="of a recording: hevc and av1 make smaller files and more work")
        made.add_argument("--camera", metavar="DEVICE", help="a virtual camera: auto, or a device")
        made.add_argument("--enabled", choices=("yes", "no"), help="whether it starts with the show")
    for command, what in (
        ("remove", "take it out of the profile, and its key out of the keyring"),
        ("start", "in the middle of a show"),
        ("stop", "in the middle of a show, which goes on"),
        ("retry", "don't wait, reconnect now"),
    ):
        commands.add_parser(command, help=what).add_argument("name")
    test = commands.add_parser("test", help="publish to it for some seconds before the show")
    test.add_argument("name")
    test.add_argument("--seconds", type=int, default=10, choices=range(3, 31), metavar="3…30")
    commands.add_parser("platforms", help="what platforms publish of their limits")
    return parser


def _fields(arguments: argparse.Namespace) -> Body:
    """What was given, under the API's names."""
    given: dict[str, Any] = {name: getattr(arguments, name) for name in _GIVEN}
    fields = {name: value for name, value in given.items() if value is not None}
    if arguments.enabled is not None:
        fields["enabled"] = arguments.enabled == "yes"
    if arguments.key:
        fields["key"] = ask_secret(arguments.name).strip()
    return fields


async def _run(arguments: argparse.Namespace, fields: Body, folder: Path) -> int:
    language, command = locale(), arguments.command or "list"
    async with StudioClient.from_runtime(folder, locale=language) as client:
        if command == "test":
            answer = await client.check_output(arguments.name, arguments.seconds)
            _print(told_lines(answer, language))
            return _OK if answer["verdict"] == "good" else _NO
        if command == "platforms":
            _print([_platform_line(row) for row in await client.platforms()])
            return _OK
        await _change(client, command, arguments, fields)
        rows, live = (await client.list_outputs())["outputs"], {row["name"]: row for row in (await client.live())["outputs"]}
    _print([_output_line(row, live.get(row["name"], {}), language) for row in rows])
    return _OK


async def _change(client: StudioClient, command: str, arguments: argparse.Namespace, fields: Body) -> None:
    if command in {"add", "set"}:
        is_there = arguments.name in {row["name"] for row in (await client.list_outputs())["outputs"]}
        if is_there and command == "add":
            raise Conflict("output.exists", name=arguments.name)
        if not is_there and command == "set":
            raise NotFound("live.no_such_output", name=arguments.name)
        await client.put_output(arguments.name, fields)
    elif command == "remove":
        await client.remove_output(arguments.name)
    elif command in {"start", "stop"}:
        await client.output_step(arguments.name, "start" if command == "start" else "stop")
    elif command == "retry":
        await client.retry_output(arguments.name)


def told_lines(answer: Body, language: str) -> list[str]:
    """A test's answer in words: what came of it, then what the platform wouldn't take."""
    rows = [answer, *answer["advice"]]
    return [say("errors", language, row["code"], **row["params"]) for row in rows]


def _output_line(row: Body, live: Body, language: str) -> str:
    why = f"  {say('errors', language, live['detail'], **live['detail_params'])}" if live.get("detail") else ""
    rate = f"  {live['wanted_kbps']} kbit/s ({live['floor_kbps']}–{live['ceiling_kbps']})" if live.get("wanted_kbps") else ""
    state = row["state"] if row["enabled"] or row["is_running"] else "off"
    key = f"  key: {row['key_in']}" if row["key_in"] else ""
    return f"{row['name']:<16} {row['kind']:<6} {state:<12} {row['server'] or row['path'] or row['camera']}{key}{rate}{why}"


def _platform_line(row: Body) -> str:
    limits = ", ".join(f"{limit['lines']}p{limit['fps']} ≤ {limit['most_kbps']} kbit/s" for limit in row["limits"] or ())
    keyframes = f"keyframes every {row['keyframe_s']} s" if row["keyframe_s"] else ""
    told = "; ".join(part for part in (limits, keyframes, row["level"] and f"level {row['level']}") if part)
    source = f"  [{row['source']}, {row['as_of']}]" if row["source"] else ""
    return f"{row['name']:<12} {told or 'not published'}{source}"


def _print(lines: list[str]) -> None:
    print("\n".join(lines))  # noqa: T201 - a command's answer
