"""Every trouble of capture has words in both languages, with nothing left to fill in."""

import re
from pathlib import Path

import pytest

from studio.words import say

CAPTURE = Path(__file__).resolve().parents[2] / "capture"
RAISED = re.compile(r'(?:SourceUnavailable|InvalidInput)\(\s*"([a-z_.]+)"(.*?)\)\s*(?:from|\n)', re.DOTALL)
CLIP = {"clip.lost": {"path", "reason"}, "clip.broken": {"path", "reason"}}


def troubles() -> dict[str, set[str]]:
    """Each code in the source, with the names of its parameters."""
    found = dict(CLIP)
    for file in CAPTURE.glob("*.py"):
        for code, rest in RAISED.findall(file.read_text(encoding="utf-8")):
            found[code] = set(re.findall(r"(\w+)=", rest)) - {"retryable"}
    return found


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_trouble_has_words(locale: str) -> None:
    assert len(troubles()) >= 15
    for code, names in troubles().items():
        words = say("errors", locale, code, **dict.fromkeys(names, "XX"))
        assert words != code, f"{code} has no words in {locale}"
        assert "{" not in words, words
        assert words != say("errors", "en", code, **dict.fromkeys(names, "XX")) or locale == "en"


def test_a_hostile_path_is_shown_as_it_is() -> None:
    assert "{0.__class__}%s" in say("errors", "en", "clip.missing", path="{0.__class__}%s")
