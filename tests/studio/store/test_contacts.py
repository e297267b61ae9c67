"""Contacts are sealed, are found by a keyed hash, and speak for a merge that somebody decides."""

import os

import pytest
from fan_file import T0
from sqlalchemy import select

from studio.errors import InvalidInput, KnownError
from studio.model.contacts import masked_contact, normal_form
from studio.store import contacts, links, vault
from studio.store.links import Asked
from studio.store.person_tables import contact
from studio.store.secrets import Secrets
from studio.store.suggestions import suggestions
from studio.store.vault import Vault

KEY = Vault(bytes(range(32)))
ASKED = Asked("host", T0)


def keep(file, account, kind, value, key=KEY):
    contacts.keep(file.connection, key, account, kind, value, T0, "import")


def people(file, *fans):
    file.take(*(file.event("enter", fan) for fan in fans))


def pairs(file, person=None):
    return [
        ([account["id"] for account in one["accounts"]], [reason["code"] for reason in one["reasons"]])
        for one in suggestions(file.connection, 10, person)
    ]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+86 138-0013-8000", "13800138000"),
        ("phone", "008613800138000", "１３８ ００１３ ８０００"),
        ("order_name", "王 小美", "王小美"),
        ("order_name", "Li Lei", "LI LEI "),
        ("address", "上海市，静安区 1-2号", "上海市静安区12号"),
    ],
)
def test_the_same_contact_written_otherwise_is_the_same(kind, one, other):
    assert KEY.lookup(kind, one) == KEY.lookup(kind, other)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("phone", "138****8000"), ("phone", "12"), ("phone", ""), ("order_name", "王*"), ("order_name", "……"), ("address", "x" * 501)],
)
def test_what_was_masked_or_says_nothing_is_refused(kind, value):
    with pytest.raises(InvalidInput):
        normal_form(kind, value)


def test_a_value_comes_back_as_it_was_and_stands_nowhere_in_the_row(file):
    people(file, "u1")
    keep(file, 1, "phone", "+86 138-0013-8000")
    row = file.connection.execute(select(contact)).one()
    assert b"13800138000" not in bytes(row.sealed) + row.lookup.encode()
    assert b"0013" not in bytes(row.sealed)
    assert [one["value"] for one in contacts.told(file.connection, KEY, [1])] == ["+86 138-0013-8000"]
    assert [one["value"] for one in contacts.told(file.connection, KEY, [1], is_masked=True)] == ["+86****8000"]
    assert [one["value"] for one in contacts.told(file.connection, None, [1])] == [None]


def test_told_again_it_is_one_value_and_sealed_anew(file):
    people(file, "u1")
    keep(file, 1, "phone", "13800138000")
    first = file.connection.execute(select(contact.c.sealed)).scalar()
    keep(file, 1, "phone", "138 0013 8000")
    assert len(contacts.told(file.connection, KEY, [1])) == 1
    assert file.connection.execute(select(contact.c.sealed)).scalar() != first


def test_another_key_neither_reads_nor_writes(file):
    people(file, "u1", "u2")
    keep(file, 1, "phone", "13800138000")
    other = Vault(bytes(32))
    assert other.lookup("phone", "13800138000") != KEY.lookup("phone", "13800138000")
    with pytest.raises(KnownError) as error:
        contacts.told(file.connection, other, [1])
    assert error.value.code == "contacts.other_key"
    with pytest.raises(KnownError):
        keep(file, 2, "phone", "13800138000", other)


def test_a_row_moved_to_somebody_else_or_changed_does_not_open(file):
    sealed = KEY.seal(1, "phone", "13800138000")
    for account, kind, value in ((2, "phone", sealed), (1, "address", sealed), (1, "phone", sealed[:-1] + b"\x00")):
        with pytest.raises(KnownError) as error:
            KEY.open(account, kind, value)
        assert error.value.code == "contacts.broken"


def test_the_key_is_made_once_and_can_be_taken_along(tmp_path):
    here, there = Secrets(tmp_path / "here", may_use_keyring=False), Secrets(tmp_path / "there", may_use_keyring=False)
    first = vault.open_vault(here)
    assert vault.open_vault(here).key_id == first.key_id
    assert vault.open_vault(there).key_id != first.key_id
    assert vault.take_key(there, vault.exported_key(here)).key_id == first.key_id
    assert vault.open_vault(there).open(1, "phone", first.seal(1, "phone", "13800138000")) == "13800138000"
    assert (tmp_path / "here" / "secrets.json").stat().st_mode & 0o777 == 0o600
    for text in ("", "short", "x" * 43, os.urandom(8).hex()):
        with pytest.raises(InvalidInput):
            vault.take_key(there, text)
    assert first.key_id == vault.open_vault(there).key_id, "a wrong key changes nothing"


def test_no_secret_shows_in_a_repr():
    assert "Vault(" in repr(KEY)
    assert bytes(range(32)).hex() not in repr(KEY)


def test_the_same_phone_and_order_name_suggest_one_person_with_reasons(file):
    people(file, "u1", "u2", "u3", "u4")
    keep(file, 1, "phone", "13800138000")
    keep(file, 2, "phone", "+86 13800138000")
    keep(file, 2, "order_name", "王小美")
    keep(file, 3, "order_name", "王小美")
    keep(file, 1, "order_name", "王小美")
    assert pairs(file)[0] == (["u1", "u2"], ["same_phone", "same_order_name"])
    assert pairs(file)[1:] == [(["u1", "u3"], ["same_order_name"])]
    assert pairs(file, 3) == [(["u1", "u3"], ["same_order_name"]), (["u2", "u3"], ["same_order_name"])]
    assert pairs(file, 4) == []
    assert file.detail("u1").key != file.detail("u2").key, "never by itself"


def test_what_is_one_person_or_was_said_to_be_two_is_not_suggested(file):
    people(file, "u1", "u2", "u3")
    for account in (1, 2, 3):
        keep(file, account, "phone", "13800138000")
    links.merge(file.connection, file.store, ("douyin", "u1"), ("douyin", "u2"), ASKED)
    assert pairs(file) == [(["u1", "u3"], ["same_phone"])]
    links.apart(file.connection, ("douyin", "u3"), ("douyin", "u2"), ASKED)
    assert pairs(file) == []


def test_a_value_that_many_share_suggests_nothing(file):
    fans = [f"u{number}" for number in range(1, 8)]
    people(file, *fans)
    for account in range(1, 8):
        keep(file, account, "order_name", "王芳")
    assert pairs(file) == []


def test_masked_contacts_tell_an_assistant_enough():
    assert masked_contact("phone", "13800138000") == "138****8000"
    assert masked_contact("order_name", "王小美") == "王＊"
    assert masked_contact("address", "上海市静安区南京西路1号") == "上海市静安区＊"


def test_contacts_are_found_by_value(file):
    people(file, "u1", "u2")
    keep(file, 2, "phone", "13800138000")
    assert contacts.found(file.connection, KEY, "phone", "+8613800138000") == [("douyin", "u2")]
    assert contacts.drop(file.connection, [2], "phone") == 1
    assert contacts.found(file.connection, KEY, "phone", "13800138000") == []
