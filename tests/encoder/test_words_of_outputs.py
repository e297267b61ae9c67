"""Whatever an output or encoder complains about has words in every language."""

import re
from pathlib import Path

import pytest

from studio.words import LOCALES, catalogue

_SOURCES = Path(__file__).parents[2] / "encoder"
_CODE = re.compile(r'"((?:output|recording|encoder)\.[a-z_]+)"')
_CODES = sorted({code for path in _SOURCES.glob("*.py") for code in _CODE.findall(path.read_text(encoding="utf-8"))} - {"encoder.loopback"})


def test_there_are_codes_to_look_for():
    assert len(_CODES) > 20


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_has_words(locale):
    assert [code for code in _CODES if code not in catalogue("errors", locale)] == []
