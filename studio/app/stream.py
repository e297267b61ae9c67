"""What the engine tells without being asked: one message to everybody who listens, in the order in which it happened.

It buffers nothing: each listener has a bounded queue of its own in the server.
"""

import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

Deliver = Callable[[str, dict[str, Any]], None]
Send = Callable[[str, "Data"], None]
Data = dict[str, Any] | Callable[[], dict[str, Any]]


class Stream:
    """The listeners; loop thread only."""

    def __init__(self, on_audience: Callable[[int], None]) -> None:
        self._listeners: list[Deliver] = []
        self._on_audience = on_audience

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        """Call `deliver(type, data)` at each message; the answer ends it."""
        self._listeners.append(deliver)
        self._on_audience(len(self._listeners))

        def unsubscribe() -> None:
            if deliver in self._listeners:
                self._listeners.remove(deliver)
                self._on_audience(len(self._listeners))

        return unsubscribe

    def send(self, kind: str, data: Data) -> None:
        """Tell everybody. `data` must not be changed afterwards; given as a function it is only made where somebody listens."""
        if callable(data):
            if not self._listeners:
                return
            data = data()
        for deliver in tuple(self._listeners):
            deliver(kind, data)
