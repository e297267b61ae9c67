"""The questions of docs/fan-file.md, run as they stand there on both stores; and its list of tables."""

import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest
from fan_file import DAY_MS, T0, make
from sqlalchemy import create_engine, text

import studio.store
from studio.analysis import history, worker
from studio.analysis.judge import At
from studio.analysis.overview import read_overview
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store.analysis_tables import standing, standing_day
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.tables import metadata, points, redemption
from studio.store.working import Received

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "fan-file.md").read_text(encoding="utf-8")
PRIVACY = (DOCS / "privacy.md").read_text(encoding="utf-8")
QUESTIONS = {
    question.strip(): sql for question, sql in re.findall(r"^([^\n]+\?[^\n]*)\n\n```sql\n(.*?);\n```", PAGE, re.MULTILINE | re.DOTALL)
}
DAYS = ShowDays("Asia/Shanghai")
TODAY = DAYS.day_of(T0)
ITEMS = json.dumps([{"sku": "", "name": "", "category": "口红", "qty": 2, "price_minor": 300_00}])
EVENTS = (
    make("c", "chat", text="hi"),
    *(make(f"o{n}", "order", "u1", n * -1440 * 40, order=f"o{n}", amount_minor=600_00, items=ITEMS) for n in range(3)),
    make("r", "refund", "", 1, order="o0", amount_minor=100_00),
    make("old", "order", "u2", -1440 * 45, order="x", amount_minor=700_00, name="老陈"),
    make("usd", "order", "u2", -1440 * 44, order="y", amount_minor=5, currency="USD", name="老陈"),
)
ANSWERS = {
    "best fans": [(1, "小美", 1700.0, 3, 1), (2, "老陈", 700.0, 1, 0)],
    "show day of the last month": [(TODAY, 500.0, 1)],
    "in each tier": [("tier:3", 2)],
    "hasn't been here": [(2, "老陈", 700.0, 44)],
    "Which categories": [("口红", 1, 6, 1800.0)],
    "on two days or more": [(2, 1)],
    "fell silent": [(TODAY - 1, 2, 700.0)],
    "segments move": [(TODAY - 1, "silent", 1)],
    "look at": [("douyin", "y", "currency", 5, 0, "USD")],
    "not shipped after 48": [("douyin", f"{n}") for n in ("o2", "x", "o1")],
    "owed points": [(2, 1700 + 700)],
    "agree with the figures": [],
    "samples and cash-off": [("马克杯", "sample", 0, "douyin", "u1", T0)],
    "has an account done": [("chat", 1, T0), ("order", 3, T0)],
    "prizes are still to be sent": [],
    "hooks of shops": [],
}
MUG = {"points_seq": 900, "room": "r1", "kind": "sample", "what": "马克杯", "value_minor": 0, "currency": "CNY", "state": "todo", "at": T0}


@pytest.fixture
async def database(store_url):
    database = Database(store_url)
    await database.open()
    store = FanStore(Rules(), DAYS, "CNY")
    await database.write(lambda connection: store.apply(connection, [Received(one, one.at_ms) for one in EVENTS]))
    await database.write(_note)
    yield database
    await database.close()


def _note(connection):
    connection.execute(points.insert().values(seq=900, identity_id=1, kind="redeem", at=T0, delta=0, ref="mug", click_id="c1"))
    connection.execute(redemption.insert().values(MUG))
    connection.execute(standing.insert().values(person_id=2, show_day=TODAY - 1, segment="silent", layer="new"))
    connection.execute(standing_day.insert().values(show_day=TODAY - 1, segment="silent", layer="new", fans=1))


async def test_every_question_is_answered_as_it_stands_on_the_page(database):
    values = {"now_ms": T0 + 2 * 60_000, "today": TODAY}
    told = {}
    for question, sql in QUESTIONS.items():
        params = {name: value for name, value in values.items() if f":{name}" in sql}
        rows = await database.read(lambda connection, sql=sql, params=params: connection.execute(text(sql), params).all())
        told[question] = [tuple(float(part) if part.__class__.__name__ == "Decimal" else part for part in row) for row in rows]
    for part, expected in ANSWERS.items():
        [found] = [rows for question, rows in told.items() if part in question]
        width = len(expected[0]) if expected else 0
        assert [row[:width] for row in found] == expected, part
    assert len(told) == len(ANSWERS) == PAGE.count("```sql")


async def test_figures_and_history_are_the_same_on_both_stores(database):
    await database.write(lambda connection: connection.execute(standing_day.delete()))
    engine = create_engine(database.url)
    for _ in range(2):
        for noted in worker.notes(engine, (TODAY - 2, TODAY - 1), Rules(), DAYS, "CNY"):
            if isinstance(noted, worker.Noted):
                await database.write(lambda connection, noted=noted: history.write_changes(connection, noted.rows))
                if noted.totals is not None:
                    await database.write(lambda connection, noted=noted: history.write_totals(connection, noted.day, noted.totals))
    found = read_overview(engine, At(T0 + 2 * 60_000, TODAY, Rules(), "CNY"), "Asia/Shanghai", lambda done, of: None)
    totals = await database.read(lambda connection: list(history.totals_since(connection, TODAY - 3)))
    past = await database.read(lambda connection: history.history_of(connection, [1, 2]))
    engine.dispose()
    assert found.segments == {"other": [1, 1700_00], "silent": [1, 700_00]}
    assert (found.buyers, [(rate.buyers, rate.again) for rate in found.rates]) == (2, [(1, 0), (2, 1), (2, 1), (2, 1)])
    assert totals == [(TODAY - 2, "silent", "new", 2), (TODAY - 1, "silent", "new", 2)]
    assert [row["segment"] for row in past] == ["silent", "silent", "silent"]


def test_of_every_table_the_page_of_privacy_says_what_it_keeps_and_how_long():
    told = set(re.findall(r"`([a-z_]+)`", PRIVACY))
    assert sorted(tables_of_the_file() - told) == []


def tables_of_the_file():
    for module in pkgutil.iter_modules(studio.store.__path__):
        if module.name.endswith("tables"):
            importlib.import_module(f"studio.store.{module.name}")
    return set(metadata.tables)


def test_every_table_stands_on_the_page():
    known = tables_of_the_file()
    listed = set(re.findall(r"`([a-z_]+)`", "\n".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))))
    assert known - listed == set()
    assert listed - known == {"alembic_version"}


def test_the_show_day_of_the_page_is_the_rooms():
    for at_ms in range(T0, T0 + 3 * DAY_MS, 1_800_000):
        assert (at_ms // 1000 + 7200) // 86400 == DAYS.day_of(at_ms)
