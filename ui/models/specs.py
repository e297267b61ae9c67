"""What one click opens: the user's last lottery and coupon, as typed, and the body of the call that they become.

Pure: it checks what was typed and says what is wrong by field; the engine checks everything again.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, TypeAlias

from studio.model.scene import Tier
from ui.figures import minor_from_text, money
from ui.language import words
from ui.models.people import tier_words

Kind: TypeAlias = Literal["lottery", "coupon"]
_GROUPS = ("all", "regulars", "buyers")
_TIER = "tier:"


@dataclass(frozen=True, slots=True)
class Spec:
    """As typed; `prize` and `winners` belong to a lottery, the amounts and `stock` to a coupon."""

    kind: Kind
    title: str = ""
    keyword: str = ""
    seconds: int = 60
    who: str = "all"
    prize: str = ""
    winners: int = 1
    is_early_close: bool = True
    value: str = "20"
    min_spend: str = "99"
    stock: int = 100


def audiences(tiers: Sequence[str]) -> dict[str, str]:
    """{who: in words}: everybody who can be meant, by what the rules call the tiers now; the lowest tier is everybody.

    A tier stands there by its rank (`tier:middle`), so that it is still meant after it was renamed.
    """
    ranks = [rank for rank in Tier if 1 < rank <= len(tiers)]
    return {who: words(f"who.{who}") for who in _GROUPS} | {
        f"{_TIER}{rank.name.lower()}": words("who.tier", tier=tier_words(tiers[rank - 1], rank)) for rank in ranks
    }


def who_words(who: str, tiers: Sequence[str]) -> str:
    """Who is meant; a tier that the rules have no more is said to be gone."""
    return audiences(tiers).get(who) or words("who.gone")


def default(kind: Kind) -> Spec:
    """What a first click opens."""
    if kind == "lottery":
        return Spec(
            kind, words("lottery.default_title"), words("lottery.default_keyword"), 60, prize=words("lottery.default_prize"), winners=1
        )
    return Spec(kind, words("coupon.default_title"), words("coupon.default_keyword"), 120)


def restore(kind: Kind, table: dict[str, Any]) -> Spec:
    """The remembered spec; what is missing or of another type is taken from the default."""
    spec = default(kind)
    kept = {item.name: table[item.name] for item in fields(Spec) if item.name != "kind" and item.name in table}
    sound = {name: value for name, value in kept.items() if type(value) is type(getattr(spec, name))}
    made = replace(spec, **sound)
    return spec if faults(made) else made


def table(spec: Spec) -> dict[str, Any]:
    """For remembering."""
    return asdict(spec)


def faults(spec: Spec, currency: str = "CNY") -> dict[str, str]:
    """{field: what is wrong, in words}; empty when it can be opened."""
    found: dict[str, str] = {}
    if not spec.title.strip():
        found["title"] = words("spec.need_title")
    if not spec.keyword.strip():
        found["keyword"] = words("spec.need_keyword")
    if not 5 <= spec.seconds <= 3600:
        found["seconds"] = words("spec.need_seconds")
    if spec.kind == "lottery":
        if not spec.prize.strip():
            found["prize"] = words("spec.need_prize")
        if not 1 <= spec.winners <= 100:
            found["winners"] = words("spec.need_winners")
        return found
    value, min_spend = minor_from_text(spec.value, currency), minor_from_text(spec.min_spend, currency)
    if not value:
        found["value"] = words("spec.need_value", least=money(0, currency))
    if min_spend is None or (value and min_spend and min_spend < value):
        found["min_spend"] = words("spec.need_min_spend")
    if not 1 <= spec.stock <= 1_000_000:
        found["stock"] = words("spec.need_stock")
    return found


def body(spec: Spec, currency: str) -> dict[str, Any]:
    """`POST /v1/drops` for a sound spec, with a fresh click."""
    common: dict[str, Any] = {
        "click_id": f"window-{uuid.uuid4()}",
        "kind": spec.kind,
        "title": spec.title.strip(),
        "keyword": spec.keyword.strip(),
        "seconds": spec.seconds,
        "who": spec.who,
        "early_close": spec.is_early_close,
    }
    if spec.kind == "lottery":
        prizes = [{"name": spec.prize.strip(), "value_minor": 0, "currency": currency}] * spec.winners
        return {**common, "prizes": prizes}
    return {
        **common,
        "value_minor": minor_from_text(spec.value, currency) or 0,
        "min_spend_minor": minor_from_text(spec.min_spend, currency) or 0,
        "stock": spec.stock,
    }


def line(spec: Spec, currency: str, tiers: Sequence[str]) -> str:
    """What a click will give, and to whom unless to everybody, on one line of the tile."""
    given = _given(spec, currency)
    return given if spec.who == "all" else f"{who_words(spec.who, tiers)} · {given}"


def _given(spec: Spec, currency: str) -> str:
    if spec.kind == "lottery":
        return words("lottery.line", prize=spec.prize, count=spec.winners, keyword=spec.keyword, seconds=spec.seconds)
    value, min_spend = minor_from_text(spec.value, currency) or 0, minor_from_text(spec.min_spend, currency) or 0
    if not min_spend:
        return words("coupon.line_any", value=money(value, currency), stock=spec.stock)
    return words("coupon.line", value=money(value, currency), min_spend=money(min_spend, currency), stock=spec.stock)
