"""A fan file on disk, as the worker reads one, and days in the minutes that `make` counts by."""

from fan_file import DAY_MS, T0
from sqlalchemy import create_engine, select

from studio.analysis import history, worker
from studio.analysis.judge import At
from studio.analysis.overview import read_overview
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import tables
from studio.store.analysis_tables import standing
from studio.store.fan_store import FanStore
from studio.store.working import Received

DAYS = ShowDays("Asia/Shanghai")
TODAY = DAYS.day_of(T0)


def at(day: float) -> float:
    """Minutes for `make` of a moment so many days after T0."""
    return day * DAY_MS / 60_000


class File:
    """A fan file on disk, as the worker reads one."""

    def __init__(self, path) -> None:
        self.engine = create_engine(f"sqlite:///{path}")
        tables.metadata.create_all(self.engine)
        self.store = FanStore(Rules(), DAYS, "CNY")

    def take(self, *events):
        with self.engine.begin() as connection:
            return self.store.apply(connection, [Received(one, one.at_ms) for one in events])

    def note(self, *days):
        for noted in worker.notes(self.engine, days, Rules(), DAYS, "CNY"):
            with self.engine.begin() as connection:
                if isinstance(noted, worker.Noted):
                    history.write_changes(connection, noted.rows)
                    if noted.totals is not None:
                        history.write_totals(connection, noted.day, noted.totals)

    def rows(self, table=standing):
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]

    def history(self, *numbers):
        with self.engine.begin() as connection:
            return [(one["day"], one["segment"], one["layer"]) for one in history.history_of(connection, numbers)]

    def overview(self, now_ms=T0 + 1, tell=lambda done, of: None):
        return read_overview(self.engine, At(now_ms, DAYS.day_of(now_ms), Rules(), "CNY"), "Asia/Shanghai", tell)
