"""Birthdays of fans, sealed as contacts are, and the gift of points that their tier has: once a year for a person.

Which points is the rules' business; nobody's age is kept.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from studio.errors import Conflict, InvalidInput
from studio.model.birthday import GIFT_EVERY_DAYS, celebrated, parse_birthday
from studio.model.events import format_time
from studio.model.fans import Fan
from studio.model.loyalty import DAY_MS, tier_of
from studio.model.rights import rights_of
from studio.store import bulk, contacts, tell
from studio.store.by_hand import is_taken_back
from studio.store.fan_detail import Detail, Moment, detail_of, details
from studio.store.fan_queries import accounts_of
from studio.store.fan_store import exclusive
from studio.store.links import account_number
from studio.store.person_tables import contact
from studio.store.tables import identity, person, points
from studio.store.vault import Vault

GIFT = "birthday"
"""The kind of the gift's row in the ledger of points."""
_MAX_LIST = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose gift, by which click, and who gives it."""

    platform: str
    fan_id: str
    click_id: str


def keep(connection: Connection, vault: Vault, platform: str, fan_id: str, text: str, now_ms: int, by: str) -> str:
    """Keep a birthday of a person in place of an earlier one; as "05-20". Raises NotFound, InvalidInput."""
    birthday = parse_birthday(text)
    account = account_number(connection, (platform, fan_id))
    contacts.drop(connection, accounts_of(connection, platform, fan_id), "birthday")
    contacts.keep(connection, vault, account, "birthday", birthday, now_ms, by)
    return birthday


def forget(connection: Connection, platform: str, fan_id: str) -> int:
    """Forget it; how many there were. Raises NotFound."""
    return contacts.drop(connection, accounts_of(connection, platform, fan_id), "birthday")


def told(connection: Connection, vault: Vault, detail: Detail, moment: Moment) -> dict[str, Any]:
    """{birthday, points, due, given, gift}: month and day or null, what the tier's gift is, whether it can be given now.

    `gift` {number, points, at} is the one that was given lately, or null.
    """
    accounts = [one.identity_id for one in detail.identities]
    birthday = next(iter(contacts.values(connection, vault, accounts, "birthday")), None)
    gift = int(rights_of(detail.confirmed_minor, moment.rules)["birthday_points"])
    given = _given_lately(connection, accounts, moment)
    due = birthday in celebrated(_first_day(moment), _today(moment)) and gift > 0 and given is None and not detail.person.is_staff
    told = None if given is None else {"number": given.seq, "points": given.delta, "at": format_time(given.at)}
    return {"birthday": birthday, "points": gift, "due": due, "given": given is not None, "gift": told}


def give(connection: Connection, vault: Vault, asked: Asked, moment: Moment) -> tuple[dict[str, Any], Fan]:
    """Give the gift; the same click again changes nothing. Raises NotFound, Conflict with why it can't be given."""
    if not asked.click_id:
        raise InvalidInput("field.text", field="click_id")
    exclusive(connection)
    accounts = accounts_of(connection, asked.platform, asked.fan_id)
    detail = detail_of(connection, asked.platform, asked.fan_id, moment)
    assert detail is not None  # noqa: S101 - its accounts were just found
    row = detail.person
    done = connection.execute(
        select(points.c.identity_id, points.c.delta, points.c.kind).where(points.c.click_id == asked.click_id)
    ).first()
    if done is not None:
        if done[0] not in accounts or done[2] != GIFT:
            raise Conflict("fans.click_used", click_id=asked.click_id[:100])
        return {"points": row.points, "given": done[1]}, row.to_fan(detail.latest)
    gift = _gift(connection, vault, detail, accounts, moment)
    values = (
        account_number(connection, (asked.platform, asked.fan_id)),
        GIFT,
        moment.now_ms,
        gift,
        str(_today(moment).year),
        asked.click_id,
    )
    bulk.insert(connection, points, [values], columns=tuple(points.c.keys())[1:])
    row.points += gift
    row.adjusted_points += gift
    bulk.upsert(connection, person, [row.to_row()])
    tell.changed(connection, [row.person_id])
    return {"points": row.points, "given": gift}, row.to_fan(detail.latest)


def due(connection: Connection, vault: Vault, moment: Moment, days: int = 0) -> list[dict[str, Any]]:
    """[{platform, id, name, tier, tier_rank, birthday, on, in_days, points, due, given}]: whose gift can be given now.

    With `days`, also everybody whose birthday is today or on one of the days after it, `days` in all, whatever their tier gives.
    Today's first, then those whose gift still waits, then those to come; within a day by what they spent.
    """
    today = _today(moment)
    nearby = celebrated(_first_day(moment), today + timedelta(max(0, days - 1)))
    found = []
    born = _born(connection, vault, list(nearby))
    around = details(connection, list(born), moment)
    given = _given(connection, [one.identity_id for detail in around for one in detail.identities], moment)
    for detail in around:
        row = detail.person
        birthday = next(iter(contacts.values(connection, vault, [one.identity_id for one in detail.identities], "birthday")), "")
        on = nearby.get(birthday)
        if on is None or row.is_staff:
            continue  # told anew since, on another account
        rights = rights_of(detail.confirmed_minor, moment.rules)
        is_given = any(one.identity_id in given for one in detail.identities)
        in_days = (on - today).days
        is_due = in_days <= 0 and bool(rights["birthday_points"]) and not is_given
        if is_due or (days and 0 <= in_days < days):
            order = (in_days != 0, in_days > 0, abs(in_days), -row.spent_minor, detail.key)
            told = {"birthday": birthday, "on": on.isoformat(), "in_days": in_days, "due": is_due, "given": is_given}
            found.append((order, _who(detail, moment, int(rights["birthday_points"])) | told))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def _who(detail: Detail, moment: Moment, gift: int) -> dict[str, Any]:
    account, tier = detail.latest, tier_of(detail.person.spent_minor, moment.rules)
    who = {"platform": account.platform, "id": account.fan_id, "name": account.name}
    return {**who, "tier": moment.rules.tiers[tier - 1].name, "tier_rank": tier, "points": gift}


def _born(connection: Connection, vault: Vault, days: list[str]) -> list[int]:
    """Persons with one of these birthdays, the best buyers first."""
    query = (
        select(identity.c.person_id)
        .join(contact, contact.c.identity_id == identity.c.identity_id)
        .join(person, person.c.person_id == identity.c.person_id)
        .where(contact.c.kind == "birthday", contact.c.lookup.in_([vault.lookup("birthday", day) for day in days]))
        .group_by(identity.c.person_id, person.c.spent_minor)
        .order_by(person.c.spent_minor.desc(), identity.c.person_id)
        .limit(_MAX_LIST)
    )
    return list(connection.execute(query).scalars())


def _gift(connection: Connection, vault: Vault, detail: Detail, accounts: list[int], moment: Moment) -> int:
    birthday = next(iter(contacts.values(connection, vault, accounts, "birthday")), None)
    rights = rights_of(detail.confirmed_minor, moment.rules)
    if birthday is None:
        raise Conflict("fans.birthday_unknown")
    if detail.person.is_staff:
        raise Conflict("fans.redeem_staff")
    if not rights["birthday_points"]:
        raise Conflict("fans.birthday_none", tier=rights["tier"])
    if birthday not in celebrated(_first_day(moment), _today(moment)):
        raise Conflict("fans.birthday_not_now", days=moment.rules.birthday_days)
    if _given_lately(connection, accounts, moment) is not None:
        raise Conflict("fans.birthday_given")
    return int(rights["birthday_points"])


def _given_lately(connection: Connection, accounts: list[int], moment: Moment) -> Any:
    """The newest gift that stands, as its row of the ledger, or None."""
    query = select(points).where(*_is_gift(accounts, moment)).order_by(points.c.seq.desc()).limit(1)
    return connection.execute(query).first()


def _given(connection: Connection, accounts: list[int], moment: Moment) -> set[int]:
    """Those of the accounts on which a gift stands."""
    return set(connection.execute(select(points.c.identity_id).where(*_is_gift(accounts, moment))).scalars())


def _is_gift(accounts: list[int], moment: Moment) -> tuple[Any, ...]:
    since_ms = moment.now_ms - GIFT_EVERY_DAYS * DAY_MS
    return points.c.identity_id.in_(accounts), points.c.kind == GIFT, points.c.at > since_ms, ~is_taken_back()


def _first_day(moment: Moment) -> date:
    """The earliest day whose birthdays still wait for their gift."""
    return _today(moment) - timedelta(moment.rules.birthday_days - 1)


def _today(moment: Moment) -> date:
    return moment.show_days.local_time(moment.now_ms).date()
