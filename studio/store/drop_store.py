"""The life of a drop in the store: each step is one guarded UPDATE, so that two hands can't take it twice.

Functions on a connection, for `Database.write` and `read`; it opens no transaction and reads no clock.
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from studio.errors import Conflict, NotFound
from studio.model.draw import SEED_BYTES, canonical, commit_of, opening_hash
from studio.model.drops import DropRecord, Step, next_state, spec_from
from studio.model.events import format_time
from studio.model.lottery import LotterySpec, rules_of
from studio.store.drop_tables import drops


def find(connection: Connection, drop_id: str) -> DropRecord:
    """Raises NotFound."""
    row = connection.execute(select(drops).where(drops.c.id == drop_id)).first()
    if row is None:
        raise NotFound("drops.unknown", id=drop_id[:40])
    return _record(row)


def find_click(connection: Connection, room: str, click_id: str) -> DropRecord | None:
    """The drop that this click made, if any."""
    row = connection.execute(select(drops).where(drops.c.room == room, drops.c.click_id == click_id)).first()
    return None if row is None else _record(row)


def newest(connection: Connection, room: str, limit: int) -> list[DropRecord]:
    """The room's drops, newest first."""
    query = select(drops).where(drops.c.room == room).order_by(drops.c.created_at_ms.desc(), drops.c.id).limit(limit)
    return [_record(row) for row in connection.execute(query)]


def unfinished(connection: Connection, room: str) -> list[DropRecord]:
    """What somebody still has to act on: drafts, open drops, lists that are closed but not hashed or drawn."""
    query = select(drops).where(drops.c.room == room, drops.c.state.in_(("draft", "approved", "open", "closing", "cancelled")))
    return [record for record in map(_record, connection.execute(query)) if record.state != "cancelled" or record.needs_closing_hash]


def created_since(connection: Connection, room: str, role: str, since_ms: int) -> list[int]:
    """When drops were ordered by this role since then, oldest first."""
    query = select(drops.c.created_at_ms).where(drops.c.room == room, drops.c.created_role == role, drops.c.created_at_ms > since_ms)
    return sorted(connection.execute(query).scalars())


def add(connection: Connection, record: DropRecord) -> None:
    """Store a new drop. Raises IntegrityError when its click already made one."""
    connection.execute(insert(drops).values(_values(record)))


def replace_order(connection: Connection, record: DropRecord) -> None:
    """Store an edited spec and state."""
    connection.execute(update(drops).where(drops.c.id == record.id).values(_values(record)))


def approve(connection: Connection, drop_id: str, name: str, now_ms: int) -> None:
    """A draft becomes approved. Raises Conflict."""
    take_step(connection, find(connection, drop_id), "approve", approved_by=name, approved_at_ms=now_ms)


def open_now(connection: Connection, drop_id: str, now_ms: int, new_seed: Callable[[int], bytes]) -> DropRecord:
    """Open it: a lottery gets its number, the link to the one before, its seed and the opening hash. Raises Conflict."""
    record = find(connection, drop_id)
    times = {"opened_at_ms": now_ms, "closes_at_ms": now_ms + record.spec.seconds * 1000}
    more: dict[str, Any] = {}
    if isinstance(record.spec, LotterySpec):
        number, prev = _chain_end(connection, record.room)
        rules = rules_of(
            record.spec,
            drop=drop_id,
            room=record.room,
            number=number,
            prev=prev,
            opens_at=format_time(times["opened_at_ms"]),
            closes_at=format_time(times["closes_at_ms"]),
        )
        seed = new_seed(SEED_BYTES)
        more = {"number": number, "rules": canonical(rules).decode(), "seed": seed, "opening": opening_hash(rules, commit_of(seed))}
    else:
        more = {"issue_limit": record.spec.limit}
    return take_step(connection, record, "open", **times, **more)


def close(connection: Connection, drop_id: str, closed_at_ms: int) -> DropRecord:
    """No entry counts any more. Raises Conflict for the second hand."""
    return take_step(connection, find(connection, drop_id), "close", closed_at_ms=closed_at_ms)


def cancel(connection: Connection, drop_id: str, now_ms: int, reason: str) -> DropRecord:
    """Raises Conflict once the list is closed: whoever holds the seed could otherwise cancel what they don't like."""
    return take_step(connection, find(connection, drop_id), "cancel", closed_at_ms=now_ms, settled_at_ms=now_ms, cancel_reason=reason)


def store_closing(connection: Connection, drop_id: str, closing: str) -> DropRecord:
    """Keep the list's hash; the first one stays."""
    connection.execute(update(drops).where(drops.c.id == drop_id, drops.c.closing == "").values(closing=closing))
    return find(connection, drop_id)


def _chain_end(connection: Connection, room: str) -> tuple[int, str]:
    """(number of the next lottery, closing hash of the one before). Raises Conflict while that one has none."""
    query = select(drops.c.number, drops.c.closing).where(drops.c.room == room, drops.c.number.is_not(None))
    last = connection.execute(query.order_by(drops.c.number.desc()).limit(1)).first()
    if last is None:
        return 1, ""
    if not last.closing:
        raise Conflict("drops.lottery_running", number=last.number)
    return last.number + 1, last.closing


def take_step(connection: Connection, record: DropRecord, step: Step, **values: Any) -> DropRecord:
    """One step of the state machine, compare and set. Raises Conflict when it isn't allowed or somebody was faster."""
    after = next_state(record.state, step, record.kind)
    taken = connection.execute(update(drops).where(drops.c.id == record.id, drops.c.state == record.state).values(state=after, **values))
    if taken.rowcount != 1:
        raise Conflict("drops.illegal_step", state=record.state, step=step)
    return find(connection, record.id)


_PLAIN = tuple(column.name for column in drops.c if column.name not in {"kind", "spec", "issue_limit"})


def _values(record: DropRecord) -> dict[str, Any]:
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        "kind": record.kind,
        "spec": json.dumps(record.spec.to_json(), ensure_ascii=False),
    }


def _record(row: Row[Any]) -> DropRecord:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name
    plain = {name: values[name] for name in _PLAIN}
    plain["seed"] = bytes(plain["seed"])
    return DropRecord(**plain, spec=spec_from(values["kind"], json.loads(values["spec"]), values["currency"]))
