"""Whatever can go wrong has words, in every language."""

import errno
import re
from pathlib import Path

import pytest

from studio.errors import KnownError, os_code
from studio.model.contacts import CONTACT_KINDS, unusable
from studio.words import LOCALES, catalogue, say_error

ROOT = Path(__file__).resolve().parents[2]
KINDS = (
    "KnownError|InvalidInput|TooLarge|Unauthenticated|Forbidden|NotFound|Conflict|TooManyRequests|StoreUnavailable|RuntimeInUse|"
    "SourceUnavailable|EncoderUnavailable|OutputFailed|Refused"
)
RAISED = re.compile(rf"\b(?:{KINDS})\(\s*\"([a-z_]+\.[a-z_0-9.]+)\"")
TOLD = re.compile(r"notices?\.add\(\s*\"[a-z]+\",\s*\"([a-z_.]+)\"")


def codes() -> set[str]:
    found = {"source.video_back", "source.audio_back", "settings.invalid"}
    for package in ("studio", "capture", "overlays", "encoder"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            found |= set(RAISED.findall(text)) | set(TOLD.findall(text))
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_has_a_sentence(locale):
    known = catalogue("errors", locale)
    assert sorted(code for code in codes() if code not in known) == []


def test_both_languages_know_the_same_codes_and_placeholders():
    chinese, english = (catalogue("errors", locale) for locale in LOCALES)
    assert set(chinese) == set(english)
    holes = re.compile(r"\{[a-z_0-9]+\}")
    told_otherwise = {"{name}", "{percent}"}  # a price of 85 % is 8.5 折: {tenths}
    different = [code for code in english if set(holes.findall(english[code])) - set(holes.findall(chinese[code])) - told_otherwise]
    assert different == []


@pytest.mark.parametrize("locale", LOCALES)
def test_what_the_operating_system_refuses_and_a_kind_of_contact_are_said_in_the_language(locale):
    known = catalogue("errors", locale)
    codes = {os_code(OSError(number, "")) for number in range(1, 200)} - {None}
    assert codes
    assert sorted(codes - set(known)) == []
    refused = KnownError("fans.export_failed", path="a.csv", reason="Read-only file system", reason_code=os_code(OSError(errno.EROFS, "")))
    assert known["os.read_only"] in say_error(refused, locale)
    for kind in CONTACT_KINDS:
        said = say_error(unusable(kind), locale)
        assert known[f"contacts.is_{kind}"] in said
        assert "order_name" not in said


def test_a_reason_without_words_of_ours_is_the_operating_systems():
    refused = KnownError(
        "fans.export_failed", path="a.csv", reason="Link has been severed", reason_code=os_code(OSError(errno.ENOLINK, ""))
    )
    assert "Link has been severed" in say_error(refused, "zh_CN")
