"""`StudioClient` against a real server: the same surface, the same errors, and a stream that comes back."""

import asyncio
import inspect
import json
import ssl
import subprocess
import threading

import pytest
from aiohttp import web
from remote_door import TOKENS

from studio import errors
from studio.model.rules import InvalidSettings
from studio.remote.client import StudioClient, pair
from studio.remote.connection import check_address, read_runtime
from studio.remote.problems import document_of, error_of, status_of
from studio.remote.server import ControlServer
from studio.remote.surface import StudioSurface

DROP = {"click_id": "c1", "kind": "coupon", "title": "券"}


@pytest.fixture
async def client(door):
    async with StudioClient(door.server.url, door.server.host_token) as client:
        yield client


def test_whatever_the_studio_can_be_asked_the_client_asks():
    asked = {name for name, part in inspect.getmembers(StudioSurface, inspect.isfunction) if not name.startswith("_")}
    assert asked - {"stream_state", "subscribe", "verify_hook", "take_hook", "check_member_page", "member_page"} <= set(dir(StudioClient))
    for protocol in StudioSurface.__mro__[1:-2]:
        methods = [name for name, part in vars(protocol).items() if inspect.isfunction(part) and not name.startswith("_")]
        assert len(methods) <= 5, protocol


async def test_every_call_of_the_client_reaches_the_studio(door, client):
    drop = await client.open_drop(DROP)
    claim = {"platform": "douyin", "id": "u/1 小", "claim_id": "k"}
    assert await client.claim(drop["id"], claim) == {"code": "C-1"}
    assert (await client.enter(drop["id"], claim | {"reason": "x"}))["id"] == "d1"
    assert await client.drops() == [await client.drop("d1")]
    assert (await client.drop_step("d1", "close"))["state"] == "drawn"
    assert (await client.fan("douyin", "u/1 小"))["person"] == "douyin/u/1 小"
    assert (await client.fans("points", 3, "x&y=z"))["rows"] == []
    assert ("fans", "points", 3, "x&y=z") in door.studio.asked
    assert (await client.redeem("douyin", "u1", {"click_id": "c", "item": "mug", "points": 1}))["points"] == 5
    assert (await client.moderate({"platform": "a", "id": "b", "action": "mute", "text": "{x}"}))["text"] == "{x}"
    assert (await client.board(6))["rows"] == []
    assert (await client.start_live())["state"] == "live"
    assert (await client.live())["state"] == "live"
    assert (await client.stop_live())["state"] == "idle"
    assert (await client.retry_output("main"))["state"] == "idle"
    assert (await client.list_outputs())["keys"]["place"] == "keyring"
    assert (await client.put_output("抖音/1", {"server": "rtmp://h/live"}))["name"] == "抖音/1"
    assert (await client.remove_output("抖音/1"))["outputs"] == []
    assert (await client.output_step("main", "stop"))["state"] == "idle"
    assert (await client.preview_jpeg(320)).startswith(b"\xff\xd8")
    assert await client.compare("split", 0.25) == {"compare": "split", "at": 0.25}
    assert (await client.patch_settings({"look": {"smooth": 0.5}}))["settings"] == await client.settings()
    assert await client.health() == {"outputs": []}
    assert len(await client.audit()) >= 8
    assert len(await client.tokens()) == 5
    await client.shutdown()
    assert door.studio.is_stopped.is_set()


async def test_a_connector_brings_events(door):
    async with StudioClient(door.server.url, TOKENS["connector"]) as client:
        assert (await client.ingest(b"{}\n{}\n"))["accepted"] == 2


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.InvalidInput, 422),
        (errors.TooLarge, 413),
        (errors.Unauthenticated, 401),
        (errors.Forbidden, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.TooManyRequests, 429),
        (errors.StoreUnavailable, 503),
        (errors.SourceUnavailable, 503),
        (errors.EncoderUnavailable, 503),
        (errors.OutputFailed, 503),
    ],
)
async def test_an_error_comes_through_as_what_it_was(door, client, kind, status):
    door.studio.failing["start_live"] = kind("some.code", retryable=True, reason="a {b}", retry_after_s=3, code_of=None)
    with pytest.raises(kind) as caught:
        await client.start_live()
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.retryable) == ("some.code", True)
    assert caught.value.params == {"reason": "a {b}", "retry_after_s": 3, "code_of": None}
    assert status_of(caught.value) == status


def test_a_param_that_shares_a_name_with_a_member_of_the_document_survives():
    error = errors.OutputFailed("output.refused", status=500, detail="x", title="y")
    document = document_of(error, "en")
    assert document["status"] == 503
    assert error_of(503, document).params == {"status": 500, "detail": "x", "title": "y"}


@pytest.mark.parametrize(
    "document", [{}, {"code": 5}, {"params": 3}, {"faults": []}, {"faults": [1]}, {"kind": "Exception"}, {"params": {"self": 1, "code": 2}}]
)
def test_a_strange_document_is_still_a_known_error(document):
    assert isinstance(error_of(409, document), errors.Conflict)
    assert isinstance(error_of(599, document), errors.KnownError)


async def test_wrong_settings_come_through_fault_by_fault(client):
    with pytest.raises(InvalidSettings) as caught:
        await client.patch_settings({"look": {"smooth": 9}, "video": {"fps": "x"}})
    assert [fault.key for fault in caught.value.faults] == ["video.fps", "look.smooth"]
    assert caught.value.faults[1].allowed == "a number from 0 to 1"


async def test_a_bug_on_the_other_side_is_a_known_error_here(door, client, caplog):
    door.studio.failing["board"] = ZeroDivisionError()
    with pytest.raises(errors.KnownError) as caught:
        await client.board()
    assert caught.value.code == "remote.bug"


async def test_pairing_gives_a_client_of_that_role(door, client):
    code = (await client.pair_code("assistant"))["code"]
    token, role = await pair(door.server.url, code, "tablet")
    assert role == "assistant"
    async with StudioClient(door.server.url, token) as assistant:
        assert (await assistant.live())["state"] == "idle"
        with pytest.raises(errors.Forbidden):
            await assistant.start_live()
        [device] = [row for row in await client.tokens() if row["name"] == "tablet"]
        await client.revoke(device["id"])
        with pytest.raises(errors.Unauthenticated):
            await assistant.live()
    with pytest.raises(errors.Unauthenticated):
        await pair(door.server.url, code, "tablet")


async def next_of(stream, message_type):
    async with asyncio.timeout(30):
        async for message in stream:
            if message.type == message_type:
                return message
    raise AssertionError("the stream ended")


async def test_the_stream_says_lost_and_comes_back_with_the_full_state(door, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir()

    def publish(server):
        document = {"pid": 1, "url": server.url, "token": server.host_token, "preview": "", "version": "0"}
        (runtime / "engine.json").write_text(json.dumps(document))

    publish(door.server)
    waits = []

    async def wait(seconds):
        waits.append(seconds)
        await asyncio.sleep(0.01)

    client = StudioClient.from_runtime(runtime)
    stream = client.stream(wait=wait)
    assert (await next_of(stream, "connected")).seq == 0
    assert (await next_of(stream, "board")).seq == 1
    (runtime / "engine.json").unlink()
    await door.server.stop()
    lost = await next_of(stream, "lost")
    assert lost.data["code"] in ("remote.lost", "remote.no_engine")
    await next_of(stream, "lost")
    with pytest.raises(errors.EngineUnreachable):
        await client.board()
    again = ControlServer(door.studio, door.book, door.audit, clock_s=door.clock.s, now_ms=door.clock.ms)  # another port, another token
    await again.start()
    publish(again)
    await next_of(stream, "connected")
    assert (await next_of(stream, "board")).seq == 1
    assert (await client.live())["state"] == "idle"
    assert waits == sorted(waits)
    assert max(waits) <= 1.0
    await stream.aclose()
    await client.close()
    await again.stop()


async def test_a_token_that_is_refused_for_good_ends_the_stream(door):
    async with StudioClient(door.server.url, "nonsense") as client:
        with pytest.raises(errors.Unauthenticated):
            await next_of(client.stream(), "connected")


async def test_a_dead_engine_is_unreachable_and_no_traceback(door, client):
    await door.server.stop()
    with pytest.raises(errors.EngineUnreachable) as caught:
        await client.board()
    assert (caught.value.code, caught.value.retryable) == ("remote.lost", True)


def test_a_folder_without_an_engine_says_so(tmp_path):
    with pytest.raises(errors.EngineUnreachable):
        StudioClient.from_runtime(tmp_path)
    for broken in ("", "[]", "{}", '{"url": 1}', "\x00"):
        (tmp_path / "engine.json").write_text(broken)
        with pytest.raises(errors.EngineUnreachable):
            read_runtime(tmp_path)


@pytest.mark.parametrize(
    "url", ["http://192.168.1.9:8787", "http://studio.example", "http://127.0.0.1.evil.example:80", "http://0.0.0.0:1"]
)
def test_a_token_never_crosses_a_network_in_the_clear(url):
    with pytest.raises(errors.InvalidInput) as caught:
        StudioClient(url, "token")
    assert caught.value.code == "remote.url_in_the_clear"


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8787", "ftp://127.0.0.1", "http://", "http://user:pw@127.0.0.1:1", "http://127.0.0.1:1?token=x", "file:///x"]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(errors.InvalidInput):
        StudioClient(url, "token")


def test_a_token_is_in_no_repr(tmp_path):
    client = StudioClient("http://127.0.0.1:1", "very-secret")
    assert "very-secret" not in repr(client._connection.address) + repr(client)


@pytest.mark.parametrize("fingerprint", ["ab", "x" * 64])
def test_a_fingerprint_is_64_hex_signs(fingerprint):
    with pytest.raises(errors.InvalidInput):
        StudioClient("https://studio.example", "t", fingerprint=fingerprint)


def test_a_fingerprint_without_tls_is_refused():
    with pytest.raises(errors.InvalidInput):
        StudioClient("http://127.0.0.1:1", "t", fingerprint="ab" * 32)


@pytest.fixture
def certificate(tmp_path):
    """(key, certificate, fingerprint) that nobody vouches for."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=studio", "-days", "2", "-nodes"]
    subprocess.run(["openssl", "req", "-x509", *kind, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    printing = ["openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"]
    printed = subprocess.run(printing, check=True, capture_output=True, text=True, timeout=60).stdout
    return key, certificate, printed.strip().rpartition("=")[2].replace(":", "")


@pytest.fixture
async def tls_proxy(certificate):
    """A server with a certificate of its own that notes every request it gets to see."""
    key, path, fingerprint = certificate
    seen = []

    async def answer(request):
        seen.append(request.headers["Authorization"])
        return web.json_response({"state": "idle"})

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key)
    application = web.Application()
    application.router.add_get("/v1/live", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    yield f"https://127.0.0.1:{port}", fingerprint, seen
    await runner.cleanup()


async def test_the_certificate_of_a_proxy_is_known_by_its_fingerprint(tls_proxy):
    url, fingerprint, seen = tls_proxy
    async with StudioClient(url, "t", fingerprint=fingerprint) as client:
        assert await client.live() == {"state": "idle"}
    assert seen == ["Bearer t"]


@pytest.mark.parametrize("fingerprint", ["ab" * 32, ""])
async def test_another_certificate_gets_nothing(tls_proxy, fingerprint):
    url, _, seen = tls_proxy
    async with StudioClient(url, "t", fingerprint=fingerprint) as client:
        with pytest.raises(errors.EngineUnreachable) as caught:
            await client.live()
    assert caught.value.code == "remote.wrong_certificate"
    assert seen == []


def test_an_address_with_a_fingerprint_is_checked_before_it_is_used():
    assert check_address(read_address("https://studio.example:8443", "cd" * 32)).fingerprint


def read_address(url, fingerprint):
    from studio.remote.connection import Address

    return Address(url, "t", fingerprint)


def test_the_client_works_on_qt_s_loop(tmp_path, qapp):
    """A window's loop is Qt's; the engine's is not."""
    import qasync
    from rehearsed_studio import RehearsedStudio
    from remote_door import Clock

    from studio.remote.audit import AuditFile
    from studio.remote.tokens import TokenBook

    started, stopping, address = threading.Event(), [], {}

    async def serve():
        clock = Clock()
        server = ControlServer(RehearsedStudio(), TokenBook(now_ms=clock.ms), AuditFile(tmp_path / "audit.jsonl"))
        address["url"], address["token"] = await server.start(), server.host_token
        end = asyncio.Event()
        stopping.append((asyncio.get_running_loop(), end))
        started.set()
        await end.wait()
        await server.stop()

    engine = threading.Thread(target=lambda: asyncio.run(serve()), name="engine under test")
    engine.start()
    assert started.wait(30)

    async def watch():
        async with StudioClient(address["url"], address["token"]) as client:
            stream = client.stream()
            types = [(await anext(stream)).type for _ in range(4)]
            await stream.aclose()
            return types, await client.start_live()

    loop = qasync.QEventLoop(qapp)
    try:
        types, live = loop.run_until_complete(asyncio.wait_for(watch(), 30))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        asyncio.set_event_loop(None)
        server_loop, end = stopping[0]
        server_loop.call_soon_threadsafe(end.set)
        engine.join(30)
    assert types == ["connected", "board", "live", "settings"]
    assert live == {"state": "live"}
