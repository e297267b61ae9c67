"""Who works here: marked by the rules, and out of every tier and figure.

It never touches what somebody bought or earned; only whether it counts.
"""

from typing import Final

from sqlalchemy import Connection, literal_column, select

from studio.model.loyalty import tier_of
from studio.model.rule_book import RuleBook
from studio.store import bulk
from studio.store.fan_store import FanStore, exclusive
from studio.store.tables import identity, person
from studio.store.working import Batch, Person

_YES: Final = literal_column("1")
"""Not a parameter: SQLite takes the index of staff only for a value that it sees."""


def sync_staff(connection: Connection, store: FanStore) -> RuleBook:
    """Mark who works here by the rules, and unmark who doesn't any more; figures follow. The rules that hold."""
    exclusive(connection)
    store.follow_rules(connection)
    rules = store.rules
    known = bulk.load(connection, identity, "fan_id", {fan_id for _, fan_id in rules.staff})
    staff = {row[1] for row in known if (row[2], row[3]) in rules.staff}
    marked = set(connection.execute(select(person.c.person_id).where(person.c.is_staff == _YES)).scalars())
    batch = Batch()
    for row in bulk.load(connection, person, "person_id", staff ^ marked):
        changed = Person.from_row(row, 0 if row[27] else tier_of(row[1], rules))
        changed.is_staff = changed.person_id in staff
        batch.persons[changed.person_id] = changed
    store.save(connection, batch)
    return store.book
