"""The arithmetic of a draw: against the plain definition, against known answers, and fair in the long run."""

import hashlib
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.model import draw

DOCS = Path(__file__).parents[3] / "docs"
sys.path.insert(0, str(DOCS))
import verify_draw  # noqa: E402 - the strangers' program, run as it is published

VECTORS = json.loads((DOCS / "draw_vectors.json").read_text(encoding="utf-8"))["vectors"]
SEED = bytes(range(32))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_published_vectors_come_out(vector):
    proof = vector["proof"]
    canonical = draw.canonical(proof["rules"])
    assert canonical.decode() == vector["canonical_rules"]
    assert hashlib.sha256(canonical).hexdigest() == vector["rules_sha256"]
    assert draw.opening_hash(proof["rules"], proof["commit"]) == proof["opening"]
    entries = [draw.Entry(entry["n"], entry["fan"], entry["tickets"], entry["source"]) for entry in proof["entries"]]
    assert hashlib.sha256("".join(entry.line() for entry in entries).encode()).hexdigest() == vector["lines_sha256"]
    assert draw.closing_hash(proof["opening"], (entry.line() for entry in entries)) == proof["closing"]
    if proof["cancelled"] is None:
        ranks = len(proof["rules"]["prizes"]) + proof["rules"]["reserves"]
        order = draw.ranking(bytes.fromhex(proof["seed"]), proof["closing"], "", [entry.tickets for entry in entries], ranks)
        assert order == proof["ranking"]


@given(st.binary(min_size=32, max_size=32), st.lists(st.integers(1, 1000), max_size=60), st.integers(0, 80))
@settings(max_examples=200, deadline=None)
def test_the_tree_draws_what_the_plain_definition_draws(seed, tickets, ranks):
    closing = hashlib.sha256(repr(tickets).encode()).hexdigest()
    proof = {"seed": seed.hex(), "closing": closing, "entries": [{"n": n, "tickets": count} for n, count in enumerate(tickets)]}
    assert draw.ranking(seed, closing, "", tickets, ranks) == verify_draw.draw(proof, ranks)


def test_with_fewer_entries_than_ranks_all_are_ranked_once():
    order = draw.ranking(SEED, "0" * 64, "", [5, 1, 7], 100)
    assert sorted(order) == [0, 1, 2]


def test_nobody_entered_and_nobody_is_drawn():
    assert draw.ranking(SEED, "0" * 64, "", [], 3) == []


def test_a_beacons_randomness_changes_the_draw():
    tickets = [1] * 1000
    assert draw.ranking(SEED, "0" * 64, "ab" * 32, tickets, 5) != draw.ranking(SEED, "0" * 64, "", tickets, 5)


def test_chances_follow_the_tickets():
    """Chi-square over 4,000 draws of one winner out of tickets 1:2:3:4; 16.27 is passed by chance in one of a thousand sets of seeds."""
    tickets, draws = [1, 2, 3, 4], 4000
    wins = [0] * 4
    for number in range(draws):
        seed = hashlib.sha256(f"chances {number}".encode()).digest()
        wins[draw.ranking(seed, "0" * 64, "", tickets, 1)[0]] += 1
    expected = [draws * count / 10 for count in tickets]
    assert sum((won - due) ** 2 / due for won, due in zip(wins, expected, strict=True)) < 16.27


def test_the_hash_of_a_fan_is_the_contracts():
    salt = bytes(range(16))
    assert draw.fan_hash(salt, "douyin", "u1") == hashlib.sha256(salt + b"douyin\x00u1").hexdigest()


def test_rules_that_canonical_json_cannot_write_are_refused():
    for value in (float("nan"), "\ud800", 2**60):
        with pytest.raises(ValueError):
            draw.canonical({"title": value})
