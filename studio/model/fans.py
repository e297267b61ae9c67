"""A fan as the loop thread keeps one: a frozen picture of the person's row, with what follows from it at a given time.

It stores nothing that depends on *now*; every such figure is a function of the room's clock.
"""

from dataclasses import dataclass

from studio.model import loyalty, segments
from studio.model.day_set import EMPTY, DaySet
from studio.model.loyalty import Rules
from studio.model.privacy import OnAir
from studio.model.scene import Tier
from studio.model.segments import Layer


@dataclass(frozen=True, slots=True)
class Fan:
    """One person, named by the account by which they acted last."""

    person_id: int
    platform: str
    fan_id: str
    name: str = ""
    spent_minor: int = 0
    points: int = 0
    orders: int = 0
    last_order_at_ms: int | None = None
    first_seen_at_ms: int = 0
    last_seen_at_ms: int = 0
    left_at_ms: int = -1
    followed_at_ms: int | None = None
    on_air: OnAir = ""
    visit_days: DaySet = EMPTY
    checkin_days: DaySet = EMPTY
    is_staff: bool = False

    def is_present(self, now_ms: int) -> bool:
        """Whether they are here."""
        return loyalty.is_present(self.last_seen_at_ms, self.left_at_ms, now_ms)

    def is_regular(self, now_ms: int, rules: Rules) -> bool:
        """Whether they are a regular."""
        return loyalty.is_regular(self.spent_minor, self.followed_at_ms, now_ms, rules)

    def tier(self, rules: Rules) -> Tier:
        """The tier by provisional net spend: for badges and greetings."""
        return loyalty.tier_of(self.spent_minor, rules)

    def layer(self, today: int) -> Layer:
        """The growth layer."""
        return segments.layer_of(self.visit_days, self.orders, today)
