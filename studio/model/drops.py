"""What a drop is: who may enter, how it is ordered through the API, which steps its state allows.

Pure: it reads no clock, keeps nothing and knows neither the store nor the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from studio.errors import Conflict, InvalidInput
from studio.model.coupons import CouponSpec, parse_coupon
from studio.model.drop_fields import Fields, InvalidDrop, Who
from studio.model.lottery import LotterySpec, parse_lottery
from studio.model.loyalty import DEFAULT_NAMES
from studio.model.scene import Tier

__all__ = ["CouponSpec", "DropOrder", "DropRecord", "FanStanding", "InvalidDrop", "LotterySpec", "Principal", "Who", "parse_order"]

Kind: TypeAlias = Literal["lottery", "coupon"]
State: TypeAlias = Literal["draft", "approved", "open", "closing", "drawn", "closed", "expired", "cancelled"]
Step: TypeAlias = Literal["approve", "open", "edit", "close", "draw", "cancel", "expire", "lapse"]
Spec: TypeAlias = LotterySpec | CouponSpec

APPROVAL_MS = 10 * 60 * 1000
"""An approval ends after ten minutes: what was looked at may no longer be what the room needs."""
_HOUR_MS = 3_600_000
_UNBUILT_KINDS = ("flash_sale", "quiz", "checkin")

_STEPS: dict[tuple[str, Step], State] = {
    ("draft", "approve"): "approved",
    ("draft", "open"): "open",
    ("draft", "edit"): "draft",
    ("draft", "cancel"): "cancelled",
    ("approved", "open"): "open",
    ("approved", "edit"): "draft",
    ("approved", "lapse"): "draft",
    ("approved", "cancel"): "cancelled",
    ("open", "close"): "closing",
    ("open", "cancel"): "cancelled",
    ("closing", "draw"): "drawn",
    ("closed", "expire"): "expired",
}


class Principal(Protocol):
    """Who asks, as the token says."""

    @property
    def role(self) -> str:
        """Host, assistant, moderator or connector."""
        ...

    @property
    def name(self) -> str:
        """The person."""
        ...

    @property
    def token_id(self) -> str:
        """Which token, never the token itself."""
        ...

    @property
    def platform(self) -> str:
        """The one platform that a connector may speak for; empty: any."""
        ...


@dataclass(frozen=True, slots=True)
class FanStanding:
    """What the fan file says of somebody at this moment. `person` is equal for all identities of one human.

    `tier` is by confirmed spend (it gives tickets), `badge` by provisional spend (it is what the audience sees).
    """

    person: str
    tier: Tier = Tier.NEW
    badge: Tier = Tier.NEW
    is_devoted: bool = False
    is_regular: bool = False
    is_buyer: bool = False
    is_staff: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class DropOrder:
    """What was asked for; `is_draft` waits for an explicit opening."""

    click_id: str
    spec: Spec
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class DropRecord:
    """A drop as it is stored. Times are wall-clock milliseconds, 0 where there is none yet; the seed shows in no repr."""

    id: str
    room: str
    click_id: str
    state: State
    spec: Spec
    currency: str
    is_draft: bool
    created_by: str
    created_token: str
    created_role: str
    created_at_ms: int
    approved_by: str = ""
    approved_at_ms: int = 0
    number: int | None = None
    rules: str = ""
    seed: bytes = field(default=b"", repr=False)
    opening: str = ""
    closing: str = ""
    opened_at_ms: int = 0
    closes_at_ms: int = 0
    closed_at_ms: int = 0
    settled_at_ms: int = 0
    entries: int = 0
    issued: int = 0
    cancel_reason: str = ""

    @property
    def kind(self) -> Kind:
        """Which kind of drop."""
        return "lottery" if isinstance(self.spec, LotterySpec) else "coupon"

    @property
    def left(self) -> int:
        """What can still be had of a coupon."""
        return self.spec.limit - self.issued if isinstance(self.spec, CouponSpec) else 0

    @property
    def needs_closing_hash(self) -> bool:
        """A lottery whose list is final but not yet hashed."""
        return self.kind == "lottery" and bool(self.opening) and not self.closing and self.state in ("closing", "cancelled")


def next_state(state: State, step: Step, kind: Kind = "lottery") -> State:
    """The state after a step. Raises Conflict when the state doesn't allow it."""
    after = _STEPS.get((state, step))
    if after is None:
        raise Conflict("drops.illegal_step", state=state, step=step)
    return "closed" if kind == "coupon" and after == "closing" else after


def state_at(record: DropRecord, now_ms: int) -> State:
    """The state as it reads now: a coupon's codes expire, an approval ends; neither needs anybody to be awake."""
    if record.state == "approved" and now_ms - record.approved_at_ms >= APPROVAL_MS:
        return next_state(record.state, "lapse")
    if record.state == "closed" and isinstance(record.spec, CouponSpec):
        ends_at_ms = record.closed_at_ms + record.spec.valid_hours * _HOUR_MS
        return next_state(record.state, "expire") if now_ms >= ends_at_ms else record.state
    return record.state


def may_enter(who: Who, standing: FanStanding) -> bool:
    """Whether somebody of this standing may enter or claim; staff never may."""
    if standing.is_staff:
        return False
    if who.group == "tier":
        return standing.tier >= who.tier
    return {"all": True, "regulars": standing.is_regular, "buyers": standing.is_buyer}[who.group]


def parse_order(body: Any, currency: str, tiers: Sequence[str] = DEFAULT_NAMES) -> DropOrder:
    """The body of `POST /v1/drops`; `tiers` is what the rules call them. Raises InvalidDrop with every fault."""
    fields = Fields.of(body, tiers)
    kind = fields.value("kind")
    if kind in _UNBUILT_KINDS:
        raise InvalidInput("drops.not_built", what=str(kind))
    click_id = fields.text("click_id", longest=100)
    is_draft = fields.flag("draft", default=False)
    spec = _parse_spec(kind, fields, currency)
    fields.refuse_unknown()
    fields.raise_faults()
    return DropOrder(click_id, spec, is_draft)


def spec_from(kind: str, body: Mapping[str, Any], currency: str, tiers: Sequence[str] | None = None) -> Spec:
    """A spec given for an edit under today's names of tiers, or, without them, read back from `Spec.to_json()`.

    Raises InvalidDrop with every fault.
    """
    named = tuple(body.get("tiers", DEFAULT_NAMES)) if tiers is None else tiers
    fields = Fields.of({key: value for key, value in body.items() if key != "tiers"} if tiers is None else body, named)
    spec = _parse_spec(kind, fields, currency)
    fields.refuse_unknown()
    fields.raise_faults()
    return spec


def _parse_spec(kind: Any, fields: Fields, currency: str) -> Spec:
    if kind == "coupon":
        return parse_coupon(fields)
    if kind != "lottery":
        fields.fault("kind", kind, "one of 'lottery', 'coupon'")
        fields.raise_faults()
    return parse_lottery(fields, currency)
