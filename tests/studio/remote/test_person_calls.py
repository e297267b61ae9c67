"""Persons through the control API: a real server, a real fan file, roles and audit."""

import asyncio
import json

import pytest
from rehearsed_studio import RehearsedStudio

from studio.audience import Audience
from studio.bus import Bus
from studio.errors import Conflict, Forbidden, NotFound
from studio.model.settings import AudienceSettings
from studio.remote.audit import AuditFile
from studio.remote.client import StudioClient
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook, TokenEntry, hash_token, new_token
from studio.store.database import Database
from studio.store.vault import Vault


class House(RehearsedStudio):
    """A rehearsed studio with a real audience behind the calls on persons."""

    def __init__(self, audience):
        super().__init__()
        self.audience = audience

    @property
    def persons(self):
        return self.audience.persons

    async def fan(self, platform, fan_id):
        return await self.audience.fan(platform, fan_id)

    async def person_document(self, platform, fan_id):
        return await self.persons.document(platform, fan_id, "CNY", "en")

    async def erase_person(self, platform, fan_id, principal):
        gone = await self.persons.erase(platform, fan_id, principal.name)
        return {**gone.told(), "identities": gone.accounts}


@pytest.fixture
async def house(tmp_path):
    url = f"sqlite:///{tmp_path}/encore.db"
    database = Database(url)
    await database.open()
    audience = Audience(database, Bus(asyncio.get_running_loop()), AudienceSettings(store=url))
    audience.persons.use_vault(lambda: Vault(bytes(range(32))))
    await audience.open()
    lines = [
        {"id": f"e{n}", "type": "order", "at": "2026-11-20T12:00:00Z", "platform": platform, "room": "r1",
         "fan": {"id": fan, "name": name}, "order": f"o{n}", "amount_minor": 100_50, "currency": "CNY"}
        for n, (platform, fan, name) in enumerate([("douyin", "u1", "小美"), ("kuaishou", "k1", "美美")])
    ]  # fmt: skip
    await audience.ingest("\n".join(json.dumps(line) for line in lines).encode())
    tokens, helper = TokenBook([], now_ms=lambda: 0), new_token()
    tokens.add(TokenEntry(hash_token(helper), "assistant", "anna", "test"))
    server = ControlServer(House(audience), tokens, AuditFile(tmp_path / "audit.jsonl"))
    await server.start()
    async with StudioClient(server.url, server.host_token) as host, StudioClient(server.url, helper) as anna:
        yield host, anna, tmp_path
    await server.stop()
    await audience.close()
    await database.close()


async def test_an_assistant_merges_undoes_and_splits_and_the_card_follows(house):
    _, anna, _ = house
    done = await anna.fan_step("douyin", "u1", "merge", {"platform": "kuaishou", "id": "k1", "reason": "same phone"})
    card = await anna.fan("kuaishou", "k1")
    assert (card["spent_minor"], card["points"], len(card["identities"])) == (201_00, 201, 2)
    told = await anna.fan_links("kuaishou", "k1")
    assert [(row["kind"], row["by"], row["reason"]) for row in told["history"]] == [("merge", "anna", "same phone")]
    await anna.undo_link(done["number"])
    assert (await anna.fan("kuaishou", "k1"))["spent_minor"] == 100_50
    await anna.fan_step("douyin", "u1", "merge", {"platform": "kuaishou", "id": "k1"})
    await anna.fan_step("kuaishou", "k1", "split", {})
    assert len((await anna.fan("douyin", "u1"))["identities"]) == 1
    with pytest.raises(Conflict):
        await anna.undo_link(done["number"])


async def test_contacts_suggest_and_only_the_host_reads_them(house):
    host, anna, _ = house
    await host.keep_contact("douyin", "u1", {"kind": "phone", "value": "13800138000"})
    await host.keep_contact("kuaishou", "k1", {"kind": "phone", "value": "+86 13800138000"})
    [suggested] = (await anna.suggestions())["rows"]
    assert [reason["code"] for reason in suggested["reasons"]] == ["same_phone"]
    assert (await anna.fan_links("douyin", "u1"))["contacts"] == ["phone"]
    assert [row["value"] for row in (await host.contacts("douyin", "u1"))["rows"]] == ["13800138000"]
    for call in (anna.contacts("douyin", "u1"), anna.person_document("douyin", "u1"), anna.erase_person("douyin", "u1")):
        with pytest.raises(Forbidden):
            await call
    await anna.fan_step("douyin", "u1", "apart", {"platform": "kuaishou", "id": "k1"})
    assert (await anna.suggestions())["rows"] == []


async def test_the_host_tells_holds_and_erases_and_the_audit_names_nobody(house):
    host, _, folder = house
    await host.keep_contact("douyin", "u1", {"kind": "phone", "value": "13800138000"})
    assert (await host.person_document("douyin", "u1"))["contacts"][0]["value"] == "13800138000"
    await host.fan_step("douyin", "u1", "hold", {"reason": "dispute 7"})
    with pytest.raises(Conflict):
        await host.erase_person("douyin", "u1")
    assert (await host.release_fan("douyin", "u1"))["released"]
    assert (await host.erase_person("douyin", "u1"))["accounts"] == 1
    with pytest.raises(NotFound):
        await host.fan("douyin", "u1")
    rows = await host.audit()
    assert "u1" not in json.dumps([row["path"] for row in rows])
    assert [row["what"] for row in rows].count("POST /v1/fans/{platform}/{id}/erase") == 2
    left = b"".join(path.read_bytes() for path in folder.glob("encore.db*"))
    for word in ("小美".encode(), b'"u1"', b"13800138000"):
        assert word not in left
