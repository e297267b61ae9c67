"""A connector bound to a platform and a room brings nothing of any other, whatever it sends."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.remote.bound_feed import keep_own
from studio.remote.tokens import TokenEntry, hash_token

OWN = b'{"id":"1","platform":"douyin","room":"r1"}'


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"platform":"kuaishou","room":"r1"}', "platform: this connector is bound to douyin"),
        (b'{"platform":"douyin","room":"r2"}', "room: this connector is bound to r1"),
        (b'{"room":"r1"}', "platform: this connector is bound to douyin"),
        (b'{"platform":"douyin","platform":"kuaishou","room":"r1"}', "platform: this connector is bound to douyin"),
        (b'{"platform":["douyin"],"room":"r1"}', "platform: this connector is bound to douyin"),
        (b'{"platform":"kuaishou"}\r{"platform":"douyin","room":"r1"}', "not JSON"),
        (b'["douyin"]', "not an object"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff", "not JSON"),
    ],
)
def test_a_line_of_another_is_blanked_and_the_others_keep_their_numbers(line, error):
    kept, rejected = keep_own(OWN + b"\n\n" + line + b"\n" + OWN, "douyin", "r1")
    assert kept == OWN + b"\n\n\n" + OWN
    assert rejected == [{"line": 3, "error": error}]


def test_a_connector_bound_to_a_platform_alone_speaks_for_any_room():
    assert keep_own(b'{"platform":"douyin","room":"r9"}', "douyin", "")[1] == []


@given(st.lists(st.sampled_from([OWN, b"", b"x", b'{"platform":"kuaishou"}', b"  "])))
def test_what_is_kept_is_its_own_line_by_line(lines):
    kept, rejected = keep_own(b"\n".join(lines), "douyin", "r1")
    after = kept.split(b"\n")
    assert len(after) == max(1, len(lines))
    assert all(json.loads(line)["platform"] == "douyin" for line in after if line.strip())
    assert [row["line"] for row in rejected] == [number for number, line in enumerate(lines, 1) if line.strip() and line != OWN]


async def test_the_answer_names_foreign_lines_among_the_rejected(door):
    door.book.add(TokenEntry(hash_token("bound"), "connector", "bound", platform="douyin", room="r1"))
    answer = await door.call("POST /v1/events", "bound", b'{"platform":"x"}\n' + OWN + b"\n")
    assert answer.json == {
        "accepted": 1,
        "duplicate": 0,
        "rejected": [{"line": 1, "error": "platform: this connector is bound to douyin"}],
    }
    [(_, lines, _)] = door.studio.asked
    assert lines == b"\n" + OWN + b"\n"
