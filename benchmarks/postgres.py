"""A PostgreSQL server of Debian's package for one benchmark, on loopback, that writes to the disk as a real one does."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database."""
    assert BIN is not None, "PostgreSQL isn't installed here: .ci/system-packages test"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="encore-pg-"))
    # PostgreSQL refuses to run as root: Debian's package brings a user of its own.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")

    def run(*words: str) -> None:
        subprocess.run([*as_user, str(BIN / words[0]), *words[1:]], check=True, capture_output=True, timeout=120, cwd="/")

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-A", "trust", "-U", "encore", "-E", "UTF8", "--locale=C.UTF-8")
        run("pg_ctl", "-D", data, "-o", f"-h 127.0.0.1 -p {port} -k {folder}", "-w", "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql://encore@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
