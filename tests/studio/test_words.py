"""The catalogues and the one function that reads them."""

import re
from pathlib import Path

import pytest

from studio import words
from studio.errors import Conflict
from studio.words import LOCALES, catalogue, parse_po, say, say_error

FOLDER = Path(words.__file__).parent.parent / "resources" / "translations"
DOMAINS = sorted({path.stem for path in FOLDER.glob("*/LC_MESSAGES/*.po")})


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Catalogues of our own in place of the shipped ones."""

    def put(locale: str, domain: str, source: str) -> None:
        path = tmp_path / locale / "LC_MESSAGES" / f"{domain}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")

    monkeypatch.setattr(words, "_FOLDER", tmp_path)
    catalogue.cache_clear()
    yield put
    catalogue.cache_clear()


def test_a_sentence_is_found_in_its_language_then_in_english_then_as_its_name(shelf):
    shelf("en", "ui", 'msgid "go"\nmsgstr "Go live"\n\nmsgid "stop"\nmsgstr "Stop"\n')
    shelf("zh_CN", "ui", 'msgid "go"\nmsgstr "开播"\n\nmsgid "stop"\nmsgstr ""\n')
    assert [say("ui", "zh_CN", name) for name in ("go", "stop", "unknown")] == ["开播", "Stop", "unknown"]
    assert say("ui", "fr", "go") == "Go live"
    assert say("nothing", "zh_CN", "go") == "go"


def test_placeholders_are_replaced_once_and_never_as_a_format(shelf):
    shelf("en", "ui", 'msgid "hello"\nmsgstr "{name} came {count} times, {other}"\n')
    hostile = "{count} {0.__class__} %s%n {name!r}"
    assert say("ui", "en", "hello", name=hostile, count=3) == f"{hostile} came 3 times, {{other}}"


def test_a_param_may_be_called_like_an_argument(shelf):
    shelf("en", "ui", 'msgid "x"\nmsgstr "{locale} {domain} {msgid}"\n')
    assert say("ui", "en", "x", locale="a", domain="b", msgid="c") == "a b c"


def test_an_error_is_said_by_its_code(shelf):
    shelf("en", "errors", 'msgid "sold_out"\nmsgstr "All {stock} are gone{detail}."\n')
    assert say_error(Conflict("sold_out", stock=3, detail=None), "en") == "All 3 are gone."
    assert say_error(Conflict("not_listed"), "en") == "not_listed"


@pytest.mark.parametrize("locale", ["../../etc", "en/../en", "", "en\0"])
def test_a_locale_is_never_a_path(shelf, locale):
    shelf("en", "ui", 'msgid "go"\nmsgstr "Go live"\n')
    assert catalogue("ui", locale) == {}
    assert say("ui", locale, "go") == "Go live"


def test_a_catalogue_reads_continued_lines_escapes_comments_and_entries_without_a_gap():
    source = (
        '# a\n#: file.py:3\nmsgid ""\nmsgstr ""\n"Language: en\\n"\nmsgid "a"\nmsgstr "one\\n"\n"\\"two\\" \\\\ \\t."\n#~ msgid "old"\n'
    )
    assert parse_po(source) == {"a": 'one\n"two" \\ \t.'}


def test_a_fuzzy_entry_is_not_used_and_the_one_after_it_is():
    assert parse_po('#, fuzzy\nmsgid "a"\nmsgstr "A"\n\nmsgid "b"\nmsgstr "B"\n') == {"b": "B"}


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n', 3),
        ('msgid "a"\nmsgid "b"\n', 2),
        ('msgstr "a"\n', 1),
        ('"loose"\n', 1),
        ('msgid "a"\n', 1),
        ('msgctxt "c"\nmsgid "a"\nmsgstr "b"\n', 1),
        ('msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n', 2),
        ('msgid "a"\nmsgstr "half\n', 2),
        ('msgid "a"\nmsgstr "x" garbage\n', 2),
    ],
)
def test_a_broken_catalogue_names_its_line(source, line):
    with pytest.raises(ValueError, match=rf"^ui\.po:{line}: "):
        parse_po(source, "ui.po")


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_shipped_catalogues_hold_the_same_sentences_with_the_same_placeholders(domain):
    english = catalogue(domain, "en")
    assert english or domain == "air"
    for locale in LOCALES:
        texts = catalogue(domain, locale)
        assert set(texts) == set(english), locale
        for msgid, text in texts.items():
            # A discount of 10 % is "pays 90 %" in English and 9 折, nine tenths, in Chinese.
            placeholders = {name.replace("{tenths}", "{percent}") for name in re.findall(r"\{\w+\}", text)}
            assert placeholders == set(re.findall(r"\{\w+\}", english[msgid])), (locale, msgid)
