"""What takes the fan file more than one step is killed with SIGKILL at any moment, again and again, always from the same file.

An older version that is brought up to date, an erasing, a restore, a compacting: whatever stood there when the process died, the next
start opens a file that says what it said before, or what it was to say afterwards.

python -m tests.studio.store.kills_midway WORK TIMES SEED [SERVER]     prints what was found, as JSON

WORK is `migrate:VERSION`, `erase`, `restore` or `compact`; SERVER the address of a PostgreSQL database beside which others may be made.
"""

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from studio import fans_cli
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import backup, fan_archive, migrate
from studio.store.database import Database
from studio.store.erase import erase
from studio.store.fan_store import FanStore
from studio.store.working import Received
from tests.studio.store.kills import event_of
from tests.studio.store.test_migrations import lay

EVENTS = 400
GONE = "u7"
"""The fan who is erased: eight events, two orders and two gifts among them."""
LATER = 1.3
"""How far beyond the work's usual end a kill may come: on a busy computer one life takes longer than another."""
Say = Callable[[str], None]


@dataclass
class Found:
    """What so many kills left behind."""

    runs: int = 0
    before: int = 0
    """Times that the file said what it had said before the work."""
    after: int = 0
    """Times that it said what it was to say."""
    wrong: list[str] = field(default_factory=list)
    """What was neither, in words."""


class Place:
    """A store that can be laid out again as it was: a folder with a SQLite file, or a database of a server."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self._kept, self._server = folder / "live", folder / "kept", server
        self.folder.mkdir()

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self._server.rpartition('/')[0]}/kills_live" if self._server else f"sqlite:///{self.folder}/encore.db"

    @property
    def file(self) -> Path:
        """The SQLite file; there is none on a server."""
        return self.folder / "encore.db"

    def make(self) -> None:
        """Lay an empty database on a server; a file makes itself."""
        self._copy("template0", "kills_live")

    def keep(self) -> None:
        """As it is now it is to be laid out again."""
        self._copy("kills_live", "kills_kept")
        shutil.copytree(self.folder, self._kept)

    def lay_out(self) -> None:
        """Put it back as it was."""
        self._copy("kills_kept", "kills_live")
        shutil.rmtree(self.folder)
        shutil.copytree(self._kept, self.folder)

    def _copy(self, template: str, name: str) -> None:
        if self._server:
            import psycopg

            with psycopg.connect(self._server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def apart(work: Callable[[Say], Any], seconds: float | None = None) -> list[str]:
    """Do it in a process of its own, killed after so many seconds; what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os._exit(_lived(work, lambda line: (os.write(writing, f"{line}\n".encode()), None)[1]))
    os.close(writing)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as pipe:
        said = pipe.read().splitlines()
    status = os.waitpid(child, 0)[1]
    if status and not os.WIFSIGNALED(status):
        raise SystemExit("the work failed by itself")
    return said


def _lived(work: Callable[[Say], Any], say: Say) -> int:
    try:
        work(say)
    except BaseException:  # noqa: BLE001 - a forked process must never go on as if it were the one that forked it
        traceback.print_exc()
        return 1
    return 0


async def _write(url: str, work: Callable[[Any], Any], say: Say, *, is_closed: bool = True) -> Any:
    database = Database(url)
    await database.open()
    done = await database.write(work)
    say("written")
    if is_closed:
        await database.flush()
        await database.close()
    return done


def write(url: str, work: Callable[[Any], Any], say: Say = lambda _line: None, *, is_closed: bool = True) -> Any:
    """Open a store and work in a transaction; then flush and close it, or leave it as a killed studio does."""
    return asyncio.run(_write(url, work, say, is_closed=is_closed))


def ledger() -> FanStore:
    """The rules of the room."""
    return FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")


def taking(count: int) -> Callable[[Any], Any]:
    """Takes in so many events."""
    batch = [Received(event := event_of(number), event.at_ms) for number in range(count)]
    return lambda connection: ledger().apply(connection, batch)


def told(url: str) -> str:
    """What the store says when it is opened as always: its version, its figures, and those that a rebuild makes of its ledger."""

    def lines(connection: Any) -> list[str]:
        shown = [str(migrate.current_revision(connection)), *fan_archive.export_lines(connection)]
        fan_archive.rebuild(connection, ledger())
        return [*shown, *fan_archive.export_lines(connection)]

    return apart(lambda say: say(json.dumps(write(url, lines))))[0]


class Work:
    """One kind of work: how its store is laid, what is done, and what must hold besides what the file says."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.before = ""
        """What the file said."""

    def prepare(self) -> None:
        """Lay the store."""
        self.place.make()
        apart(lambda _say: write(self.place.url, taking(EVENTS)))

    def act(self, say: Say) -> None:
        """What is killed; once it is done, the word is `written`."""
        raise NotImplementedError

    def faults(self) -> list[str]:
        """What is wrong right after the kill, before anybody opens the store."""
        return []

    def faults_afterwards(self, *, is_done: bool) -> list[str]:
        """What is wrong once the store was opened and closed again; `is_done`: it says what it was to say."""
        return []


class Migrate(Work):
    """An older version is opened: a whole copy stands beside it before anything is changed."""

    def __init__(self, place: Place, version: str) -> None:
        super().__init__(place)
        self.version = version

    def prepare(self) -> None:
        self.place.make()
        apart(lambda _say: lay(self.place.url, self.version))

    def act(self, say: Say) -> None:
        write(self.place.url, migrate.current_revision, say)

    def faults(self) -> list[str]:
        store, copy = self.place.file, self.place.file.with_name(f"encore.db.before-{self.version}")
        if not store.exists():
            return []
        if copy.exists():
            return [] if backup.check(copy).revision == self.version else ["the copy is of another version"]
        return [] if backup.check(store).revision == self.version else ["changed before it was copied"]

    def faults_afterwards(self, *, is_done: bool) -> list[str]:
        return [f"left behind: {path.name}" for path in self.place.folder.glob("*.part")]


class Erase(Work):
    """A fan is erased; when that is done, nothing of them stands in the file after the next start."""

    def act(self, say: Say) -> None:
        write(self.place.url, lambda connection: erase(connection, ledger(), ("douyin", GONE)), say)

    def faults_afterwards(self, *, is_done: bool) -> list[str]:
        left = [path.name for path in self.place.folder.glob("encore.db*") if f"douyin{GONE}".encode() in path.read_bytes()]
        return [f"still legible: {left}"] if is_done and left else []


class Restore(Work):
    """A backup takes the place of a store whose last events stand in its log alone."""

    def prepare(self) -> None:
        apart(lambda _say: write(self.place.url, taking(EVENTS // 2)))
        apart(lambda _say: backup.make(Database(self.place.url), self.place.folder / "backup.db"))
        apart(lambda _say: write(self.place.url, taking(EVENTS), is_closed=False))

    def act(self, say: Say) -> None:
        with contextlib.redirect_stdout(None):
            assert fans_cli.run(["restore", str(self.place.folder / "backup.db"), "--store", self.place.url]) == 0
        say("written")

    def faults_afterwards(self, *, is_done: bool) -> list[str]:
        kept = sorted(self.place.folder.glob("encore.db.before-restore-*[0-9]"))
        if not is_done:
            return []
        return [] if kept and told(f"sqlite:///{kept[0]}") == self.before else ["what was there is not beside it"]


class Compact(Work):
    """The file is written anew."""

    def act(self, say: Say) -> None:
        with contextlib.redirect_stdout(None):
            assert fans_cli.run(["tidy", "--compact", "--store", self.place.url]) == 0
        say("written")


def work_of(name: str, place: Place) -> Work:
    """By the word of the command."""
    kind, _, version = name.partition(":")
    return Migrate(place, version) if version else {"erase": Erase, "restore": Restore, "compact": Compact}[kind](place)


def kill_again_and_again(work: Work, times: int, seed: int) -> Found:
    """So many lives of the same work, each ended at another moment."""
    place, dice, found = work.place, random.Random(seed), Found()
    work.prepare()
    place.keep()
    work.before = told(place.url)
    place.lay_out()
    started = time.monotonic()
    apart(work.act)
    took_s = time.monotonic() - started
    after = told(place.url)
    for number in range(times):
        place.lay_out()
        seconds = dice.random() * LATER * took_s
        wrong = _one_life(work, seconds, after, found)
        found.wrong += [f"{number}, killed after {seconds * 1000:.1f} of {took_s * 1000:.0f} ms: {one}" for one in wrong]
    return found


def _one_life(work: Work, seconds: float, after: str, found: Found) -> list[str]:
    said = apart(work.act, seconds)
    wrong = work.faults()
    now = told(work.place.url)
    found.runs += 1
    found.after += now == after
    found.before += now == work.before != after
    if now not in {work.before, after}:
        wrong.append("it says something else")
    if said and now != after:
        wrong.append("what was told to be done is not")
    return wrong + work.faults_afterwards(is_done=now == after)


def main() -> None:
    """Command line."""
    name, times, seed, server = (*sys.argv[1:], "")[:4]
    with tempfile.TemporaryDirectory(prefix="encore-kills-") as folder:
        work = work_of(name, Place(Path(folder), server))
        print(json.dumps(asdict(kill_again_and_again(work, int(times), int(seed))), ensure_ascii=False))


if __name__ == "__main__":
    main()
