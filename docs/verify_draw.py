# ruff: noqa: INP001 - a program of its own
"""Checks a draw of the scheme encore-draw-1 with nothing but Python 3.11 or newer: `python verify_draw.py PROOF [OPENING] [CLOSING]`.

Written apart from the studio, so that the two can be held against each other; docs/fair-draw.md tells what is checked and why.
"""

import hashlib
import hmac
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

SCHEME = "encore-draw-1"
PROOF_KEYS = "beacon cancelled closed_at closing commit entries opened_at opening passed_over ranking rules scheme seed"
RULES_KEYS = (
    "beacon claim_hours closes_at contact drop early_close excluded keyword number opens_at organiser prev prizes reserves room "
    "title weights who"
)
REASONS = {"staff", "under age", "declined", "past the deadline", "account gone"}


def need(holds: object, words: str) -> None:
    """Go on only if it holds."""
    if not holds:
        raise ValueError(words)


def has_keys(value: Any, names: str) -> bool:
    """Exactly these keys, given in alphabetical order."""
    return isinstance(value, dict) and " ".join(sorted(value)) == names


def is_hash(value: Any) -> bool:
    """64 lower-case hex signs."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def is_whole(value: Any, low: int = 0, high: int = 2**53 - 1) -> bool:
    """A whole number within bounds; true and false are none."""
    return type(value) is int and low <= value <= high


def sha(text: str | bytes) -> str:
    """Lower-case hex SHA-256, of text over UTF-8."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def canonical(value: Any) -> str:
    """RFC 8785 for what rules may hold: objects, lists, texts, true, false, null and whole numbers."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def read(data: bytes) -> Any:
    """JSON without repeated keys, fractions, NaN and Infinity."""

    def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len(dict(pairs)) == len(pairs), "a key stands twice in one object")
        return dict(pairs)

    return json.loads(data.decode(), object_pairs_hook=no_repeats, parse_float=partial(need, False), parse_constant=partial(need, False))


def second(text: Any) -> float:
    """A time with its offset, in whole seconds; one without an offset raises TypeError."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def draw(proof: Any, ranks: int) -> list[int]:
    """The plain definition: walk along the tickets that remain. Slow for a great many entries, and meant to be read."""
    seed, closing = bytes.fromhex(proof["seed"]), proof["closing"]
    left, order = [(entry["n"], entry["tickets"]) for entry in proof["entries"]], []
    for rank in range(min(ranks, len(left))):
        total = sum(count for _, count in left)
        value, attempt = 2**256, 0
        while value >= 2**256 - 2**256 % total:
            message = f"{SCHEME}|{closing}||{rank}|{attempt}".encode()
            value, attempt = int.from_bytes(hmac.new(seed, message, hashlib.sha256).digest(), "big"), attempt + 1
        ticket, place = value % total, 0
        while ticket >= left[place][1]:
            ticket, place = ticket - left[place][1], place + 1
        order.append(left.pop(place)[0])
    return order


def closing_of(opening: str, entries: list[Any]) -> str:
    """The closing hash that follows from the list."""
    fans, lines = set(), ""
    for n, entry in enumerate(entries):
        need(has_keys(entry, "fan n shown source tickets") and is_whole(entry["n"]) and entry["n"] == n, f"entry {n} is wrong")
        need(is_hash(entry["fan"]) and entry["fan"] not in fans, f"entry {n} repeats a fan, or its hash is none")
        need(is_whole(entry["tickets"], 1, 1000), f"entry {n}: tickets")
        need(entry["source"] in ("chat", "api", "manual"), f"entry {n}: source")
        fans.add(entry["fan"])
        lines += f"{n}|{entry['fan']}|{entry['tickets']}|{entry['source']}\n"
    return sha(f"{SCHEME}|close|{opening}|{sha(lines)}|{len(entries)}")


def check(proof: Any) -> None:
    """Everything that can be recomputed. Raises ValueError, or what Python raises for a document that is no proof at all."""
    need(has_keys(proof, PROOF_KEYS) and has_keys(proof["rules"], RULES_KEYS), "keys are missing or unknown")
    rules, is_cancelled = proof["rules"], proof["cancelled"] is not None
    need(proof["scheme"] == SCHEME, "another scheme")
    need(all(is_hash(proof[name]) for name in ("commit", "seed", "opening", "closing")), "a hash is none")
    need(rules["prizes"] and all(has_keys(prize, "currency name value_minor") for prize in rules["prizes"]), "prizes are wrong")
    need(is_whole(rules["number"], 1) and is_whole(rules["reserves"]) and type(rules["early_close"]) is bool, "rules are wrong")
    need(sha(bytes.fromhex(proof["seed"])) == proof["commit"], "the seed is not the one that was committed to")
    need(sha(f"{SCHEME}|open|{sha(canonical(rules))}|{proof['commit']}") == proof["opening"], "the opening hash differs")
    need(closing_of(proof["opening"], proof["entries"]) == proof["closing"], "the closing hash differs")
    opens, closes, opened, closed = map(second, (rules["opens_at"], rules["closes_at"], proof["opened_at"], proof["closed_at"]))
    need(opens < closes and opens <= opened <= closed, "the times run backwards")
    need(rules["early_close"] or is_cancelled or closed >= closes, "it closed early")
    need(proof["beacon"] is None and (rules["beacon"] in ("none", None) or is_cancelled), "beacons: not checked by this program")
    ranks = len(rules["prizes"]) + rules["reserves"]
    expected = [] if is_cancelled else draw(proof, ranks)
    need(all(type(n) is int for n in proof["ranking"]) and proof["ranking"] == expected, "the ranking differs")
    passed = [item["n"] for item in proof["passed_over"] if has_keys(item, "n reason") and item["reason"] in REASONS]
    need(len(set(passed)) == len(proof["passed_over"]) and set(passed) <= set(expected), "passed_over is wrong")


def verify(data: bytes, opening: str = "", closing: str = "") -> tuple[str, str]:
    """(consistent, valid or invalid; the first thing that doesn't hold)."""
    try:
        proof = read(data)
        check(proof)
        for name, shown in (("opening", opening), ("closing", closing)):
            seen = "".join(shown.split()).lower()
            need(not seen or (len(seen) in {32, 64} and proof[name].startswith(seen)), f"the {name} hash is not what the audience saw")
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:
        return "invalid", str(wrong)
    return ("valid" if opening and closing else "consistent"), ""


if __name__ == "__main__":
    outcome, fault = verify(Path(sys.argv[1]).read_bytes(), *sys.argv[2:4])
    sys.stdout.write(
        f"{outcome} {fault}\n主办方持有随机数，第三方无法证明 (the organiser holds the randomness; a third party cannot prove it)\n"
    )
    sys.exit(outcome == "invalid")
