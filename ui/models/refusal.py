"""Why a row or a column of an import can't be taken, in the window's language: the field by the name that its box bears.

It refuses to judge: the engine did, and gave a code and what belongs to it.
"""

from collections.abc import Mapping
from typing import Any

from studio.words import catalogue
from ui.language import fault_words, locale, words


def refusal_words(told: Mapping[str, Any]) -> str:
    """The reason of {code, params}."""
    params = dict(told.get("params") or {})
    named = f"in.{params.get('field')}"
    if named in catalogue("ui", locale()):
        params["field"] = words(named)
    return fault_words(str(told.get("code")), **params)
