"""What a transaction changed, told to the other studios on the same PostgreSQL at its commit; on SQLite there are none.

It carries numbers of persons and nothing about them: whoever listens reads what stands in the store.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection

CHANNEL: Final = "encore"
_MOST_SIGNS: Final = 7_000
"""The server takes 8,000 bytes at once."""
_TELL: Final = "SELECT pg_notify('encore', current_setting('application_name') || ' ' || %s)"


def changed(connection: Connection, persons: Iterable[int]) -> None:
    """These persons are not what they were, or are no more; nobody named: the rules changed. Not told if the transaction is undone."""
    if connection.dialect.name == "postgresql":
        for text in _texts(persons):
            connection.exec_driver_sql(_TELL, (text,))


def _texts(persons: Iterable[int]) -> Iterator[str]:
    words: list[str] = []
    length = 0
    for word in map(str, persons):
        if length + len(word) >= _MOST_SIGNS:
            yield ",".join(words)
            words, length = [], 0
        words.append(word)
        length += len(word) + 1
    yield ",".join(words)


def read(payload: str, own_name: str) -> frozenset[int] | None:
    """The persons of a message, or None when it is this studio's own."""
    name, _, text = payload.rpartition(" ")
    return None if name == own_name else frozenset(int(word) for word in text.split(",") if word)
