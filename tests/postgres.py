"""A PostgreSQL of the tests' own, from Debian's package: on loopback and a free port, gone with the run.

One server serves the whole run; each test that asks has a database of its own on it.
"""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.store import engines, migrate
from tests.servers import free_port

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
MISSING = "PostgreSQL isn't installed here (Debian: postgresql)"


class Cluster:
    """A server, run by the user postgres when the tests are root's (it refuses root)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._user = {"user": "postgres"} if os.geteuid() == 0 else {}
        self._numbers = itertools.count(1)
        if self._user:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", folder / "data", "-A", "trust", "-U", "encore", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    def run(self, program: str, *arguments: object) -> None:
        """One of the server's own programs."""
        assert PROGRAMS is not None, MISSING
        words = [str(PROGRAMS / program), *map(str, arguments)]
        subprocess.run(words, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, **self._user)

    def start(self) -> None:
        """Start it, and wait until it accepts."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=60"
        self.run("pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """`immediate` is a crash."""
        self.run("pg_ctl", "-D", self.folder / "data", "-m", how, "-w", "stop")

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://encore@127.0.0.1:{self.port}/{name}"

    def new(self, template: str = "template0") -> str:
        """The address of a new database, empty or a copy of another that nobody is connected to."""
        name = f"test{next(self._numbers)}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is connected."""
        self.sql(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')

    def sql(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        self.sql_in(self.url("postgres"), statement)

    def sql_in(self, url: str, *statements: str) -> None:
        """The same in another database."""
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def freeze(self) -> None:
        """Stop its processes where they are: it still takes connections, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        master = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for process in (master, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A server, stopped and deleted with the `with`; the test is skipped where there is none."""
    if PROGRAMS is None:
        pytest.skip(MISSING)
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="encore-pg-"))
    server = None
    try:
        server = Cluster(folder)
        yield server
    finally:
        if server is not None:
            with contextlib.suppress(subprocess.CalledProcessError):  # a test has stopped it
                server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


LAID = "laid"
"""A database with our tables and nothing in them: copied in a tenth of the time that it takes to lay them."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The run's server."""
    with cluster() as server:
        server.sql(f"CREATE DATABASE {LAID}")
        engine = engines.make(engines.parse(server.url(LAID)), "tests", is_read_only=False)
        with engine.begin() as connection:
            migrate.upgrade(connection)
        engine.dispose()
        yield server


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """A store of the test's own, with nothing in it."""
    url = postgres.new(LAID)
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty store, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/encore.db"
    else:
        yield request.getfixturevalue("postgres_url")
