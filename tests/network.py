"""A server in a network of its own, behind a link that a test makes slow, lossy or dead.

The server's side is a network namespace, ours one more address; both go with the `with`. Linux with root only: `why_not` says so.
"""

import contextlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def why_not() -> str:
    """Why there can be no such network here; empty when there can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a network namespace and a TUN device need Linux and root"
    if not Path("/dev/net/tun").exists():
        return "this kernel has no /dev/net/tun"
    made = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    return "" if made.returncode == 0 else "network namespaces aren't allowed here"


@dataclass
class Network:
    """The link's two ends and its remote control."""

    namespace: str
    near_ip: str
    far_ip: str
    emulator: subprocess.Popen[str]

    @property
    def prefix(self) -> list[str]:
        """Put before a command, runs it at the far end."""
        return ["ip", "netns", "exec", self.namespace]

    def set(self, way: str = "both", **values: float) -> dict[str, Any]:
        """Change `rate_kbps`, `delay_ms`, `loss`, `queue_bytes` or `is_dead` of `up`, `down` or `both`; the counters."""
        assert self.emulator.stdin is not None
        assert self.emulator.stdout is not None
        self.emulator.stdin.write(json.dumps({"way": way, **values}) + "\n")
        self.emulator.stdin.flush()
        return json.loads(self.emulator.stdout.readline())

    def cut(self) -> None:
        """A black hole: nothing comes through, and nobody says so."""
        self.set(is_dead=True)

    def mend(self) -> None:
        """The link is back."""
        self.set(is_dead=False)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Both ends, connected by a perfect link. Addresses are of 198.18.0.0/15, which is meant for tests (RFC 2544)."""
    number = os.getpid() % 100_000
    namespace, near, far = f"encore-{number}", f"encn{number}", f"encf{number}"
    block = f"198.{random.randint(18, 19)}.{random.randint(0, 255)}"
    host = random.randrange(0, 252, 4)
    near_ip, far_ip = f"{block}.{host + 1}", f"{block}.{host + 2}"
    _ip("netns", "add", namespace)
    emulator = subprocess.Popen(
        [sys.executable, "-m", "tests.link_emulator", near, far], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert emulator.stdout is not None
        assert emulator.stdout.readline().strip() == "ready"
        _ip("link", "set", far, "netns", namespace)
        _ip("addr", "add", near_ip, "peer", far_ip, "dev", near)
        _ip("link", "set", near, "up")
        _ip("-n", namespace, "addr", "add", far_ip, "peer", near_ip, "dev", far)
        _ip("-n", namespace, "link", "set", far, "up")
        _ip("-n", namespace, "link", "set", "lo", "up")
        yield Network(namespace, near_ip, far_ip, emulator)
    finally:
        with contextlib.suppress(OSError):
            emulator.stdin.close()
        emulator.wait(5)
        emulator.stdout.close()
        _ip("netns", "delete", namespace)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
