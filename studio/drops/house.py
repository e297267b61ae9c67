"""What drops have to know of the room and of the fans, plugged in by whoever joins the parts.

It looks nothing up by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio.model.drop_view import AirName
from studio.model.loyalty import DEFAULT_NAMES
from studio.model.settings import LimitSettings
from studio.store.entry_store import FanLookup


@dataclass(frozen=True, slots=True)
class House:
    """One room. `lookup` runs on the store's thread, the others on whichever thread asks; none may block."""

    room: str
    currency: str
    time_zone: str
    lookup: FanLookup
    mask: Callable[[str], str]
    """A name as strangers may read it in a proof: always masked, as 小＊."""
    air_name: AirName
    """(platform, fan id, display name) → what the picture may show: the nickname of those who opted in, else masked."""
    limits: Callable[[], LimitSettings] = LimitSettings
    """What an assistant may give away, as it is set now."""
    tiers: Callable[[], Sequence[str]] = lambda: DEFAULT_NAMES
    """What the loyalty rules call the tiers now."""
    organiser: str = ""
    contact: str = ""
    """Who stands behind a lottery whose order names nobody."""
