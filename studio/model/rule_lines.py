"""The rules told in lines that are read in three seconds, and what a host should think twice about before applying them.

Codes of the catalogue with their numbers; the words are the surface's business.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studio.model.loyalty import DAY_MS, RedeemItem, Rules
from studio.model.money import told

_STEEP_PERCENT = 50
"""A tier that pays less than this: dearer than most goods' margin."""
_HIGH_REBATE_PERCENT = 20
"""What cash-off gives back of each yuan spent: with a tier price on top, more is seldom meant."""
_SAFE_CONFIRM_DAYS = 7
"""China's no-reason return takes seven days from delivery: points that are usable sooner can be spent and the order returned."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the catalogue: `key` is the place in the rules that it speaks of."""

    key: str
    code: str
    params: dict[str, str]


def params_in(line: Line, called: Callable[[str], str]) -> dict[str, str]:
    """The line's params with the names of tiers as a language calls them; an item's name is the host's own."""
    return {
        name: called(value) if line.key.startswith("tier") and name in {"name", "before"} else value for name, value in line.params.items()
    }


def _money(minor: int, currency: str) -> str:
    """As short as it can be said: ¥500, ¥9.90."""
    return told(minor, currency, is_short=True)


def explain(rules: Rules, currency: str) -> list[Line]:
    """Every rule, one line each, in the order of the file."""
    return [*_tier_lines(rules, currency), *_point_lines(rules, currency), *_other_lines(rules, currency), *_item_lines(rules, currency)]


def _line(key: str, code: str, **params: object) -> Line:
    return Line(key, f"rules.{code}", {name: str(value) for name, value in params.items()})


def _tier_lines(rules: Rules, currency: str) -> Iterator[Line]:
    for number, tier in enumerate(rules.tiers):
        # Chinese tells a price as tenths that are paid (85 % is 8.5 折), English as per cent.
        paid = {"name": tier.name, "percent": tier.percent, "tenths": f"{tier.percent / 10:g}"}
        price = "full_price" if tier.percent == 100 else "discount"
        if number == 0:
            yield _line("tier[0]", f"tier_first_{price}", **paid)
        elif tier.from_minor == 1:
            yield _line(f"tier[{number}]", f"tier_bought_{price}", **paid)
        else:
            yield _line(f"tier[{number}]", f"tier_{price}", **paid, amount=_money(tier.from_minor, currency))


def _point_lines(rules: Rules, currency: str) -> Iterator[Line]:
    yield _line("points.minor_per_point", "order_points", amount=_money(rules.minor_per_point, currency))
    yield _line("points.checkin", "checkin", points=rules.checkin_points)
    yield _line("points.watched", "watched", minutes=rules.watched_ms // 60_000, points=rules.watched_points)
    yield _line("points.share", "share", points=rules.share_points, times=rules.shares_a_week)
    yield _line("streak.ticket_every", "tickets", days=rules.ticket_every)


def _other_lines(rules: Rules, currency: str) -> Iterator[Line]:
    days = rules.regular_followed_ms // DAY_MS
    yield _line("regular", "regular", days=days, amount=_money(rules.regular_minor, currency))
    after = (rules.confirm_after_delivery_ms // DAY_MS, rules.confirm_after_payment_ms // DAY_MS)
    yield _line("confirm", "confirm", delivery=after[0], payment=after[1])
    if any(tier.birthday_points for tier in rules.tiers):
        most = max(tier.birthday_points for tier in rules.tiers)
        yield _line("birthday", "birthday", days=rules.birthday_days, points=most)
    if rules.staff:
        yield _line("staff", "staff", count=len(rules.staff))


def _item_lines(rules: Rules, currency: str) -> Iterator[Line]:
    for number, item in enumerate(rules.items):
        if item.kind == "cash_off":
            yield _line(f"redeem[{number}]", "item_cash_off", name=item.name, points=item.points, amount=_money(item.value_minor, currency))
        else:
            yield _line(f"redeem[{number}]", f"item_{item.kind}", name=item.name, points=item.points)


def warn(rules: Rules, currency: str) -> list[Line]:
    """What may be meant, but costs more or helps less than it seems."""
    return [*_tier_warnings(rules), *_point_warnings(rules, currency), *_item_warnings(rules)]


def _tier_warnings(rules: Rules) -> Iterator[Line]:
    if len(rules.tiers) == 1:
        yield _line("tier", "warn_one_tier")
    for number, tier in enumerate(rules.tiers):
        key = f"tier[{number}].percent"
        if number and tier.percent > rules.tiers[number - 1].percent:
            yield _line(key, "warn_dearer", name=tier.name, before=rules.tiers[number - 1].name)
        if tier.percent < _STEEP_PERCENT:
            yield _line(key, "warn_steep", name=tier.name, percent=tier.percent, tenths=f"{tier.percent / 10:g}")
    if rules.tiers[0].percent < 100:
        yield _line("tier[0].percent", "warn_everybody", name=rules.tiers[0].name)


def _point_warnings(rules: Rules, currency: str) -> Iterator[Line]:
    if rules.regular_minor < 100:
        yield _line("regular.spent_minor", "warn_cheap_regular", amount=_money(rules.regular_minor, currency))
    if rules.confirm_after_delivery_ms < _SAFE_CONFIRM_DAYS * DAY_MS:
        yield _line("confirm.after_delivery_days", "warn_early_confirm", days=_SAFE_CONFIRM_DAYS)
    if rules.confirm_after_payment_ms < rules.confirm_after_delivery_ms:
        yield _line("confirm.after_payment_days", "warn_payment_first")


def _item_warnings(rules: Rules) -> Iterator[Line]:
    for number, item in enumerate(rules.items):
        rebate = _rebate_percent(item, rules)
        if rebate > _HIGH_REBATE_PERCENT:
            yield _line(f"redeem[{number}]", "warn_rebate", name=item.name, percent=rebate)
        if 0 < item.points <= _free_points(rules):
            yield _line(f"redeem[{number}]", "warn_free_item", name=item.name, points=_free_points(rules))


def _rebate_percent(item: RedeemItem, rules: Rules) -> int:
    """What an item gives back of the money that its points stand for, in per cent."""
    return item.value_minor * 100 // (item.points * rules.minor_per_point)


def _free_points(rules: Rules) -> int:
    """Points that a fresh account can have within a week without buying anything."""
    return 7 * (rules.checkin_points + rules.watched_points) + rules.shares_a_week * rules.share_points
