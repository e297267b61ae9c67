"""tokens.toml, the file of paired devices, and the book that both fill."""

import contextlib
import json
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.errors import InvalidInput, Unauthenticated
from studio.remote.roles import ROLES
from studio.remote.tokens import TokenBook, TokenEntry, clean_name, hash_token, new_token, read_paired, read_tokens_toml

HASH = hash_token("script")


@pytest.fixture
def write(tmp_path):
    def write(text, mode=0o600):
        path = tmp_path / "tokens.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    return write


def test_a_token_of_the_contract_is_taken(write):
    path = write(f'[[token]]\nsha256="{HASH.upper()}"\nrole="host"\nname="my script"\n')
    book = TokenBook(read_tokens_toml(path), now_ms=lambda: 0)
    principal = book.identify("script", "127.0.0.1")
    assert (principal.name, principal.role, principal.is_this_machine) == ("my script", "host", False)
    assert principal.token_id == HASH[:12]


def test_a_connector_s_token_names_platform_room_and_end(write):
    path = write(f'[[token]]\nsha256="{HASH}"\nrole="connector"\nname="shop"\nplatform="douyin"\nroom="r1"\nexpires=2027-01-01T00:00:00Z\n')
    [entry] = read_tokens_toml(path)
    assert (entry.platform, entry.room, entry.expires_at_ms) == ("douyin", "r1", 1_798_761_600_000)


def test_an_empty_file_adds_nobody(write):
    assert read_tokens_toml(write("")) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o601, 0o777])
def test_a_file_that_others_may_read_is_refused_by_name(write, mode):
    with pytest.raises(InvalidInput) as caught:
        read_tokens_toml(write("", mode))
    assert (caught.value.code, caught.value.params["file"]) == ("tokens.mode", "tokens.toml")
    assert caught.value.params["mode"] == f"{mode:o}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[token]]\nsha256="abc"\nrole="host"\nname="x"', "sha256"),
        (f'[[token]]\nsha256="{"g" * 64}"\nrole="host"\nname="x"', "sha256"),
        ('[[token]]\nsha256=5\nrole="host"\nname="x"', "sha256"),
        (f'[[token]]\nsha256="{HASH}"\nrole="owner"\nname="x"', "role"),
        (f'[[token]]\nsha256="{HASH}"\nrole=["host"]\nname="x"', "role"),
        (f'[[token]]\nsha256="{HASH}"\nname="x"', "role"),
        (f'[[token]]\nsha256="{HASH}"\nrole="host"\nname=" "', "name"),
        (f'[[token]]\nsha256="{HASH}"\nrole="host"', "name"),
        (f'[[token]]\nsha256="{HASH}"\nrole="host"\nname="x"\nplatform=5', "platform"),
        (f'[[token]]\nsha256="{HASH}"\nrole="host"\nname="x"\nexpires="soon"', "expires"),
        (f'[[token]]\nsha256="{HASH}"\nrole="host"\nname="x"\nexpires=2027-01-01', "expires"),
        (f'[[token]]\nsha256="{HASH}"\nrole="host"\nname="x"\ntoken="the token itself"', "token"),
        (f'[[token]]\nsha256="{HASH}"\nrole="host"\nname="x"\nsource="run"', "source"),
        ("token = [1]", "token"),
    ],
)
def test_a_wrong_entry_is_named_by_number_and_key(write, text, key):
    with pytest.raises(InvalidInput) as caught:
        read_tokens_toml(write(text))
    assert caught.value.code == "tokens.entry"
    assert (caught.value.params["number"], caught.value.params["key"]) == (1, key)
    assert "the token itself" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [("x", "tokens.not_toml"), (b"\xff", "tokens.unreadable"), ("[token]", "tokens.not_a_list"), ("a=1", "tokens.not_a_list")],
)
def test_a_file_that_is_no_list_of_tokens_is_refused(write, text, code):
    with pytest.raises(InvalidInput) as caught:
        read_tokens_toml(write(text))
    assert caught.value.code == code


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        read_tokens_toml(tmp_path / "none.toml")
    assert caught.value.params == {"file": "none.toml"}


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_file_whatever_is_a_bug(write, content):
    with contextlib.suppress(InvalidInput):
        read_tokens_toml(write(content))


def test_the_file_of_paired_devices_is_private_from_the_first_byte(tmp_path):
    path = tmp_path / "deep" / "paired.json"
    book = TokenBook(now_ms=lambda: 0, path=path)
    old_mask = os.umask(0)
    try:
        book.issue("assistant", "phone")
        book.save(book.paired())
        (tmp_path / "deep" / "paired.json.new").write_text("left by a crash")
        book.save(book.paired())
    finally:
        os.umask(old_mask)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in read_paired(path)] == ["phone"]
    assert list(path.parent.iterdir()) == [path]


def test_only_paired_tokens_that_are_good_are_kept():
    book = TokenBook([TokenEntry(HASH, "host", "script")], now_ms=lambda: 10)
    book.add(TokenEntry(hash_token("own"), "host", "host", "run"))
    book.add(TokenEntry(hash_token("old"), "assistant", "old", "paired", expires_at_ms=5))
    book.issue("assistant", "phone")
    assert [entry.name for entry in book.paired()] == ["phone"]


@pytest.mark.parametrize("content", ["", "{}x", "[1]", '[{"sha256": "x"}]', '[{"unknown": 1}]'])
def test_a_broken_file_of_devices_is_refused_by_name(tmp_path, content):
    path = tmp_path / "paired.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(InvalidInput) as caught:
        read_paired(path)
    assert caught.value.params["file"] == "paired.json"


def test_a_file_of_devices_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "paired.json"
    path.write_text(json.dumps([]))
    path.chmod(0o644)
    with pytest.raises(InvalidInput):
        read_paired(path)


def test_tokens_are_long_and_never_the_same():
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert min(len(token) for token in tokens) >= 43


@given(st.text())
def test_nobody_guesses_a_token(text):
    book = TokenBook([TokenEntry(HASH, "host", "script")], now_ms=lambda: 0)
    if text != "script":
        with pytest.raises(Unauthenticated):
            book.identify(text, "")


@given(st.text())
def test_a_name_becomes_one_printable_line(text):
    name = clean_name(text)
    assert len(name) <= 60
    assert name.isprintable()
    assert name == name.strip()


def test_a_listed_token_shows_no_hash():
    row = TokenEntry(HASH, "host", "script").public()
    assert HASH not in json.dumps(row)
    assert row["role"] in ROLES
