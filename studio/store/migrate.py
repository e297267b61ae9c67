"""Brings the schema of an open connection to the newest revision, and tells which revision a store has.

It knows nothing of files, locks or copies: `studio.store.database` decides when to call it.
"""

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

_FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"


def known_revisions() -> tuple[str, ...]:
    """All revisions that this program knows, oldest first: the number that each file of `migrations/versions` starts with."""
    return tuple(sorted(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py")))


def current_revision(connection: Connection) -> str | None:
    """The revision of the store, or None when nobody has laid a schema yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()


def has_leases(connection: Connection) -> bool:
    """Whether the schema is new enough to say which studios write to the store."""
    return inspect(connection).has_table("room_lease")


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision` inside the transaction that is open on `connection`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
