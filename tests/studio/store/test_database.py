import asyncio
import os
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from studio.errors import StoreUnavailable
from studio.store import (
    analysis_tables,
    backup,
    drop_tables,
    import_tables,
    lease_tables,
    migrate,
    person_tables,
    product_tables,
    shop_tables,
    sqlite_file,
    tables,
)
from studio.store.database import Database


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    await database.write(lambda connection: connection.execute(text("CREATE TABLE thing (n INTEGER PRIMARY KEY)")) and None)
    yield database
    await database.close()


def put(number):
    def function(connection):
        connection.execute(text("INSERT INTO thing VALUES (:n)"), {"n": number})
        return number

    return function


def count(connection):
    return connection.execute(text("SELECT count(*) FROM thing")).scalar()


async def test_a_failing_job_costs_only_itself(database):
    results = await asyncio.gather(*(database.write(put(n)) for n in [1, 2, 2, 3]), return_exceptions=True)
    assert [r for r in results if isinstance(r, int)] == [1, 2, 3]
    assert await database.read(count) == 3


async def test_many_writers_share_transactions_and_all_are_answered(database):
    results = await asyncio.gather(*(database.write(put(n)) for n in range(6000)))
    assert results == list(range(6000))
    assert await database.read(count) == 6000


async def test_a_reader_cannot_write(database):
    with pytest.raises(StoreUnavailable, match=r"store\.read_only"):
        await database.read(put(1))


async def test_a_second_copy_of_the_program_is_refused(database):
    with pytest.raises(StoreUnavailable) as error:
        await Database(f"sqlite:///{database.path}").open()
    assert error.value.code == "store.in_use"


async def test_a_store_opens_again_after_closing(tmp_path):
    for number in range(2):
        database = Database(f"sqlite:///{tmp_path}/again.db")
        await database.open()
        await database.write(lambda connection: connection.execute(text("CREATE TABLE IF NOT EXISTS kept (number INTEGER)")) and None)
        assert await database.read(lambda connection: connection.execute(text("SELECT COUNT(*) FROM kept")).scalar_one()) == number
        await database.write(lambda connection: connection.execute(text("INSERT INTO kept VALUES (1)")) and None)
        await database.close()


async def test_a_newer_schema_is_refused_and_nothing_is_touched(tmp_path):
    path = tmp_path / "newer.db"
    database = Database(f"sqlite:///{path}")
    await database.open()
    await database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")) and None)
    await database.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable) as error:
        await Database(f"sqlite:///{path}").open()
    assert error.value.code == "store.newer"
    assert path.read_bytes() == before


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


async def refused(path: Path) -> str:
    before = content(path)
    with pytest.raises(StoreUnavailable) as error:
        await Database(f"sqlite:///{path}").open()
    assert content(path) == before
    return error.value.code


async def test_a_text_file_is_not_a_store(tmp_path):
    (tmp_path / "x.db").write_text("hello " * 100)
    assert await refused(tmp_path / "x.db") == "store.not_a_store"


async def test_a_file_of_another_program_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()
    assert await refused(tmp_path / "x.db") == "store.not_ours"


async def test_a_half_written_file_is_refused(database, tmp_path):
    await asyncio.gather(*(database.write(put(n)) for n in range(3000)))
    await database.close()
    whole = database.path.read_bytes()
    (tmp_path / "half.db").write_bytes(whole[: len(whole) // 2])
    assert await refused(tmp_path / "half.db") == "store.corrupt"


async def test_an_empty_file_has_nothing_to_read_and_is_laid_out_when_it_is_written(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(StoreUnavailable) as error:
        await Database(f"sqlite:///{path}", is_read_only=True).open()
    assert error.value.code == "store.missing"
    assert path.stat().st_size == 0
    database = Database(f"sqlite:///{path}")
    await database.open()
    assert await database.read(migrate.current_revision) == migrate.known_revisions()[-1]
    await database.close()


async def test_a_read_only_file_is_refused(database):
    await database.close()
    database.path.chmod(0o444)
    assert await refused(database.path) == "store.read_only"


async def test_a_file_that_nobody_may_write_is_read_as_it_is(tmp_path):
    folder = tmp_path / "shelf"
    folder.mkdir()
    database = Database(f"sqlite:///{folder}/a b#c.db")
    await database.open()
    await database.close()
    path = database.path
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        assert sqlite_file.is_settled(path)
        before = sorted(folder.iterdir()), path.read_bytes()
        reader = Database(f"sqlite:///{path}", is_read_only=True)
        await reader.open()
        assert await reader.read(migrate.current_revision) == migrate.known_revisions()[-1]
        await reader.close()
        assert backup.make(reader, tmp_path / "copy.db").fans == 0
        assert (sorted(folder.iterdir()), path.read_bytes()) == before, "nothing beside it"
    finally:
        folder.chmod(0o755)


async def test_a_file_that_somebody_may_write_is_never_taken_for_one_that_stays(database, tmp_path):
    await database.close()
    database.path.chmod(0o444)
    assert not sqlite_file.is_settled(database.path), "its folder can be written"
    tmp_path.chmod(0o555)
    try:
        assert sqlite_file.is_settled(database.path)
        database.path.chmod(0o644)
        assert not sqlite_file.is_settled(database.path), "it can be written itself"
        database.path.chmod(0o444)
        database.path.with_name(database.path.name + "-wal").touch()
        assert not sqlite_file.is_settled(database.path), "a log lies beside it"
    finally:
        tmp_path.chmod(0o755)
    assert sqlite_file.unavailable(sqlite3.OperationalError("unable to open database file"), "x").code == "store.no_room_beside"


async def test_a_missing_folder_and_a_folder_are_refused(tmp_path):
    assert await refused(tmp_path / "no" / "x.db") == "store.no_folder"
    assert await refused(tmp_path) == "store.not_a_store"


async def test_a_file_locked_by_another_program_is_refused(database):
    await database.close()
    connection = sqlite3.connect(database.path, isolation_level=None)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("CREATE TABLE more (n)")
    try:
        with pytest.raises(StoreUnavailable) as error:
            await Database(f"sqlite:///{database.path}").open()
        assert error.value.code == "store.locked"
    finally:
        connection.close()


def test_revisions_are_numbered_without_a_gap():
    revisions = migrate.known_revisions()
    assert [int(revision) for revision in revisions] == list(range(1, len(revisions) + 1))


# Neither reads such an index back from SQLite: what it is of is looked at below.
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index 'ix_event_block'")
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index ix_event_block")
async def test_the_migrations_lay_exactly_the_tables_that_the_code_uses(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/new.db")
    await database.open()
    assert await database.read(_differences) == []
    by_account = "SELECT sql FROM sqlite_master WHERE name = 'ix_event_block'"
    laid = await database.read(lambda connection: connection.exec_driver_sql(by_account).scalar())
    assert laid.endswith(f"((seq >> {tables.EVENT_BLOCK_BITS}), identity_id, at)")
    await database.close()


def _differences(connection):
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    modules = (tables, analysis_tables, drop_tables, import_tables, lease_tables, product_tables, person_tables, shop_tables)
    [known] = {module.metadata for module in modules}
    return compare_metadata(context, known)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
async def test_a_new_file_and_what_lies_beside_it_are_its_owners_alone(database, tmp_path):
    await database.write(put(1))
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("encore.db*") if path.suffix != ".lock"} == {
        name: "0o600" for name in ("encore.db", "encore.db-wal", "encore.db-shm") if (tmp_path / name).exists()
    }
    assert (tmp_path / "encore.db-wal").exists()
    sqlite_file.copy(tmp_path / "encore.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


async def test_an_older_store_is_copied_before_it_is_brought_up_to_date(tmp_path):
    path = tmp_path / "old.db"
    first = migrate.known_revisions()[0]
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id = {sqlite_file.APPLICATION_ID}")
        migrate.upgrade(connection, first)
        connection.execute(tables.counter.insert().values(name="fans", value=7))
    engine.dispose()
    database = Database(f"sqlite:///{path}")
    await database.open()
    assert await database.read(lambda connection: connection.execute(text("SELECT value FROM counter")).scalar()) == 7
    assert await database.read(migrate.current_revision) == migrate.known_revisions()[-1]
    await database.close()
    copy = Database(f"sqlite:///{path}.before-{first}", is_read_only=True)
    with pytest.raises(StoreUnavailable) as error:
        await copy.open()
    assert error.value.code == "store.older", "the copy is what it was"
