"""Whatever can go wrong has words, in every language."""

import re
from pathlib import Path

import pytest

from studio.words import LOCALES, catalogue

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
