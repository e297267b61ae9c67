"""An address of a server or a database that can't be used: words that help, no traceback, nothing touched, no password shown."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from studio.errors import KnownError
from studio.store import engines, migrate, postgres_errors
from studio.store.database import Database
from studio.words import LOCALES, say

SECRET = "s3cret"


async def opened(url):
    await Database(url).open()


async def refusal(url):
    with pytest.raises(KnownError) as error:
        await opened(url)
    words = [say("errors", locale, error.value.code, **error.value.params) for locale in LOCALES]
    assert not any(SECRET in text for text in (*words, str(error.value))), words
    assert not any("{" in text for text in words), words
    return error.value.code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"postgresql://encore:{SECRET}@127.0.0.1:port/encore", "store.url"),
        (f"postgresql:/encore:{SECRET}@127.0.0.1/encore", "store.url"),
        (f"postgresql//encore:{SECRET}@127.0.0.1/encore", "store.url"),
        (f"postgresql://encore:a@/{SECRET}@127.0.0.1/encore", "store.url_signs"),
        (f"mysql://encore:{SECRET}@127.0.0.1/encore", "store.url"),
        (f"postgresql://encore:{SECRET}@127.0.0.1", "store.url"),
        ("nonsense", "store.url"),
        (f"postgresql://encore@127.0.0.1:1/encore?password={SECRET}", "store.unreachable"),
        (f"postgresql://encore:{SECRET}@127.0.0.1:1/encore?colour=red", "store.option"),
        (f"postgresql://encore:{SECRET}@127.0.0.1:1/encore?sslmode=perhaps", "store.option"),
        (f"postgresql://encore:{SECRET}@127.0.0.1:99999/encore", "store.option"),
    ],
)
async def test_an_address_that_is_none_is_refused_in_words_without_its_password(url, code):
    pytest.importorskip("psycopg")
    assert await refusal(url) == code


def test_an_address_is_shown_as_it_was_written():
    url = engines.parse(f"postgresql://encore:{SECRET}@db.example/encore?sslmode=verify-full&password={SECRET}")
    assert engines.shown(url) == "postgresql://encore:***@db.example/encore"


@pytest.fixture
def new_database(postgres):
    """A database of the name, with the words behind CREATE DATABASE, gone after the test."""
    made = []

    def make(name, *words):
        postgres.sql(f"CREATE DATABASE {name} {' '.join(words)}")
        made.append(postgres.url(name))
        return made[-1]

    yield make
    for url in made:
        postgres.drop(url)


@pytest.mark.parametrize("theirs", ["event (x int)", "alembic_version (version_num text)"])
async def test_a_database_of_another_program_is_left_as_it_is(postgres, new_database, theirs):
    url = new_database("theirs")
    postgres.sql_in(url, f"CREATE TABLE {theirs}", f"INSERT INTO {theirs.split()[0]} VALUES (7)")
    assert await refusal(url) == "store.not_ours"
    postgres.sql_in(url, f"DROP TABLE {theirs.split()[0]}")
    database = Database(url)
    await database.open()  # nothing else was there
    await database.close()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
async def test_a_database_that_cannot_hold_a_name_is_refused(new_database, encoding):
    assert await refusal(new_database("narrow", f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")) == "store.not_utf8"


async def test_a_server_that_asks_for_more_than_it_is_told_is_refused_in_words(postgres):
    url = postgres.url("laid")
    assert await refusal(f"{url}?sslmode=require") == "store.no_tls"
    assert await refusal(f"{url}nowhere") == "store.no_database"
    assert await refusal(url.replace("encore@", "nobody@")) == "store.wrong_login"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ('FATAL:  no pg_hba.conf entry for host "192.168.1.9", user "a", database "b", SSL encryption', "store.not_let_in"),
        ("fe_sendauth: no password supplied", "store.wrong_login"),
        ('root certificate file "/root.crt" does not exist', "store.no_tls"),
        ("SSL connection has been closed unexpectedly", "store.unreachable"),
    ],
)
def test_a_refusal_is_told_apart_from_a_connection_that_broke_off(words, code):
    psycopg = pytest.importorskip("psycopg")
    told = postgres_errors.unavailable(OperationalError("", {}, psycopg.OperationalError(words)), "postgresql://db/encore")
    assert (told.code, told.retryable) == (code, code == "store.unreachable")


async def test_studios_that_start_at_once_lay_the_tables_once(new_database):
    url = new_database("fresh")
    studios = [Database(url, room=f"r{number}") for number in range(4)]
    try:
        await asyncio.gather(*(studio.open() for studio in studios))
        assert {await studio.read(migrate.current_revision) for studio in studios} == {migrate.known_revisions()[-1]}
    finally:
        for studio in studios:
            await studio.close()
