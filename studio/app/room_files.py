"""The room's files: what comes in and goes out, plugged together for one room.

It decides nothing; each desk says what it refuses.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio.app.notices import Notices
from studio.audience import Audience, CopyDesk, UploadShelf
from studio.bus import Bus
from studio.errors import KnownError
from studio.model.settings import AudienceSettings
from studio.shop import Goods, Showcase, ShowcaseFile
from studio.store.database import Database
from studio.words import say_error


@dataclass(frozen=True, slots=True)
class RoomTools:
    """What a room needs from outside: keys by name, pictures made anew, a folder of its own, and the file of its loyalty rules if any."""

    find_secret: Callable[[str], str]
    thumbnail: Callable[[bytes], bytes]
    folder: Path
    rules_file: Path | None = None


class RoomFiles:
    """Products, uploads, imports, exports and backups of one room; loop thread."""

    def __init__(
        self, database: Database, bus: Bus, audience: Audience, settings: AudienceSettings, tools: RoomTools, wall_ms: Callable[[], int]
    ) -> None:
        self.showcase = Showcase(bus.publish, wall_ms)
        self.uploads = UploadShelf(tools.folder / "uploads")
        self.imports = audience.imports
        self.imports.use(self.uploads, audience.persons.vault)
        self.copies = CopyDesk(database, wall_ms, settings.currency)
        kept = ShowcaseFile(tools.folder / "on_show", settings.room)
        self.products = Goods(database, settings.room, self.uploads, tools.thumbnail, wall_ms, self.showcase, kept)

    async def restore_planned(self, notices: Notices, locale: str) -> None:
        """Put the backup in place that somebody chose before this start; where that fails, the file is as it was."""
        try:
            done = await asyncio.to_thread(self.copies.restore_planned)
        except KnownError as error:
            notices.add("bad", "backup.not_restored", reason=say_error(error, locale))
            return
        if done is not None:
            found, kept = done
            notices.add("good", "backup.restored", name=found.path.name, kept=kept.name if kept else "—")
