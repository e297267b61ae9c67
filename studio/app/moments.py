"""Moments of the show: marked for the recordings, saved from memory, and cut out of the recordings when they are closed.

It decodes and encodes nothing; files are read and written on worker threads.
"""

import asyncio
from pathlib import Path
from typing import Any

from studio.app.notices import Notices
from studio.broadcast import Broadcast, OutputChanged
from studio.bus import Bus
from studio.drops import DropChanged
from studio.engine.session import FirstPacket
from studio.errors import Conflict, NotFound
from studio.model.products import Product
from studio.replay_port import CutClips
from studio.shop import ProductShown

_MOST_FILES = 100
_CLOSED = frozenset({"stopped", "failed"})
_LONGEST_TITLE = 100
"""A chapter's, and a part of a clip's file name."""

Body = dict[str, Any]


class MomentDesk:
    """Loop thread only."""

    def __init__(self, bus: Bus, broadcast: Broadcast, notices: Notices, cut: CutClips) -> None:
        self._broadcast = broadcast
        self._notices = notices
        self._cut = cut
        self._marked = set[str]()
        self._files: dict[str, str] = {}
        """Each recording of this run of the engine, the oldest first, and its output."""
        self._open: dict[str, str] = {}
        self._done = set[str]()
        self._is_cutting = False
        self._product: Product | None = None
        bus.subscribe(DropChanged, self._on_drop)
        bus.subscribe(ProductShown, self._on_product)
        bus.subscribe(FirstPacket, lambda _: self._mark_product())
        bus.subscribe(OutputChanged, self._on_output)

    def mark(self, title: str) -> Body:
        """{title}. Raises Conflict off air."""
        if not self._broadcast.mark(title):
            raise Conflict("live.not_live")
        return {"title": title}

    async def save_replay(self, folder: str) -> Body:
        """{path, seconds}. Raises Conflict while there is none, OutputFailed."""
        saved = await self._broadcast.save_replay(folder)
        self._notices.add("good", "replay.saved", path=saved.path, seconds=round(saved.seconds))
        return {"path": saved.path, "seconds": round(saved.seconds, 3)}

    def recordings(self) -> Body:
        """{recordings: [{path, output, is_open, is_cut}]}, the oldest first: the files of this run of the engine."""
        rows = [{"path": path, "output": name} for path, name in self._files.items()]
        return {"recordings": [{**row, "is_open": row["path"] in self._open.values(), "is_cut": row["path"] in self._done} for row in rows]}

    async def cut_clips(self, path: str, before_s: float, after_s: float) -> Body:
        """{clips: [{path, seconds}]}: a file beside the recording for each of its marks.

        Raises NotFound for a file that isn't ours, Conflict while it is written or another is cut, InvalidInput, OutputFailed.
        """
        if path not in self._files:
            raise NotFound("recordings.not_ours", path=path)
        if path in self._open.values():
            raise Conflict("recordings.open", path=path)
        if self._is_cutting:
            raise Conflict("recordings.busy")
        self._is_cutting = True
        source = Path(path)
        try:
            made = await asyncio.to_thread(lambda: list(self._cut(source, source.parent, before_s, after_s)))
        finally:
            self._is_cutting = False
        self._done.add(path)
        return {"clips": [{"path": str(clip.path), "seconds": round(clip.seconds, 3)} for clip in made]}

    def _on_drop(self, change: DropChanged) -> None:
        """Each drop is a chapter of the recordings, from its opening."""
        drop = change.drop
        if drop["state"] == "open" and drop["id"] not in self._marked:
            self._marked.add(drop["id"])
            self._broadcast.mark(str(drop["title"]))

    def _on_product(self, shown: ProductShown) -> None:
        """Each product that is held up is one as well; one that is held up before the show is its first."""
        self._product = shown.product
        if shown.is_new:
            self._mark_product()

    def _mark_product(self) -> None:
        if self._product is not None:
            number = self._product.link_no
            self._broadcast.mark((self._product.name if number is None else f"{number} {self._product.name}")[:_LONGEST_TITLE])

    def _on_output(self, change: OutputChanged) -> None:
        stats = change.stats
        path = dict(stats.detail_params).get("path", "")
        if stats.kind != "file":
            return
        if stats.state in _CLOSED:
            self._open.pop(stats.name, None)
        elif stats.state == "live" and path:
            self._open[stats.name] = path
            self._files.pop(path, None)
            self._files[path] = stats.name
            if len(self._files) > _MOST_FILES:
                self._files.pop(next(iter(self._files)))
