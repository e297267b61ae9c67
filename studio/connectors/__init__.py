"""Where events come from, by the word of the profile: each connector turns raw messages into `FanEvent`s at the boundary.

A connector knows neither the store nor the rules; it hands out events and waits when nobody takes them.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Protocol

from studio.errors import InvalidInput
from studio.model.events import FanEvent, Rejection
from studio.model.settings import AudienceSettings


class EventFeed(Protocol):
    """A replay of events with their own times."""

    def history(self) -> Iterator[FanEvent]:
        """What happened before the show, in order of time: for the file, never greeted or shown."""
        ...

    def events(self) -> AsyncIterator[FanEvent | Rejection]:
        """The events when they are due, and the lines that can't be used."""
        ...

    def invite(self, keyword: str, seconds: float) -> None:
        """A drop asks the audience to write a keyword; who can't be asked does nothing."""
        ...


def open_feed(settings: AudienceSettings, wall_ms: Callable[[], int]) -> EventFeed | None:
    """The feed that `settings.events` names, or None for "none". Raises InvalidInput."""
    scheme, _, rest = settings.events.partition(":")
    if scheme == "none":
        return None
    if scheme == "file":
        from studio.connectors.file import FileFeed

        return FileFeed(rest, settings, wall_ms)
    if scheme == "simulated":
        from studio.connectors.simulated import SimulatedFeed

        return SimulatedFeed(rest, settings, wall_ms)
    raise InvalidInput("audience.events", events=settings.events)
