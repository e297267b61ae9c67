"""Servers that die, freeze, stay silent, or say no."""

import contextlib
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.stage import Stage, on_air, until
from benchmarks.results import Figure, exactly
from tests.encoder.ingest import Fault, Ingest, ingest
from tests.servers import free_port, nginx

KEY = "k-f4ults"
SETTLED_S = 3.5
"""After so long on air a connection counts as one that stood."""
WORDS_S = 10.0


def server_killed(folder: Path, times: int, slack: float) -> list[Figure]:
    """Killed, and back after three seconds."""
    with nginx() as server, on_air(folder, {"server": server.server, "key": KEY}, slack=slack) as stage:
        seen, back = [], []
        for _ in range(times):
            until(stage.is_live)
            time.sleep(SETTLED_S)
            server.kill()
            seen.append(until(lambda: not stage.is_live()))
            stage.watch(max(0.0, 3 - seen[-1]))
            server.start()
            frames = stage.output()["frames"]
            back.append(until(lambda so_far=frames: stage.is_live() and stage.output()["frames"] > so_far))
        return [
            Figure("server killed: seen after, worst", round(max(seen), 2), "s"),
            *stage.all_within("server killed: back after", back, 2),
            *stage.bystanders("server killed"),
        ]


def server_frozen(folder: Path, times: int, slack: float) -> list[Figure]:
    """Stopped (SIGSTOP) for eight seconds: its kernel goes on accepting."""
    with nginx() as server, on_air(folder, {"server": server.server, "key": KEY}, slack=slack) as stage:
        seen, back = [], []
        for _ in range(times):
            until(stage.is_live)
            time.sleep(SETTLED_S)
            server.process.send_signal(signal.SIGSTOP)
            begun = time.monotonic()
            seen.append(until(lambda: not stage.is_live()))
            stage.watch(max(0.0, 8 - (time.monotonic() - begun)))
            server.process.send_signal(signal.SIGCONT)
            back.append(until(stage.is_live))
        return [
            *stage.all_within("server frozen 8 s: seen after", seen, 6),
            *stage.all_within("server frozen 8 s: back after", back, 3),
            *stage.bystanders("server frozen 8 s"),
        ]


def server_silent(folder: Path, slack: float) -> list[Figure]:
    """Accepts and says nothing; then it speaks."""
    with ingest("silent") as server, on_air(folder, {"server": server.server, "key": KEY}, slack=slack) as stage:
        seen = stage.since_start(lambda: stage.output()["detail"] == "output.silent", 60)
        server.fault = "none"
        back = until(stage.is_live)
        return [
            stage.within("server silent: seen after", seen, 6),
            stage.within("server silent: back after", back, 3),
            *stage.bystanders("server silent"),
        ]


def already_publishing(folder: Path, slack: float) -> list[Figure]:
    """For half a minute after a loss the server says that somebody else is publishing: our own lost connection."""
    with ingest() as server, on_air(folder, {"server": server.server, "key": KEY}, slack=slack) as stage:
        until(stage.is_live)
        time.sleep(SETTLED_S)
        server.fault = "refuse_name"
        server.hang_up()
        stage.watch(30 if slack == 1 else 8)
        held = stage.output()
        server.fault = "none"
        back = until(stage.is_live)
        return [
            exactly("already publishing: told as such", int(held["detail"] == "output.still_held"), 1, ""),
            stage.within("already publishing: back after it is free", back, 3),
            *stage.bystanders("already publishing"),
        ]


def refusals(folder: Path, slack: float) -> list[Figure]:
    """Each no in its right words, within ten seconds; in the suite three of them, since tests/encoder has them all."""
    figures: list[Figure] = []
    for name, wanted, place in _PLACES if slack == 1 else [row for row in _PLACES if row[0] in _IN_THE_SUITE]:
        with place() as (output, server), on_air(folder, output, slack=slack) as stage:
            seen = stage.since_start(lambda found=stage, words=wanted: found.output()["detail"] in words, min(WORDS_S * slack, 60) + 5)
            figures.append(stage.within(f"{name}: told after", seen, WORDS_S))
            if name == "wrong certificate":
                figures.append(exactly(f"{name}: messages that got out", len(server.messages), 0, ""))
            figures += _quiet(stage, name)
        for left in folder.glob("show*.mkv"):
            left.unlink()
    return figures


def _quiet(stage: Stage, name: str) -> list[Figure]:
    log = (stage.running.folder / "engine.log").read_text(encoding="utf-8")
    return [exactly(f"{name}: keys in the log", log.count(KEY), 0, ""), *stage.bystanders(name)]


@contextlib.contextmanager
def _saying(fault: Fault) -> Iterator[tuple[dict[str, str], Ingest]]:
    with ingest(fault) as server:
        yield {"server": server.server, "key": KEY}, server


@contextlib.contextmanager
def _nginx(path: str = "/live", extra: str = "") -> Iterator[tuple[dict[str, str], None]]:
    with nginx(extra=extra) as server:
        yield {"server": server.server.replace("/live", path), "key": KEY}, None


@contextlib.contextmanager
def _taken() -> Iterator[tuple[dict[str, str], None]]:
    """Somebody else's program publishes under our name."""
    with nginx() as server:
        words = ["ffmpeg", "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=10", "-c:v", "libx264"]
        other = subprocess.Popen([*words, "-preset", "ultrafast", "-f", "flv", server.url(KEY)], stderr=subprocess.DEVNULL)
        try:
            time.sleep(2)
            yield {"server": server.server, "key": KEY}, None
        finally:
            other.kill()
            other.wait()


@contextlib.contextmanager
def _untrusted() -> Iterator[tuple[dict[str, str], Ingest]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with contextlib.ExitStack() as left:
        import tempfile

        folder = Path(left.enter_context(tempfile.TemporaryDirectory()))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        server = left.enter_context(ingest(tls=context))
        yield {"server": server.server, "key": KEY}, server


@contextlib.contextmanager
def _nowhere(server: str) -> Iterator[tuple[dict[str, str], None]]:
    yield {"server": server, "key": KEY}, None


_PLACES = (
    ("wrong key", {"output.publish_refused"}, lambda: _nginx(extra="on_publish http://127.0.0.1:9/never;")),
    ("wrong key, said", {"output.name_refused"}, lambda: _saying("refuse_name")),
    ("unknown app", {"output.app_refused", "output.publish_refused"}, lambda: _nginx("/nowhere")),
    ("duplicate stream", {"output.name_refused", "output.publish_refused"}, _taken),
    ("wrong certificate", {"output.bad_certificate"}, _untrusted),
    ("garbage", {"output.not_rtmp"}, lambda: _saying("garbage")),
    ("no such name", {"output.no_address"}, lambda: _nowhere("rtmp://nowhere.invalid/live")),
    ("nobody there", {"output.unreachable"}, lambda: _nowhere(f"rtmp://127.0.0.1:{free_port()}/live")),
)
"""(the fault, the words that are right, where to publish to)."""
_IN_THE_SUITE = frozenset({"wrong key", "wrong certificate", "no such name"})
