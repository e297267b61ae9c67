"""The regulars who aren't here, as far as the board needs them: the first few hundred in board order.

It holds no more than that and says when it has too few, so that the store is asked.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from studio.model.board import order_key
from studio.model.fans import Fan
from studio.model.loyalty import Rules

KEPT: Final = 1_000
"""Fans that are kept; the board lists at most half as many."""


class AbsentRegulars:
    """Filled from the store at the start, and with everybody who changes since."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._fans: dict[int, Fan] = {}
        self._ordered: list[Fan] | None = None
        """In board order, until somebody changes: the board is asked for ten times a second."""
        self._is_all = True

    def fill(self, fans: Iterable[Fan], *, is_all: bool) -> None:
        """What the store has."""
        self._fans.update((fan.person_id, fan) for fan in fans)
        self._ordered = None
        self._is_all = is_all

    @property
    def is_short(self) -> bool:
        """Whether there are more in the store than here, and few here."""
        return not self._is_all and len(self._fans) < KEPT // 2

    def put(self, fan: Fan, now_ms: int, *, is_present: bool) -> None:
        """A fan's newest picture."""
        if is_present or fan.is_staff or not fan.is_regular(now_ms, self._rules):
            if self._fans.pop(fan.person_id, None) is not None:
                self._ordered = None
            return
        self._fans[fan.person_id] = fan
        self._ordered = None
        if len(self._fans) > 2 * KEPT:
            self._fans = {one.person_id: one for one in self.first(KEPT, now_ms)}
            self._is_all = False

    def known(self) -> set[int]:
        """The numbers of the persons that are kept."""
        return set(self._fans)

    def get(self, person_id: int) -> Fan | None:
        """The fan, when kept."""
        return self._fans.get(person_id)

    def forget(self, person_id: int) -> None:
        """Somebody who is no more."""
        if self._fans.pop(person_id, None) is not None:
            self._ordered = None

    def first(self, limit: int, now_ms: int) -> list[Fan]:
        """The first in board order."""
        if self._ordered is None:
            self._ordered = sorted(self._fans.values(), key=lambda fan: order_key(fan, now_ms, self._rules, is_present=False))
        regulars = (fan for fan in self._ordered if not fan.is_staff and fan.is_regular(now_ms, self._rules))
        return list(islice(regulars, limit))
