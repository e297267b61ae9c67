"""Phones, addresses and order names of accounts, sealed: kept, read by those who may, found by their keyed hash.

A value goes in and out through the vault alone; no query here sees one.
"""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Connection, delete, select

from studio.errors import KnownError
from studio.model.birthday import parse_birthday
from studio.model.contacts import MAX_CONTACT, ContactKind, masked_contact, unusable
from studio.model.events import format_time
from studio.store import bulk
from studio.store.person_tables import contact
from studio.store.tables import identity
from studio.store.vault import Vault


def keep(connection: Connection, vault: Vault, account: int, kind: ContactKind, value: str, at_ms: int, source: str) -> None:
    """Keep one value of an account; again, it is only renewed. Raises InvalidInput, KnownError when the file is under another key."""
    value = value.strip()
    if len(value) > MAX_CONTACT:
        raise unusable(kind)
    value = _written(kind, value)
    lookup = vault.lookup(kind, value)
    _refuse_other_key(connection, vault)
    _forget_other_birthdays(connection, [account] if kind == "birthday" else [])
    bulk.upsert(connection, contact, [(account, kind, lookup, vault.seal(account, kind, value), at_ms, source[:100])])


def keep_many(connection: Connection, vault: Vault, found: Iterable[tuple[int, ContactKind, str]], at_ms: int, source: str) -> None:
    """Keep values of many accounts as (account, kind, value). Raises KnownError when the file is under another key."""
    rows = {
        (account, kind, "" if kind == "birthday" else lookup): (
            account,
            kind,
            lookup,
            vault.seal(account, kind, value),
            at_ms,
            source[:100],
        )
        for account, kind, told in found
        for value in (_written(kind, told),)
        for lookup in (vault.lookup(kind, value),)
    }
    _refuse_other_key(connection, vault)
    _forget_other_birthdays(connection, [account for account, kind, _ in rows if kind == "birthday"])
    bulk.upsert(connection, contact, list(rows.values()))


def _written(kind: ContactKind, value: str) -> str:
    """As it is sealed: nobody's year of birth is kept, however it was told."""
    return parse_birthday(value) if kind == "birthday" else value


def _forget_other_birthdays(connection: Connection, accounts: list[int]) -> None:
    """An account has one: what is told anew takes the place of what was told before."""
    if accounts:
        drop(connection, accounts, "birthday")


def _refuse_other_key(connection: Connection, vault: Vault) -> None:
    some = connection.execute(select(contact.c.sealed).limit(1)).scalar()
    if some is not None and not vault.is_ours(bytes(some)):
        raise KnownError("contacts.other_key")


def drop(connection: Connection, accounts: Iterable[int], kind: ContactKind | None = None) -> int:
    """Delete the values of accounts, of one kind or all; how many there were."""
    gone = delete(contact).where(contact.c.identity_id.in_(list(accounts)))
    return connection.execute(gone if kind is None else gone.where(contact.c.kind == kind)).rowcount


def found(connection: Connection, vault: Vault, kind: ContactKind, value: str) -> list[tuple[str, str]]:
    """The accounts that have this value. Raises InvalidInput."""
    query = (
        select(identity.c.platform, identity.c.fan_id)
        .join(contact, contact.c.identity_id == identity.c.identity_id)
        .where(contact.c.lookup == vault.lookup(kind, value), contact.c.kind == kind)
        .order_by(identity.c.identity_id)
    )
    return [(row.platform, row.fan_id) for row in connection.execute(query)]


def told(connection: Connection, vault: Vault | None, accounts: Iterable[int], *, is_masked: bool = False) -> list[dict[str, Any]]:
    """[{platform, id, kind, value, at, source}]; without a vault the value is null. Raises KnownError for one of another key."""
    query = (
        select(contact, identity.c.platform, identity.c.fan_id)
        .join(identity, identity.c.identity_id == contact.c.identity_id)
        .where(contact.c.identity_id.in_(list(accounts)))
        .order_by(contact.c.kind, contact.c.at, contact.c.lookup)
    )
    return [
        {
            "platform": row.platform,
            "id": row.fan_id,
            "kind": row.kind,
            "value": None if vault is None else _value(vault, row, is_masked=is_masked),
            "at": format_time(row.at),
            "source": row.source,
        }
        for row in connection.execute(query)
    ]


def values(connection: Connection, vault: Vault, accounts: Iterable[int], kind: ContactKind) -> list[str]:
    """The values of one kind, the newest first. Raises KnownError for one of another key."""
    query = select(contact).where(contact.c.identity_id.in_(list(accounts)), contact.c.kind == kind).order_by(contact.c.at.desc())
    return [_value(vault, row, is_masked=False) for row in connection.execute(query)]


def _value(vault: Vault, row: Any, *, is_masked: bool) -> str:
    kind = cast("ContactKind", row.kind)
    value = _written(kind, vault.open(row.identity_id, kind, bytes(row.sealed)))
    return masked_contact(kind, value) if is_masked else value
