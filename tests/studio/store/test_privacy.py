"""Erasing, holding, keeping only so long, and telling a person everything."""

import json

import pytest
from fan_file import DAY_MS, T0
from sqlalchemy import func, insert, select

from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.settings import PrivacySettings
from studio.store import contacts, dossier, fan_archive, holds, links, member_store, redeem, retention, shop_tables, tables
from studio.store.erase import erase
from studio.store.links import Asked
from studio.store.vault import Vault

KEY = Vault(bytes(range(32)))
ASKED = Asked("host", T0, "dispute 7")
NEVER = PrivacySettings(chat_days=0, former_name_days=0, phone_days=0, address_days=0, order_name_days=0)


def order(file, number, amount_minor, fan="u1", minute=0, **more):
    return file.event("order", fan, minute, order=number, amount_minor=amount_minor, **more)


def full(file):
    """A person of two accounts with something in every table, and somebody else."""
    file.take(order(file, "o1", 300_00, items='[{"sku":"s1","name":"口红","category":"彩妆","qty":1,"price_minor":30000}]'))
    file.take(file.event("gift", "u1", 1, combo="c", combo_total=2, count=2, paid_minor=20), file.event("checkin", "u1", 2))
    file.take(file.event("chat", "u1", 3, text="我住静安区", name="小美美"), file.event("paid_chat", "u1", 4, text="加油", paid_minor=100))
    file.take(file.event("order", "u2", 5, order="o2", amount_minor=50_00), order(file, "o3", 80_00, "other", name="别人"))
    contacts.keep(file.connection, KEY, 1, "phone", "13800138000", T0, "import")
    redeem.redeem(file.connection, redeem.Wish("douyin", "u1", "k", "sample", 3), file.moment())
    links.merge(file.connection, file.store, ("douyin", "u1"), ("douyin", "u2"), ASKED)


def counters_of(file):
    rows = file.connection.execute(select(tables.counter))
    return {row.name: row.value for row in rows if row.value and not row.name.endswith("_at")}


def everything(file) -> str:
    """All rows of all tables, to look for what must not be there."""
    rows = [
        str(tuple(row))
        for table in tables.metadata.tables.values()
        if exists(file, table)
        for row in file.connection.execute(select(table))
    ]
    return "\n".join(rows)


def exists(file, table) -> bool:
    from sqlalchemy import inspect

    return inspect(file.connection).has_table(table.name)


def test_an_erased_person_is_nowhere_and_the_books_still_add_up(file):
    full(file)
    spent = file.connection.execute(select(func.sum(tables.spend.c.counted_minor))).scalar()
    gone = erase(file.connection, file.store, ("douyin", "u2"))
    assert gone.accounts == (("douyin", "u1"), ("douyin", "u2"))
    left = everything(file)
    for word in ("u1", "u2", "小美", "静安", "加油", "dispute 7"):
        assert word not in left, word
    assert file.connection.execute(select(func.sum(tables.spend.c.counted_minor))).scalar() == spent == 430_00
    assert counters_of(file) == {"fans": 1, "tier:2": 1, "spent_minor": 80_00, "orders": 1}
    assert file.detail("u1") is None
    assert file.person("other").spent_minor == 80_00


def test_after_erasing_a_rebuild_gives_the_same_file(file):
    full(file)
    erase(file.connection, file.store, ("douyin", "u1"))
    before = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == before


def test_what_is_delivered_again_after_erasing_brings_nobody_back(file):
    said = file.event("chat", text="hi")
    bought = order(file, "o1", 10_00)
    file.take(said, bought)
    erase(file.connection, file.store, ("douyin", "u1"))
    assert file.take(said, bought).duplicate == 2
    assert file.detail() is None
    file.take(file.event("chat", text="again"))
    assert (file.person().chats, file.person().spent_minor) == (1, 0), "who comes back is new"


def test_a_refund_of_an_erased_persons_order_still_counts_in_the_books(file):
    file.take(order(file, "o1", 300_00))
    erase(file.connection, file.store, ("douyin", "u1"))
    file.take(file.event("refund", "", 9, order="o1", amount_minor=100_00))
    assert file.connection.execute(select(func.sum(tables.spend.c.counted_minor))).scalar() == 200_00
    before = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == before


def test_a_held_person_is_neither_erased_nor_tidied(file):
    file.take(file.event("chat", text="什么都可以说", name="旧名"), file.event("enter", minute=1, name="新名"))
    contacts.keep(file.connection, KEY, 1, "phone", "13800138000", T0, "import")
    with pytest.raises(InvalidInput):
        holds.put(file.connection, [1], Asked("host", T0, "  "))
    holds.put(file.connection, [1], ASKED)
    with pytest.raises(Conflict) as error:
        erase(file.connection, file.store, ("douyin", "u1"))
    assert error.value.params["reason"] == "dispute 7"
    done = tidy(file, PrivacySettings(chat_days=1, former_name_days=1, phone_days=1, inactive_fan_days=1), T0 + 9 * DAY_MS)
    assert (done.texts, done.names, done.contacts, done.fans) == (0, 0, 0, ())
    assert holds.told(file.connection, [1])["reason"] == "dispute 7"
    assert holds.release(file.connection, [1])
    done = tidy(file, PrivacySettings(chat_days=1, former_name_days=1, phone_days=1), T0 + 9 * DAY_MS)
    assert (done.texts, done.names, done.contacts) == (1, 1, 1)


def tidy(file, settings, now_ms):
    done = retention.tidy(file.connection, file.store, settings, now_ms, retention.due(file.connection, settings, now_ms))
    assert done.rest is None
    return done


def test_texts_and_former_names_go_after_their_time_and_no_figure_moves(file):
    file.take(file.event("chat", text="签到", name="旧名"), is_live=True)
    file.take(file.event("chat", minute=1, text="想要这个", name="旧名"), file.event("chat", minute=2, text="亮牌", name="新名"))
    file.take(file.event("chat", minute=60 * 24 * 20, text="刚说的", name="新名"))
    settings = PrivacySettings(chat_days=10, former_name_days=10)
    before = [json.loads(line) for line in file.export()]
    assert tidy(file, settings, T0 + 5 * DAY_MS).texts == 0
    done = tidy(file, settings, T0 + 21 * DAY_MS)
    assert (done.texts, done.names) == (1, 1)
    left = everything(file)
    assert "想要这个" not in left
    assert "旧名" not in left
    assert "刚说的" in left
    after = [json.loads(line) for line in file.export()]
    assert after[0]["identities"][0].pop("names") == [{"name": "新名", "since": "2026-11-22T12:02:00.000Z"}]
    before[0]["identities"][0].pop("names")
    assert after == before
    told = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == told
    assert tidy(file, settings, T0 + 21 * DAY_MS).texts == 0


def test_a_name_that_is_borne_again_only_begins_later(file):
    for minute, name in ((0, "甲"), (1, "乙"), (60 * 24 * 20, "甲"), (60 * 24 * 21, "乙")):
        file.take(file.event("enter", minute=minute, name=name))
    tidy(file, PrivacySettings(former_name_days=10), T0 + 25 * DAY_MS)
    assert file.detail().names == ("乙", "甲")
    told = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == told


def test_contacts_go_by_kind_and_fans_who_never_came_back_are_erased(file):
    file.take(file.event("enter", "u1"), file.event("enter", "u2"), file.event("checkin", "u3"), file.event("enter", "u2", 60 * 24 * 30))
    contacts.keep(file.connection, KEY, 2, "phone", "13800138000", T0, "import")
    contacts.keep(file.connection, KEY, 2, "address", "上海", T0, "import")
    done = tidy(file, PrivacySettings(chat_days=0, phone_days=20, inactive_fan_days=20), T0 + 31 * DAY_MS)
    assert done.contacts == 1
    assert done.fans == (("douyin", "u1"),), "u2 came again, u3 has points"
    assert [one["kind"] for one in contacts.told(file.connection, KEY, [2])] == ["address"]


def test_zero_days_keeps_everything(file):
    file.take(file.event("chat", text="x"), file.event("chat", minute=1, name="另", text="y"))
    before = everything(file)
    assert tidy(file, NEVER, T0 + 9_999 * DAY_MS) == retention.Kept()
    assert everything(file) == before


def test_a_person_is_told_everything_in_one_document(file):
    full(file)
    holds.put(file.connection, [1, 2], ASKED)
    told = json.loads(dossier.person_document(file.connection, KEY, ("douyin", "u2"), file.moment(), "CNY", "zh_CN"))
    assert told["format"] == "encore-person-1"
    assert [account["fan_id"] for account in told["file"]["identities"]] == ["u1", "u2"]
    assert [one["name"] for one in told["file"]["identities"][0]["names"]] == ["小美", "小美美"]
    assert [one["value"] for one in told["contacts"]] == ["13800138000"]
    assert told["hold"]["reason"] == "dispute 7"
    assert [one["kind"] for one in told["merges"]] == ["merge"]
    assert {one["text"] for one in told["events"] if "text" in one} == {"我住静安区", "加油"}
    assert sum(row["counted_minor"] for row in told["spend"]) == 350_00
    assert sum(row["delta"] for row in told["points"]) == told["card"]["points"]
    assert [one["order_no"] for one in told["file"]["purchases"]] == ["o1", "o2"]
    assert "别人" not in json.dumps(told, ensure_ascii=False)
    with pytest.raises(NotFound):
        dossier.person_document(file.connection, KEY, ("douyin", "nobody"), file.moment(), "CNY", "en")


def test_the_document_has_the_shops_orders_that_are_theirs_and_when_their_page_was_opened_to_them(file):
    full(file)
    base = {
        "hook": "shop",
        "label": "#1001",
        "state": "bound",
        "platform": "douyin",
        "first_at": T0,
        "amount_minor": 50_00,
        "currency": "CNY",
    }
    for number, fan_id in (("s1", "u1"), ("s2", "u2"), ("s3", "other")):
        file.connection.execute(
            insert(shop_tables.shop_order).values(base | {"order_no": number, "fan_id": fan_id, "bound_at": T0 + DAY_MS})
        )
    file.connection.execute(
        insert(shop_tables.shop_order).values(base | {"order_no": "s4", "label": "#1004", "state": "waiting", "platform": "", "fan_id": ""})
    )
    for hashed, fan_id in (("a" * 64, "u1"), ("b" * 64, "u1"), ("c" * 64, "other")):
        member_store.issue(file.connection, "douyin", fan_id, hashed, "assistant", T0)
    told = json.loads(dossier.person_document(file.connection, KEY, ("douyin", "u2"), file.moment(), "CNY", "zh_CN"))
    assert [(one["fan"], one["label"], one["amount_minor"]) for one in told["shop_orders"]] == [
        ("u1", "#1001", 50_00),
        ("u2", "#1001", 50_00),
    ]
    assert [(one["fan"], one["revoked_at"] is None) for one in told["member_page"]] == [("u1", False), ("u1", True)]
    assert "a" * 64 not in json.dumps(told)
