"""The server's life: where it listens, what it refuses to listen on, starting and stopping."""

import asyncio
import socket
from urllib.parse import urlsplit

import aiohttp
import pytest
from rehearsed_studio import RehearsedStudio

from studio.errors import Conflict
from studio.remote.audit import AuditFile
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook


def server(tmp_path, listen="") -> ControlServer:
    return ControlServer(RehearsedStudio(), TokenBook(now_ms=lambda: 0), AuditFile(tmp_path / "audit.jsonl"), listen=listen)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


async def status_of(url: str, token: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(url + "/v1/health", headers={"Authorization": f"Bearer {token}"}) as response:
        return response.status


async def test_it_listens_on_loopback_and_where_the_profile_says(tmp_path):
    port = free_port()
    running = server(tmp_path, f"127.0.0.1:{port}")
    url = await running.start()
    try:
        assert url.startswith("http://127.0.0.1:")
        assert url != f"http://127.0.0.1:{port}"
        assert await status_of(url, running.host_token) == 200
        assert await status_of(f"http://127.0.0.1:{port}", running.host_token) == 200
    finally:
        await running.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await status_of(url, "")


async def test_each_run_has_a_token_of_its_own(tmp_path):
    assert server(tmp_path).host_token != server(tmp_path).host_token


async def test_a_taken_address_is_a_conflict_and_leaves_nothing_open(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        running = server(tmp_path, f"127.0.0.1:{port}")
        with pytest.raises(Conflict) as caught:
            await running.start()
    assert (caught.value.code, caught.value.params["port"]) == ("remote.listen_taken", port)
    with pytest.raises(aiohttp.ClientConnectionError):
        await status_of(running.url, "")


async def test_stopping_lets_a_running_call_end(tmp_path):
    running = server(tmp_path)
    url = await running.start()
    studio = running._stream._surface
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slowly(principal):
        entered.set()
        await leave.wait()
        return {"state": "live"}

    studio.start_live = slowly
    async with aiohttp.ClientSession() as http:
        call = asyncio.create_task(http.post(url + "/v1/live/start", headers={"Authorization": f"Bearer {running.host_token}"}))
        await entered.wait()
        stop = asyncio.create_task(running.stop())
        await asyncio.sleep(0)
        leave.set()
        assert (await call).status == 200
        await stop
    assert [row["what"] for row in await AuditFile(tmp_path / "audit.jsonl").rows(-1, 10)] == ["POST /v1/live/start"]


async def test_stopping_twice_or_before_the_start_is_nothing(tmp_path):
    running = server(tmp_path)
    await running.stop()
    running = server(tmp_path)
    await running.start()
    at = urlsplit(running.url)
    socket.create_connection((at.hostname, at.port), 10).close()
    await running.stop()
    await running.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((at.hostname, at.port), 10)
