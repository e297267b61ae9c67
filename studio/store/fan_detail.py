"""Everything about a fan in one statement: a look-up waits for the interpreter once, however busy the writer keeps it.

SQLite lets go of the interpreter lock at each step of each statement, and a thread that lets go while another computes has to wait to
get it back. Six statements for a fan meant some twenty such waits; one statement that answers one row means two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from studio.model import points
from studio.model.day_set import DaySet
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.rule_book import RuleBook
from studio.model.segments import Activity
from studio.store import bulk, spend_rank, tables
from studio.store.waiting import waiting_points
from studio.store.working import Identity, Person

_RECENT_DAYS: Final = 30
_PERSON: Final = tuple(tables.person.c.keys())
_ACCOUNT: Final = tuple(tables.identity.c.keys())
_DAYS: Final = slice(_PERSON.index("visit_days"), _PERSON.index("share_days") + 1)
"""The columns of bytes: JSON has none, they come as hex signs."""


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
    rank: int | None
    """The place by net spend among all fans, from 1; equals share one. None for staff, who have none."""
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
    found = _read(connection, _by_account(connection.dialect.name), (fan_id, platform), moment)
    return found[0] if found else None


def details(connection: Connection, person_ids: Sequence[int], moment: Moment) -> list[Detail]:
    """Everything about these persons, in their order; those that aren't in the file are left out."""
    if not person_ids:
        return []
    wanted: Any = list(person_ids)
    if connection.dialect.name == "sqlite":
        wanted = msgspec.json.encode(wanted).decode()
    found = {one.person.person_id: one for one in _read(connection, _by_numbers(connection.dialect.name), (wanted,), moment)}
    return [found[number] for number in person_ids if number in found]


def _read(connection: Connection, sql: str, key: tuple[Any, ...], moment: Moment) -> list[Detail]:
    since = moment.today - _RECENT_DAYS + 1
    found = bulk.rows(connection, sql, (moment.now_ms, since, since, *key))
    rows = [_parted(_listed(row)) for (row,) in found]
    spent = {one.person.person_id: (one.person.spent_minor, one.confirmed_minor) for one in rows}
    waiting = waiting_points(connection, spent, moment.book, moment.show_days, moment.now_ms)
    return [one.told(waiting[one.person.person_id]) for one in rows if one.accounts]


@dataclass(frozen=True, slots=True)
class _Parted:
    """A row of the statement, taken apart."""

    person: Person
    accounts: tuple[Identity, ...]
    names: tuple[str, ...]
    confirmed_minor: int
    watched: tuple[int, int, int]
    place: int

    def told(self, waiting: int) -> Detail:
        place = None if self.person.is_staff else self.place
        return Detail(self.person, self.accounts, self.names, place, self.confirmed_minor, waiting, *self.watched)


def _parted(row: Sequence[Any]) -> _Parted:
    # NULL and nothing are the same empty set of days.
    days = [bytes.fromhex(value or "") for value in row[_DAYS]]
    person = Person.from_row((*row[: _DAYS.start], *days, *row[_DAYS.stop : len(_PERSON)]), 0)
    accounts, names, confirmed_minor, watched, place = row[len(_PERSON) :]
    told = sorted(_listed(names), key=lambda one: (one[1], one[0]))
    all_ms, recent_ms, chats = (int(value or 0) for value in _listed(watched))
    return _Parted(
        person,
        tuple(sorted((Identity(*one) for one in _listed(accounts)), key=lambda account: account.identity_id)),
        tuple(dict.fromkeys(name for name, _ in told)),
        min(int(confirmed_minor or 0), person.spent_minor),
        (all_ms, recent_ms, chats),
        int(place),
    )


def _listed(value: Any) -> list[Any]:
    """A list of the database: SQLite's driver gives its text."""
    return (msgspec.json.decode(value) if isinstance(value, str) else value) or []


@cache
def _by_account(dialect: str) -> str:
    mark = _mark(dialect)
    account = f"SELECT person_id FROM identity WHERE fan_id = {mark} AND platform = {mark}"  # noqa: S608 - our own words
    return f"{_everything(dialect)} WHERE p.person_id = ({account})"


@cache
def _by_numbers(dialect: str) -> str:
    mark = _mark(dialect)
    among = f"IN (SELECT value FROM json_each({mark}))" if dialect == "sqlite" else f"= ANY({mark})"  # noqa: S608 - our own words
    return f"{_everything(dialect)} WHERE p.person_id {among}"


def _mark(dialect: str) -> str:
    return "?" if dialect == "sqlite" else "%s"


def _everything(dialect: str) -> str:
    """A person's row and what is beside it as one list; its three marks are now, and twice the first recent show day."""
    mark = _mark(dialect)
    one, many = ("json_array", "json_group_array") if dialect == "sqlite" else ("json_build_array", "json_agg")
    in_hex = "hex({})" if dialect == "sqlite" else "encode({}, 'hex')"
    columns = ", ".join(in_hex.format(f'p."{name}"') if name in _PERSON[_DAYS] else f'p."{name}"' for name in _PERSON)
    account = ", ".join(f'a."{name}"' for name in _ACCOUNT)
    return f"""SELECT {one}({columns},
 (SELECT {many}({one}({account})) FROM identity a WHERE a.person_id = p.person_id),
 (SELECT {many}({one}(n.name, n.first_seen_at)) FROM identity a JOIN name n ON n.identity_id = a.identity_id
  WHERE a.person_id = p.person_id),
 (SELECT SUM(counted_minor) FROM purchase WHERE person_id = p.person_id AND confirmed_at <= {mark}),
 (SELECT {one}(SUM(watched_ms), SUM(CASE WHEN show_day >= {mark} THEN watched_ms END),
  SUM(CASE WHEN show_day >= {mark} THEN chats END)) FROM fan_day WHERE person_id = p.person_id),
 {spend_rank.place_sql("p.spent_minor")})
 FROM person p"""  # noqa: S608 - our own tables
