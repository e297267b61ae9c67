"""Coupons out: one guarded UPDATE decides how many more there are, and the tables' unique keys stand behind it.

Functions on a connection; a code that was given is given again to the same claim and to nobody else.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, and_, insert, select, update

from studio.model.coupons import CouponSpec, new_code
from studio.model.drops import DropRecord, FanStanding, may_enter
from studio.store.delivery_store import add_deliveries
from studio.store.drop_tables import claims, drops
from studio.store.entry_store import FanLookup

ClaimOutcome: TypeAlias = Literal["issued", "again", "already", "not_entitled", "sold_out", "closed", "claim_id_taken"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody wants a coupon; `claim_id` makes asking again harmless."""

    platform: str
    fan_id: str
    claim_id: str
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What became of it; `code` is empty unless it was issued, now or before."""

    outcome: ClaimOutcome
    code: str = ""


def claim(connection: Connection, record: DropRecord, wishes: Sequence[Claim], lookup: FanLookup, *, is_open: bool) -> list[ClaimAnswer]:
    """Answer claims in order, all in the caller's transaction; when it isn't open, one that only reads will do."""
    query = select(drops.c.state, drops.c.issued, drops.c.issue_limit).where(drops.c.id == record.id)
    # FOR UPDATE (which SQLite, having one writer, doesn't need) keeps the row ours until the commit.
    state = connection.execute(query.with_for_update() if is_open else query).one()
    left = state.issue_limit - state.issued
    book = _Book.load(connection, record, wishes, lookup if left else None)
    rows: list[dict[str, Any]] = []
    answers: list[ClaimAnswer] = []
    for wish in wishes:
        answer = book.answer(wish)
        if answer.outcome == "issued" and len(rows) >= left and state.issue_limit:
            answer = ClaimAnswer("sold_out")
        elif answer.outcome in ("issued", "not_entitled") and not (is_open and state.state == "open"):
            answer = ClaimAnswer("closed")
        elif answer.outcome == "issued":
            rows.append(book.enter(record, wish))
            answer = ClaimAnswer("issued", rows[-1]["code"])
        answers.append(answer)
    if rows:
        _store(connection, record, rows)
    return answers


class _Book:
    """Who has what of one coupon, as far as these wishes are concerned, kept up while they are answered."""

    def __init__(self, spec: CouponSpec, standings: dict[tuple[str, str], FanStanding], taken: Sequence[Any]) -> None:
        self._spec = spec
        self._standings = standings
        self._by_claim = {row.claim_id: (row.platform, row.fan_id, row.code) for row in taken}
        self._by_person = Counter(row.person for row in taken)
        self._by_fan = Counter((row.platform, row.fan_id) for row in taken)

    @classmethod
    def load(cls, connection: Connection, record: DropRecord, wishes: Sequence[Claim], lookup: FanLookup | None) -> "_Book":
        """`lookup` is None when nothing is left: then nobody's standing matters any more."""
        assert isinstance(record.spec, CouponSpec)  # noqa: S101 - the caller looked
        fans = dict.fromkeys((wish.platform, wish.fan_id) for wish in wishes)
        standings = {fan: lookup(connection, *fan) for fan in fans} if lookup else {}
        by_platform = [
            and_(claims.c.platform == platform, claims.c.fan_id.in_({fan_id for of, fan_id in fans if of == platform}))
            for platform in {platform for platform, _ in fans}
        ]
        people = {standing.person for standing in standings.values()}
        terms = (claims.c.claim_id.in_({wish.claim_id for wish in wishes}), claims.c.person.in_(people), *by_platform)
        columns = (claims.c.claim_id, claims.c.code, claims.c.person, claims.c.platform, claims.c.fan_id)
        query = select(*columns).where(claims.c.drop_id == record.id)
        # One query a key, not one OR over all: each then walks its own index.
        taken = {row.claim_id: row for term in terms for row in connection.execute(query.where(term))}
        return cls(record.spec, standings, list(taken.values()))

    def answer(self, wish: Claim) -> ClaimAnswer:
        """As far as the person is concerned; `issued` still needs a coupon to be left."""
        before = self._by_claim.get(wish.claim_id)
        fan = (wish.platform, wish.fan_id)
        if before is not None:
            return ClaimAnswer("again", before[2]) if before[:2] == fan else ClaimAnswer("claim_id_taken")
        standing = self._standings.get(fan)
        if self._count(fan) >= self._spec.per_fan:
            return ClaimAnswer("already")
        if standing is not None and not may_enter(self._spec.who, standing):
            return ClaimAnswer("not_entitled")
        return ClaimAnswer("issued")

    def enter(self, record: DropRecord, wish: Claim) -> dict[str, Any]:
        """The row of a coupon that goes out."""
        fan = (wish.platform, wish.fan_id)
        person, code = self._standings[fan].person, new_code()
        row = {
            "drop_id": record.id,
            "claim_id": wish.claim_id,
            "code": code,
            "person": person,
            "slot": self._count(fan),
            "platform": wish.platform,
            "fan_id": wish.fan_id,
            "claimed_at_ms": wish.received_at_ms,
        }
        self._by_claim[wish.claim_id] = (*fan, code)
        self._by_person[person] += 1
        self._by_fan[fan] += 1
        return row

    def _count(self, fan: tuple[str, str]) -> int:
        standing = self._standings.get(fan)
        return max(self._by_fan[fan], self._by_person[standing.person] if standing else 0)


def _store(connection: Connection, record: DropRecord, rows: list[dict[str, Any]]) -> None:
    guard = (drops.c.id == record.id, drops.c.state == "open", drops.c.issued + len(rows) <= drops.c.issue_limit)
    taken = connection.execute(update(drops).where(*guard).values(issued=drops.c.issued + len(rows)))
    if taken.rowcount != 1:
        raise RuntimeError("The coupon's row changed although it is locked")
    connection.execute(insert(claims), rows)
    assert isinstance(record.spec, CouponSpec)  # noqa: S101 - the caller looked
    if record.spec.fulfilment == "manual":
        add_deliveries(
            connection,
            record,
            [(f"coupon:{row['code']}", row["platform"], row["fan_id"], row["code"]) for row in rows],
            rows[-1]["claimed_at_ms"],
        )
