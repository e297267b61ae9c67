"""Loyalty rules as people are told them: tables, one line each, warnings, who gets what, and who would move.

Shapes only; the words come from the catalogue, the judgement from `studio.model` and the store.
"""

from collections.abc import Sequence
from typing import Any

from studio.model.loyalty import Rules
from studio.model.rights import rights_matrix
from studio.model.rule_lines import Line, explain, params_in, warn
from studio.model.rules_file import to_tables
from studio.store.rule_change import Moves
from studio.words import say, say_tier


def rules_told(rules: Rules, currency: str, locale: str) -> dict[str, Any]:
    """{rules, lines, warnings, matrix}; a line is {key, code, params, text}."""
    return {
        "rules": to_tables(rules),
        "lines": _lines(explain(rules, currency), locale),
        "warnings": _lines(warn(rules, currency), locale),
        "matrix": rights_matrix(rules),
    }


def moves_told(moved: Moves, old: Rules, new: Rules) -> dict[str, Any]:
    """{up, down, moves: [{from, to, from_name, to_name, count, names}]}; `names` are the first by spend."""
    return {
        "up": moved.up,
        "down": moved.down,
        "moves": [
            {
                "from": one.from_tier,
                "to": one.to_tier,
                "from_name": old.tiers[one.from_tier - 1].name,
                "to_name": new.tiers[one.to_tier - 1].name,
                "count": one.count,
                "names": [
                    {"platform": platform, "id": fan_id, "name": name, "spent_minor": spent_minor}
                    for platform, fan_id, name, spent_minor in one.examples
                ],
            }
            for one in moved.moves
        ],
    }


def tiers_told(rules: Rules) -> list[dict[str, Any]]:
    """[{rank, name, from_minor, percent}], for whoever draws badges and prices."""
    return [
        {"rank": rank, "name": tier.name, "from_minor": tier.from_minor, "percent": tier.percent}
        for rank, tier in enumerate(rules.tiers, 1)
    ]


def say_line(line: Line, locale: str) -> str:
    """A rule, or a warning, in words."""
    return say("errors", locale, line.code, **params_in(line, lambda name: say_tier(name, locale)))


def _lines(lines: Sequence[Line], locale: str) -> list[dict[str, Any]]:
    return [{"key": line.key, "code": line.code, "params": line.params, "text": say_line(line, locale)} for line in lines]
