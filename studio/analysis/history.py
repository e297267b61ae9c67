"""The history of segments and layers: at the end of each show day, a row for every fan who stands elsewhere than the day before.

What is noted stays: later events, other rules and a rebuild change nothing in it. A day is complete once its totals are written.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from studio.analysis.judge import At, judge_block, within
from studio.model.room_clock import date_of
from studio.store import bulk
from studio.store.analysis_tables import standing, standing_day
from studio.store.tables import event

MAX_DAYS: Final = 35
"""Days that are noted after a pause: a month off air leaves no hole, and the first hour back isn't spent on more."""

Row = tuple[int, int, str, str]
_FIRST: Final = ("other", "new")


def days_to_note(connection: Connection, today: int) -> list[int]:
    """The show days that are over and not noted yet, oldest first; of a long pause the last 35."""
    last = connection.execute(select(func.max(standing_day.c.show_day))).scalar()
    if last is None:
        first_ms = connection.execute(select(func.min(event.c.at))).scalar()
        last = today - 1 if first_ms is None else int(first_ms) // 86_400_000 - 1
    return list(range(max(last + 1, today - MAX_DAYS), today))


def changes_in(
    connection: Connection, block: tuple[int, int], ats: Sequence[At]
) -> tuple[list[Row], dict[int, "Counter[tuple[str, str]]"]]:
    """The rows of `standing` that a block needs for these days, oldest first, and {day: how many of it stood where}."""
    newest_first = select(standing).where(within(standing.c.person_id, block)).order_by(standing.c.show_day.desc())
    noted = list(connection.execute(newest_first))
    rows: list[Row] = []
    totals: dict[int, Counter[tuple[str, str]]] = {}
    known: dict[int, tuple[str, str]] = {}
    for at in ats:
        while noted and noted[-1].show_day <= at.today:
            row = noted.pop()
            known[row.person_id] = (row.segment, row.layer)
        totals[at.today] = Counter()
        for one in judge_block(connection, block, at):
            where = (one.segment, one.layer)
            totals[at.today][where] += 1
            if where != known.get(one.person_id, _FIRST):
                known[one.person_id] = where
                rows.append((one.person_id, at.today, *where))
    return rows, totals


def write_changes(connection: Connection, rows: Sequence[Row]) -> None:
    """Note these; a day that another studio of the same store has noted already stays as it is."""
    _add(connection, standing, rows)


def write_totals(connection: Connection, day: int, totals: "Counter[tuple[str, str]]") -> None:
    """Note how many stood where: the day is complete."""
    _add(connection, standing_day, [(day, *where, fans) for where, fans in sorted(totals.items())] or [(day, *_FIRST, 0)])


def _add(connection: Connection, table: Any, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        values = [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), values)


def history_of(connection: Connection, numbers: Sequence[int]) -> list[dict[str, str]]:
    """[{day, segment, layer}] of a person, oldest first; `numbers` are all that they bore, as merged accounts keep their past."""
    rows = bulk.load(connection, standing, "person_id", numbers)
    told = sorted((row[1], row[0], row[2], row[3]) for row in rows)
    return [{"day": date_of(day), "segment": segment, "layer": layer} for day, _, segment, layer in told]


def totals_since(connection: Connection, day: int) -> Iterator[tuple[int, str, str, int]]:
    """(show day, segment, layer, fans) of the days noted from `day` on, oldest first."""
    query = select(standing_day).where(standing_day.c.show_day >= day, standing_day.c.fans > 0).order_by(standing_day.c.show_day)
    for row in connection.execute(query):
        yield row.show_day, row.segment, row.layer, row.fans
