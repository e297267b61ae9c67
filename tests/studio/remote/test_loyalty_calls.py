"""Loyalty through the control API: a real server, a real fan file, roles and audit."""

import asyncio
import json
import time

import pytest
from rehearsed_studio import RehearsedStudio

from studio.audience import Audience
from studio.audience.loyalty_desk import Counter
from studio.bus import Bus
from studio.errors import Conflict, Forbidden, InvalidInput, NotFound
from studio.model.events import format_time
from studio.model.rules import InvalidSettings
from studio.model.settings import AudienceSettings, LimitSettings
from studio.remote.audit import AuditFile
from studio.remote.client import StudioClient
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook, TokenEntry, hash_token, new_token
from studio.store.database import Database
from studio.store.vault import Vault

DAY_MS = 86_400_000
ITEMS = [
    {"item": "mug", "name": "马克杯", "kind": "sample", "points": 90},
    {"item": "off20", "name": "20 元券", "kind": "cash_off", "points": 200, "value_minor": 20_00},
    {"item": "luck", "name": "抽奖券", "kind": "ticket", "points": 60},
]


class House(RehearsedStudio):
    def __init__(self, audience):
        super().__init__()
        self.audience = audience

    @property
    def rules(self):
        return self.audience.rules

    @property
    def loyalty(self):
        return self.audience.loyalty

    async def fan(self, platform, fan_id):
        return await self.audience.fan(platform, fan_id)


@pytest.fixture
async def house(tmp_path):
    url = f"sqlite:///{tmp_path}/encore.db"
    database = Database(url)
    await database.open()
    audience = Audience(database, Bus(asyncio.get_running_loop()), AudienceSettings(store=url))
    audience.persons.use_vault(lambda: Vault(bytes(range(32))))
    audience.loyalty.counter = Counter("r1", "CNY", lambda: LimitSettings(max_value_minor=10_00))
    await audience.open()
    now_ms = time.time_ns() // 1_000_000
    lines = [
        {"id": f"e{n}", "type": "order", "at": format_time(now_ms - 20 * DAY_MS), "platform": "douyin", "room": "r1",
         "fan": {"id": f"u{n}", "name": name}, "order": f"o{n}", "amount_minor": amount, "currency": "CNY"}
        for n, (name, amount) in enumerate([("小美", 300_00), ("阿柚", 700_00), ("老王", 1)])
    ]  # fmt: skip
    await audience.ingest("\n".join(json.dumps(line) for line in lines).encode())
    tokens, helper = TokenBook([], now_ms=lambda: 0), new_token()
    tokens.add(TokenEntry(hash_token(helper), "assistant", "anna", "test"))
    server = ControlServer(House(audience), tokens, AuditFile(tmp_path / "audit.jsonl"))
    await server.start()
    async with StudioClient(server.url, server.host_token, locale="zh_CN") as host, StudioClient(server.url, helper) as anna:
        yield host, anna, audience
    await server.stop()
    await audience.close()
    await database.close()


async def test_rules_are_read_tried_out_changed_and_taken_back(house):
    host, anna, _ = house
    told = await host.rules()
    assert (told["number"], told["can_undo"], told["currency"]) == (0, False, "CNY")
    assert told["lines"][2]["text"] == "中级：累计满 ¥500，9 折"
    assert (await anna.rules())["lines"][2]["text"] == "Middle: from ¥500 spent, pays 90 %"
    wanted = told["rules"] | {"tier": told["presets"]["second"]}
    tried = await anna.preview_rules(wanted)
    assert [(one["from_name"], one["to_name"], one["count"]) for one in tried["moves"]] == [("初级", "新朋友", 2), ("中级", "初级", 1)]
    assert tried["moves"][0]["names"][0] == {"platform": "douyin", "id": "u0", "name": "小美", "spent_minor": 300_00}
    assert (await host.fan("douyin", "u1"))["tier"] == "中级", "trying out changes nothing"
    done = await host.apply_rules(wanted, 0)
    assert (done["number"], done["up"], done["down"]) == (1, 0, 3)
    assert (await host.fan("douyin", "u1"))["tier"] == "初级"
    with pytest.raises(Conflict, match=r"rules\.changed_since"):
        await host.apply_rules(told["rules"], 0)
    back = await host.undo_rules(1)
    assert (back["number"], back["up"], [one["by"] for one in back["history"]]) == (2, 3, ["host", "host"])
    assert (await host.rules())["rules"] == told["rules"]
    assert (await host.undo_rules(2))["rules"]["tier"] == wanted["tier"], "and forth again"


async def test_only_the_host_changes_rules_and_the_audit_knows(house):
    host, anna, _ = house
    rules = (await host.rules())["rules"]
    for call in (anna.apply_rules(rules, 0), anna.undo_rules(0)):
        with pytest.raises(Forbidden):
            await call
    with pytest.raises(Conflict):
        await host.undo_rules(0)
    await host.apply_rules(rules | {"points": {"checkin": 1}}, 0)
    rows = [(row["who"], row["what"], row["outcome"]) for row in await host.audit() if row["what"] == "PUT /v1/rules"]
    assert rows == [("anna", "PUT /v1/rules", "refused"), ("host", "PUT /v1/rules", "allowed")]


async def test_wrong_rules_name_every_fault_and_change_nothing(house):
    host, _, _ = house
    wrong = {"tier": [{"name": "a", "from_minor": 5}, {"name": "a", "from_minor": 2}], "points": {"checkin": -1}}
    for call in (host.preview_rules(wrong), host.apply_rules(wrong, 0)):
        with pytest.raises(InvalidSettings) as raised:
            await call
        keys = {fault.key for fault in raised.value.faults}
        assert keys == {"tier[0].from_minor", "tier[1].from_minor", "tier[1].name", "points.checkin"}
    assert (await host.rules())["number"] == 0
    with pytest.raises(InvalidInput):
        await host._connection.call("PUT", "/v1/rules", body={"rules": [], "seen": 0})
    with pytest.raises(InvalidInput):
        await host._connection.call("PUT", "/v1/rules", body={"rules": {}})


async def test_points_buy_what_the_rules_price_once_a_click_and_within_limits(house):
    host, anna, _ = house
    await host.apply_rules((await host.rules())["rules"] | {"redeem": ITEMS}, 0)
    card = await anna.fan_loyalty("douyin", "u0")
    assert [(item["item"], item["missing"]) for item in card["items"]] == [("mug", 0), ("off20", 0), ("luck", 0)]
    done = await anna.redeem("douyin", "u0", {"click_id": "c1", "item": "mug"})
    assert done == {"points": 210, "redeemable": 210, "item": "mug", "cost": 90}
    assert await anna.redeem("douyin", "u0", {"click_id": "c1", "item": "mug"}) == done
    with pytest.raises(Forbidden):
        await anna.redeem("douyin", "u0", {"click_id": "c2", "item": "off20", "points": 200})
    with pytest.raises(Conflict, match=r"fans\.redeem_price"):
        await host.redeem("douyin", "u0", {"click_id": "c3", "item": "off20", "points": 1})
    with pytest.raises(NotFound, match=r"fans\.redeem_unlisted"):
        await host.redeem("douyin", "u0", {"click_id": "c4", "item": "car", "points": 1})
    await host.redeem("douyin", "u0", {"click_id": "c5", "item": "off20"})
    with pytest.raises(Conflict, match=r"fans\.not_enough"):
        await host.redeem("douyin", "u0", {"click_id": "c6", "item": "luck"})
    card = await host.fan_loyalty("douyin", "u0")
    assert [(one["name"], one["points"]) for one in card["redeemed"]] == [("20 元券", 200), ("马克杯", 90)]
    tickets = (await host.fan("douyin", "u1"))["tickets"]
    await host.redeem("douyin", "u1", {"click_id": "c7", "item": "luck"})
    assert (await host.fan("douyin", "u1"))["tickets"] == tickets + 1


async def test_what_was_redeemed_is_undone_by_either_and_told_to_whoever_hands_it_over(house):
    host, anna, audience = house
    told = []
    audience.loyalty.counter = Counter("r1", "CNY", LimitSettings, lambda: told.append(1))
    await host.apply_rules((await host.rules())["rules"] | {"redeem": ITEMS}, 0)
    await anna.redeem("douyin", "u0", {"click_id": "c1", "item": "mug"})
    [had] = (await anna.fan_loyalty("douyin", "u0"))["redeemed"]
    assert (had["name"], had["kind"], had["state"], had["can_undo"]) == ("马克杯", "sample", "todo", True)
    done = await anna.undo_points("douyin", "u0", had["number"])
    assert done == await host.undo_points("douyin", "u0", had["number"])
    assert done == {"points": 300, "redeemable": 300, "number": had["number"], "back": 90}
    assert [one["state"] for one in (await host.fan_loyalty("douyin", "u0"))["redeemed"]] == ["back"]
    assert len(told) == 3
    with pytest.raises(NotFound, match=r"fans\.undo_unknown"):
        await host.undo_points("douyin", "u1", had["number"])
    with pytest.raises(NotFound, match=r"fans\.unknown"):
        await host.undo_points("douyin", "nobody", had["number"])
    for wrong in (0, -1, 2**60, True):
        with pytest.raises(InvalidInput):
            await host.undo_points("douyin", "u0", wrong)
    rows = [(row["who"], row["outcome"]) for row in await host.audit() if row["what"].endswith("/points/undo")]
    assert rows[:2] == [("anna", "allowed"), ("host", "allowed")]


async def test_what_an_item_costs_each_tier_and_one_fan_by_confirmed_spend(house):
    host, anna, audience = house
    told = await anna.prices(price_minor=19_99)
    assert [one["price_minor"] for one in told["prices"]] == [19_99, 18_99, 17_99, 16_99]
    assert "floor" in told["rounding"]
    price = (await anna.fan_loyalty("douyin", "u1", price_minor=99_90))["price"]
    assert (price["tier"], price["percent"], price["tier_price_minor"]) == ("中级", 90, 89_91)
    fresh = {
        "id": "e9", "type": "order", "at": format_time(time.time_ns() // 1_000_000), "platform": "douyin", "room": "r1",
        "fan": {"id": "u9", "name": "新来的"}, "order": "o9", "amount_minor": 5000_00, "currency": "CNY",
    }  # fmt: skip
    await audience.ingest(json.dumps(fresh).encode())
    assert (await host.fan("douyin", "u9"))["tier"] == "高级"
    price = (await host.fan_loyalty("douyin", "u9", price_minor=99_90))["price"]
    assert (price["tier"], price["tier_price_minor"]) == ("新朋友", 99_90), "what can still be sent back buys no price"
    with pytest.raises(NotFound):
        await host.prices(sku="none")
    with pytest.raises(InvalidInput):
        await host.prices()


async def test_a_birthday_is_kept_sealed_and_its_gift_is_given_once(house):
    host, anna, audience = house
    rules = (await host.rules())["rules"]
    for tier in rules["tier"]:
        tier["birthday_points"] = 50
    await host.apply_rules(rules, 0)
    today = audience.moment().show_days.local_time(audience.clock.now_ms())
    born = f"{today:%m-%d}"
    assert (await anna.keep_birthday("douyin", "u0", f"{today.month}月{today.day}日")) == {"birthday": born}
    assert [(one["id"], one["points"]) for one in (await anna.birthdays())["rows"]] == [("u0", 50)]
    assert (await anna.fan_loyalty("douyin", "u0"))["birthday"] == {
        "birthday": born, "points": 50, "due": True, "given": False, "gift": None,
    }  # fmt: skip
    given = await anna.give_birthday("douyin", "u0", "k1")
    assert given == await anna.give_birthday("douyin", "u0", "k1") == {"points": 350, "given": 50}
    with pytest.raises(Conflict, match=r"fans\.birthday_given"):
        await host.give_birthday("douyin", "u0", "k2")
    assert (await anna.birthdays())["rows"] == []
    for fan, code in (("u1", "fans.birthday_unknown"), ("nobody", "fans.unknown")):
        with pytest.raises((Conflict, NotFound), match=code.replace(".", r"\.")):
            await host.give_birthday("douyin", fan, "k3")
    with pytest.raises(InvalidInput):
        await host.keep_birthday("douyin", "u0", "02-30")
    assert await host.forget_birthday("douyin", "u0") == {"forgotten": 1}
    assert (await host.fan_loyalty("douyin", "u0"))["birthday"]["birthday"] is None
