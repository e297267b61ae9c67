"""How news travels upward: any thread posts a frozen event, the loop thread delivers it to its subscribers.

It keeps nothing and carries no pixels; a subscriber that fails is logged and costs only itself.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

E = TypeVar("E")
_MAX_WAITING = 10_000


class Bus:
    """Typed publish and subscribe on the loop thread, with `post` as the one door for other threads.

    Waiting posts are bounded at 10,000; beyond that the oldest is dropped and counted in `dropped`: by then the loop has been
    stuck for seconds and only the newest state matters.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._subscribers: dict[type, list[Callable[[Any], None]]] = {}
        self._waiting: deque[object] = deque(maxlen=_MAX_WAITING)
        self._lock = threading.Lock()
        self._is_scheduled = False
        self.dropped = 0

    def subscribe(self, kind: type[E], deliver: Callable[[E], None]) -> Callable[[], None]:
        """Call `deliver` on the loop thread for each event of exactly this type; the answer ends the subscription."""
        subscribers = self._subscribers.setdefault(kind, [])
        subscribers.append(deliver)

        def unsubscribe() -> None:
            if deliver in subscribers:
                subscribers.remove(deliver)

        return unsubscribe

    def publish(self, event: object) -> None:
        """Deliver now; loop thread only."""
        for deliver in tuple(self._subscribers.get(type(event), ())):
            try:
                deliver(event)
            except Exception:
                log.exception("A subscriber of %s failed", type(event).__name__)

    def post(self, event: object) -> None:
        """Deliver soon, in order; from any thread, never blocks."""
        with self._lock:
            if len(self._waiting) == _MAX_WAITING:
                self.dropped += 1
            self._waiting.append(event)
            if self._is_scheduled:
                return
            self._is_scheduled = True
        try:
            self._loop.call_soon_threadsafe(self._deliver_waiting)
        except RuntimeError:
            log.debug("The loop has closed; %s is dropped", type(event).__name__)

    def _deliver_waiting(self) -> None:
        with self._lock:
            events = tuple(self._waiting)
            self._waiting.clear()
            self._is_scheduled = False
        for event in events:
            self.publish(event)
