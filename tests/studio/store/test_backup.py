"""Copies of the fan file while it runs, and the way back: nothing is overwritten, nothing that isn't whole is let in."""

import asyncio
import contextlib
import os
import sqlite3
from pathlib import Path

import pytest
from fan_file import make
from other_program import take_whole

from studio.errors import Conflict, InvalidInput, KnownError, NotFound, StoreUnavailable
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import backup
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.working import Received

NOW_MS = 1_800_000_000_000


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    yield database
    await database.close()


def taking(count, first=0):
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    batch = [Received(event := make(f"e{number}", "chat", f"u{number}", text="hi"), event.at_ms) for number in range(first, first + count)]
    return lambda connection: store.apply(connection, batch).accepted


async def test_a_backup_is_whole_while_the_writer_goes_on(database, tmp_path):
    await database.write(taking(400))
    shares = []

    async def write_on():
        for number in range(20):
            await database.write(taking(50, 1_000 + 50 * number))

    copying = asyncio.to_thread(backup.make, database, tmp_path / "copy.db", shares.append)
    made, _ = await asyncio.gather(copying, write_on())
    assert (made.fans == 400 and made.events == 400) or (made.events - 400) % 50 == 0
    assert made.fans == made.events
    assert shares[-1] == 1.0
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0
    again = Database(f"sqlite:///{tmp_path}/copy.db")
    await again.open()
    await again.close()


async def test_no_other_program_takes_a_running_store_after_a_backup(database, tmp_path):
    """The log would go with it, and everything that is written from then on into a file that no longer has a name."""
    await database.write(taking(10))
    await asyncio.to_thread(backup.make, database, tmp_path / "copy.db")
    assert await asyncio.to_thread(take_whole, database.path) == "refused"
    await database.write(taking(10, 100))
    await database.close()
    assert await asyncio.to_thread(take_whole, database.path) == "taken"


async def test_a_backup_never_overwrites(database, tmp_path):
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(Conflict):
        backup.make(database, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"
    with pytest.raises(StoreUnavailable, match="no_folder"):
        backup.make(database, tmp_path / "nowhere" / "copy.db")


async def test_a_backup_of_a_store_that_this_program_does_not_know_blames_the_store(database, tmp_path):
    with sqlite3.connect(database.path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable) as error:
        backup.make(database, tmp_path / "copy.db")
    assert (error.value.code, error.value.params["path"]) == ("store.newer", str(database.path))
    assert not list(tmp_path.glob("copy*"))


async def test_a_restore_brings_back_what_was_and_keeps_what_is(database, tmp_path):
    await database.write(taking(10))
    backup.make(database, tmp_path / "copy.db")
    await database.write(taking(5, 100))
    with pytest.raises(StoreUnavailable, match="in_use"):
        backup.restore(tmp_path / "copy.db", database, NOW_MS)
    await database.close()
    found, kept = backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{tmp_path}/encore.db"), NOW_MS)
    assert found.fans == 10
    assert backup.check(tmp_path / "encore.db").fans == 10
    assert backup.check(kept).fans == 15
    assert backup.check(tmp_path / "copy.db").fans == 10


async def test_a_killed_store_is_kept_with_what_was_still_in_its_log(database, tmp_path):
    await database.write(taking(10))
    backup.make(database, tmp_path / "copy.db")
    await database.write(taking(5, 100))
    for name in ("encore.db", "encore.db-wal"):
        (tmp_path / f"killed-{name}").write_bytes((tmp_path / name).read_bytes())
    assert (tmp_path / "killed-encore.db-wal").stat().st_size
    (tmp_path / "killed-encore.db-wal").rename(tmp_path / "killed.db-wal")
    (tmp_path / "killed-encore.db").rename(tmp_path / "killed.db")
    _, kept = backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{tmp_path}/killed.db"), NOW_MS)
    assert backup.check(tmp_path / "killed.db").fans == 10
    assert not (tmp_path / "killed.db-wal").exists()
    assert backup.check(kept).fans == 15


async def test_a_restore_that_ends_before_the_last_step_leaves_what_was_there_whole(database, tmp_path, monkeypatch):
    await database.write(taking(10))
    backup.make(database, tmp_path / "copy.db")
    await database.write(taking(5, 100))
    for name in ("encore.db", "encore.db-wal"):
        (tmp_path / name.replace("encore", "killed")).write_bytes((tmp_path / name).read_bytes())

    def refuse(*_):
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(StoreUnavailable):
            backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{tmp_path}/killed.db"), NOW_MS)
    assert backup.check(tmp_path / "killed.db").fans == 15


async def test_what_is_not_ours_or_is_meant_to_stay_is_not_replaced(database, tmp_path):
    await database.write(taking(10))
    backup.make(database, tmp_path / "copy.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "photos.db")) as connection:
        connection.execute("CREATE TABLE photo (name TEXT)")
    kept = tmp_path / "kept.db"
    kept.write_bytes((tmp_path / "copy.db").read_bytes())
    kept.chmod(0o444)
    for name, code in (("photos.db", "store.not_ours"), ("kept.db", "store.read_only")):
        path = tmp_path / name
        before = path.read_bytes()
        with pytest.raises(StoreUnavailable) as error:
            backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{path}"), NOW_MS)
        assert error.value.code == code
        assert path.read_bytes() == before
        assert [found.name for found in tmp_path.glob(f"{name}*")] == [name]


async def test_what_another_program_writes_is_not_replaced(database, tmp_path):
    await database.write(taking(10))
    backup.make(database, tmp_path / "copy.db")
    other = tmp_path / "other.db"
    other.write_bytes((tmp_path / "copy.db").read_bytes())
    with contextlib.closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE person SET points = points + 1")
        with pytest.raises(StoreUnavailable, match=r"store\.locked"):
            backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{other}"), NOW_MS)
        connection.execute("COMMIT")
    assert [path.name for path in tmp_path.glob("other.db*")] == ["other.db"]
    backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{other}"), NOW_MS)


async def test_a_damaged_store_can_be_restored_and_is_kept_byte_for_byte(database, tmp_path):
    await database.write(taking(10))
    backup.make(database, tmp_path / "copy.db")
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\x00" + os.urandom(5000))
    before = (tmp_path / "broken.db").read_bytes()
    _, kept = backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{tmp_path}/broken.db"), NOW_MS)
    assert kept.read_bytes() == before
    assert backup.check(tmp_path / "broken.db").fans == 10


def other_program(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()


def newer(path):
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()


def half(path):
    path.write_bytes(path.read_bytes()[:9000])


def torn(path):
    data = bytearray(path.read_bytes())
    data[4096:12288] = os.urandom(8192)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.write_text("hello " * 50), "store.not_a_store"),
        (lambda path: path.write_bytes(b""), "store.not_a_store"),
        (lambda path: path.unlink() or other_program(path), "store.not_ours"),
        (half, "store.corrupt"),
        (torn, "store.corrupt"),
        (newer, "store.newer"),
        (lambda path: path.unlink(), "backup.missing"),
        (lambda path: path.unlink() or path.mkdir(), "store.not_a_store"),
        (lambda path: path.rename(f"{path}.real") and path.symlink_to(f"{path}.real"), "store.not_a_store"),
    ],
)
async def test_what_is_no_whole_fan_file_is_refused_and_the_store_untouched(database, tmp_path, spoil, code):
    await database.write(taking(10))
    backup.make(database, tmp_path / "copy.db")
    await database.close()
    spoil(tmp_path / "copy.db")
    before = (tmp_path / "encore.db").read_bytes()
    with pytest.raises(KnownError) as error:
        backup.restore(tmp_path / "copy.db", Database(f"sqlite:///{tmp_path}/encore.db"), NOW_MS)
    assert error.value.code == code
    assert (tmp_path / "encore.db").read_bytes() == before
    assert not list(tmp_path.glob("*.before-restore*"))


async def test_a_store_cannot_be_restored_from_itself(database, tmp_path):
    await database.close()
    with pytest.raises(Conflict):
        backup.restore(tmp_path / "encore.db", Database(f"sqlite:///{tmp_path}/encore.db"), NOW_MS)


@pytest.mark.parametrize(
    "name", ["../encore.db", "/etc/passwd", "a/b.db", ".hidden.db", "x", "..", "a\x00.db", "x.db/../../y.db", "x.toml"]
)
def test_a_name_never_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(NotFound):
        backup.named(tmp_path, name)


def test_postgresql_is_told_how_without_its_password():
    database = Database("postgresql://encore:secret@db.example/fans")
    for call in (lambda: backup.make(database, None), lambda: backup.restore(None, database, NOW_MS)):
        with pytest.raises(InvalidInput) as error:
            call()
        assert "postgresql://encore@db.example/fans" in error.value.params["command"]
        assert "secret" not in str(error.value)
