"""The SQLite file on disk: who may use it, whether it is ours and whole, and a copy before anything is changed.

It looks without touching: a file that is refused has the same bytes afterwards.
"""

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from studio.errors import StoreUnavailable

APPLICATION_ID = 0x454E4352
"""'ENCR' in the file's header: tells our files from those of other programs."""
_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_SMALL_FILE_BYTES = 64 << 20
"""Up to here every page is checked at opening (about 0.2 s) and written anew at closing where something was erased; a larger file would
delay the show, or its end."""


def begin(path: Path) -> None:
    """Lay an empty file that its owner alone may read, where there is none: SQLite would let everybody on this computer."""
    path.touch(mode=0o600, exist_ok=True)


@contextlib.contextmanager
def overwriting(connection: Connection) -> Iterator[None]:
    """What is deleted within the `with` is overwritten: otherwise it stays legible in an SQLite file until something needs the room."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA secure_delete").scalar()
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    yield
    connection.exec_driver_sql(f"PRAGMA secure_delete={before}")


def compact(path: Path, *, is_large_too: bool) -> None:
    """Write the file anew, if it is small or asked for: whatever SQLite left behind when it moved rows about is gone then, too.

    Nobody may have it open. A second for 64 MB, and as much room again on the disk meanwhile. Raises StoreUnavailable.
    """
    if path.stat().st_size > _SMALL_FILE_BYTES and not is_large_too:
        return
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise unavailable(error, path) from error


class FileLock:
    """An advisory lock on a file beside the store, held while the store is open; the system frees it with the process."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(store.name + ".lock")
        self._store = store
        self._file: IO[bytes] | None = None

    def take(self) -> None:
        """Raises StoreUnavailable("store.in_use") when another copy of the program has it."""
        try:
            file = self._path.open("ab")
        except OSError as error:
            raise StoreUnavailable("store.read_only", path=str(self._store)) from error
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise StoreUnavailable("store.in_use", path=str(self._store)) from error
        self._file = file

    def release(self) -> None:
        """Idempotent; the lock file stays, because removing it would race with the next owner."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def check(path: Path, *, is_read_only: bool = False) -> None:
    """Raises StoreUnavailable unless `path` is a whole, writable store of ours, or nothing yet.

    Not for a file that this process has open: POSIX takes all of a process's locks on a file, SQLite's too, when it closes any handle
    of it; another program that then opens the file and closes it takes the log away from under the writer.
    """
    if not path.parent.is_dir():
        raise StoreUnavailable("store.no_folder", path=str(path))
    if not path.exists():
        if is_read_only:
            raise StoreUnavailable("store.missing", path=str(path))
        if not os.access(path.parent, os.W_OK):
            raise StoreUnavailable("store.read_only", path=str(path))
        return
    if not path.is_file():
        raise StoreUnavailable("store.not_a_store", path=str(path))
    # The mode is looked at too: for root every file is writable, but a file marked read-only is meant to stay as it is.
    if not is_read_only and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        raise StoreUnavailable("store.read_only", path=str(path))
    _check_header(path, is_read_only=is_read_only)


def require(path: Path) -> None:
    """Raises StoreUnavailable where nothing was ever stored: what works on a fan file must lay none where its address is wrong."""
    if path.parent.is_dir() and (not path.exists() or (path.is_file() and not path.stat().st_size)):
        raise StoreUnavailable("store.missing", path=str(path))


def _check_header(path: Path, *, is_read_only: bool) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            size = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise StoreUnavailable("store.unreadable", path=str(path)) from error
    if not header:
        if is_read_only:
            raise StoreUnavailable("store.missing", path=str(path))
        return
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise StoreUnavailable("store.not_a_store", path=str(path))
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65_536 if page_bytes == 1 else page_bytes
    wal = path.with_name(path.name + "-wal")
    has_log = wal.exists() and wal.stat().st_size > 0
    # With a log the missing pages may be in it: SQLite itself finds out then.
    if not has_log and size < int.from_bytes(header[28:32], "big") * page_bytes:
        raise StoreUnavailable("store.corrupt", path=str(path))
    _check_content(path, size)


def _check_content(path: Path, size: int) -> None:
    try:
        connection = sqlite3.connect(reading_uri(path), uri=True, timeout=2.0)
        try:
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            owner = connection.execute("PRAGMA application_id").fetchone()[0]
            if tables and owner != APPLICATION_ID:
                raise StoreUnavailable("store.not_ours", path=str(path))
            if size <= _SMALL_FILE_BYTES and connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise StoreUnavailable("store.corrupt", path=str(path))
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise unavailable(error, path) from error


def reading_uri(path: Path) -> str:
    """What SQLite opens for reading: as a file that stays as it is, where nobody may write it, else with the log that may lie beside it."""
    return f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if is_settled(path) else ''}"


def is_settled(path: Path) -> bool:
    """Whether a file can't change while it is read: no log, and a disk or a file and a folder that nobody may write.

    SQLite itself can't open such a file: it would have to put the index of the log beside it. A folder that only this user may not
    write is another matter: its owner may begin to at any time.
    """
    if any(path.with_name(path.name + end).exists() for end in ("-wal", "-shm")):
        return False
    try:
        modes = path.stat().st_mode | path.resolve().parent.stat().st_mode
        on_read_only_disk = sys.platform != "win32" and bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False
    return on_read_only_disk or (os.name == "posix" and not modes & 0o222)


def copy(path: Path, target: Path) -> None:
    """A consistent copy, the log's pages included, put in place by rename. Raises StoreUnavailable."""
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        begin(partial)
        partial.chmod(path.stat().st_mode & 0o777)
        source = sqlite3.connect(reading_uri(path), uri=True)
        sink = sqlite3.connect(partial)
        try:
            source.backup(sink)
        finally:
            sink.close()
            source.close()
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable("store.copy_failed", path=str(target)) from error


def unavailable(error: BaseException, path: Path | str) -> StoreUnavailable:
    """What SQLite says, as one of our codes."""
    words = str(error).lower()
    codes = {
        "locked": "store.locked",
        "busy": "store.locked",
        "readonly": "store.read_only",
        "read-only": "store.read_only",
        "malformed": "store.corrupt",
        "not a database": "store.not_a_store",
        "full": "store.disk_full",
        "unable to open": "store.no_room_beside",
    }
    for sign, code in codes.items():
        if sign in words:
            return StoreUnavailable(code, retryable=code in {"store.locked", "store.disk_full"}, path=str(path))
    return StoreUnavailable("store.failed", path=str(path), reason=str(error).splitlines()[0][:200])
