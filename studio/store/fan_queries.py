"""What is asked of the fan file: one fan, a page of fans, regulars who are away, a standing.

It changes nothing; figures that depend on *now* are made here, from rows that don't.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, bindparam, func, select, tuple_

from studio.errors import InvalidInput, NotFound
from studio.model import loyalty, points, segments
from studio.model.day_set import DaySet
from studio.model.drops import FanStanding
from studio.model.fans import Fan
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.rule_book import RuleBook
from studio.model.segments import Activity
from studio.store import bulk
from studio.store.tables import event, fan_day, identity, live_day, name, person, purchase
from studio.store.waiting import waiting_points
from studio.store.working import Identity, Person

Sort: TypeAlias = Literal["spent_minor", "points", "last_order_at"]
_RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Moment:
    """When and by which rules something is asked."""

    now_ms: int
    book: RuleBook
    show_days: ShowDays
    live_days: DaySet

    @property
    def rules(self) -> Rules:
        """The rules that hold now."""
        return self.book.rules

    @property
    def today(self) -> int:
        """The show day."""
        return self.show_days.day_of(self.now_ms)


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one person; `person` is named by the account that came first."""

    person: Person
    identities: tuple[Identity, ...]
    names: tuple[str, ...]
    confirmed_minor: int
    waiting_points: int
    """Points of orders that aren't confirmed yet."""
    watched_ms: int
    recent_watched_ms: int
    recent_chats: int

    @property
    def key(self) -> str:
        """Equal for all accounts of one human, and never changes."""
        return f"{self.identities[0].platform}:{self.identities[0].fan_id}"

    @property
    def redeemable(self) -> int:
        """Points that something can be had for."""
        return points.redeemable_points(self.person.points, self.waiting_points)

    @property
    def latest(self) -> Identity:
        """The account whose name was told last."""
        return max(self.identities, key=lambda account: (account.name_at, account.identity_id))

    def activity(self) -> Activity:
        """What the segment is judged by."""
        row = self.person
        return Activity(
            first_seen_ms=row.first_seen_at,
            last_active_ms=row.active_at,
            orders=row.orders,
            spent_minor=row.spent_minor,
            promo_orders=row.promo_orders,
            last_order_ms=row.last_order_at,
            watched_ms=self.recent_watched_ms,
            chats=self.recent_chats,
        )


def detail_of(connection: Connection, platform: str, fan_id: str, moment: Moment) -> Detail | None:
    """Everything about the person that an account belongs to, or None."""
    number = person_of(connection, platform, fan_id)
    found = details(connection, [number], moment) if number is not None else []
    return found[0] if found else None


def person_of(connection: Connection, platform: str, fan_id: str) -> int | None:
    """The person that an account belongs to."""
    return connection.execute(select(identity.c.person_id).where(identity.c.platform == platform, identity.c.fan_id == fan_id)).scalar()


def accounts_of(connection: Connection, platform: str, fan_id: str) -> list[int]:
    """The numbers of all accounts of the person that an account belongs to. Raises NotFound."""
    number = person_of(connection, platform, fan_id)
    if number is None:
        raise NotFound("fans.unknown", platform=platform, id=fan_id)
    return sorted(row[0] for row in bulk.load_columns(connection, identity, ("identity_id",), "person_id", [number]))


def details(connection: Connection, person_ids: Sequence[int], moment: Moment) -> list[Detail]:
    """Everything about these persons, in their order; those that aren't in the file are left out."""
    persons = {row[0]: Person.from_row(row, 0) for row in bulk.load(connection, person, "person_id", person_ids)}
    accounts: dict[int, list[Identity]] = {}
    for row in bulk.load(connection, identity, "person_id", person_ids):
        accounts.setdefault(row[1], []).append(Identity(*row))
    sums = _sums(connection, _confirmed(person_ids, moment.now_ms))
    spent = {number: (row.spent_minor, min(sums.get(number, 0), row.spent_minor)) for number, row in persons.items()}
    waiting = waiting_points(connection, spent, moment.book, moment.show_days, moment.now_ms)
    days: dict[int, Any] = {row[0]: row for row in connection.execute(_watched(person_ids, moment.today - _RECENT_DAYS + 1))}
    owners = {account.identity_id: account.person_id for some in accounts.values() for account in some}
    names = _names(connection, owners)
    result = []
    for number in person_ids:
        if number not in persons or number not in accounts:
            continue
        watched: Any = days.get(number, (number, 0, 0, 0))
        result.append(
            Detail(
                person=persons[number],
                identities=tuple(sorted(accounts[number], key=lambda account: account.identity_id)),
                names=tuple(names.get(number, ())),
                confirmed_minor=spent[number][1],
                waiting_points=waiting[number],
                watched_ms=int(watched[1] or 0),
                recent_watched_ms=int(watched[2] or 0),
                recent_chats=int(watched[3] or 0),
            )
        )
    return result


def _confirmed(person_ids: Sequence[int], now_ms: int) -> Any:
    return (
        select(purchase.c.person_id, func.sum(purchase.c.counted_minor))
        .where(purchase.c.person_id.in_(person_ids), purchase.c.confirmed_at <= now_ms)
        .group_by(purchase.c.person_id)
    )


def _watched(person_ids: Sequence[int], since_day: int) -> Any:
    is_recent = fan_day.c.show_day >= since_day
    return (
        select(
            fan_day.c.person_id,
            func.sum(fan_day.c.watched_ms),
            func.sum(fan_day.c.watched_ms).filter(is_recent),
            func.sum(fan_day.c.chats).filter(is_recent),
        )
        .where(fan_day.c.person_id.in_(person_ids))
        .group_by(fan_day.c.person_id)
    )


def _sums(connection: Connection, query: Any) -> dict[int, int]:
    rows: Any = connection.execute(query)
    return {row[0]: int(row[1] or 0) for row in rows}


def _names(connection: Connection, owners: dict[int, int]) -> dict[int, list[str]]:
    rows = sorted(bulk.load(connection, name, "identity_id", owners), key=lambda row: (row[2], row[1]))
    result: dict[int, list[str]] = {}
    for row in rows:
        known = result.setdefault(owners[row[0]], [])
        if row[1] not in known:
            known.append(row[1])
    return result


def page(connection: Connection, sort: Sort, limit: int, after: str, moment: Moment) -> tuple[list[Detail], str]:
    """A page in descending order, and what `after` has to be for the next one (empty at the end). Raises InvalidInput."""
    column = person.c[sort]
    query = select(column, person.c.person_id).where(person.c.is_staff == 0, column.is_not(None))
    if after:
        query = query.where(tuple_(column, person.c.person_id) < tuple_(*_cursor(after)))
    rows = connection.execute(query.order_by(column.desc(), person.c.person_id.desc()).limit(limit + 1)).all()
    found = details(connection, [row[1] for row in rows[:limit]], moment)
    return found, f"{rows[limit - 1][0]}:{rows[limit - 1][1]}" if len(rows) > limit else ""


def _cursor(after: str) -> tuple[int, int]:
    value, _, number = after.partition(":")
    try:
        return int(value), int(number)
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


def recently_seen(connection: Connection, now_ms: int) -> list[Fan]:
    """Who may be present after a restart: the accounts of the ledger's newest events."""
    newest = connection.execute(select(func.max(event.c.seq))).scalar() or 0
    seen = select(identity.c.person_id).where(
        identity.c.identity_id.in_(
            select(event.c.identity_id).where(event.c.seq > newest - 100_000, event.c.at > now_ms - loyalty.PRESENT_MS)
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
