"""The product on show, over a real room's list: held up, changed, and gone."""

import asyncio

import pytest

from studio.errors import NotFound
from studio.model.products import Product
from studio.shop import Goods, Showcase, ShowcaseFile
from studio.store.database import Database


def an_engines_goods(database, folder, told, room="r1"):
    kept = ShowcaseFile(folder / "on_show", room)
    made = Goods(database, room, None, bytes, lambda: 0, Showcase(told.append, lambda: 1_764_000_000_000), kept)
    made.told = told
    made.next_one = lambda room=room: an_engines_goods(database, folder, [], room)
    return made


@pytest.fixture
async def goods(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    told = []
    made = an_engines_goods(database, tmp_path, told)
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


async def test_an_engine_that_follows_a_dead_one_shows_what_that_showed_since_then_as_a_chapter_of_its_new_recording(goods):
    first = await goods.show("K1")
    follower = goods.next_one()
    await follower.put_back()
    assert await follower.shown() == first
    assert news(follower) == [("K1", True)]
    await goods.show("K2")
    await goods.show("")
    await (empty := goods.next_one()).put_back()
    assert news(empty) == []


async def test_after_a_wished_end_in_another_room_and_for_a_product_that_is_gone_nothing_is_put_back(goods, tmp_path):
    await goods.show("K1")
    await (other := goods.next_one("r2")).put_back()
    assert news(other) == []
    await goods.stop()
    await goods.stop()
    await (after := goods.next_one()).put_back()
    assert news(after) == []
    await goods.show("K2")
    await goods.remove("K2")
    assert not (tmp_path / "on_show").exists()
    await goods.show("K1")
    kept = (tmp_path / "on_show").read_text()
    await goods.remove("K1")
    (tmp_path / "on_show").write_text(kept)
    await (late := goods.next_one()).put_back()
    assert news(late) == []


async def test_a_product_that_was_held_up_meanwhile_stays(goods):
    await goods.show("K1")
    follower = goods.next_one()
    await follower.show("K2")
    goods._kept.write(goods._showcase.now)
    await follower.put_back()
    assert news(follower) == [("K2", True)]


@pytest.mark.parametrize("kept", ["", "[]", "null", '{"room":"r1"}', '{"room":"r1","sku":"K1","since_ms":"soon"}', "\x00\xff"])
async def test_a_broken_file_is_nothing_on_show(goods, tmp_path, kept):
    (tmp_path / "on_show").write_text(kept, encoding="latin-1")
    await goods.put_back()
    assert news(goods) == []


async def test_a_disk_that_takes_nothing_costs_no_product_on_show(goods, tmp_path, caplog):
    (tmp_path / "on_show.new").mkdir()
    assert (await goods.show("K1"))["product"]["sku"] == "K1"
    assert "isn't kept" in caplog.text
