"""What orders hold of each category: beside each purchase, the same after a rebuild and in a file of the version before."""

import json

from fan_file import FanFile
from sqlalchemy import create_engine, select

from studio.model.order_items import bought_by_category
from studio.store import fan_archive, migrate, tables

ITEMS = json.dumps(
    [
        {"sku": "a", "name": "口红 01", "category": "口红", "qty": 2, "price_minor": 99_00},
        {"sku": "b", "name": "口红 02", "category": " 口红 ", "qty": 1, "price_minor": 89_00},
        {"sku": "c", "name": "小样", "category": "", "qty": 3, "price_minor": 0},
    ]
)


def rows(connection):
    return [tuple(row) for row in connection.execute(select(tables.bought).order_by(*tables.bought.primary_key.columns))]


def test_an_order_is_told_by_category(file: FanFile):
    file.take(file.event("order", order="o1", amount_minor=287_00, items=ITEMS), file.event("order", order="o2", amount_minor=1))
    assert rows(file.connection) == [("o1", "douyin", "", 3, 0), ("o1", "douyin", "口红", 3, 287_00)]
    [told] = [json.loads(line) for line in file.export() if "purchases" in line]
    assert [one["categories"] for one in told["purchases"]] == [
        {"": {"qty": 3, "amount_minor": 0}, "口红": {"qty": 3, "amount_minor": 287_00}},
        {},
    ]


def test_a_second_event_for_an_order_and_a_rebuild_change_nothing(file: FanFile):
    file.take(file.event("order", order="o1", amount_minor=287_00, items=ITEMS))
    before, known = file.export(), rows(file.connection)
    file.take(file.event("order", order="o1", amount_minor=287_00, items=ITEMS))
    assert rows(file.connection) == known
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == before
    assert rows(file.connection) == known


def test_amounts_that_no_column_could_hold_are_cut():
    huge = json.dumps([{"sku": "", "name": "", "category": "x", "qty": 10**9, "price_minor": 10**13}] * 200)
    assert bought_by_category(huge)["x"] == (200 * 10**9, 10**13)


def test_a_file_of_the_version_before_gets_its_orders_by_category(tmp_path, file: FanFile):
    file.take(*(file.event("order", order=f"o{n}", amount_minor=1, items=ITEMS if n % 2 else "") for n in range(2_100)), file.event("chat"))
    events = [tuple(row) for row in file.connection.execute(select(tables.event))]
    expected = rows(file.connection)
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        migrate.upgrade(connection, "0004")
        connection.execute(tables.event.insert(), [dict(zip(tables.event.c.keys(), event, strict=True)) for event in events])
        migrate.upgrade(connection, "0005")
        assert rows(connection) == expected
    engine.dispose()
    assert len(expected) == 2_100
