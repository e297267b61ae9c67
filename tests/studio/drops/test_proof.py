"""The verifier: what it accepts, and that no single change of a proof gets past it, nor past the strangers' program."""

import copy
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.model import draw
from studio.model.proof import build, verify
from studio.words import LOCALES, catalogue

DOCS = Path(__file__).parents[3] / "docs"
sys.path.insert(0, str(DOCS))
import verify_draw  # noqa: E402

VECTORS = [vector["proof"] for vector in json.loads((DOCS / "draw_vectors.json").read_text(encoding="utf-8"))["vectors"]]
PROOF = VECTORS[1]
UNBOUND = {("opened_at",), ("closed_at",), ("passed_over",), ("cancelled",)}
"""Parts that no hash binds: docs/fair-draw.md says so."""


def raw(proof):
    return json.dumps(proof, ensure_ascii=False).encode()


def both(data, opening="", closing=""):
    """The outcome of both verifiers, which must agree."""
    ours, theirs = verify(data, opening, closing), verify_draw.verify(data, opening, closing)
    assert ours.outcome == theirs[0], (ours, theirs)
    return ours


def changed(**values):
    return {**copy.deepcopy(PROOF), **values}


def with_rules(**values):
    return changed(rules={**copy.deepcopy(PROOF["rules"]), **values})


def with_entry(place, /, **values):
    proof = copy.deepcopy(PROOF)
    proof["entries"][place] |= values
    return proof


@pytest.mark.parametrize("proof", VECTORS, ids=[proof["rules"]["drop"] for proof in VECTORS])
def test_a_sound_proof_is_valid_only_with_both_hashes_that_were_seen(proof):
    assert both(raw(proof)).outcome == "consistent"
    assert both(raw(proof), proof["opening"]).outcome == "consistent"
    assert both(raw(proof), "", proof["closing"]).outcome == "consistent"
    assert both(raw(proof), proof["opening"], proof["closing"]).outcome == "valid"


def test_the_32_signs_of_the_picture_are_enough_and_blanks_and_capitals_are_forgiven():
    opening, closing = PROOF["opening"][:32].upper(), " ".join(PROOF["closing"][index : index + 4] for index in range(0, 32, 4))
    assert both(raw(PROOF), opening, closing).outcome == "valid"


def test_another_hash_on_the_picture_is_told_by_name():
    assert both(raw(PROOF), "0" * 64, PROOF["closing"]).fault == "draw.seen_opening"
    assert both(raw(PROOF), PROOF["opening"], "0" * 64).fault == "draw.seen_closing"


@pytest.mark.parametrize("text", ["12", "xyz", "0" * 63, "0" * 65, "0" * 31 + "g"])
def test_what_is_no_hash_is_refused_before_anything_is_compared(text):
    with pytest.raises(InvalidInput):
        verify(raw(PROOF), text)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "draw.not_json"),
        (b"\xff\xfe", "draw.not_json"),
        (b"[]", "draw.not_json"),
        (b"[" * 100_000, "draw.not_json"),
        (raw(PROOF)[:-1] + b',"seed":"00"}', "draw.repeated_key"),
        (raw(PROOF).replace(b'"tickets": 3', b'"tickets": 3, "tickets": 3', 1), "draw.repeated_key"),
        (raw(PROOF).replace(b'"tickets": 3', b'"tickets": 3.0', 1), "draw.not_an_integer"),
        (raw(PROOF).replace(b'"tickets": 3', b'"tickets": NaN', 1), "draw.not_an_integer"),
        (raw(PROOF).replace(b'"reserves": 2', b'"reserves": Infinity', 1), "draw.not_an_integer"),
        (raw(PROOF).replace(b'"number": 2', b'"number": 1e308', 1), "draw.not_an_integer"),
        (raw(changed(more=1)), "draw.unknown_key"),
        (raw(with_rules(more=1)), "draw.unknown_key"),
        (raw(with_entry(0, more=1)), "draw.unknown_key"),
        (raw({name: value for name, value in PROOF.items() if name != "beacon"}), "draw.missing_key"),
        (raw(changed(scheme="encore-draw-2")), "draw.unknown_scheme"),
        (raw(changed(seed=PROOF["seed"][:-1])), "draw.bad_hex"),
        (raw(changed(opening=PROOF["opening"].upper())), "draw.bad_hex"),
        (raw(changed(seed="00" * 32)), "draw.commit_differs"),
        (raw(with_rules(title="别的")), "draw.opening_differs"),
        (raw(with_rules(reserves=3)), "draw.opening_differs"),
        (raw(with_rules(prev=VECTORS[2]["closing"])), "draw.opening_differs"),
        (raw(with_rules(prizes=[])), "draw.wrong_type"),
        (raw(with_rules(weights={"高级": 0})), "draw.wrong_type"),
        (raw(with_rules(early_close=0)), "draw.wrong_type"),
        (raw(with_entry(3, fan=PROOF["entries"][2]["fan"])), "draw.repeated_fan"),
        (raw(with_entry(3, fan="A" * 64)), "draw.bad_hex"),
        (raw(with_entry(3, tickets=0)), "draw.bad_tickets"),
        (raw(with_entry(3, tickets=-1)), "draw.bad_tickets"),
        (raw(with_entry(3, tickets=1001)), "draw.bad_tickets"),
        (raw(with_entry(3, tickets=True)), "draw.bad_tickets"),
        (raw(with_entry(3, tickets="1")), "draw.bad_tickets"),
        (raw(with_entry(3, tickets=2)), "draw.closing_differs"),
        (raw(with_entry(3, source="friend")), "draw.bad_source"),
        (raw(with_entry(3, n=4)), "draw.entries_out_of_order"),
        (raw(with_entry(0, n=False)), "draw.entries_out_of_order"),
        (raw(changed(entries=PROOF["entries"][:-1])), "draw.closing_differs"),
        (raw(changed(opened_at="2026-11-22T11:59:00Z")), "draw.opened_early"),
        (raw(changed(closed_at="2026-11-22T12:00:30Z")), "draw.closed_early"),
        (raw(changed(closed_at="2026-11-22T11:00:00Z")), "draw.times_reversed"),
        (raw(changed(closed_at="2026-11-22T12:01:00")), "draw.bad_time"),
        (raw(changed(closed_at="gestern")), "draw.bad_time"),
        (raw(changed(ranking=PROOF["ranking"][::-1])), "draw.ranking_differs"),
        (raw(changed(ranking=PROOF["ranking"][:-1])), "draw.ranking_differs"),
        (raw(changed(ranking=[*PROOF["ranking"], 7])), "draw.ranking_differs"),
        (raw(changed(cancelled={"at": "2026-11-22T12:00:30Z", "reason": ""})), "draw.ranked_though_cancelled"),
        (raw(changed(passed_over=[{"n": PROOF["ranking"][0], "reason": "not nice"}])), "draw.bad_passed_over"),
        (raw(changed(passed_over=[{"n": 99, "reason": "staff"}])), "draw.bad_passed_over"),
        (raw(changed(passed_over=PROOF["passed_over"] * 2)), "draw.bad_passed_over"),
    ],
)
def test_the_first_thing_that_does_not_hold_is_named(data, fault):
    verdict = both(data, PROOF["opening"], PROOF["closing"])
    assert (verdict.outcome, verdict.fault) == ("invalid", fault)


def beacon(number):
    return {
        "chain": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
        "round": number,
        "signature": "00",
        "randomness": "00",
    }


def test_a_round_earlier_than_the_closing_is_refused():
    closed_s = 1_795_348_860  # 2026-11-22T12:01:00Z
    first_after = -(-(closed_s - 1_692_803_367) // 3) + 1
    assert both(raw(changed(beacon=beacon(first_after - 1)))).fault == "draw.round_too_early"
    assert both(raw(changed(beacon=beacon(first_after)))).fault == "draw.beacon_unpromised"


def test_a_promised_beacon_that_this_version_cannot_check_is_never_called_consistent():
    rules = {**PROOF["rules"], "beacon": "quicknet"}
    opening = draw.opening_hash(rules, PROOF["commit"])
    lines = [f"{entry['n']}|{entry['fan']}|{entry['tickets']}|{entry['source']}\n" for entry in PROOF["entries"]]
    proof = changed(rules=rules, opening=opening, closing=draw.closing_hash(opening, lines))
    assert both(raw(proof)).fault == "draw.beacon_missing"
    assert both(raw({**proof, "beacon": beacon(10**8)})).fault == "draw.beacon_not_built"


def test_an_early_close_is_sound_where_the_rules_allow_it():
    rules = {**PROOF["rules"], "early_close": True}
    opening = draw.opening_hash(rules, PROOF["commit"])
    lines = [f"{entry['n']}|{entry['fan']}|{entry['tickets']}|{entry['source']}\n" for entry in PROOF["entries"]]
    closing = draw.closing_hash(opening, lines)
    order = draw.ranking(bytes.fromhex(PROOF["seed"]), closing, "", [entry["tickets"] for entry in PROOF["entries"]], 3)
    proof = build(
        rules=rules,
        seed=bytes.fromhex(PROOF["seed"]),
        opening=opening,
        closing=closing,
        entries=PROOF["entries"],
        opened_at="2026-11-22T12:00:00Z",
        closed_at="2026-11-22T12:00:10Z",
        order=order,
    )
    assert both(raw(proof), opening, closing).outcome == "valid"


def leaves(value, path=()):
    """Every place of a proof that a hash binds."""
    if path[:1] in UNBOUND or path[-1:] == ("shown",):
        return
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list):
        if value:
            yield (*path, "drop")
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def mutated(proof, path, other):
    """The proof with one place changed, or None where the change is none."""
    proof = copy.deepcopy(proof)
    *way, last = path
    place = proof
    for step in way:
        place = place[step]
    if last == "drop" and isinstance(place, list):
        del place[other.bit_length() % len(place)]
        return proof
    before = place[last]
    place[last] = _another(before, other)
    return None if place[last] == before and type(place[last]) is type(before) else proof


def _another(value, other):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + (other % 2001 - 1000)
    if isinstance(value, str) and value:
        index = other % len(value)
        return value[:index] + ("0" if value[index] != "0" else "1") + value[index + 1 :]
    return ["x", 0, None][other % 3] if value is None else "x"


PLACES = [(index, path) for index, proof in enumerate(VECTORS) for path in leaves(proof)]


@given(st.sampled_from(PLACES), st.integers(0, 2**40))
@settings(max_examples=600, deadline=None)
def test_no_single_change_is_called_valid(place, other):
    index, path = place
    proof = VECTORS[index]
    change = mutated(proof, path, other)
    if change is not None:
        assert both(raw(change), proof["opening"], proof["closing"]).outcome == "invalid"


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_rubbish_is_invalid_and_never_a_traceback(data):
    assert both(data).outcome == "invalid"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(sorted(PROOF)),
    st.sampled_from(["", *sorted(PROOF["rules"])]),
)
@settings(max_examples=400, deadline=None)
def test_any_value_in_any_place_is_an_answer_and_never_a_traceback(value, key, rule):
    proof = with_rules(**{rule: value}) if rule else changed(**{key: value})
    try:
        data = json.dumps(proof).encode()
    except ValueError:
        return
    assert verify(data).outcome in ("invalid", "consistent")
    assert verify_draw.verify(data)[0] in ("invalid", "consistent")


def test_every_fault_has_its_words_in_both_languages():
    source = (Path(__file__).parents[3] / "studio" / "model" / "proof.py").read_text(encoding="utf-8")
    codes = {part.split('"')[0] for part in source.split('"draw.')[1:] if "{" not in part.split('"')[0]} | {"seen_opening", "seen_closing"}
    for locale in LOCALES:
        assert not {f"draw.{code}" for code in codes} - set(catalogue("errors", locale))
