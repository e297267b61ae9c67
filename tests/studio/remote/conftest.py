"""A real server on loopback, and a small studio behind it."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rehearsed_studio import RehearsedStudio
from remote_door import TOKENS, Clock, Door

from studio.remote.audit import AuditFile
from studio.remote.event_door import EventLimits
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook, TokenEntry, hash_token


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits() -> EventLimits:
    return EventLimits()


@pytest.fixture
async def door(tmp_path: Path, clock: Clock, limits: EventLimits) -> AsyncIterator[Door]:
    studio = RehearsedStudio()
    entries = [TokenEntry(hash_token(token), role, f"the {role}") for role, token in TOKENS.items()]
    book = TokenBook(entries, now_ms=clock.ms, path=tmp_path / "paired.json")
    audit = AuditFile(tmp_path / "audit.jsonl")
    server = ControlServer(studio, book, audit, limits=limits, clock_s=clock.s, now_ms=clock.ms)
    await server.start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        yield Door(studio, server, book, audit, clock, http, {**TOKENS, "run": server.host_token})
    await server.stop()
