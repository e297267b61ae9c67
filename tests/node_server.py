"""node-media-server on loopback: a second RTMP server of somebody else's making, where `.ci/node-media-server` could install it."""

import contextlib
import json
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers import end, free_port, is_listening, wait_until

_INSTALLED = Path(__file__).resolve().parents[1] / ".venv" / "node" / "node_modules" / ".bin" / "node-media-server"


def command() -> str:
    """Its command, empty where there is none."""
    return str(_INSTALLED) if _INSTALLED.exists() else shutil.which("node-media-server") or ""


class NodeServer:
    """Can be killed and started again on the same port. `secret` makes publishers sign their key."""

    def __init__(self, folder: Path, secret: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        configuration = {
            "bind": "127.0.0.1",
            "notify": {"url": ""},
            "store": {"path": str(folder / "data"), "maxHistory": 10},
            "auth": {"play": False, "publish": bool(secret), "secret": secret, "jwt": {"secret": "x" * 32, "users": []}},
            "rtmp": {"port": self.port},
            "http": {"port": free_port()},
            "webadmin": {"enable": False},
            "record": {"auto": False, "path": str(folder / "record")},
        }
        (folder / "config.json").write_text(json.dumps(configuration))

    @property
    def server(self) -> str:
        """The address for a profile's `server`."""
        return f"rtmp://127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Start it, and wait until it accepts."""
        with (self._folder / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                [command(), "--config", str(self._folder / "config.json"), "--no-admin"], cwd=self._folder, stdout=log, stderr=log
            )
        wait_until(lambda: is_listening(self.port) or self._process.poll() is not None, what="node-media-server accepts")
        assert self._process.poll() is None, (self._folder / "output.log").read_text()

    def kill(self) -> None:
        """As a crash."""
        if self._process is not None:
            end(self._process, signal.SIGKILL)
            self._process = None


@contextlib.contextmanager
def node_server(secret: str = "") -> Iterator[NodeServer]:
    """Running, and gone with the `with`."""
    folder = Path(tempfile.mkdtemp(prefix="encore-node-"))
    server = NodeServer(folder, secret)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
