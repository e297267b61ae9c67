"""The strict reader against Python's own, on everything that both should agree on."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.remote.json_body import MAX_DEPTH, Malformed, read_object
from studio.remote.request import MAX_BODY_BYTES

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(TEXT, VALUES, max_size=5), st.booleans(), st.sampled_from([None, 1]))
def test_sound_objects_are_read_as_python_reads_them(value, is_ascii, indent):
    body = json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()
    assert read_object(body) == value


@given(st.binary(max_size=100))
def test_bytes_are_an_object_or_malformed(body):
    try:
        assert isinstance(read_object(body), dict)
    except Malformed as error:
        assert error.code.startswith("body.")


@given(st.integers(1, 60), st.booleans())
def test_the_depth_is_counted_exactly(depth, is_list):
    body = (
        (b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)) if not is_list else b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"
    )
    if depth == 1 and is_list:
        body = b"{}"
    if depth <= MAX_DEPTH:
        read_object(body)
    else:
        with pytest.raises(Malformed, match="too_deep"):
            read_object(body)


def test_brackets_inside_texts_are_no_depth():
    assert read_object(b'{"a": "' + b"[{" * 1000 + b'\\"' + b"[" * 100 + b'"}')


def test_wide_is_not_deep():
    assert len(read_object(b'{"a":[' + b"[]," * 1000 + b"{}]}")["a"]) == 1001


@pytest.mark.parametrize(
    "body", [b"[" * MAX_BODY_BYTES, b'{"a":' * (MAX_BODY_BYTES // 5), b'"\\' * (MAX_BODY_BYTES // 2), b'{"' + b"\\u005b" * 170_000]
)
def test_a_mebibyte_of_malice_is_read_through_once(body):
    """Looked through once for each quote, it took minutes; once in all, milliseconds."""
    started = time.process_time()
    with pytest.raises(Malformed):
        read_object(body)
    assert time.process_time() - started < 5


def test_an_escaped_pair_is_one_sign_and_a_lone_half_is_replaced_in_keys_too():
    assert read_object(b'{"\\ud83d\\ude00": 1, "\\udc00x": ["\\ud83d"]}') == {"\U0001f600": 1, "\ufffdx": ["\ufffd"]}


def test_the_repeated_key_is_named_on_one_line():
    with pytest.raises(Malformed) as caught:
        read_object(b'{"a\\nb": 1, "c": 2, "a\\nb": 3}')
    assert caught.value.params == {"key": "a\ufffdb"}
