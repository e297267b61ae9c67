"""A fan as the control API tells one: JSON-ready, with the reasons of the segment in words.

It decides nothing: the figures come from `studio.model.loyalty`, the words from the catalogue.
"""

from typing import Any

from studio.model import loyalty, segments
from studio.model.events import format_time
from studio.model.money import told
from studio.model.points import streak_tickets
from studio.model.rights import rights_of
from studio.store.fan_detail import Detail, Moment
from studio.words import say


def fan_card(detail: Detail, moment: Moment, currency: str, locale: str) -> dict[str, Any]:
    """`GET /v1/fans/{platform}/{id}`."""
    row, rules = detail.person, moment.rules
    segment, reasons = segments.segment_of(detail.activity(), moment.now_ms)
    tickets = streak_tickets(row.checkin_days, moment.live_days, moment.book) + row.bonus_tickets
    return {
        "person": detail.key,
        "identities": [
            {"platform": one.platform, "id": one.fan_id, "name": one.name, "club_level": one.club_level, "member": bool(one.is_member)}
            for one in detail.identities
        ],
        "platform": detail.latest.platform,
        "id": detail.latest.fan_id,
        "name": detail.latest.name,
        "names": list(detail.names),
        "tier": None if row.is_staff else rules.tiers[loyalty.tier_of(row.spent_minor, rules) - 1].name,
        "tier_rank": None if row.is_staff else int(loyalty.tier_of(row.spent_minor, rules)),
        "rights": None if row.is_staff else rights_of(detail.confirmed_minor, rules),
        "layer": segments.LAYER_NAMES[segments.layer_of(row.visit_days, row.orders, moment.today)],
        "layer_reasons": _in_words(segments.layer_reasons(row.visit_days, row.orders, moment.today), currency, locale),
        "segment": segments.SEGMENT_NAMES[segment],
        "reasons": _in_words(reasons, currency, locale),
        "why": _as_codes(reasons, currency),
        "layer_why": _as_codes(segments.layer_reasons(row.visit_days, row.orders, moment.today), currency),
        "rank": detail.rank,
        "regular": loyalty.is_regular(row.spent_minor, row.followed_at, moment.now_ms, rules),
        "staff": row.is_staff,
        "points": row.points,
        "redeemable": detail.redeemable,
        "spent_minor": row.spent_minor,
        "confirmed_minor": detail.confirmed_minor,
        "to_next_minor": loyalty.to_next_minor(row.spent_minor, rules),
        "next_tier": loyalty.next_tier_name(row.spent_minor, rules),
        "currency": currency,
        "orders": row.orders,
        "refunds": row.refunds,
        "first_order_at": _time(row.first_order_at),
        "last_order_at": _time(row.last_order_at),
        "first_seen_at": _time(row.first_seen_at),
        "last_seen_at": _time(row.last_seen_at or None),
        "present": loyalty.is_present(row.last_seen_at, row.left_at, moment.now_ms),
        "visits": len(row.visit_days),
        "watched_s": detail.watched_ms // 1000,
        "streak_days": loyalty.streak_days(row.checkin_days, moment.live_days, moment.today),
        "tickets": tickets,
        "gifts_minor": row.gifts_minor,
        "chats": row.chats,
        "likes": row.likes,
        "followed_at": _time(row.followed_at),
        "on_air": row.on_air or "masked",
    }


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else format_time(at_ms)


def _in_words(reasons: tuple[segments.Reason, ...], currency: str, locale: str) -> list[str]:
    return [say("errors", locale, reason.code, value=_shown(reason, currency)) for reason in reasons]


def _as_codes(reasons: tuple[segments.Reason, ...], currency: str) -> list[dict[str, str]]:
    """For a window that speaks another language than the picture."""
    return [{"code": reason.code, "value": _shown(reason, currency)} for reason in reasons]


def _shown(reason: segments.Reason, currency: str) -> str:
    return told(reason.value, currency) if reason.code.endswith("_minor") else str(reason.value)
