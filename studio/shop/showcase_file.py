"""What is on show, kept on the disk for the engine that takes a show up after a crash.

It knows a SKU and a moment, no product: what the product is by then is asked of the room's list. A disk that takes nothing costs no show.
"""

import json
import logging
from pathlib import Path

from studio.shop.showcase import ProductShown

log = logging.getLogger(__name__)


class ShowcaseFile:
    """A file of one room; all of its methods block for a moment and may run on any thread, one at a time."""

    def __init__(self, path: Path, room: str) -> None:
        self._path = path
        self._room = room

    def write(self, shown: ProductShown) -> None:
        """Keep it in one step; nothing on show is no file."""
        try:
            if shown.product is None:
                self._path.unlink(missing_ok=True)
                return
            fresh = self._path.with_name(self._path.name + ".new")
            kept = {"room": self._room, "sku": shown.product.sku, "since_ms": shown.since_ms}
            fresh.write_text(json.dumps(kept), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            log.warning("What is on show isn't kept for a restart: %s", error.strerror)

    def read(self) -> tuple[str, int] | None:
        """(SKU, since when by the wall clock in ms) as it was when the last engine died; None where none did, or with another room."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return (str(kept["sku"]), int(kept["since_ms"])) if kept["room"] == self._room else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def clear(self) -> None:
        """The engine ends as somebody wished; idempotent."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("What was on show will be put back at the next start: %s", error.strerror)
