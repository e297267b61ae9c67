"""Who is who: accounts merged into one person, split again, undone; all of it in a ledger that `fans rebuild` replays.

A person is a group of accounts and bears the lowest number among them, so that the same group is always the same person. Nothing
here merges by itself: what might be one person is only told (`studio.store.suggestions`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, delete, func, select, update

from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.events import format_time
from studio.store import bulk, fan_drops
from studio.store.fan_store import FanStore, exclusive, last_number
from studio.store.person_tables import link, link_account
from studio.store.restate import Cause, restate
from studio.store.tables import identity

Account: TypeAlias = tuple[str, str]
"""Platform and fan id."""
LinkKind: TypeAlias = Literal["merge", "split", "undo", "apart"]

MAX_ACCOUNTS: Final = 64
"""Accounts of one person: many times what anybody has; more is a mistake, and each merge tells all their events again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants it, when and why."""

    by: str
    at_ms: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """What a step did: its number in the ledger, the persons that there were and that there are now."""

    seq: int
    before: tuple[int, ...]
    after: tuple[int, ...]


def merge(connection: Connection, store: FanStore, one: Account, other: Account, asked: Asked) -> Linked:
    """Make two persons one. Raises NotFound, Conflict when they are one already, InvalidInput for too many accounts."""
    exclusive(connection)
    first, second = _person(connection, one), _person(connection, other)
    if first == second:
        raise Conflict("links.one_already")
    groups = _groups(connection, [first, second])
    if len(groups) > MAX_ACCOUNTS:
        raise InvalidInput("links.too_many", max=MAX_ACCOUNTS)
    return _take(connection, store, "merge", groups, dict.fromkeys(groups, min(groups)), asked)


def split(connection: Connection, store: FanStore, accounts: Sequence[Account], asked: Asked) -> Linked:
    """Let some accounts of a person be another person. Raises NotFound, InvalidInput unless some of one person's stay and some go."""
    exclusive(connection)
    leaving = {_identity(connection, account) for account in accounts}
    persons = {person for _, person in leaving}
    if len(persons) != 1:
        raise InvalidInput("links.split_one")
    groups = _groups(connection, persons)
    going = {number for number, _ in leaving}
    staying = groups.keys() - going
    if not staying:
        raise InvalidInput("links.split_all")
    after = {number: min(going) if number in going else min(staying) for number in groups}
    return _take(connection, store, "split", groups, after, asked)


def undo(connection: Connection, store: FanStore, seq: int, asked: Asked) -> Linked:
    """Take back a merge, a split, or an undo. Raises NotFound, Conflict when something later moved the same accounts."""
    exclusive(connection)
    row = connection.execute(select(link.c.kind).where(link.c.seq == seq)).first()
    if row is None or row.kind == "apart":
        raise NotFound("links.unknown", seq=seq)
    moved = _accounts_of(connection, seq)
    groups = _groups(connection, {after for _, after in moved.values()})
    if groups != {number: after for number, (_, after) in moved.items()}:
        raise Conflict("links.moved_since", seq=seq)
    return _take(connection, store, "undo", groups, {number: before for number, (before, _) in moved.items()}, asked, undoes=seq)


def apart(connection: Connection, one: Account, other: Account, asked: Asked) -> int:
    """Note that these are two people, so that nobody is asked again; the row's number. Raises NotFound, Conflict when they are one."""
    exclusive(connection)
    first, second = _person(connection, one), _person(connection, other)
    if first == second:
        raise Conflict("links.one_already")
    groups = _groups(connection, [first, second])
    return _write(connection, "apart", groups, groups, asked, None)


def account_number(connection: Connection, account: Account) -> int:
    """The number of an account. Raises NotFound."""
    return _identity(connection, account)[0]


def replay(connection: Connection) -> None:
    """Give every account the person that the ledger says: its own, then whatever merges and splits made of it."""
    connection.execute(update(identity).values(person_id=identity.c.identity_id))
    query = select(link_account.c.identity_id, link_account.c.after).order_by(link_account.c.seq)
    final = {row[0]: row[1] for row in connection.execute(query)}
    for number, owner in final.items():
        if owner != number:
            connection.execute(update(identity).where(identity.c.identity_id == number).values(person_id=owner))


def history(connection: Connection, accounts: Iterable[int]) -> list[dict[str, Any]]:
    """What was done about whose these accounts are, newest first: {seq, kind, at, by, reason, undoes, can_undo, accounts}."""
    touching = select(link_account.c.seq).where(link_account.c.identity_id.in_(list(accounts)))
    rows = connection.execute(select(link).where(link.c.seq.in_(touching)).order_by(link.c.seq.desc())).all()
    return [
        {
            "seq": row.seq,
            "kind": row.kind,
            "at": format_time(row.at),
            "by": row.asked_by,
            "reason": row.reason,
            "undoes": row.undoes,
            "can_undo": row.kind != "apart" and _stands(connection, row.seq),
            "accounts": _named(connection, row.seq),
        }
        for row in rows
    ]


def _take(
    connection: Connection,
    store: FanStore,
    kind: LinkKind,
    before: dict[int, int],
    after: dict[int, int],
    asked: Asked,
    *,
    undoes: int | None = None,
) -> Linked:
    store.follow_rules(connection)
    seq = _write(connection, kind, before, after, asked, undoes)
    for number, owner in after.items():
        if before[number] != owner:
            connection.execute(update(identity).where(identity.c.identity_id == number).values(person_id=owner))
    restate(connection, store, {*before.values(), *after.values()}, Cause(kind, seq, asked.at_ms))
    fan_drops.rename(connection, after)
    return Linked(seq, tuple(sorted(set(before.values()))), tuple(sorted(set(after.values()))))


def _write(connection: Connection, kind: LinkKind, before: dict[int, int], after: dict[int, int], asked: Asked, undoes: int | None) -> int:
    seq = last_number(connection, link.c.seq) + 1
    bulk.insert(connection, link, [(seq, kind, asked.at_ms, asked.by[:200], asked.reason[:500], undoes)])
    bulk.insert(connection, link_account, [(number, seq, before[number], after[number]) for number in sorted(before)])
    return seq


def _person(connection: Connection, account: Account) -> int:
    return _identity(connection, account)[1]


def _identity(connection: Connection, account: Account) -> tuple[int, int]:
    platform, fan_id = account
    query = select(identity.c.identity_id, identity.c.person_id).where(identity.c.platform == platform, identity.c.fan_id == fan_id)
    row = connection.execute(query).first()
    if row is None or not platform:
        raise NotFound("fans.unknown", platform=platform, id=fan_id)
    return row.identity_id, row.person_id


def _groups(connection: Connection, persons: Iterable[int]) -> dict[int, int]:
    """{account: person} of all accounts of these persons."""
    rows = bulk.load_columns(connection, identity, ("identity_id", "person_id"), "person_id", set(persons))
    return {row[0]: row[1] for row in rows}


def _accounts_of(connection: Connection, seq: int) -> dict[int, tuple[int, int]]:
    rows = connection.execute(select(link_account).where(link_account.c.seq == seq))
    return {row.identity_id: (row.before, row.after) for row in rows}


def _stands(connection: Connection, seq: int) -> bool:
    """Whether the step is what these accounts' persons are like still, so that it can be undone."""
    moved = _accounts_of(connection, seq)
    later = select(func.max(link_account.c.seq)).where(link_account.c.identity_id.in_(moved))
    later = later.join(link, link.c.seq == link_account.c.seq).where(link.c.kind != "apart")
    if connection.execute(later).scalar() != seq:
        return False
    return _groups(connection, {after for _, after in moved.values()}) == {number: after for number, (_, after) in moved.items()}


def _named(connection: Connection, seq: int) -> list[dict[str, Any]]:
    query = (
        select(identity.c.platform, identity.c.fan_id, identity.c.name, link_account.c.before, link_account.c.after)
        .join(identity, identity.c.identity_id == link_account.c.identity_id)
        .where(link_account.c.seq == seq)
        .order_by(link_account.c.identity_id)
    )
    return [
        {"platform": row.platform, "id": row.fan_id, "name": row.name, "before": row.before, "after": row.after}
        for row in connection.execute(query)
    ]


def forget(connection: Connection, accounts: Iterable[int]) -> None:
    """Take erased accounts out of the ledger of merges, with the words that were written about them."""
    mine = list(accounts)
    touching = select(link_account.c.seq).where(link_account.c.identity_id.in_(mine))
    connection.execute(update(link).where(link.c.seq.in_(touching)).values(reason=""))
    connection.execute(delete(link_account).where(link_account.c.identity_id.in_(mine)))
