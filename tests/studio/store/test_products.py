"""Products in the store: written whole, found by SKU, by link number and by words, pictures kept as long as somebody shows them."""

import pytest

from studio.errors import InvalidInput, NotFound, TooLarge
from studio.model.picture_header import PictureHeader
from studio.model.products import Product, read_product
from studio.store import product_store

PNG = PictureHeader("png", 4, 4)


@pytest.fixture
def store(file):
    return file.connection


def lipstick(**more) -> Product:
    return read_product(
        {"sku": "K1", "name": "口红", "link_no": 3, "price_minor": 9900, "floor_minor": 7900, "stock": 12, "facts": ["哑光"], **more}
    )


def test_a_product_comes_back_as_it_was_put(store):
    assert product_store.put(store, "r1", lipstick(), 1)
    assert not product_store.put(store, "r1", lipstick(stock=None), 2)
    assert product_store.get(store, "r1", "K1") == lipstick(stock=None)
    assert product_store.by_link(store, "r1", 3) == lipstick(stock=None)
    assert product_store.by_link(store, "r2", 3) is None
    with pytest.raises(NotFound):
        product_store.get(store, "r2", "K1")


def test_a_link_number_goes_over_to_whoever_got_it_last(store):
    product_store.put(store, "r1", lipstick(), 1)
    product_store.put(store, "r1", lipstick(sku="K2"), 2)
    product_store.put(store, "r2", lipstick(sku="K3"), 2)
    assert [(one.sku, one.link_no) for one in product_store.page(store, "r1")] == [("K2", 3), ("K1", None)]


def test_words_find_products_and_are_no_pattern(store):
    for sku, name in (("A_1", "面霜 50%"), ("AX1", "面膜"), ("B", "口红")):
        product_store.put(store, "r1", lipstick(sku=sku, name=name, link_no=None), 1)
    assert [one.sku for one in product_store.page(store, "r1", "a_1")] == ["A_1"]
    assert [one.sku for one in product_store.page(store, "r1", "50%")] == ["A_1"]
    assert {one.sku for one in product_store.page(store, "r1", "面")} == {"A_1", "AX1"}


def test_a_picture_lives_as_long_as_a_product_shows_it(store):
    product_store.put(store, "r1", lipstick(), 1)
    product_store.put(store, "r1", lipstick(sku="K2", link_no=4), 1)
    first = product_store.set_picture(store, "r1", "K1", b"one", PNG, 1).picture
    product_store.set_picture(store, "r1", "K2", b"one", PNG, 1)
    product_store.set_picture(store, "r1", "K1", b"two", PNG, 1)
    assert product_store.read_picture(store, first) == ("image/png", b"one")
    product_store.remove(store, "r1", "K2")
    with pytest.raises(NotFound):
        product_store.read_picture(store, first)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sku": ""}, "field.text"),
        ({"sku": 7}, "field.text"),
        ({"name": "a\x00b"}, "field.text"),
        ({"name": "长" * 201}, "field.too_long"),
        ({"price_minor": -1}, "field.whole"),
        ({"price_minor": 99.0}, "field.whole"),
        ({"price_minor": True}, "field.whole"),
        ({"price_minor": 10**18}, "field.whole"),
        ({"price_minor": None}, "field.money"),
        ({"floor_minor": 10_000}, "products.floor_over_price"),
        ({"link_no": 0}, "field.whole"),
        ({"stock": -1}, "field.whole"),
        ({"facts": "哑光"}, "products.facts"),
        ({"facts": ["x"] * 13}, "products.facts"),
        ({"facts": [3]}, "field.text"),
        ({"picture": "../../etc/passwd"}, "products.picture"),
        ({"colour": "red"}, "field.unknown"),
    ],
)
def test_what_is_no_product_is_refused_by_its_field(change, code):
    with pytest.raises(InvalidInput) as error:
        lipstick(**change)
    assert error.value.code == code


def test_a_picture_that_nobody_uploaded_is_refused(store):
    with pytest.raises(InvalidInput, match=r"products\.picture"):
        product_store.put(store, "r1", lipstick(picture="0" * 64), 1)


def test_a_room_holds_so_many_products_and_no_more(store, monkeypatch):
    monkeypatch.setattr(product_store, "MAX_PRODUCTS", 2)
    for sku in "AB":
        product_store.put(store, "r1", lipstick(sku=sku), 1)
    with pytest.raises(TooLarge):
        product_store.put(store, "r1", lipstick(sku="C"), 1)
    product_store.put(store, "r1", lipstick(sku="A"), 1)
