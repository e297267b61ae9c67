"""`Analysis`: what the control API asks of the figures over all fans; counts when asked, keeps the newest count, notes each day's end.

Nothing is counted on the loop or on the store's threads: a worker process reads, and this waits for its messages (loop thread).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select

from studio.analysis import answers, history, worker
from studio.analysis.judge import At
from studio.analysis.outlook import outlook
from studio.analysis.overview import Overview
from studio.errors import KnownError, StoreUnavailable
from studio.model.events import LATE_MS, format_time
from studio.model.settings import AudienceSettings
from studio.store import fan_queries
from studio.store.database import Database
from studio.store.fan_detail import Moment
from studio.store.tables import person
from studio.words import say_error

log = logging.getLogger(__name__)

Body = dict[str, Any]
FRESH_S: Final = 600.0
"""A count is good for ten minutes: asked again within them, nothing is read."""
FIRST_NOTE_S: Final = 120.0
"""The first minutes belong to the show that is being started."""
NOTE_EVERY_S: Final = 60.0
HISTORY_DAYS: Final = 90


class Analysis:
    """The database is opened and closed by whoever made it; `moment` tells now and the rules that hold."""

    def __init__(
        self,
        database: Database,
        settings: AudienceSettings,
        moment: Callable[[], Moment],
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._settings = settings
        self._moment = moment
        self._monotonic_s = monotonic_s
        self._overview: Overview | None = None
        self._counted_s = float("-inf")
        self._progress: worker.Progress | None = None
        self._failed: KnownError | None = None
        self._counting: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Note the ends of days from now on."""
        self._keeping = asyncio.create_task(self._keep_history(), name="history of segments")

    async def stop(self) -> None:
        """End what runs; idempotent. A day that was being noted is taken up again next time."""
        tasks = [task for task in (self._counting, self._keeping) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._counting = self._keeping = None

    async def segments(self, locale: str, *, is_fresh: bool = False) -> Body:
        """Segments, layers and tiers now, and their history."""
        state, overview, moment = self._state(locale, is_fresh=is_fresh), self._overview, self._moment()
        if overview is None:
            return state
        since = moment.today - HISTORY_DAYS
        noted = await self._database.read(lambda connection: list(history.totals_since(connection, since)))
        return state | answers.segments(overview, moment.rules, noted)

    async def cohorts(self, locale: str, *, is_fresh: bool = False) -> Body:
        """Cohorts, repurchase rates, categories and the forecast."""
        state = self._state(locale, is_fresh=is_fresh)
        return state if self._overview is None else state | answers.cohorts(self._overview, locale)

    async def repurchase(self, locale: str, limit: int, *, is_fresh: bool = False) -> Body:
        """Who is due today."""
        state, overview = self._state(locale, is_fresh=is_fresh), self._overview
        if overview is None:
            return state
        numbers = {due.person_id for due in overview.due}
        fans = await self._database.read(
            lambda connection: fan_queries.fans(connection, connection.execute(select(person).where(person.c.person_id.in_(numbers))))
        )
        return state | answers.repurchase(overview, {fan.person_id: fan for fan in fans}, self._moment().rules, locale, limit)

    async def outlook(self, platform: str, fan_id: str) -> Body:
        """One fan's history, habits and expected purchases. Raises NotFound."""
        moment, overview = self._moment(), self._overview
        return await self._database.read(lambda connection: outlook(connection, platform, fan_id, moment, overview))

    def _state(self, locale: str, *, is_fresh: bool) -> Body:
        """How far the newest count is; begins another where none is good any more. Raises StoreUnavailable."""
        if self._keeping is None:
            raise StoreUnavailable("store.closed", path=self._database.shown_url)
        is_good = self._monotonic_s() - self._counted_s < (0 if is_fresh else FRESH_S)
        is_today = self._overview is not None and self._overview.today == self._moment().today
        if self._counting is None and not (is_good and is_today) and (self._failed is None or is_fresh):
            self._failed = None
            self._counting = asyncio.create_task(self._count(), name="analysis")
        progress = self._progress if self._counting is not None else None
        return {
            "state": "counting" if self._counting is not None else "failed" if self._failed else "ready",
            "as_of": None if self._overview is None else format_time(self._overview.at_ms),
            "progress": None if progress is None else {"done": progress.done, "of": progress.of},
            "error": None if self._failed is None else say_error(self._failed, locale),
            "currency": self._settings.currency,
        }

    async def _count(self) -> None:
        order = self._order()
        try:
            async with contextlib.aclosing(worker.follow(order)) as messages:
                async for message in messages:
                    if isinstance(message, worker.Progress):
                        self._progress = message
                    elif isinstance(message, Overview):
                        self._overview, self._counted_s = message, self._monotonic_s()
        except KnownError as error:
            log.warning("The fans could not be counted: %s", error)
            self._failed = error
        finally:
            self._progress = self._counting = None

    def _order(self) -> worker.Order:
        moment = self._moment()
        at = At(moment.now_ms + 1, moment.today, moment.rules, self._settings.currency)
        return worker.Order(self._database.url, at, self._settings.timezone)

    async def _keep_history(self) -> None:
        wait_s = FIRST_NOTE_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = NOTE_EVERY_S
            try:
                await self.note_history()
            except KnownError as error:
                log.warning("The history of segments has to wait: %s", error)

    async def note_history(self) -> int:
        """Note the show days that are over and not noted yet; how many that were. Raises StoreUnavailable."""
        moment = self._moment()
        # What comes up to ten minutes late still belongs to the day that is over.
        today = moment.show_days.day_of(moment.now_ms - LATE_MS)
        days = await self._database.read(lambda connection: history.days_to_note(connection, today))
        if not days:
            return 0
        async with contextlib.aclosing(worker.follow(replace(self._order(), days=tuple(days)))) as messages:
            async for message in messages:
                if isinstance(message, worker.Noted):
                    await self._write(message)
        return len(days)

    async def _write(self, noted: worker.Noted) -> None:
        totals = noted.totals
        if totals is not None:
            await self._database.write(lambda connection: history.write_totals(connection, noted.day, totals))
        else:
            await self._database.write(lambda connection: history.write_changes(connection, noted.rows), rows=len(noted.rows))
