"""The product on show, over a real room's list: held up, changed, and gone."""

import asyncio

import pytest

from studio.errors import NotFound
from studio.model.products import Product
from studio.shop import Goods, Showcase
from studio.store.database import Database


@pytest.fixture
async def goods(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    told = []
    made = Goods(database, "r1", None, bytes, lambda: 0, Showcase(told.append, lambda: 1_764_000_000_000))
    made.told = told
    await made.put([Product("K1", "口红", link_no=1, price_minor=9900), Product("K2", "面霜", price_minor=5990)])
    yield made
    await database.close()


def news(goods):
    found = [(shown.product and shown.product.sku, shown.is_new) for shown in goods.told]
    goods.told.clear()
    return found


async def test_each_product_held_up_is_told_once_and_a_double_click_is_one(goods):
    assert await goods.shown() == {"product": None, "since": None}
    first, again = await asyncio.gather(goods.show("K1"), goods.show("K1"))
    assert first == again == await goods.shown()
    assert (first["product"]["name"], first["since"]) == ("口红", 1_764_000_000.0)
    await goods.show("K2")
    await goods.show("")
    await goods.show("")
    await goods.show("K1")
    assert news(goods) == [("K1", True), ("K2", True), (None, True), ("K1", True)]


async def test_an_unknown_product_is_refused_and_what_is_shown_stays(goods):
    await goods.show("K1")
    with pytest.raises(NotFound):
        await goods.show("K9")
    assert (await goods.shown())["product"]["sku"] == "K1"


async def test_a_change_is_told_without_being_shown_anew_and_a_deleted_product_is_put_away(goods):
    await goods.show("K1")
    news(goods)
    await goods.put([Product("K2", "面霜", price_minor=4990)])
    assert news(goods) == []
    await goods.put([Product("K2", "面霜", link_no=1, price_minor=4990)])
    assert news(goods) == [("K1", False)], "it has lost its link number to the other"
    assert (await goods.shown())["product"]["link_no"] is None
    await goods.remove("K2")
    assert news(goods) == []
    await goods.remove("K1")
    assert news(goods) == [(None, True)]
    assert (await goods.shown())["product"] is None
