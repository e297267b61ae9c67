"""Real servers for the tests, on loopback and on free ports: nginx with its RTMP module, and players that pull from it.

Nothing here outlives its `with`, and nothing listens beyond 127.0.0.1.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NGINX_RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

_CONFIGURATION = """
load_module {module};
worker_processes 1;
daemon off;
master_process off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 64; }}
rtmp {{
    server {{
        listen {host}:{port};
        chunk_size 4096;
        ping 2s;
        access_log off;
        application {app} {{
            live on;
            idle_streams off;
            {extra}
        }}
    }}
}}
"""


_PORTS = range(15_000, 32_000)
"""Below those that systems give to outgoing connections: one of these may take the port of a server that is down for a moment."""


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    while True:
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


PATIENCE_S = 30.0
"""How long a test waits for what must come: nothing where all is well, and enough where the machine does other things too."""


def wait_until(condition, timeout_s: float = PATIENCE_S, what: str = "the condition") -> None:
    """Look again every 10 ms until it holds; fails in words when it never does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout_s} s")
        time.sleep(0.01)


def quickest_s(act, times: int = 5) -> float:
    """Seconds of the quickest of some tries: what takes longer by itself does so in each, what others take from us in some."""
    took_s = []
    for _ in range(times):
        began = time.monotonic()
        act()
        took_s.append(time.monotonic() - began)
    return min(took_s)


def is_listening(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts there."""
    try:
        socket.create_connection((host, port), 0.2).close()
    except OSError:
        return False
    return True


def end(process: subprocess.Popen, how: int = signal.SIGTERM, timeout_s: float = PATIENCE_S) -> None:
    """End a process that a test started, with force where it doesn't listen."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout_s)


@dataclass
class Nginx:
    """An nginx that takes RTMP; can be killed and started again on the same port."""

    folder: Path
    port: int
    app: str = "live"
    extra: str = ""
    host: str = "127.0.0.1"
    prefix: list[str] = field(default_factory=list)
    """Before its command line: where else than here it runs."""
    process: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def server(self) -> str:
        """The address for a profile's `server`."""
        return f"rtmp://{self.host}:{self.port}/{self.app}"

    def url(self, key: str) -> str:
        """The address for a player."""
        return f"{self.server}/{key}"

    def start(self) -> None:
        """Start it, and wait until it accepts."""
        user = "user root;" if os.geteuid() == 0 else ""
        text = _CONFIGURATION.format(
            module=NGINX_RTMP_MODULE, folder=self.folder, host=self.host, port=self.port, app=self.app, extra=self.extra, user=user
        )
        configuration = self.folder / "nginx.conf"
        configuration.write_text(text)
        with (self.folder / "output.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, "nginx", "-p", str(self.folder), "-c", str(configuration), "-e", str(self.folder / "error.log")],
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: is_listening(self.port, self.host) or self.process.poll() is not None, what="nginx accepts")
        assert self.process.poll() is None, (self.folder / "output.log").read_text()

    def kill(self) -> None:
        """As a crash: no goodbye to anybody."""
        if self.process is not None:
            end(self.process, signal.SIGKILL)
            self.process = None


@contextlib.contextmanager
def nginx(app: str = "live", extra: str = "", host: str = "127.0.0.1", prefix: list[str] | None = None) -> Iterator[Nginx]:
    """An RTMP server of somebody else's making."""
    folder = Path(tempfile.mkdtemp(prefix="encore-nginx-"))
    server = Nginx(folder, free_port(), app, extra, host, prefix or [])
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def pulling(url: str, path: Path, duration_s: float | None = None, prefix: list[str] | None = None) -> Iterator[subprocess.Popen]:
    """Debian's ffmpeg recording a stream without decoding it; ended in order with the `with`. `prefix`: where else than here it runs."""
    limit = [] if duration_s is None else ["-t", str(duration_s)]
    process = subprocess.Popen(
        [
            *(prefix or []),
            "ffmpeg",
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-rw_timeout",
            "10000000",
            "-i",
            url,
            *limit,
            "-c",
            "copy",
            "-flush_packets",
            "1",
            str(path),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        end(process, signal.SIGINT)
        if process.stderr:
            process.stderr.close()


def pull(url: str, path: Path, duration_s: float) -> Path:
    """Record so many seconds of a live stream; returns the path."""
    with pulling(url, path, duration_s) as process:
        process.wait(duration_s + PATIENCE_S)
    return path
