"""What a gift combo cost, from whatever of its messages came: a pure function of their set, so that no arrival counts.

A message says that the running total is now `total`, that it added `count` pieces, and what those cost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise

from studio.model.event_fields import MAX_MONEY_MINOR


@dataclass(frozen=True, slots=True)
class ComboMessage:
    """One of them; it covers the pieces `total - count + 1` … `total`."""

    total: int
    count: int
    paid_minor: int


def combo_minor(messages: Iterable[ComboMessage]) -> int:
    """The price of all pieces up to the highest total; what is only guessed is at most `MAX_MONEY_MINOR` a gap.

    A piece costs what the message that covers it says, the dearest of several; one that no message covers costs as much as the
    nearest covered one below, or else above. Messages without a count only say how far the combo went.
    """
    told = list(messages)
    highest = max((message.total for message in told), default=0)
    prices = list(_prices(told, highest))
    known = next((price for _, price in prices if price is not None), None)
    if known is None:
        return 0
    sum_minor = Fraction(0)
    for pieces, price in prices:
        if price is None:
            sum_minor += min(known * pieces, Fraction(MAX_MONEY_MINOR))
        else:
            known = price
            sum_minor += known * pieces
    return int(sum_minor)


def _prices(messages: list[ComboMessage], highest: int) -> Iterator[tuple[int, Fraction | None]]:
    """(pieces, price of one) from the first piece to the highest; None where no message covers them."""
    covering = sorted(
        (max(0, one.total - one.count), -Fraction(one.paid_minor, one.count), one.total) for one in messages if one.count > 0 < one.total
    )
    edges = sorted({0, highest} | {start for start, _, _ in covering} | {end for _, _, end in covering})
    dearest: list[tuple[Fraction, int]] = []
    """(price below zero, where it ends) of the messages that have begun, a heap."""
    begun = 0
    for start, end in pairwise(edges):
        while begun < len(covering) and covering[begun][0] <= start:
            heappush(dearest, covering[begun][1:])
            begun += 1
        while dearest and dearest[0][1] <= start:
            heappop(dearest)
        yield end - start, -dearest[0][0] if dearest else None
