"""What is said on air, in both languages: every sentence exists, names are set apart, amounts are exact."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import overlays
from overlays.phrases import entitled, fact, greeting_line, greeting_title, shown, tier_name
from overlays.theme import TIER_TOKENS, load_theme
from studio.model.scene import AirFact, Greeting, Tier
from studio.words import catalogue
from tests.overlays.air_samples import FANS, NOW

SOURCES = sorted(Path(overlays.__file__).parent.glob("*.py"))


def said(parts) -> str:
    return "".join(part.text for part in parts)


@pytest.mark.parametrize(
    ("given", "chinese", "english", "short"),
    [
        (AirFact("visits", 1234), "第 1,234 次来", "visit 1,234", "1,234 次"),
        (AirFact("streak", 5), "连续 5 场", "5 in a row", "连 5 场"),
        (AirFact("to_next", 12_000), "距中级还差 ¥120", "¥120 to Middle", "差 ¥120"),
        (AirFact("to_next", 12_000, "中级"), "距中级还差 ¥120", "¥120 to Middle", "差 ¥120"),
        (AirFact("to_next", 12_000, "会员"), "距会员还差 ¥120", "¥120 to 会员", "差 ¥120"),
        (AirFact("to_next", 8_605, currency="JPY"), "距中级还差 ¥8,605", "¥8,605 to Middle", "差 ¥8,605"),
        (AirFact("to_next", 8_605), "距中级还差 ¥86.05", "¥86.05 to Middle", "差 ¥86.05"),
        (AirFact("followed_days", 30), "关注第 30 天", "day 30", "30 天"),
        (AirFact("first_visit", 1), "第一次来", "first visit", "第一次"),
    ],
)
def test_a_fact_is_said_in_both_languages_and_short(given, chinese, english, short):
    fan = replace(FANS[0], tier=Tier.JUNIOR, fact=given)
    assert said(fact("zh_CN", fan)) == chinese
    assert said(fact("en", fan)) == english
    assert said(fact("zh_CN", fan, is_short=True)) == short
    values = [part.text for part in fact("zh_CN", fan) if part.is_value]
    assert values == re.findall(r"¥?[\d,.]+", chinese)


def test_a_greeting_names_the_fan_and_the_time_that_passed():
    hello = Greeting(FANS[0], NOW)
    assert said(greeting_title("zh_CN", hello)) == "小鹿，欢迎回来！"
    assert said(greeting_line("zh_CN", hello)) == "第 8 次来 · 上次是 5 天前"
    assert said(greeting_line("zh_CN", replace(hello, fan=replace(FANS[0], last_visit_days=1)))) == "第 8 次来 · 上次是昨天"
    assert said(greeting_line("zh_CN", replace(hello, fan=replace(FANS[0], last_visit_days=0)))) == "第 8 次来"
    assert said(greeting_title("zh_CN", replace(hello, others=6))) == "7 位老朋友来了"


def test_a_first_visitor_is_not_welcomed_back():
    fan = replace(FANS[0], fact=AirFact("first_visit", 1), last_visit_days=None)
    assert said(greeting_title("en", Greeting(fan, NOW))) == "Welcome, 小鹿!"


def test_a_name_that_looks_like_a_placeholder_stays_a_name():
    hello = Greeting(replace(FANS[0], name="{count} {fact}"), NOW)
    assert said(greeting_title("zh_CN", hello)) == "{count} {fact}，欢迎回来！"
    assert "{fact}" in said(greeting_line("zh_CN", replace(hello, others=2)))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("all", "不买也能抽"),
        ("regulars", "老朋友专享"),
        ("tier:MIDDLE", "中级及以上"),
        ("tier:高级", "高级及以上"),
        ("tier:黑金", "黑金及以上"),
    ],
)
def test_who_may_take_part_is_said(who, words):
    assert entitled("zh_CN", "lottery", who) == words


def test_outside_text_is_cleaned_before_it_is_drawn():
    assert shown("a\u202eb\n") == "ab"
    assert len(shown("长" * 10_000)) == 80


def test_every_sentence_that_the_overlays_ask_for_stands_in_both_catalogues():
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    asked = set(re.findall(r'(?:words|pieces)\(\s*(?:look\.)?locale,\s*"([a-z_.]+)"', source))
    asked |= {f"fact.{kind}{short}" for kind in ("visits", "streak", "to_next", "followed_days", "first_visit") for short in ("", ".short")}
    assert len(asked) > 30
    for locale in ("zh_CN", "en"):
        assert asked <= set(catalogue("air", locale))
        assert len({tier_name(locale, tier) for tier in Tier}) == 4


def test_no_sentence_of_the_catalogue_is_left_over():
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    for msgid in catalogue("air", "en"):
        parts = msgid.split(".")
        assert any(re.search(rf'"{re.escape(".".join(parts[:end]))}[".]', source) for end in range(len(parts), 0, -1)), msgid


def test_both_themes_have_the_same_tokens_and_the_tiers_have_theirs():
    folder = Path(overlays.__file__).parent.parent / "resources" / "theme"
    dark, light = (tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")) for name in ("dark", "light"))
    assert {table: list(tokens) for table, tokens in dark.items()} == {table: list(tokens) for table, tokens in light.items()}
    assert len({load_theme("dark").colour(token) for token in TIER_TOKENS.values()}) == 4
    assert load_theme("dark").colour("air-card") == (15, 17, 21, 224)


def test_no_colour_is_named_in_the_code_and_every_token_that_is_used_exists():
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"#[0-9A-Fa-f]{6}|Qt\.(?:white|black|red)|GlobalColor", source), path.name
        for token in re.findall(r'"(air-[a-z-]+)"', source):
            assert token in load_theme("dark").colours, (path.name, token)
