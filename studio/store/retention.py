"""What is kept only so long: texts of chat, former names, contacts, fans who never came back. Figures and money don't change.

It works in slices, so that the show's events are never kept waiting; what is under a legal hold is passed over.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from studio.model.contacts import ContactKind
from studio.model.keywords import CHECKIN_WORDS, HIDE_ME_WORD, SHOW_ME_WORD, command_in
from studio.model.settings import PrivacySettings
from studio.store import bulk, name_index
from studio.store.database import Database
from studio.store.erase import erase
from studio.store.fan_store import FanStore, exclusive
from studio.store.ledger import of_accounts
from studio.store.person_tables import contact, hold, retention_mark
from studio.store.sqlite_file import overwriting
from studio.store.tables import event, identity, name, person

DAY_MS: Final = 86_400_000
SLICE: Final = 1_000
"""Events looked at in one transaction: some 10 ms of the writer's time."""
_ERASED_AT_ONCE: Final = 20
MAX_DUE: Final = 10_000
"""Names and fans that one look finds; the rest is found by the next."""
_COMMANDS: Final = frozenset({*CHECKIN_WORDS, SHOW_ME_WORD, HIDE_ME_WORD})
"""What such a chat did to the figures must come out again of a rebuild; the word alone tells nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a look at the whole file found: former names as (account, name), and accounts of fans who never came back."""

    names: tuple[tuple[int, str], ...] = ()
    fans: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What one slice did: texts, names and contacts that are gone, accounts of fans erased, and what is still due."""

    texts: int = 0
    names: int = 0
    contacts: int = 0
    fans: tuple[tuple[str, str], ...] = ()
    rest: Due | None = None


def due(connection: Connection, settings: PrivacySettings, now_ms: int) -> Due:
    """Look through the file for what has to go; a reader's work, seconds for ten million fans."""
    names = _former_names(connection, settings.former_name_days, now_ms)
    return Due(names, _inactive(connection, settings.inactive_fan_days, now_ms))


async def run(database: Database, store: FanStore, settings: PrivacySettings, now_ms: int) -> Kept:
    """All that is due now, slice by slice, so that others write in between; the sum of it. Raises StoreUnavailable."""
    found: Due | None = await database.read(lambda connection: due(connection, settings, now_ms))
    total = Kept()
    while found is not None:
        done = await database.write(partial(tidy, store=store, settings=settings, now_ms=now_ms, found=found))
        total = Kept(total.texts + done.texts, total.names + done.names, total.contacts + done.contacts, total.fans + done.fans)
        found = done.rest
    if total != Kept():
        await database.flush()
    return total


def tidy(connection: Connection, store: FanStore, settings: PrivacySettings, now_ms: int, found: Due) -> Kept:
    """One slice of what is due; call it again with `rest` until that is None."""
    with overwriting(connection):
        return _tidy(connection, store, settings, now_ms, found)


def _tidy(connection: Connection, store: FanStore, settings: PrivacySettings, now_ms: int, found: Due) -> Kept:
    exclusive(connection)
    texts, has_more = _forget_texts(connection, settings.chat_days, now_ms)
    cut_ms = now_ms - settings.former_name_days * DAY_MS
    names = sum(_forget_name(connection, account, former, cut_ms) for account, former in found.names[:SLICE])
    by_kind: tuple[tuple[ContactKind, int], ...] = (
        ("phone", settings.phone_days),
        ("address", settings.address_days),
        ("order_name", settings.order_name_days),
        ("birthday", settings.birthday_days),
    )
    contacts = sum(_forget_contacts(connection, kind, days, now_ms) for kind, days in by_kind)
    gone: list[tuple[str, str]] = []
    for account in found.fans[:_ERASED_AT_ONCE]:
        gone += erase(connection, store, account).accounts
    rest = Due(found.names[SLICE:], found.fans[_ERASED_AT_ONCE:])
    return Kept(texts, names, contacts, tuple(gone), rest if has_more or rest != Due() else None)


def _forget_texts(connection: Connection, days: int, now_ms: int) -> tuple[int, bool]:
    """Blank what was said, in the order of the ledger; how many texts, and whether there is more."""
    if not days:
        return 0, False
    mark = connection.execute(select(retention_mark.c.seq).where(retention_mark.c.field == "chat")).scalar() or 0
    columns = (event.c.seq, event.c.identity_id, event.c.type, event.c.received_at, event.c.payload)
    rows: Any = connection.execute(select(*columns).where(event.c.seq > mark).order_by(event.c.seq).limit(SLICE)).all()
    due = []
    for row in rows:
        if row.received_at >= now_ms - days * DAY_MS:
            break
        due.append(row)
    if not due:
        return 0, False
    held = _held(connection, {row.identity_id for row in due if row.identity_id is not None})
    count = 0
    for row in due:
        if row.type in {"chat", "paid_chat"} and row.identity_id not in held:
            count += _blank_text(connection, row.seq, json.loads(row.payload))
    bulk.upsert(connection, retention_mark, [("chat", due[-1].seq)])
    return count, len(due) == SLICE


def _blank_text(connection: Connection, seq: int, payload: dict[str, Any]) -> bool:
    if not payload.get("text") or command_in(payload["text"]) in _COMMANDS:
        return False
    _repack(connection, seq, {key: value for key, value in payload.items() if key not in {"text", "is_cut"}})
    return True


def _repack(connection: Connection, seq: int, payload: dict[str, Any]) -> None:
    packed = json.dumps(payload, ensure_ascii=False, separators=(",", ":")) if payload else ""
    connection.execute(update(event).where(event.c.seq == seq).values(payload=packed))


def _former_names(connection: Connection, days: int, now_ms: int) -> tuple[tuple[int, str], ...]:
    """Names that an account may not have borne for so long."""
    if not days:
        return ()
    former = (
        select(name.c.identity_id, name.c.name)
        .join(identity, identity.c.identity_id == name.c.identity_id)
        .where(name.c.first_seen_at < now_ms - days * DAY_MS, name.c.name != identity.c.name)
        .where(name.c.identity_id.not_in(select(hold.c.identity_id)))
        .limit(MAX_DUE)
    )
    return tuple((row[0], row[1]) for row in connection.execute(former))


def _forget_name(connection: Connection, account: int, former: str, cut_ms: int) -> bool:
    """Take a name out of an account's history and of the events that told it; borne again since, it only begins then."""
    query = select(event.c.seq, event.c.at, event.c.payload).where(of_accounts(connection, [account]))
    told = [(row.seq, row.at, json.loads(row.payload)) for row in connection.execute(query) if row.payload]
    bearing = [(seq, at_ms, payload) for seq, at_ms, payload in told if payload.get("name") == former]
    later = [at_ms for _, at_ms, _ in bearing if at_ms >= cut_ms]
    for seq, at_ms, payload in bearing:
        if at_ms < cut_ms:
            _repack(connection, seq, {key: value for key, value in payload.items() if key != "name"})
    mine = (name.c.identity_id == account, name.c.name == former)
    if later:
        connection.execute(update(name).where(*mine).values(first_seen_at=min(later)))
        return False
    name_index.forget(connection, [account], former)
    connection.execute(delete(name).where(*mine))
    return True


def _forget_contacts(connection: Connection, kind: ContactKind, days: int, now_ms: int) -> int:
    if not days:
        return 0
    old = (contact.c.kind == kind, contact.c.at < now_ms - days * DAY_MS)
    return connection.execute(delete(contact).where(*old, contact.c.identity_id.not_in(select(hold.c.identity_id)))).rowcount


def _inactive(connection: Connection, days: int, now_ms: int) -> tuple[tuple[str, str], ...]:
    """Whoever has not been heard of for so long and is owed nothing, by the first account."""
    if not days:
        return ()
    cut_ms = now_ms - days * DAY_MS
    heard = (person.c.first_seen_at, person.c.last_seen_at, person.c.active_at, func.coalesce(person.c.last_order_at, 0))
    account = identity.alias("account")
    held = select(account.c.person_id).join(hold, hold.c.identity_id == account.c.identity_id)
    silent = (
        select(identity.c.platform, identity.c.fan_id)
        .join(person, person.c.person_id == identity.c.identity_id)
        .where(*(time < cut_ms for time in heard), person.c.points <= 0, person.c.is_staff == 0)
        .where(person.c.person_id.not_in(held))
        .limit(MAX_DUE)
    )
    return tuple((row[0], row[1]) for row in connection.execute(silent))


def _held(connection: Connection, accounts: set[int]) -> Sequence[int]:
    return [row[0] for row in bulk.load_columns(connection, hold, ("identity_id",), "identity_id", accounts)]
