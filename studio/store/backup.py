"""A copy of the fan file while it runs, and the way back: a backup is opened read-only and checked before anything is touched.

A restore never overwrites without a copy of what was there. A PostgreSQL server has tools of its own, which are named instead.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL

from studio.errors import Conflict, InvalidInput, NotFound, StoreUnavailable
from studio.store import migrate, sqlite_file
from studio.store.database import Database

SUFFIX: Final = ".db"
_PAGES: Final = 2_000
"""Pages a step, 8 MB: between two steps a cancelled backup ends, and its share done is told."""
_SIDES: Final = ("-wal", "-shm")
_BUSY_S: Final = 2.0
_NAME_SIGNS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@dataclass(frozen=True, slots=True)
class Backup:
    """A checked backup: what it holds and how old it is."""

    path: Path
    bytes: int
    revision: str
    fans: int
    events: int
    last_event_at: int | None
    made_at: int

    def to_json(self) -> dict[str, Any]:
        """As the API tells it: by its name, never its folder."""
        counts = {"bytes": self.bytes, "revision": self.revision, "fans": self.fans, "events": self.events}
        return {"name": self.path.name, **counts, "last_event_at_ms": self.last_event_at, "made_at_ms": self.made_at}


def make(database: Database, target: Path, told: Callable[[float], None] | None = None) -> Backup:
    """Copy a store that may be in use to a new file, check the copy, then give it its name. Blocks: for a worker thread.

    The writer goes on meanwhile: the copy is the store as it was when the copy began. Raises Conflict for a file that is there
    already, InvalidInput on PostgreSQL, StoreUnavailable.
    """
    if not database.is_sqlite:
        raise InvalidInput("backup.postgres", command=dump_command(database.url))
    if target.exists():
        raise Conflict("backup.exists", path=str(target))
    if not target.parent.is_dir():
        raise StoreUnavailable("store.no_folder", path=str(target))
    if not database.is_open:  # else it was checked, and a handle of ours closed now would take SQLite's locks from it
        sqlite_file.check(database.path, is_read_only=True)
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        _copy(database.path, partial, told)
        check(partial, of=database.path)
        partial.replace(target)
        _sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable("store.copy_failed", path=str(target)) from error
    finally:
        partial.unlink(missing_ok=True)
    return check(target)


def check(path: Path, of: Path | None = None) -> Backup:
    """Open a file read-only and make sure that it is a whole fan file which this program knows. Raises StoreUnavailable, NotFound.

    `of` is the file that it is a copy of, which is then the one at fault.
    """
    if not path.exists():
        raise NotFound("backup.missing", path=str(path))
    if path.is_symlink() or not path.is_file() or not path.stat().st_size:
        raise StoreUnavailable("store.not_a_store", path=str(path))
    sqlite_file.check(path, is_read_only=True)
    try:
        # `immutable` where no log lies beside it: SQLite then writes nothing at all, not even an index of the log.
        mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)
        try:
            return _contents(connection, path, of or path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise sqlite_file.unavailable(error, of or path) from error


def _contents(connection: sqlite3.Connection, path: Path, blamed: Path) -> Backup:
    connection.execute("PRAGMA query_only=ON")
    if connection.execute("PRAGMA application_id").fetchone()[0] != sqlite_file.APPLICATION_ID:
        raise StoreUnavailable("store.not_ours", path=str(blamed))
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise StoreUnavailable("store.corrupt", path=str(blamed))
    revision = str(connection.execute(f"SELECT version_num FROM {migrate.VERSION_TABLE}").fetchone()[0])  # noqa: S608 - our own table
    known = migrate.known_revisions()
    if revision not in known:
        raise StoreUnavailable("store.newer", path=str(blamed), revision=revision, newest=known[-1])
    fans = connection.execute("SELECT value FROM counter WHERE name = 'fans'").fetchone()
    events = connection.execute("SELECT max(seq) FROM event").fetchone()[0]
    # Before version 0014 the whole ledger had to be read for it.
    last_at = connection.execute("SELECT coalesce((SELECT value FROM counter WHERE name = 'last_event_at'), (SELECT max(at) FROM event))")
    state = path.stat()
    return Backup(path, state.st_size, revision, fans[0] if fans else 0, events or 0, last_at.fetchone()[0], int(state.st_mtime * 1000))


def restore(backup: Path, url: URL | Database, now_ms: int) -> tuple[Backup, Path | None]:
    """Put a checked backup in the store's place: (what it holds, where the store that was there lies now). Blocks.

    The store must not be open. Raises StoreUnavailable when it is in use, read-only or another program's; InvalidInput on PostgreSQL.
    """
    database = url if isinstance(url, Database) else Database(url.render_as_string(hide_password=False))
    if not database.is_sqlite:
        raise InvalidInput("backup.postgres_restore", command=restore_command(database.url))
    path = database.path
    found = check(backup)
    if path.exists() and path.samefile(backup):
        raise Conflict("backup.same_file", path=str(path))
    if not path.parent.is_dir():
        raise StoreUnavailable("store.no_folder", path=str(path))
    _refuse_target(path)
    lock = sqlite_file.FileLock(path)
    lock.take()
    try:
        return found, _replace(backup, path, now_ms)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable("store.copy_failed", path=str(path)) from error
    finally:
        lock.release()


def _refuse_target(path: Path) -> None:
    """A damaged store may be replaced: it is why there is a restore. Not what is meant to stay, isn't ours, or is being written."""
    try:
        sqlite_file.check(path)
        if path.exists():
            _refuse_written(path)
    except StoreUnavailable as error:
        if error.code in {"store.read_only", "store.not_ours", "store.locked"}:
            raise


def _refuse_written(path: Path) -> None:
    """Raises StoreUnavailable while another program writes: what it hasn't committed would go with the file."""
    try:
        # The reader is the last to go: a writer would copy the log into the file on its way out.
        with (
            contextlib.closing(sqlite3.connect(sqlite_file.reading_uri(path), uri=True)) as reader,
            contextlib.closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as writer,
        ):
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise sqlite_file.unavailable(error, path) from error


def _replace(backup: Path, path: Path, now_ms: int) -> Path | None:
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    _copy(backup, partial, None)
    kept = _set_aside(path, now_ms) if path.exists() else None
    _take_in_log(path)
    for side in _SIDES:
        # A log of the old store must never be played into the new one.
        path.with_name(path.name + side).unlink(missing_ok=True)
    partial.replace(path)
    _sync_folder(path.parent)
    return kept


def _take_in_log(path: Path) -> None:
    """Copy a killed store's log into it: whatever ends the restore from here on, what was there stands whole without its log."""
    if not path.with_name(path.name + _SIDES[0]).exists():
        return
    # A damaged one stays as it is.
    with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _set_aside(path: Path, now_ms: int) -> Path:
    """A copy of the store as it is, byte for byte with its log: one that is damaged may be just why there is a restore."""
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    kept = path.with_name(f"{path.name}.before-restore-{stamp}")
    if kept.exists():
        raise Conflict("backup.exists", path=str(kept))
    for side in ("", *_SIDES[:1]):
        part = path.with_name(path.name + side)
        if part.exists() and part.stat().st_size:
            shutil.copy2(part, kept.with_name(kept.name + side))
            _sync(kept.with_name(kept.name + side))
    return kept


def _copy(source_path: Path, target: Path, told: Callable[[float], None] | None) -> None:
    """SQLite's own online copy, from one snapshot: the reader's transaction is held open over all steps."""
    source = sqlite3.connect(sqlite_file.reading_uri(source_path), uri=True, timeout=5.0, isolation_level=None)
    sink = sqlite3.connect(target)
    try:
        target.chmod(0o600)
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()

        def step(_status: int, left: int, total: int) -> None:
            if told is not None:
                told(1 - left / max(1, total))

        source.backup(sink, pages=_PAGES, progress=step)
        sink.execute("PRAGMA journal_mode=DELETE")  # one file that can be carried away, without a log beside it
    finally:
        sink.close()
        source.close()
    _sync(target)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def folder_of(database: Database) -> Path:
    """Where backups made through the API lie: beside the store."""
    return database.path.with_name(database.path.name + ".backups")


def named(folder: Path, name: str) -> Path:
    """A backup of the folder by its bare name. Raises NotFound for anything that leads elsewhere."""
    if not name.endswith(SUFFIX) or name.startswith(".") or not set(name) <= _NAME_SIGNS:
        raise NotFound("backup.missing", path=name[:100])
    return folder / name


def listed(folder: Path) -> list[Path]:
    """The backups of a folder, newest first."""
    found = [path for path in folder.glob(f"*{SUFFIX}") if path.is_file() and not path.is_symlink()] if folder.is_dir() else []
    return sorted(found, key=lambda path: path.name, reverse=True)


def new_name(store: Path, now_ms: int) -> str:
    """A name that sorts by time."""
    stem = "".join(sign if sign in _NAME_SIGNS else "-" for sign in store.stem).lstrip(".") or "encore"
    return f"{stem}-{datetime.fromtimestamp(now_ms / 1000, UTC).strftime('%Y%m%d-%H%M%S')}{SUFFIX}"


def dump_command(url: URL) -> str:
    """What makes a backup of a PostgreSQL store."""
    return f"pg_dump --format=custom --file=encore.dump {_plain(url)}"


def restore_command(url: URL) -> str:
    """What brings it back."""
    return f"pg_restore --single-transaction --no-owner --dbname={_plain(url)} encore.dump"


def _plain(url: URL) -> str:
    """The URL as PostgreSQL's own tools take it, without the password: they ask for it, or read ~/.pgpass."""
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()
