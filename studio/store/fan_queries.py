"""What is asked of the fan file: who somebody is, a page of fans, regulars who are away, a standing.

It changes nothing; figures that depend on *now* are made here, from rows that don't.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, bindparam, func, select, tuple_

from studio.errors import InvalidInput, NotFound
from studio.model import loyalty, segments
from studio.model.day_set import DaySet
from studio.model.drops import FanStanding
from studio.model.fans import Fan
from studio.model.loyalty import Rules
from studio.store import bulk
from studio.store.fan_detail import Detail, Moment, details
from studio.store.tables import event, identity, live_day, person, purchase
from studio.store.working import Identity, Person

Sort: TypeAlias = Literal["spent_minor", "points", "last_order_at"]


def person_of(connection: Connection, platform: str, fan_id: str) -> int | None:
    """The person that an account belongs to."""
    return connection.execute(select(identity.c.person_id).where(identity.c.platform == platform, identity.c.fan_id == fan_id)).scalar()


def accounts_of(connection: Connection, platform: str, fan_id: str) -> list[int]:
    """The numbers of all accounts of the person that an account belongs to. Raises NotFound."""
    number = person_of(connection, platform, fan_id)
    if number is None:
        raise NotFound("fans.unknown", platform=platform, id=fan_id)
    return sorted(row[0] for row in bulk.load_columns(connection, identity, ("identity_id",), "person_id", [number]))


def page(connection: Connection, sort: Sort, limit: int, after: str, moment: Moment) -> tuple[list[Detail], str]:
    """A page in descending order, and what `after` has to be for the next one (empty at the end). Raises InvalidInput."""
    column, number = person.c[sort], person.c.person_id
    everyone = select(column, number).where(person.c.is_staff == 0)
    value, last = _cursor(after) if after else (None, None)
    rows: list[Any] = []
    if not after or value is not None:
        query = everyone.where(column.is_not(None))
        if after:
            query = query.where(tuple_(column, number) < tuple_(value, last))
        rows.extend(connection.execute(query.order_by(column.desc(), number.desc()).limit(limit + 1)).all())
    if len(rows) <= limit and column.nullable:
        # Who never bought comes after everybody who did.
        query = everyone.where(column.is_(None))
        if after and value is None:
            query = query.where(number < last)
        rows.extend(connection.execute(query.order_by(number.desc()).limit(limit + 1 - len(rows))).all())
    found = details(connection, [row[1] for row in rows[:limit]], moment)
    return found, ":".join("" if part is None else str(part) for part in rows[limit - 1]) if len(rows) > limit else ""


def _cursor(after: str) -> tuple[int | None, int]:
    value, _, number = after.partition(":")
    try:
        return int(value) if value else None, int(number)
    except ValueError as error:
        raise InvalidInput("fans.after", after=after[:40]) from error


def fans(connection: Connection, rows: Iterable[Row[Any]]) -> list[Fan]:
    """Rows of `person` as the loop thread keeps them."""
    persons = {row[0]: Person.from_row(tuple(row), 0) for row in rows}
    latest: dict[int, Identity] = {}
    for row in bulk.load(connection, identity, "person_id", persons):
        account = Identity(*row)
        known = latest.get(account.person_id)
        if known is None or account.name_at > known.name_at:
            latest[account.person_id] = account
    return [found.to_fan(latest[number]) for number, found in persons.items() if number in latest]


def fans_of(connection: Connection, person_ids: Iterable[int]) -> list[Fan]:
    """These persons as the loop thread keeps them."""
    return fans(connection, connection.execute(select(person).where(person.c.person_id.in_(list(person_ids)))))


def regulars(connection: Connection, limit: int, now_ms: int, rules: Rules) -> list[Fan]:
    """The first regulars in board order, here or not."""
    order = (person.c.spent_minor.desc(), person.c.person_id.desc())
    everyone = select(person).where(person.c.is_staff == 0)
    spenders = everyone.where(person.c.spent_minor >= rules.regular_minor).order_by(*order).limit(limit)
    rows = list(connection.execute(spenders))
    if len(rows) < limit:
        followers = everyone.where(
            person.c.spent_minor < rules.regular_minor,
            person.c.followed_at.is_not(None),
            person.c.followed_at < now_ms - rules.regular_followed_ms,
        )
        rows += connection.execute(followers.order_by(*order).limit(limit - len(rows)))
    return fans(connection, rows)


def recently_seen(connection: Connection, room: str, now_ms: int) -> list[Fan]:
    """Who may be present in the room after a restart: the accounts of the ledger's newest events."""
    newest = connection.execute(select(func.max(event.c.seq))).scalar() or 0
    seen = select(identity.c.person_id).where(
        identity.c.identity_id.in_(
            select(event.c.identity_id).where(
                event.c.seq > newest - 100_000, event.c.at > now_ms - loyalty.PRESENT_MS, event.c.room == room
            )
        )
    )
    return fans(connection, connection.execute(select(person).where(person.c.person_id.in_(seen))))


def live_days(connection: Connection, room: str) -> DaySet:
    """The show days on which the room was live."""
    return DaySet.of(list(connection.execute(select(live_day.c.show_day).where(live_day.c.room == room)).scalars()))


def note_live_days(connection: Connection, room: str, days: Sequence[int]) -> None:
    """The room was live on these show days."""
    known = live_days(connection, room)
    bulk.insert(connection, live_day, [(room, day) for day in days if day not in known])


_OTHER = identity.alias("first")
_STANDING = (
    select(person, identity.c.name.label("called"), _OTHER.c.platform.label("first_platform"), _OTHER.c.fan_id.label("first_fan_id"))
    .join(identity, identity.c.person_id == person.c.person_id)
    .join(_OTHER, _OTHER.c.person_id == person.c.person_id)
    .where(identity.c.platform == bindparam("platform"), identity.c.fan_id == bindparam("fan_id"))
    .order_by(_OTHER.c.identity_id)
    .limit(1)
)
_CONFIRMED = select(func.sum(purchase.c.counted_minor)).where(
    purchase.c.person_id == bindparam("person_id"), purchase.c.confirmed_at <= bindparam("now_ms")
)


def standing(connection: Connection, platform: str, fan_id: str, moment: Moment) -> FanStanding:
    """What decides who may enter a drop; somebody who isn't in the file yet is new.

    It is asked for each of ten thousand claims: two small queries, and one for those who never bought.
    """
    rules = moment.rules
    row = connection.execute(_STANDING, {"platform": platform, "fan_id": fan_id}).first()
    if row is None:
        return FanStanding(person=f"{platform}:{fan_id}", is_staff=(platform, fan_id) in rules.staff)
    confirmed_minor = 0
    if row.spent_minor > 0:
        found = connection.execute(_CONFIRMED, {"person_id": row.person_id, "now_ms": moment.now_ms}).scalar()
        confirmed_minor = min(int(found or 0), row.spent_minor)
    visits = DaySet.from_bytes(row.visit_days)
    return FanStanding(
        person=f"{row.first_platform}:{row.first_fan_id}",
        tier=loyalty.tier_of(confirmed_minor, rules),
        badge=loyalty.tier_of(row.spent_minor, rules),
        is_devoted=segments.layer_of(visits, row.orders, moment.today) == "devoted",
        is_regular=loyalty.is_regular(row.spent_minor, row.followed_at, moment.now_ms, rules),
        is_buyer=confirmed_minor > 0,
        is_staff=bool(row.is_staff),
        name=row.called,
    )
