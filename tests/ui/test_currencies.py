"""Amounts of a room whose currency has no minor unit: shown and typed as they are, never times a hundred."""

import pytest

from studio.model.loyalty import Rules
from studio.model.rules_file import parse_rules, to_tables
from ui.bridge import Bridge, EngineAddress
from ui.figures import minor_from_text, money
from ui.models import specs
from ui.panels.product_editor import ProductEditor
from ui.panels.rules_editor import RulesEditor
from ui.room import Room, currency_of


@pytest.mark.parametrize(("currency", "bound", "typed", "minor"), [("JPY", "50000", "60000", 60_000), ("CNY", "500", "600.50", 600_50)])
def test_a_tiers_bound_is_typed_in_the_rooms_currency(qapp, currency, bound, typed, minor):
    editor = RulesEditor()
    editor.put(to_tables(Rules()), currency)
    entry = editor.tiers[2].bound
    assert entry.text() == bound
    entry.setText(typed)
    assert parse_rules(editor.tables()).tiers[2].from_minor == minor
    assert parse_rules({**editor.tables(), "tier": to_tables(Rules())["tier"]}) == Rules(), "what wasn't touched stays as it was"


def test_yen_with_a_fraction_are_no_amount():
    assert (minor_from_text("1,000", "JPY"), minor_from_text("1000.50", "JPY"), money(1_000, "JPY")) == (1_000, None, "¥1,000")
    spec = specs.restore("coupon", {"value": "300", "min_spend": "2000"})
    assert specs.faults(spec, "JPY") == {}
    assert {"value_minor": 300, "min_spend_minor": 2000}.items() <= specs.body(spec, "JPY").items()
    assert "¥2,000" in specs.line(spec, "JPY", ())
    broken = specs.restore("coupon", {"value": "300.50", "min_spend": "2000"})
    assert list(specs.faults(broken, "JPY")) == ["value"]


def test_a_products_price_is_shown_and_typed_by_its_currency(qapp):
    bridge = Bridge(EngineAddress("http://127.0.0.1:1", ""))
    bridge.room.take("settings", {"settings": {"audience": {"currency": "KRW"}}})
    editor = ProductEditor(bridge)
    editor.edit({"sku": "K1", "name": "口红", "price_minor": 19_900, "floor_minor": 15_000})
    assert (editor.inputs["price"].text(), editor.inputs["floor"].text()) == ("19900", "15000")
    editor.inputs["price"].setText("₩21,000")
    assert (editor.typed()["price_minor"], editor.typed()["floor_minor"]) == (21_000, 15_000)
    editor.inputs["floor"].setText("15000.50")
    assert editor.typed()["floor_minor"] == "15000.50", "refused by the engine with its field"


def test_an_assistant_who_may_not_see_the_profile_knows_the_currency_too():
    room = Room()
    assert currency_of(room) == "CNY"
    room.take("rules", {"number": 0, "currency": "JPY", "tiers": []})
    assert currency_of(room) == "JPY"
    room.take("settings", {"settings": {"audience": {"currency": "USD"}}})
    assert currency_of(room) == "USD"
