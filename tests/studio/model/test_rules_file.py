"""The loyalty rules as a file: every fault by key and line, nothing repaired, and each rule a line that is read at a glance."""

import re
import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.model.loyalty import SECOND_TIERS, RedeemItem, Rules, TierRule
from studio.model.rights import prices, rights_matrix, rights_of
from studio.model.rule_lines import explain, warn
from studio.model.rules_file import ALLOWED, InvalidRules, parse_rules, to_tables
from studio.model.rules_text import line_of, to_toml, with_lines
from studio.words import LOCALES, catalogue, say, say_allowed, say_fault

FILE = """# what we give
preset = "second"

[points]
checkin = 3   # once a day

[[tier]]
name = "路人"
from_minor = 0

[[tier]]
name = "会员"
from_minor = 20000
percent = 92
rights = ["包邮"]
"""
FULL = Rules(
    tiers=(TierRule("路人", 0, 100), TierRule("会员", 1, 92, 50, ("包邮", "生日礼")), TierRule("掌柜", 999_00, 80, 200, ("包邮",))),
    items=(
        RedeemItem("mug", "马克杯", "sample", 300),
        RedeemItem("off20", "20 元券", "cash_off", 1_000, 20_00),
        RedeemItem("luck", "抽奖券", "ticket", 200),
    ),
    staff=frozenset({("douyin", "boss"), ("kuaishou", "a:b")}),
    birthday_days=3,
)


def faults(document):
    with pytest.raises(InvalidRules) as raised:
        parse_rules(document)
    return {fault.key for fault in raised.value.faults}


names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@st.composite
def any_rules(draw):
    bounds = [0, *sorted(draw(st.sets(st.integers(1, 10**12), max_size=3)))]
    called = draw(st.lists(names, min_size=len(bounds), max_size=len(bounds), unique_by=str.casefold))
    rights = st.lists(names, max_size=3, unique=True).map(tuple)
    tiers = tuple(
        TierRule(name, low, draw(st.integers(1, 100)), draw(st.integers(0, 500)), draw(rights))
        for name, low in zip(called, bounds, strict=True)
    )
    ids = draw(st.lists(names.filter(lambda name: name != "ticket"), max_size=3, unique=True))
    kinds = st.sampled_from(("sample", "cash_off", "ticket"))
    items = tuple(
        RedeemItem(one, draw(names), kind := draw(kinds), draw(st.integers(1, 10**9)), 500 if kind == "cash_off" else 0) for one in ids
    )
    return Rules(tiers=tiers, items=items, checkin_points=draw(st.integers(0, 9)), shares_a_week=draw(st.integers(0, 7)))


@given(any_rules())
def test_rules_come_back_from_tables_and_from_toml_as_they_were(rules):
    assert parse_rules(to_tables(rules)) == rules
    assert parse_rules(tomllib.loads(to_toml(to_tables(rules)))) == rules


def test_what_a_file_leaves_out_is_the_default_and_a_preset_gives_tiers():
    assert parse_rules({}) == Rules()
    assert parse_rules({"preset": "second"}).tiers == SECOND_TIERS
    told = parse_rules(tomllib.loads(FILE))
    assert ([tier.name for tier in told.tiers], told.checkin_points, told.share_points) == (["路人", "会员"], 3, 20)


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        ({"tier": [{"name": f"t{n}", "from_minor": n} for n in range(5)]}, {"tier"}),
        ({"tier": []}, {"tier"}),
        ({"tier": [{"name": "a", "from_minor": 1}]}, {"tier[0].from_minor"}),
        ({"tier": [{"name": "a", "from_minor": 0}, {"name": "b", "from_minor": 500}, {"name": "c", "from_minor": 500}]}, {"tier[2].from_minor"}),
        ({"tier": [{"name": "a", "from_minor": 0}, {"name": "A", "from_minor": 500}]}, {"tier[1].name"}),
        ({"tier": [{"name": "x" * 13, "from_minor": 0, "percent": 101, "colour": "red"}]}, {"tier[0].name", "tier[0].percent", "tier[0].colour"}),
        ({"tier": [{"name": "a\n", "from_minor": 0.0}]}, {"tier[0].name", "tier[0].from_minor"}),
        ({"tier": {"name": "a"}}, {"tier"}),
        ({"points": {"checkin": -1, "minor_per_point": 0, "shares_a_week": 8}}, {"points.checkin", "points.minor_per_point", "points.shares_a_week"}),
        ({"points": {"checkin": True}}, {"points.checkin"}),
        ({"regular": 5, "nonsense": 1}, {"regular", "nonsense"}),
        ({"redeem": [{"item": "a", "name": "a", "kind": "money", "points": 0}]}, {"redeem[0].kind", "redeem[0].points"}),
        ({"redeem": [{"item": "a", "name": "a", "kind": "cash_off", "points": 5}]}, {"redeem[0].value_minor"}),
        ({"redeem": [{"item": "a", "name": "a", "kind": "sample", "points": 5, "value_minor": 5}]}, {"redeem[0].value_minor"}),
        ({"redeem": [{"item": "ticket", "name": "杯", "kind": "sample", "points": 5}]}, {"redeem[0].item"}),
        ({"redeem": [{"item": "a", "name": "a", "kind": "ticket", "points": 5}] * 2}, {"redeem[1].item"}),
        ({"staff": ["douyin"]}, {"staff[0]"}),
        ({"preset": "third"}, {"preset"}),
    ],
)  # fmt: skip
def test_every_fault_is_found_at_once_and_named_by_its_key(document, keys):
    assert faults(document) == keys


@pytest.mark.parametrize(
    ("key", "line"),
    [("preset", 2), ("points.checkin", 5), ("points.share", 4), ("tier[0].name", 8), ("tier[1].percent", 14), ("tier[1].rights", 15),
     ("tier[0].percent", 7), ("tier", 7), ("staff", 0)],
)  # fmt: skip
def test_a_fault_has_the_line_of_its_key_or_of_its_table(key, line):
    assert line_of(FILE, key) == line


def test_a_fault_of_a_file_says_file_line_key_and_what_is_allowed():
    text = FILE.replace("20000", "0")
    with pytest.raises(InvalidRules) as raised:
        parse_rules(tomllib.loads(text))
    [fault] = with_lines(raised.value, text, "loyalty.toml").faults
    assert str(fault) == "loyalty.toml, line 13: tier[1].from_minor = 0: above 0, where the tier before it begins"


def glance(text):
    """Seconds to read: five Chinese signs or four words a second, as subtitles are timed."""
    signs = len(re.findall("[\u2e80-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z0-9¥.,%]+", text))
    return signs / 5 if signs > words else words / 4


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("rules", [Rules(), Rules(tiers=SECOND_TIERS), FULL])
def test_each_rule_is_one_line_that_is_read_in_three_seconds(locale, rules):
    for line in explain(rules, "CNY"):
        text = say("errors", locale, line.code, **line.params)
        assert line.code in catalogue("errors", locale)
        assert "{" not in text
        assert glance(text) <= 3, text


def test_every_tier_item_and_rate_has_its_line():
    keys = {line.key for line in explain(FULL, "CNY")}
    assert {
        "tier[0]",
        "tier[1]",
        "tier[2]",
        "redeem[0]",
        "redeem[1]",
        "redeem[2]",
        "points.checkin",
        "birthday",
        "staff",
        "regular",
        "confirm",
    } <= keys


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (Rules(tiers=(TierRule("a", 0, 100),)), "rules.warn_one_tier"),
        (Rules(tiers=(TierRule("a", 0, 90), TierRule("b", 1, 95))), "rules.warn_dearer"),
        (Rules(tiers=(TierRule("a", 0, 100), TierRule("b", 1, 40))), "rules.warn_steep"),
        (Rules(tiers=(TierRule("a", 0, 99), TierRule("b", 1, 95))), "rules.warn_everybody"),
        (Rules(regular_minor=1), "rules.warn_cheap_regular"),
        (Rules(confirm_after_delivery_ms=0), "rules.warn_early_confirm"),
        (Rules(confirm_after_payment_ms=0), "rules.warn_payment_first"),
        (Rules(items=(RedeemItem("a", "a", "cash_off", 100, 50_00),)), "rules.warn_rebate"),
        (Rules(items=(RedeemItem("a", "a", "sample", 50),)), "rules.warn_free_item"),
    ],
)
def test_what_may_cost_more_than_it_seems_is_warned_of(rules, code):
    assert code in {line.code for line in warn(rules, "CNY")}


def test_the_defaults_and_the_second_preset_need_no_warning():
    assert warn(Rules(), "CNY") == warn(Rules(tiers=SECOND_TIERS), "CNY") == []


def test_who_gets_what_is_a_matrix_and_a_fan_has_the_rights_of_confirmed_spend():
    matrix = rights_matrix(FULL)
    assert matrix["tiers"] == ["路人", "会员", "掌柜"]
    assert [(row["key"], row["name"], row["values"]) for row in matrix["rows"]] == [
        ("price", "", [100, 92, 80]),
        ("birthday", "", [0, 50, 200]),
        ("right", "包邮", [False, True, True]),
        ("right", "生日礼", [False, True, False]),
    ]
    assert rights_of(999_00, FULL) == {"tier": "掌柜", "percent": 80, "birthday_points": 200, "rights": ["包邮"]}
    assert [row["key"] for row in rights_matrix(Rules())["rows"]] == ["price"]


@given(st.integers(0, 10**12), st.integers(1, 100))
def test_a_tier_price_is_rounded_to_the_nearest_minor_unit_halves_up(price_minor, percent):
    rules = replace(Rules(), tiers=(TierRule("a", 0, percent),))
    [told] = prices(price_minor, rules)
    assert abs(told["price_minor"] * 100 - price_minor * percent) <= 50
    assert told["price_minor"] == (price_minor * percent + 50) // 100


def test_what_is_allowed_is_said_in_both_languages_and_in_english_as_the_commands_print_it():
    wrong = {
        "nonsense": 1, "preset": "third", "points": {"checkin": -1, "x": 1}, "streak": [], "staff": ["u1"],
        "tier": [{"name": "a", "from_minor": 5, "rights": 3}, {"name": "a", "from_minor": 2}, {"name": "", "from_minor": 9}],
        "redeem": [{"item": "ticket", "name": "b", "kind": "sample", "points": 3, "value_minor": 2}, {"item": "ticket", "name": "c", "kind": "x", "points": 1}],
    }  # fmt: skip
    with pytest.raises(InvalidRules) as raised:
        parse_rules(wrong)
    faults = raised.value.faults
    for fault in faults:
        assert say_allowed(fault, "en") == fault.allowed
        assert say_fault(fault, "en") == str(fault)
        chinese = say_fault(fault, "zh_CN")
        assert chinese != str(fault)
        assert "{" not in chinese.replace(fault.value, "")
    assert "points.checkin = -1：0 到 1000000 的整数" in [say_fault(fault, "zh_CN") for fault in faults]
    [first] = [
        fault for fault in with_lines(raised.value, "[points]\ncheckin = -1\n", "loyalty.toml").faults if fault.key == "points.checkin"
    ]
    assert say_fault(first, "zh_CN") == "loyalty.toml 第 2 行：points.checkin = -1：0 到 1000000 的整数"


def test_every_kind_of_fault_is_in_both_catalogues():
    for locale in LOCALES:
        assert {f"rules.fault.{kind}" for kind in ALLOWED} <= catalogue("errors", locale).keys()
    assert {kind: catalogue("errors", "en")[f"rules.fault.{kind}"] for kind in ALLOWED} == ALLOWED
