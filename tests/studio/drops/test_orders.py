"""What may be ordered: every field with its bounds, every fault told at once, nothing half taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import Conflict, InvalidInput
from studio.model.coupons import CouponSpec, new_code
from studio.model.drops import FanStanding, Who, may_enter, next_state, parse_order, spec_from
from studio.model.lottery import LotterySpec, prize_ranks
from studio.model.scene import Tier

from .conftest import COUPON, LOTTERY

CLICK = {"click_id": "c1"}


def lottery(**values):
    return parse_order({**CLICK, **LOTTERY, **values}, "CNY").spec


def coupon(**values):
    return parse_order({**CLICK, **COUPON, **values}, "CNY").spec


def faults(body, currency="CNY"):
    with pytest.raises(InvalidInput) as caught:
        parse_order(body, currency)
    return {fault.key for fault in getattr(caught.value, "faults", ())} or {caught.value.code}


def test_a_lottery_has_the_contracts_defaults():
    order = parse_order({**CLICK, "kind": "lottery", "title": "口红", "prizes": [{"name": "口红", "value_minor": 1}]}, "CNY")
    spec = order.spec
    assert isinstance(spec, LotterySpec)
    assert (spec.reserves, spec.keyword, spec.seconds, str(spec.who), spec.weights, spec.early_close) == (0, "想要", 60, "all", (), False)
    assert (order.click_id, order.is_draft, spec.prizes[0].currency) == ("c1", False, "CNY")


def test_a_coupon_has_one_a_fan_and_a_worst_case_value():
    spec = coupon(percent=10, max_value_minor=3000, value_minor=None)
    assert isinstance(spec, CouponSpec)
    assert (spec.per_fan, spec.worth_minor, spec.value_minor) == (1, 3000, 9000)


def test_the_budget_ends_before_the_stock_does():
    assert coupon(stock=100, budget_minor=5000).limit == 2
    assert coupon(stock=100, budget_minor=5000).value_minor == 4000
    assert faults({**CLICK, **COUPON, "budget_minor": 1999}) == {"budget_minor"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("title", value) for value in (None, "", " ", 7, "x" * 61, "a\nb", "a\x00", "\u202eabc", "\ud800", ["x"])],
        *[("prizes", value) for value in (None, [], {}, "口红", [{"name": "x", "value_minor": 1}] * 1001)],
        *[("reserves", value) for value in (-1, 1001, 1.0, "1", True, float("nan"), 1e308)],
        *[("seconds", value) for value in (0, -5, 86401, 1.5, "60", float("inf"), False)],
        *[("keyword", value) for value in ("", "！！", "😀", "x" * 21, 3)],
        *[("who", value) for value in ("", "everybody", "tier:", "tier:神", "tier", 1, ["all"])],
        *[("weights", value) for value in ([], "高级", 3)],
        *[("early_close", value) for value in (1, "true", "yes")],
        *[("beacon", value) for value in ("quicknet", True, 1, {"chain": "x"})],
        *[("claim_hours", value) for value in (0, 10**6, 1.5)],
        *[("click_id", value) for value in (None, "", "x" * 101, 5)],
        *[("draft", value) for value in (1, "no")],
        *[("price_minor", value) for value in (1,)],
    ],
)
def test_a_wrong_field_of_a_lottery_is_refused_by_name(key, value):
    assert faults({**CLICK, **LOTTERY, key: value}) == {key}


@pytest.mark.parametrize(
    ("prize", "key"),
    [
        ({"name": "x", "value_minor": -1}, "prizes[0].value_minor"),
        ({"name": "x", "value_minor": 1.5}, "prizes[0].value_minor"),
        ({"name": "x", "value_minor": float("nan")}, "prizes[0].value_minor"),
        ({"name": "x", "value_minor": 10**13}, "prizes[0].value_minor"),
        ({"name": "x", "value_minor": True}, "prizes[0].value_minor"),
        ({"name": "", "value_minor": 1}, "prizes[0].name"),
        ({"value_minor": 1}, "prizes[0].name"),
        ({"name": "x", "value_minor": 1, "currency": "USD"}, "prizes[0].currency"),
        ({"name": "x", "value_minor": 1, "count": 3}, "prizes[0].count"),
        ("口红", "prizes[0]"),
    ],
)
def test_a_wrong_prize_is_refused_by_its_place(prize, key):
    assert faults({**CLICK, **LOTTERY, "prizes": [prize]}) == {key}


@pytest.mark.parametrize("weights", [{"高级": 0}, {"高级": 1001}, {"高级": 1.0}, {"高级": True}, {"神": 2}, {"高级": 2, "senior": 3}])
def test_weights_are_tickets_from_1_to_1000_for_tiers_that_exist(weights):
    (key,) = faults({**CLICK, **LOTTERY, "weights": weights})
    assert key.startswith("weights.")


def test_weights_give_tickets_and_the_others_have_one():
    spec = lottery(weights={"高级": 5, "middle": 2})
    assert [spec.tickets_of(tier) for tier in Tier] == [1, 1, 2, 5]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("value_minor", value) for value in (0, -1, 1.5, 1e308, float("nan"), True, "100", 10**13)],
        *[("stock", value) for value in (None, 0, -1, 1.5, 10**7, True)],
        *[("per_fan", value) for value in (0, 101, 1.5)],
        *[("min_spend_minor", value) for value in (-1, 0.5)],
        *[("budget_minor", value) for value in (-1, 0, 1.5)],
        *[("valid_hours", value) for value in (0, 10**6)],
        *[("fulfilment", value) for value in ("shop", "mail", 1)],
        *[("max_value_minor", value) for value in (100,)],
        *[("prizes", value) for value in ([],)],
    ],
)
def test_a_wrong_field_of_a_coupon_is_refused_by_name(key, value):
    assert faults({**CLICK, **COUPON, key: value}) == {key}


@pytest.mark.parametrize("percent", [0, 91, -5, 1.5, True])
def test_a_percentage_is_1_to_90_and_has_a_ceiling(percent):
    body = {key: value for key, value in {**CLICK, **COUPON}.items() if key != "value_minor"}
    assert faults({**body, "percent": percent, "max_value_minor": 100}) == {"percent"}
    assert faults({**body, "percent": 50}) == {"max_value_minor"}
    assert faults({**body, "percent": 50, "max_value_minor": 100, "value_minor": 5}) == {"value_minor"}
    assert faults(body) == {"value_minor"}


def test_all_faults_are_told_at_once():
    assert faults({"kind": "lottery", "prizes": [], "seconds": 0, "who": "x"}) == {"click_id", "title", "prizes", "seconds", "who"}


@pytest.mark.parametrize("kind", ["flash_sale", "quiz", "checkin"])
def test_a_kind_that_is_not_built_is_refused_in_words(kind):
    assert faults({**CLICK, "kind": kind, "title": "x"}) == {"drops.not_built"}


@pytest.mark.parametrize("kind", [None, "raffle", 3, [], {}])
def test_an_unknown_kind_is_refused(kind):
    assert "kind" in faults({**CLICK, "title": "x", "kind": kind})


@pytest.mark.parametrize("body", [None, [], "x", 3])
def test_a_body_that_is_no_object_is_refused(body):
    assert faults(body) == {"body"}


@pytest.mark.parametrize(
    "spec",
    [
        lottery(weights={"高级": 3}, who="tier:senior", contact="x"),
        coupon(),
        coupon(percent=5, max_value_minor=9, value_minor=None, budget_minor=90),
    ],
)
def test_a_spec_comes_back_from_its_json(spec):
    kind = "lottery" if isinstance(spec, LotterySpec) else "coupon"
    assert spec_from(kind, spec.to_json(), "CNY") == spec


@given(
    st.dictionaries(
        st.sampled_from(sorted({*LOTTERY, *COUPON, "who", "weights", "draft"})),
        st.none() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.integers(), max_size=2),
    )
)
@settings(max_examples=300, deadline=None)
def test_any_body_is_an_order_or_a_list_of_faults(body):
    try:
        parse_order({**CLICK, **body}, "CNY")
    except InvalidInput as error:
        assert error.code in ("drops.invalid", "drops.not_built")


STANDINGS = {
    "stranger": FanStanding("p"),
    "regular": FanStanding("p", is_regular=True),
    "buyer": FanStanding("p", tier=Tier.JUNIOR, is_buyer=True),
    "senior": FanStanding("p", tier=Tier.SENIOR, is_regular=True, is_buyer=True),
    "staff": FanStanding("p", tier=Tier.SENIOR, is_regular=True, is_buyer=True, is_staff=True),
}


@pytest.mark.parametrize(
    ("who", "enter"),
    [
        (Who(), {"stranger", "regular", "buyer", "senior"}),
        (Who("regulars"), {"regular", "senior"}),
        (Who("buyers"), {"buyer", "senior"}),
        (Who("tier", Tier.JUNIOR), {"buyer", "senior"}),
        (Who("tier", Tier.MIDDLE), {"senior"}),
    ],
)
def test_who_may_enter_and_staff_never(who, enter):
    assert {name for name, standing in STANDINGS.items() if may_enter(who, standing)} == enter


STATES = ("draft", "approved", "open", "closing", "drawn", "closed", "expired", "cancelled")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", ["approve", "open", "edit", "close", "draw", "cancel", "expire", "lapse"])
def test_only_the_steps_of_the_table_are_allowed(state, step):
    allowed = {
        ("draft", "approve"): "approved",
        ("draft", "open"): "open",
        ("draft", "edit"): "draft",
        ("draft", "cancel"): "cancelled",
        ("approved", "open"): "open",
        ("approved", "edit"): "draft",
        ("approved", "lapse"): "draft",
        ("approved", "cancel"): "cancelled",
        ("open", "close"): "closing",
        ("open", "cancel"): "cancelled",
        ("closing", "draw"): "drawn",
        ("closed", "expire"): "expired",
    }
    if (state, step) in allowed:
        assert next_state(state, step) == allowed[state, step]
    else:
        with pytest.raises(Conflict):
            next_state(state, step)


def test_a_coupon_closes_without_a_draw():
    assert next_state("open", "close", "coupon") == "closed"


def test_reserves_follow_in_order_and_keep_the_other_prizes_where_they_are():
    ranks = [7, 3, 9, 1, 4]
    assert prize_ranks(ranks, frozenset(), 2) == [7, 3]
    assert prize_ranks(ranks, frozenset({7}), 2) == [9, 3]
    assert prize_ranks(ranks, frozenset({7, 9, 3}), 2) == [1, 4]
    assert prize_ranks(ranks, frozenset({7, 9, 3, 1}), 2) == [4, None]
    assert prize_ranks([5], frozenset(), 3) == [5, None, None]


def test_codes_are_unlike_each_other_and_long_enough():
    codes = {new_code() for _ in range(20_000)}
    assert len(codes) == 20_000
    assert all(len(code) == 14 and set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-") for code in codes)


OWN = ("路人", "会员", "掌柜")


def test_tiers_are_called_what_the_rules_call_them_and_an_order_remembers_it():
    body = {**CLICK, **LOTTERY, "who": "tier:会员", "weights": {"掌柜": 3, "junior": 2}}
    spec = parse_order(body, "CNY", OWN).spec
    assert (spec.who, str(spec.who), spec.weights) == (Who("tier", Tier.JUNIOR), "tier:会员", ((Tier.JUNIOR, 2), (Tier.MIDDLE, 3)))
    assert spec.weights_json() == {"会员": 2, "掌柜": 3}
    assert spec_from("lottery", spec.to_json(), "CNY") == spec, "read back whatever the rules say by then"
    coupon = parse_order({**CLICK, **COUPON, "who": "tier:掌柜"}, "CNY", OWN).spec
    assert str(spec_from("coupon", coupon.to_json(), "CNY").who) == "tier:掌柜"
    for wrong in ("tier:中级", "tier:senior", "tier:"):
        with pytest.raises(InvalidInput, match="会员"):
            parse_order({**body, "who": wrong}, "CNY", OWN)
    with pytest.raises(InvalidInput, match="unknown"):
        parse_order({**body, "tiers": ["a", "b", "c"]}, "CNY", OWN)
