"""Who might be one person, and why: told to people who decide, never acted on.

The reasons compare keyed hashes; no phone and no name is read for it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, func, select

from studio.store.person_tables import contact, link, link_account
from studio.store.tables import identity

REASONS: Final = {"phone": "same_phone", "order_name": "same_order_name"}
"""The kinds of contact that speak for one person, the stronger first; a family shares its address."""
MAX_SHARED: Final = 5
"""A value that more persons have in common (a shop's own phone, 王芳) says nothing of any two of them."""
_STRENGTH = {"same_phone": 2, "same_order_name": 1}


def suggestions(connection: Connection, limit: int, person: int | None = None) -> list[dict[str, Any]]:
    """[{accounts: [two], reasons: [{code, shared_by}]}], the best founded first; of one person, or of everybody."""
    pairs: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for kind, persons in _shared(connection, person):
        for one, other in _pairs(sorted(persons), person):
            reason = {"code": REASONS[kind], "shared_by": len(persons)}
            if reason["code"] not in {known["code"] for known in pairs[one, other]}:
                pairs[one, other].append(reason)
    for pair in _apart(connection, pairs):
        del pairs[pair]
    best = sorted(pairs.items(), key=lambda item: (-sum(_STRENGTH[reason["code"]] for reason in item[1]), item[0]))[:limit]
    accounts = _first_accounts(connection, {number for pair, _ in best for number in pair})
    return [
        {
            "accounts": [accounts[number] for number in pair],
            "reasons": sorted(reasons, key=lambda reason: -_STRENGTH[reason["code"]]),
        }
        for pair, reasons in best
    ]


def _shared(connection: Connection, person: int | None) -> list[tuple[str, set[int]]]:
    """Each value that a few persons have in common, as its kind and who they are."""
    both = contact.join(identity, identity.c.identity_id == contact.c.identity_id)
    owners = func.count(identity.c.person_id.distinct())
    values = select(contact.c.kind, contact.c.lookup).select_from(both).where(contact.c.kind.in_(REASONS))
    if person is not None:
        mine = select(contact.c.lookup).select_from(both).where(identity.c.person_id == person)
        values = values.where(contact.c.lookup.in_(mine))
    values = values.group_by(contact.c.kind, contact.c.lookup).having(owners.between(2, MAX_SHARED)).order_by(contact.c.lookup)
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    wanted: Any = connection.execute(values.limit(1_000)).all()
    for row in wanted:
        members = select(identity.c.person_id).select_from(both).where(contact.c.lookup == row.lookup, contact.c.kind == row.kind)
        groups[row.kind, row.lookup] = set(connection.execute(members).scalars())
    return [(kind, members) for (kind, _), members in groups.items()]


def _pairs(persons: list[int], person: int | None) -> list[tuple[int, int]]:
    if person is not None:
        return [(min(person, other), max(person, other)) for other in persons if other != person]
    return [(persons[0], other) for other in persons[1:]]


def _apart(connection: Connection, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of which somebody has said that they are two."""
    wanted = {number for pair in pairs for number in pair}
    query = (
        select(link_account.c.seq, identity.c.person_id)
        .join(link, link.c.seq == link_account.c.seq)
        .join(identity, identity.c.identity_id == link_account.c.identity_id)
        .where(link.c.kind == "apart", identity.c.person_id.in_(wanted))
    )
    said: dict[int, set[int]] = defaultdict(set)
    for row in connection.execute(query):
        said[row.seq].add(row.person_id)
    return [pair for pair in pairs if any(set(pair) <= persons for persons in said.values())]


def _first_accounts(connection: Connection, persons: Iterable[int]) -> dict[int, dict[str, Any]]:
    query = select(identity).where(identity.c.person_id.in_(list(persons))).order_by(identity.c.identity_id.desc())
    return {row.person_id: {"platform": row.platform, "id": row.fan_id, "name": row.name} for row in connection.execute(query)}
