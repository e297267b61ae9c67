"""`main.py pair`: a code on standard output, words on standard error, an exit code that scripts can trust."""

import asyncio
import json

import pytest

from studio import pair_cli
from studio.remote.client import pair


@pytest.fixture
def runtime(door, tmp_path):
    folder = tmp_path / "runtime"
    folder.mkdir()
    document = {"pid": 1, "url": door.server.url, "token": door.server.host_token, "preview": "", "version": "0"}
    (folder / "engine.json").write_text(json.dumps(document))
    return folder


async def run(role, folder):
    return await asyncio.to_thread(pair_cli.pair, role, folder=folder)


async def test_it_prints_a_code_that_pairs_a_device(door, runtime, capsys):
    assert await run("assistant", runtime) == 0
    printed = capsys.readouterr()
    assert printed.out.strip().isdigit()
    assert len(printed.out.strip()) == 8
    assert "5 minutes" in printed.err
    _, role = await pair(door.server.url, printed.out.strip(), "tablet")
    assert role == "assistant"


async def test_it_speaks_the_terminal_s_language(runtime, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    await run("moderator", runtime)
    assert "配对码" in capsys.readouterr().err


async def test_without_an_engine_it_says_so_and_is_exit_1(tmp_path, capsys):
    assert await run("assistant", tmp_path) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.strip() == "No studio is running here. Start it first."


async def test_an_engine_that_died_is_exit_1(door, runtime, capsys):
    await door.server.stop()
    assert await run("assistant", runtime) == 1
    assert "Traceback" not in capsys.readouterr().err
