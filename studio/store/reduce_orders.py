"""What orders, refunds and deliveries do to a purchase and to its buyer's figures, in whatever order they come.

It counts money in the room's currency only; everything else is kept and marked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from studio.model import loyalty, points
from studio.model.events import FanEvent
from studio.model.order_items import bought_by_category
from studio.model.rule_book import RoomRules
from studio.store.working import Batch, Identity, Person, Purchase


def apply_order(room: RoomRules, batch: Batch, seq: int, account: Identity | None, event: FanEvent) -> None:
    """One event that names an order; `account` is the identified fan of the event, if any."""
    key = (event.platform, event.order)
    batch.touched_purchases.add(key)
    purchase = batch.purchases.get(key)
    if purchase is None:
        purchase = batch.purchases[key] = Purchase(event.order, event.platform)
    _ACTIONS[event.type](_Step(room, batch, seq, event, purchase), account)


@dataclass(frozen=True, slots=True)
class _Step:
    room: RoomRules
    batch: Batch
    seq: int
    event: FanEvent
    purchase: Purchase

    @property
    def currency(self) -> str:
        """The one that counts."""
        return self.room.currency

    @property
    def owner(self) -> Person | None:
        """Who paid the order."""
        return self.batch.persons.get(self.purchase.person_id) if self.purchase.person_id is not None else None

    def belongs_to(self, account: Identity | None) -> None:
        """Note whose order it is."""
        self.purchase.identity_id = account.identity_id if account else None
        self.purchase.person_id = account.person_id if account else None

    def write(self, kind: str, counted_minor: int, note: str = "") -> None:
        """A row of the spend ledger."""
        event, purchase = self.event, self.purchase
        money = (event.at_ms, event.amount_minor, counted_minor, event.currency, note)
        self.batch.spend_rows.append((self.seq, purchase.platform, purchase.order_no, purchase.identity_id, kind, *money))

    def spent(self, person: Person, change_minor: int) -> None:
        """Net spend moves, and points with it."""
        book = self.room.book
        if len(book.rates) == 1:
            before = points.order_points(person.spent_minor, book.rules)
            change = points.order_points(person.spent_minor + change_minor, book.rules) - before
        else:
            change = self._spent_at_its_rate(person, change_minor)
        person.spent_minor += change_minor
        if change:
            give_points(self.batch, person, self.event.type, self.event.at_ms, change, self.event.order)

    def _spent_at_its_rate(self, person: Person, change_minor: int) -> int:
        """The rate changed some day: an order counts at the rate of the day of its payment."""
        book = self.room.book
        nets_minor = self.batch.nets_minor.setdefault(person.person_id, {})
        stretch = book.stretch_of(self.room.show_days.day_of(self.purchase.paid_at or 0))
        before = points.order_points_by_rate(nets_minor, book)
        nets_minor[stretch] = nets_minor.get(stretch, 0) + change_minor
        return points.order_points_by_rate(nets_minor, book) - before

    def settle_refunds(self) -> None:
        """Count refunds up to the amount; more than that is kept and marked."""
        purchase = self.purchase
        counted_minor = max(0, (purchase.amount_minor or 0) - purchase.refunded_minor)
        change_minor = counted_minor - purchase.counted_minor
        if self.event.type == "refund" or change_minor:
            self.write("refund", change_minor, purchase.note)
        purchase.counted_minor = counted_minor
        if self.owner is not None and change_minor:
            self.spent(self.owner, change_minor)

    def judge(self) -> None:
        """What a person should look at; the same whatever came first."""
        purchase = self.purchase
        if purchase.currency not in ("", self.currency):
            purchase.note = "currency"
        elif purchase.note == "refund_currency" or (self.event.type == "refund" and self.event.currency != self.currency):
            purchase.note = "refund_currency"
        elif purchase.amount_minor is not None and purchase.refunded_minor > purchase.amount_minor:
            purchase.note = "refund_over_amount"

    def confirm(self) -> None:
        """When the order stops being provisional."""
        paid_at = self.purchase.paid_at
        if paid_at is not None:
            self.purchase.confirmed_at = loyalty.confirmed_at_ms(paid_at, self.purchase.delivered_at, self.room.at(paid_at))


def _placed(step: _Step, account: Identity | None) -> None:
    step.purchase.placed_at = earliest(step.purchase.placed_at, step.event.at_ms)
    if step.purchase.person_id is None:
        step.belongs_to(account)


def _paid(step: _Step, account: Identity | None) -> None:
    purchase, event = step.purchase, step.event
    is_counted = event.currency == step.currency
    step.belongs_to(account)
    person = step.owner
    purchase.amount_minor, purchase.currency = event.amount_minor, event.currency
    purchase.is_promo, purchase.paid_at = int(event.is_promo), event.at_ms
    for category, bought in bought_by_category(event.items).items():
        step.batch.bought_rows.append((purchase.order_no, purchase.platform, category, bought.qty, bought.amount_minor))
    step.confirm()
    step.judge()
    step.write("order", event.amount_minor if is_counted else 0, "" if is_counted else "currency")
    if not is_counted:
        return
    purchase.counted_minor = event.amount_minor
    if person is not None:
        person.orders += 1
        person.promo_orders += event.is_promo
        person.first_order_at = earliest(person.first_order_at, event.at_ms)
        person.last_order_at = max(person.last_order_at or 0, event.at_ms)
        person.refunds += purchase.refunds
        step.spent(person, event.amount_minor)
    step.settle_refunds()


def _refund(step: _Step, _account: Identity | None) -> None:
    purchase, event = step.purchase, step.event
    is_counted = event.currency == step.currency
    if is_counted:
        purchase.refunded_minor += event.amount_minor
        purchase.refunds += 1
    step.judge()
    if not is_counted or purchase.currency not in ("", step.currency):
        step.write("refund", 0, "currency")
    elif purchase.amount_minor is None:
        step.write("refund", 0, "before_order")
    else:
        step.settle_refunds()
        if step.owner is not None:
            step.owner.refunds += 1


def _shipped(step: _Step, _account: Identity | None) -> None:
    step.purchase.shipped_at = earliest(step.purchase.shipped_at, step.event.at_ms)


def _delivered(step: _Step, _account: Identity | None) -> None:
    step.purchase.delivered_at = earliest(step.purchase.delivered_at, step.event.at_ms)
    step.confirm()


_ACTIONS: Final[dict[str, Callable[[_Step, Identity | None], None]]] = {
    "order_placed": _placed,
    "order": _paid,
    "refund": _refund,
    "shipped": _shipped,
    "delivered": _delivered,
}


def add_up_orders(room: RoomRules, person: Person, purchases: Iterable[Purchase]) -> None:
    """What all orders of a person come to, at once: the same as told one by one. `person` has none counted yet."""
    nets_minor: dict[int, int] = {}
    for purchase in purchases:
        if purchase.amount_minor is None or purchase.paid_at is None or purchase.currency != room.currency:
            continue
        person.orders += 1
        person.promo_orders += purchase.is_promo
        person.refunds += purchase.refunds
        person.first_order_at = earliest(person.first_order_at, purchase.paid_at)
        person.last_order_at = max(person.last_order_at or 0, purchase.paid_at)
        person.spent_minor += purchase.counted_minor
        stretch = room.book.stretch_of(room.show_days.day_of(purchase.paid_at))
        nets_minor[stretch] = nets_minor.get(stretch, 0) + purchase.counted_minor
    person.points += points.order_points_by_rate(nets_minor, room.book)


def give_points(batch: Batch, person: Person, kind: str, at_ms: int, delta: int, ref: str) -> None:
    """Move points, with a row of the ledger."""
    person.points += delta
    batch.point_rows.append((person.person_id, kind, at_ms, delta, ref, None))


def earliest(known_ms: int | None, at_ms: int) -> int:
    """The earlier of a known time, if there is one, and another."""
    return at_ms if known_ms is None else min(known_ms, at_ms)
