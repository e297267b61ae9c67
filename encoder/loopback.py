"""A server on this machine for the rehearsal: a child process that takes what is published and counts it.

It is for the sample show, where there is no account to publish to; it isn't a server for anybody else.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

POLL_S = 0.05


class LoopbackReceiver:
    """The child, and what it has counted so far (read from a small JSON file that it keeps writing)."""

    def __init__(self, folder: Path, port: int) -> None:
        self.server = f"rtmp://127.0.0.1:{port}/live"
        self._counts = folder / "loopback.json"
        self._counts.unlink(missing_ok=True)
        root = Path(__file__).resolve().parents[1]
        self._child = subprocess.Popen(
            [sys.executable, "-m", "encoder.loopback", str(port), str(self._counts), str(os.getpid())],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_for_end(self, timeout_s: float) -> None:
        """Give it the time to write what it has counted of a finished publication."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not self.counts().get("is_finished"):
            time.sleep(POLL_S)

    def counts(self) -> dict[str, Any]:
        """{pictures, sounds, bytes, seconds, width, height, codec, is_finished}; empty before the first packet."""
        try:
            counts: dict[str, Any] = json.loads(self._counts.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return counts

    def stop(self) -> None:
        """End the child; idempotent."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()


def receive(url: str, counts_path: Path) -> None:
    """Take one publication until it ends, counting; raises OSError when nobody came."""
    import av

    counts: dict[str, Any] = {"pictures": 0, "sounds": 0, "bytes": 0, "seconds": 0.0, "is_finished": False}
    # FFmpeg as a server tells of a publisher's goodbye, like of a broken connection, as an input/output error.
    with av.open(url, format="flv", options={"listen": "1"}) as container, contextlib.suppress(OSError):
        _count(container, counts, counts_path)
    _write(counts_path, counts | {"is_finished": True})


def _count(container: "InputContainer", counts: dict[str, Any], counts_path: Path) -> None:
    written_at = 0.0
    for packet in container.demux():
        if packet.size == 0:
            continue
        stream = packet.stream
        counts["pictures" if stream.type == "video" else "sounds"] += 1
        counts["bytes"] += packet.size
        if stream.type == "video" and packet.dts is not None and packet.time_base is not None:
            counts["seconds"] = round(float(packet.dts * packet.time_base), 3)
            picture = cast("av.VideoCodecContext", stream.codec_context)
            counts |= {"width": picture.width, "height": picture.height, "codec": picture.name}
        if time.monotonic() - written_at > 1:
            written_at = time.monotonic()
            _write(counts_path, counts)


def _write(path: Path, counts: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(counts), encoding="utf-8")
    fresh.replace(path)


def main(arguments: list[str]) -> None:
    """Serve one publication after another, until the engine that asked for it is gone."""
    import threading

    port, counts_path, owner = int(arguments[0]), Path(arguments[1]), int(arguments[2])

    def watch_owner() -> None:
        while os.getppid() == owner:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch_owner, name="owner", daemon=True).start()
    while True:
        try:
            receive(f"rtmp://127.0.0.1:{port}/live", counts_path)
        except OSError:
            time.sleep(POLL_S)


if __name__ == "__main__":
    main(sys.argv[1:])
