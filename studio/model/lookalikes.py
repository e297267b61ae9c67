"""Names that can be taken for a regular's or the host's: told to those who watch the chat, never acted on.

It keeps names by what they look like (`studio.model.text.skeleton`); who is here, its caller says.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from studio.model.fans import Fan
from studio.model.text import skeleton

MAX_KNOWN: Final = 20_000
"""Regulars and staff that are remembered, the latest: many times what a room holds at once."""
_SHORTEST: Final = 2
"""Signs of a name that is worth copying; of single letters there are too few."""


@lru_cache(maxsize=16_384)
def looks(name: str) -> str:
    """What a name looks like, empty for one that is too short to be taken for another; remembered, for chat asks again and again."""
    found = skeleton(name)
    return found if len(found) >= _SHORTEST else ""


class Lookalikes:
    """`is_here` says of a person's number whether they are present; staff need not be."""

    def __init__(self, is_here: Callable[[int], bool]) -> None:
        self._is_here = is_here
        self._known: OrderedDict[int, Fan] = OrderedDict()
        self._by_look: dict[str, set[int]] = {}

    def note(self, fan: Fan) -> None:
        """A regular or somebody who works here, as they are called now."""
        self.forget(fan.person_id)
        look = looks(fan.name)
        if not look:
            return
        self._known[fan.person_id] = fan
        self._by_look.setdefault(look, set()).add(fan.person_id)
        if len(self._known) > MAX_KNOWN:
            self.forget(next(iter(self._known)))

    def forget(self, person_id: int) -> None:
        """Somebody who is no more, or is called otherwise."""
        fan = self._known.pop(person_id, None)
        if fan is not None:
            same = self._by_look[looks(fan.name)]
            same.discard(person_id)
            if not same:
                del self._by_look[looks(fan.name)]

    def taken_for(self, name: str, fan: Fan | None) -> str:
        """Whose name somebody else's can be taken for: a member of staff's, or that of a regular who is here and was known before."""
        for number in sorted(self._by_look.get(looks(name), ())):
            other = self._known[number]
            if fan is not None and (fan.person_id == number or fan.is_staff):
                continue
            if other.is_staff or (self._is_here(number) and self._was_before(other, fan)):
                return other.name
        return ""

    def _was_before(self, other: Fan, fan: Fan | None) -> bool:
        known = self._known.get(fan.person_id) if fan is not None else None
        return known is None or (other.first_seen_at_ms, other.person_id) < (known.first_seen_at_ms, known.person_id)
