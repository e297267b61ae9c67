"""Fans by any part of a name that they bear or bore, on SQLite and PostgreSQL alike: an index of pairs of signs beside the names.

It follows `name` row by row, in the same transaction; what isn't in `name` any more is found no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from studio.model.name_search import all_pairs, folded, rank, wanted
from studio.store import bulk
from studio.store.tables import identity, name, name_pair, person

CANDIDATES: Final = 300
"""Accounts that are looked at for one search; more of them means that the text says too little to put them in order."""
_USED_PAIRS: Final = 6
_COUNTED: Final = 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """Persons by how well they answer, then by what they spent; `has_more` when there may be others."""

    persons: tuple[int, ...] = ()
    has_more: bool = False


def note(connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Names that accounts were told to bear, as (account, name, time)."""
    fresh = {(pair, row[0]) for row in rows for pair in all_pairs([row[1]])}
    bulk.insert_new(connection, name_pair, sorted(fresh))


def forget(connection: Connection, accounts: Iterable[int], former: str | None = None) -> None:
    """Before names are deleted: all of these accounts, or one of them."""
    borne: dict[int, list[str]] = {}
    for account, known, *_ in bulk.load(connection, name, "identity_id", accounts):
        borne.setdefault(account, []).append(known)
    for account, names in borne.items():
        kept = [] if former is None else [one for one in names if one != former]
        gone = all_pairs(names) - all_pairs(kept)
        connection.execute(delete(name_pair).where(name_pair.c.identity_id == account, name_pair.c.pair.in_(gone)))


def find(connection: Connection, text: str, limit: int) -> Found:
    """Persons who bear or bore a name with this text in it, or whose id it is."""
    sought = folded(text)
    by_id = _by_id(connection, text.strip())
    accounts = _candidates(connection, sought) if sought else []
    best: dict[int, tuple[int, int]] = dict.fromkeys(by_id, (-1, 0))
    owners = {row[0]: (row[1], row[2]) for row in _owners(connection, accounts)}
    for account, known, *_ in bulk.load(connection, name, "identity_id", owners):
        owner, current = owners[account]
        found = rank(folded(known), sought)
        if found < 3:
            told = (found + (0 if known == current else 3), 0)
            best[owner] = min(best.get(owner, told), told)
    spent = {row[0]: row[1] for row in bulk.load_columns(connection, person, ("person_id", "spent_minor"), "person_id", best)}
    order = sorted(best, key=lambda number: (best[number], -spent.get(number, 0), number))
    return Found(tuple(order[:limit]), has_more=len(order) > limit or len(accounts) >= CANDIDATES)


def told(connection: Connection, persons: Sequence[int]) -> list[dict[str, Any]]:
    """[{platform, id, name, names}] of accounts, in the order of the persons."""
    accounts: dict[int, list[Any]] = {}
    for row in bulk.load(connection, identity, "person_id", persons):
        accounts.setdefault(row[1], []).append(row)
    names: dict[int, list[str]] = {}
    for account, known, *_ in bulk.load(connection, name, "identity_id", [row[0] for some in accounts.values() for row in some]):
        names.setdefault(account, []).append(known)
    return [
        {"platform": row[2], "id": row[3], "name": row[4], "names": sorted(names.get(row[0], []))}
        for number in persons
        for row in sorted(accounts.get(number, []), key=itemgetter(0))
    ]


def _by_id(connection: Connection, text: str) -> list[int]:
    return list(connection.execute(select(identity.c.person_id).where(identity.c.fan_id == text).limit(20)).scalars()) if text else []


def _owners(connection: Connection, accounts: Sequence[int]) -> Sequence[Sequence[Any]]:
    return bulk.load_columns(connection, identity, ("identity_id", "person_id", "name"), "identity_id", accounts)


def _candidates(connection: Connection, sought: str) -> list[int]:
    """Accounts that have all the pairs; the rarest is gone through, the others are looked up."""
    needed, single = wanted(sought)
    if single is not None:
        query = select(name_pair.c.identity_id).where(name_pair.c.pair.between(*single)).distinct().limit(CANDIDATES)
        return list(connection.execute(query).scalars())
    rarest = sorted(dict.fromkeys(needed), key=lambda pair: _count(connection, pair))[:_USED_PAIRS]
    first = name_pair.alias("first")
    query = select(first.c.identity_id).where(first.c.pair == rarest[0])
    for number, pair in enumerate(rarest[1:]):
        other = name_pair.alias(f"other{number}")
        query = query.join(other, (other.c.identity_id == first.c.identity_id) & (other.c.pair == pair))
    return list(connection.execute(query.limit(CANDIDATES)).scalars())


def _count(connection: Connection, pair: int) -> int:
    some = select(name_pair.c.identity_id).where(name_pair.c.pair == pair).limit(_COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()
