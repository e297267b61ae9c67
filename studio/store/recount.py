"""What came out of order, told again from the ledger: watched time of a day, follows, gifts in combos, the latest profile.

In order, none of this runs; it looks only at the accounts and days that a batch marked.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from studio.model.event_lines import unpack
from studio.model.events import LATE_MS, VISIT_TYPES, FanEvent
from studio.model.gift_combo import ComboMessage, combo_minor
from studio.model.loyalty import Watch
from studio.store import bulk
from studio.store.ledger import of_accounts
from studio.store.reduce import SHOP_TYPES, Reducer, fan_day, profile_of
from studio.store.tables import event, identity
from studio.store.working import Batch, Identity, Person

_PRESENCE_TYPES = tuple(sorted(VISIT_TYPES | {"leave"}))
_NO_WORD_OF_THE_FAN = tuple(sorted(SHOP_TYPES))


def put_right(connection: Connection, reducer: Reducer, batch: Batch) -> None:
    """Put right what the batch marked; its events stand in the ledger already."""
    _rewatch(connection, reducer, batch)
    for person_id in sorted(batch.refollows):
        _refollow(connection, batch, batch.persons[person_id])
    for person_id in sorted(batch.regifts):
        person = batch.persons[person_id]
        person.gifts_minor = gifts_minor(connection, _accounts(connection, person), reducer.room.currency, batch.last_seq)
    for key in sorted(batch.reprofiles):
        _reprofile(connection, batch, batch.identities[key])


def identities_of(connection: Connection, person_id: int) -> list[int]:
    """The accounts of a person."""
    return list(connection.execute(select(identity.c.identity_id).where(identity.c.person_id == person_id)).scalars())


def _accounts(connection: Connection, person: Person) -> list[int]:
    # A person who is new in this batch has no row yet; its first account bears the same number.
    return identities_of(connection, person.person_id) or [person.person_id]


def _rewatch(connection: Connection, reducer: Reducer, batch: Batch) -> None:
    """One question a day, for all fans: a batch that comes hours late is about five hundred of them, and a few days."""
    owners = _owners(connection, {person_id for person_id, _ in batch.recounts})
    days: dict[int, set[int]] = {}
    for person_id, day in batch.recounts:
        days.setdefault(day, set()).add(person_id)
    for day, persons in sorted(days.items()):
        accounts = [account for account, person_id in owners.items() if person_id in persons]
        moments: dict[int, list[tuple[int, str]]] = {person_id: [] for person_id in sorted(persons)}
        for account, at_ms, kind in _presence(connection, reducer, batch, accounts, day):
            moments[owners[account]].append((at_ms, kind))
        for person_id, told in moments.items():
            _watch_again(reducer, batch, batch.persons[person_id], day, told)


def _owners(connection: Connection, persons: set[int]) -> dict[int, int]:
    """{account: person}. A person who is new in this batch has no row yet; its first account bears the same number."""
    rows = bulk.load_columns(connection, identity, ("identity_id", "person_id"), "person_id", persons)
    return {person_id: person_id for person_id in persons - {row[1] for row in rows}} | {row[0]: row[1] for row in rows}


def _presence(connection: Connection, reducer: Reducer, batch: Batch, accounts: Sequence[int], day: int) -> Sequence[Any]:
    starts_ms, ends_ms = reducer.room.show_days.starts_ms(day), reducer.room.show_days.ends_ms(day)
    return connection.execute(
        select(event.c.identity_id, event.c.at, event.c.type)
        .where(of_accounts(connection, accounts), event.c.at >= starts_ms, event.c.at < ends_ms)
        .where(event.c.seq <= batch.last_seq)
        .where(event.c.type.in_(_PRESENCE_TYPES), event.c.received_at - event.c.at <= LATE_MS)
    ).all()


def _watch_again(reducer: Reducer, batch: Batch, person: Person, day: int, told: Sequence[tuple[int, str]]) -> None:
    watch = Watch()
    last_ms = 0
    for at_ms, kind in sorted(told, key=lambda one: (one[0], one[1] != "leave")):
        last_ms = at_ms
        if kind == "leave":
            watch.leave(at_ms)
        else:
            watch.add(at_ms)
    fan_day(batch, person.person_id, day).watch = watch
    reducer.judge_watched(batch, person, day, watch.watched_ms, last_ms)


def _refollow(connection: Connection, batch: Batch, person: Person) -> None:
    rows = connection.execute(
        select(event.c.at, event.c.type, event.c.payload)
        .where(of_accounts(connection, _accounts(connection, person)), event.c.at > person.unfollowed_at)
        .where(event.c.seq <= batch.last_seq, event.c.type.not_in(_NO_WORD_OF_THE_FAN))
        .order_by(event.c.at)
    )
    for at_ms, kind, payload in rows:
        if kind == "follow" or unpack(payload).get("club_level"):
            person.followed_at = at_ms
            return


def gifts_minor(connection: Connection, accounts: Sequence[int], currency: str, last_seq: int | None = None) -> int:
    """What all gifts of some accounts cost, by the ledger up to `last_seq`."""
    query = select(event.c.identity_id, event.c.payload).where(of_accounts(connection, accounts), event.c.type == "gift")
    rows = connection.execute(query if last_seq is None else query.where(event.c.seq <= last_seq))
    combos: dict[tuple[int, str], list[ComboMessage]] = {}
    sum_minor = 0
    for account, payload in rows:
        told = unpack(payload)
        paid_minor = told.get("paid_minor", 0) if told.get("currency", "") == currency else 0
        if told.get("combo") and told.get("combo_total") is not None:
            message = ComboMessage(told["combo_total"], told.get("count", 0), paid_minor)
            combos.setdefault((account, told["combo"]), []).append(message)
        else:
            sum_minor += paid_minor
    return sum_minor + sum(combo_minor(messages) for messages in combos.values())


def _reprofile(connection: Connection, batch: Batch, account: Identity) -> None:
    """Play the account's events in order of time; at one moment, in the order of what they say, so that no arrival counts."""
    rows = connection.execute(
        select(event.c.at, event.c.type, event.c.payload)
        .where(of_accounts(connection, [account.identity_id]), event.c.type.not_in(_NO_WORD_OF_THE_FAN))
        .where(event.c.seq <= batch.last_seq)
        .order_by(event.c.at)
    )
    told = Identity(account.identity_id, account.person_id, account.platform, account.fan_id)
    for at_ms, kind, payload in sorted(rows, key=lambda row: (row[0], row[2], row[1])):
        values = unpack(payload)
        said = FanEvent(
            id="",
            type=kind,
            at_ms=at_ms,
            platform=account.platform,
            name=values.get("name", ""),
            avatar=values.get("avatar", ""),
            club_level=values.get("club_level", 0),
            is_member=values.get("is_member"),
        )
        told.name, told.avatar, told.club_level, told.is_member = profile_of(said, told)
        told.name_at = max(told.name_at, at_ms)
    account.name, account.avatar, account.club_level, account.is_member = told.name, told.avatar, told.club_level, told.is_member
    account.name_at, account.is_changed = told.name_at, True
