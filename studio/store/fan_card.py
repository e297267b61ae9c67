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
    return {
        **_who(detail),
        **_standing(detail, moment, currency, locale),
        **_money(detail, moment, currency),
        **_attendance(detail, moment),
    }


def _who(detail: Detail) -> dict[str, Any]:
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
    }


def _standing(detail: Detail, moment: Moment, currency: str, locale: str) -> dict[str, Any]:
    """Tier, layer and segment, with the reasons of both; who works here has no tier."""
    row, rules = detail.person, moment.rules
    rank = loyalty.tier_of(row.spent_minor, rules)
    segment, reasons = segments.segment_of(detail.activity(), moment.now_ms)
    layer_reasons = segments.layer_reasons(row.visit_days, row.orders, moment.today)
    return {
        "tier": None if row.is_staff else rules.tiers[rank - 1].name,
        "tier_rank": None if row.is_staff else int(rank),
        "rights": None if row.is_staff else rights_of(detail.confirmed_minor, rules),
        "layer": segments.LAYER_NAMES[segments.layer_of(row.visit_days, row.orders, moment.today)],
        "layer_reasons": _in_words(layer_reasons, currency, locale),
        "segment": segments.SEGMENT_NAMES[segment],
        "reasons": _in_words(reasons, currency, locale),
        "why": _as_codes(reasons, currency),
        "layer_why": _as_codes(layer_reasons, currency),
        "rank": detail.rank,
        "regular": loyalty.is_regular(row.spent_minor, row.followed_at, moment.now_ms, rules),
        "staff": row.is_staff,
    }


def _money(detail: Detail, moment: Moment, currency: str) -> dict[str, Any]:
    row, rules = detail.person, moment.rules
    return {
        "points": row.points,
        "redeemable": detail.redeemable,
        "spent_minor": row.spent_minor,
        "confirmed_minor": detail.confirmed_minor,
        "to_next_minor": loyalty.to_next_minor(row.spent_minor, rules),
        "next_tier": loyalty.next_tier_name(row.spent_minor, rules),
        "currency": currency,
        "orders": row.orders,
        "refunds": row.refunds,
        "gifts_minor": row.gifts_minor,
        "first_order_at": _time(row.first_order_at),
        "last_order_at": _time(row.last_order_at),
    }


def _attendance(detail: Detail, moment: Moment) -> dict[str, Any]:
    row = detail.person
    return {
        "first_seen_at": _time(row.first_seen_at),
        "last_seen_at": _time(row.last_seen_at or None),
        "present": loyalty.is_present(row.last_seen_at, row.left_at, moment.now_ms),
        "visits": len(row.visit_days),
        "watched_s": detail.watched_ms // 1000,
        "streak_days": loyalty.streak_days(row.checkin_days, moment.live_days, moment.today),
        "tickets": streak_tickets(row.checkin_days, moment.live_days, moment.book) + row.bonus_tickets,
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
