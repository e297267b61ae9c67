"""The proof of a draw as a document that a stranger can check, and the check itself.

It takes nothing on trust: whatever is unknown, repeated or doesn't recompute is refused by name, the first fault first.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from studio.errors import InvalidInput, Param
from studio.model.draw import MAX_TICKETS, SCHEME, closing_hash, commit_of, opening_hash, ranking

_RULE_KEYS = frozenset(
    {
        *("drop", "room", "number", "prev", "organiser", "contact", "title", "prizes", "reserves", "keyword", "opens_at"),
        *("closes_at", "early_close", "who", "weights", "excluded", "claim_hours", "beacon"),
    }
)
_PROOF_KEYS = frozenset(
    {
        *("scheme", "rules", "commit", "seed", "opening", "entries", "closing", "opened_at", "closed_at"),
        *("beacon", "ranking", "passed_over", "cancelled"),
    }
)
PASSED_OVER_REASONS = ("staff", "under age", "declined", "past the deadline", "account gone")
_ENTRY_KEYS = frozenset({"n", "fan", "tickets", "source", "shown"})
_PRIZE_KEYS = frozenset({"name", "value_minor", "currency"})
_BEACON_KEYS = frozenset({"chain", "round", "signature", "randomness"})
_QUICKNET_GENESIS_S = 1_692_803_367  # the first round of drand's quicknet chain, which has one every 3 s
_QUICKNET_PERIOD_S = 3
_MAX_DEPTH = 32
_HASH = re.compile("[0-9a-f]{64}")
_SHOWN_HASH = re.compile("[0-9a-f]{32}(?:[0-9a-f]{32})?")

Outcome: TypeAlias = Literal["consistent", "valid", "invalid"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault` is the code of the first thing that doesn't hold (words in the catalogue), empty when everything does."""

    outcome: Outcome
    fault: str = ""
    params: Mapping[str, Param] = field(default_factory=dict)
    has_beacon: bool = False


class _Fault(Exception):
    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def build(  # noqa: PLR0913 - each is one key of the document
    *,
    rules: Mapping[str, Any],
    seed: bytes,
    opening: str,
    closing: str,
    entries: Sequence[Mapping[str, Any]],
    opened_at: str,
    closed_at: str,
    order: Sequence[int],
    passed_over: Sequence[Mapping[str, Any]] = (),
    cancelled: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The document. Entries are rows with n, fan, tickets, source and shown."""
    return {
        "scheme": SCHEME,
        "rules": dict(rules),
        "commit": commit_of(seed),
        "seed": seed.hex(),
        "opening": opening,
        "entries": [dict(entry) for entry in entries],
        "closing": closing,
        "opened_at": opened_at,
        "closed_at": closed_at,
        "beacon": None,
        "ranking": list(order),
        "passed_over": [dict(item) for item in passed_over],
        "cancelled": dict(cancelled) if cancelled is not None else None,
    }


def shown_hash(text: str) -> str:
    """A hash as somebody copied it from the picture: 64 hex signs, or the first 32, blanks and capitals forgiven.

    Raises InvalidInput.
    """
    compact = "".join(text.split()).lower()
    if not _SHOWN_HASH.fullmatch(compact):
        raise InvalidInput("draw.not_a_hash", value=text[:80])
    return compact


def verify(proof: bytes, opening: str | None = None, closing: str | None = None) -> Verdict:
    """Check a proof; `valid` needs both values that the audience saw. Raises InvalidInput when one of these is no hash."""
    seen = {"opening": shown_hash(opening) if opening else "", "closing": shown_hash(closing) if closing else ""}
    try:
        document = _read(proof)
        _check_shape(document)
        _check_commitment(document)
        _check_entries(document["entries"])
        _check_closing(document)
        _check_times(document)
        randomness = _check_beacon(document)
        _check_ranking(document, randomness)
        _check_passed_over(document)
        for name, value in seen.items():
            _require(document[name].startswith(value), f"draw.seen_{name}", proof=document[name], seen=value)
    except _Fault as fault:
        return Verdict("invalid", fault.code, fault.params)
    return Verdict("valid" if all(seen.values()) else "consistent", has_beacon=document["beacon"] is not None)


def _require(holds: bool, code: str, **params: Param) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise _Fault(code, **params)


def _read(proof: bytes) -> dict[str, Any]:
    def refuse_number(text: str) -> None:
        raise _Fault("draw.not_an_integer", where=text[:40])

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, value in items:
            _require(name not in result, "draw.repeated_key", key=name[:80])
            result[name] = value
        return result

    try:
        document = json.loads(proof.decode("utf-8"), object_pairs_hook=pairs, parse_float=refuse_number, parse_constant=refuse_number)
    except (ValueError, RecursionError) as error:
        raise _Fault("draw.not_json") from error
    if not isinstance(document, dict):
        raise _Fault("draw.not_json")
    return document


def _keys(value: Any, known: frozenset[str], where: str) -> None:
    _require(isinstance(value, dict), "draw.wrong_type", where=where)
    for name in value:
        _require(name in known, "draw.unknown_key", where=where, key=name[:80])
    for name in sorted(known - value.keys()):
        raise _Fault("draw.missing_key", where=where, key=name)


def _is_count(value: Any, low: int = 0, high: int = 2**53 - 1) -> bool:
    return type(value) is int and low <= value <= high


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _check_shape(document: dict[str, Any]) -> None:
    _keys(document, _PROOF_KEYS, "proof")
    _require(document["scheme"] == SCHEME, "draw.unknown_scheme")
    for name in ("commit", "seed", "opening", "closing"):
        _require(_is_hash(document[name]), "draw.bad_hex", where=name)
    for name in ("entries", "ranking", "passed_over"):
        _require(isinstance(document[name], list), "draw.wrong_type", where=name)
    _require(document["cancelled"] is None or isinstance(document["cancelled"], str | dict), "draw.wrong_type", where="cancelled")
    _check_rules(document["rules"])


def _check_rules(rules: Any) -> None:
    _keys(rules, _RULE_KEYS, "rules")
    checks: dict[str, Callable[[Any], bool]] = {
        **dict.fromkeys(("drop", "room", "organiser", "contact", "title", "keyword", "who"), lambda value: isinstance(value, str)),
        "number": lambda value: _is_count(value, 1),
        "prev": lambda value: value in (None, "") or _is_hash(value),
        "prizes": lambda value: isinstance(value, list) and bool(value),
        **dict.fromkeys(("reserves", "claim_hours"), _is_count),
        "early_close": lambda value: isinstance(value, bool),
        "weights": lambda value: isinstance(value, dict) and all(_is_count(tickets, 1, MAX_TICKETS) for tickets in value.values()),
        "excluded": lambda value: isinstance(value, list),
        "beacon": lambda value: value is None or isinstance(value, str | dict),
    }
    for name, holds in checks.items():
        _require(holds(rules[name]), "draw.wrong_type", where=f"rules.{name}")
    for index, prize in enumerate(rules["prizes"]):
        _keys(prize, _PRIZE_KEYS, f"rules.prizes[{index}]")
        _require(_is_count(prize["value_minor"]), "draw.not_an_integer", where=f"rules.prizes[{index}].value_minor")


def _check_commitment(document: dict[str, Any]) -> None:
    _require(commit_of(bytes.fromhex(document["seed"])) == document["commit"], "draw.commit_differs")
    _require(_depth_is_fine(document["rules"]), "draw.not_json")
    try:
        opening = opening_hash(document["rules"], document["commit"])
    except (ValueError, RecursionError) as error:
        raise _Fault("draw.wrong_type", where="rules") from error
    _require(opening == document["opening"], "draw.opening_differs")


def _depth_is_fine(value: Any, depth: int = 0) -> bool:
    if depth > _MAX_DEPTH:
        return False
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_depth_is_fine(item, depth + 1) for item in inner)


def _check_entries(entries: list[Any]) -> None:
    fans: set[str] = set()
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or entry.keys() != _ENTRY_KEYS:
            _keys(entry, _ENTRY_KEYS, f"entries[{number}]")
        _require(type(entry["n"]) is int and entry["n"] == number, "draw.entries_out_of_order", n=number)
        fan = entry["fan"]
        _require(_is_hash(fan), "draw.bad_hex", where=f"entries[{number}].fan")
        _require(fan not in fans, "draw.repeated_fan", n=number)
        fans.add(fan)
        _require(_is_count(entry["tickets"], 1, MAX_TICKETS), "draw.bad_tickets", n=number)
        _require(entry["source"] in ("chat", "api", "manual"), "draw.bad_source", n=number)
        _require(isinstance(entry["shown"], str), "draw.wrong_type", where=f"entries[{number}].shown")


def _check_closing(document: dict[str, Any]) -> None:
    lines = (f"{entry['n']}|{entry['fan']}|{entry['tickets']}|{entry['source']}\n" for entry in document["entries"])
    _require(closing_hash(document["opening"], lines) == document["closing"], "draw.closing_differs")


def _time(value: Any, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _Fault("draw.bad_time", where=where) from error
    _require(moment.tzinfo is not None, "draw.bad_time", where=where)
    return moment.astimezone(UTC)


def _check_times(document: dict[str, Any]) -> None:
    rules = document["rules"]
    opens, closes = _time(rules["opens_at"], "rules.opens_at"), _time(rules["closes_at"], "rules.closes_at")
    opened, closed = _time(document["opened_at"], "opened_at"), _time(document["closed_at"], "closed_at")
    _require(opens < closes and opened <= closed, "draw.times_reversed")
    # Whole seconds: a stamp may be written with or without its fraction.
    _require(opened.replace(microsecond=0) >= opens.replace(microsecond=0), "draw.opened_early")
    is_free = rules["early_close"] or document["cancelled"] is not None
    _require(is_free or closed.replace(microsecond=0) >= closes.replace(microsecond=0), "draw.closed_early")


def _check_beacon(document: dict[str, Any]) -> str:
    beacon, rule = document["beacon"], document["rules"]["beacon"]
    if beacon is None:
        _require(rule in ("none", None) or document["cancelled"] is not None, "draw.beacon_missing")
        return ""
    _keys(beacon, _BEACON_KEYS, "beacon")
    _require(_is_count(beacon["round"], 1), "draw.not_an_integer", where="beacon.round")
    round_s = _QUICKNET_GENESIS_S + (beacon["round"] - 1) * _QUICKNET_PERIOD_S
    _require(round_s >= _time(document["closed_at"], "closed_at").timestamp(), "draw.round_too_early")
    _require(rule not in ("none", None), "draw.beacon_unpromised")
    # The signature is what makes a beacon worth anything; without its check nothing here may be called consistent.
    raise _Fault("draw.beacon_not_built")


def _check_ranking(document: dict[str, Any], randomness: str) -> None:
    if document["cancelled"] is not None:
        _require(document["ranking"] == [], "draw.ranked_though_cancelled")
        return
    tickets = [entry["tickets"] for entry in document["entries"]]
    ranks = len(document["rules"]["prizes"]) + document["rules"]["reserves"]
    expected = ranking(bytes.fromhex(document["seed"]), document["closing"], randomness, tickets, ranks)
    given = document["ranking"]
    for rank, n in enumerate(expected):
        _require(rank < len(given) and type(given[rank]) is int and given[rank] == n, "draw.ranking_differs", rank=rank)
    _require(len(given) == len(expected), "draw.ranking_differs", rank=len(expected))


def _check_passed_over(document: dict[str, Any]) -> None:
    passed: set[int] = set()
    for index, item in enumerate(document["passed_over"]):
        where = f"passed_over[{index}]"
        _keys(item, frozenset({"n", "reason"}), where)
        _require(_is_count(item["n"]) and item["n"] in document["ranking"] and item["n"] not in passed, "draw.bad_passed_over", index=index)
        passed.add(item["n"])
        _require(item["reason"] in PASSED_OVER_REASONS, "draw.bad_passed_over", index=index)
