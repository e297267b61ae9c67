"""Files in and out of a running engine by its API, as a script would: products, imports, exports, backups, a restore."""

import asyncio
import csv
import io
import json
import sqlite3

import cv2
import numpy as np
import pytest

from studio.errors import Conflict, Forbidden, InvalidInput, NotFound
from studio.remote.client import StudioClient
from tests.e2e.show import engine
from tests.servers import PATIENCE_S

TABLES = {"video": {"width": 320, "height": 180, "fps": 10}, "output": [{"name": "archive", "path": "show.mp4"}]}
LIPSTICK = {"sku": "K/1", "name": "口红 <b>", "link_no": 3, "price_minor": 9900, "floor_minor": 7900, "stock": 12, "facts": ["哑光"]}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with engine(tmp_path_factory.mktemp("files"), TABLES) as found:
        found.wait_for("/v1/board", lambda board: "rows" in board)
        yield found


@pytest.fixture
async def host(running):
    async with StudioClient(running.address["url"], running.address["token"], locale="en") as client:
        yield client


async def until_done(host, number):
    async with asyncio.timeout(120):
        while True:
            row = next(row for row in (await host.imports())["rows"] if row["id"] == number)
            if row["state"] != "running":
                return row
            await asyncio.sleep(0.05)


def table(folder, text, name="会员.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


async def bring(host, path, **plan):
    begun = await host.start_import({"upload": await host.upload(path), **plan})
    return await until_done(host, begun["id"])


async def test_a_product_is_written_listed_shown_and_forgotten(host, running, tmp_path):
    stored = await host.put_product(LIPSTICK)
    assert stored == {"seller": "", "picture": "", **LIPSTICK}
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:] = (0, 0, 255)
    path = tmp_path / "红.png"
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    shown = await host.set_product_picture("K/1", await host.upload(path))
    data = await host.picture(shown["picture"])
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape[:2] == (40, 40)
    assert (await host.products("口红"))["rows"] == [shown]
    status, body = running.call("GET", "/v1/products")
    assert (status, set(body["rows"][0])) == (
        200,
        {"sku", "link_no", "name", "seller", "picture", "price_minor", "floor_minor", "stock", "facts"},
    )
    await host.remove_product("K/1")
    for gone in (host.remove_product("K/1"), host.picture(shown["picture"])):
        with pytest.raises(NotFound):
            await gone
    rows = [row["what"] for row in await host.audit()]
    assert {"PUT /v1/products", "DELETE /v1/products/{sku}", "POST /v1/products/{sku}/picture"} <= set(rows)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"price_minor": -1}, "price_minor"),
        ({"price_minor": 1e2}, "price_minor"),
        ({"price_minor": "9900"}, "price_minor"),
        ({"price_minor": 10**15}, "price_minor"),
        ({"floor_minor": 9901}, "floor_minor"),
        ({"stock": 1.5}, "stock"),
        ({"link_no": 0}, "link_no"),
        ({"name": " "}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"picture": "../../etc/passwd"}, "picture"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_product_names_row_and_field_and_none_is_written(host, wrong, field):
    good = {**LIPSTICK, "sku": "K2", "link_no": 8}
    with pytest.raises(InvalidInput) as refused:
        await host.put_products([good, {**LIPSTICK, **wrong}])
    assert (refused.value.code, refused.value.params["row"], refused.value.params["field"]) == ("products.row", 2, field)
    with pytest.raises(InvalidInput) as refused:
        await host.put_product({**LIPSTICK, **wrong})
    assert refused.value.params.get("field") == field
    assert (await host.products())["total"] == 0


def test_money_that_no_reader_keeps_exactly_is_refused_before_anything_is_read(running):
    status, problem = running.call("PUT", "/v1/products", {**LIPSTICK, "price_minor": 10**18})
    assert (status, problem["code"]) == (400, "body.number")


async def test_products_come_in_by_a_shops_table(host, tmp_path):
    text = "商品编号,商品名称,链接,价格,底价,库存,卖点\nK1,口红,1,¥99.00,79,12,哑光；不沾杯\nK2,=cmd,2,1e3,,,\nK3,面霜,3,59.9,,,保湿\n"
    upload = await host.upload(table(tmp_path, text, "商品.csv", "gb18030"))
    seen = await host.preview_import({"upload": upload})
    assert (seen["kind"], seen["encoding"], seen["columns"]["价格"], seen["refused_count"]) == ("products", "gb18030", "price", 1)
    assert (await host.products())["total"] == 0
    done = await until_done(host, (await host.start_import({"upload": upload}))["id"])
    assert (done["accepted"], done["rejected"], done["state"], done["share"]) == (2, 1, "done", 1.0)
    [refused] = (await host.rejected_rows(done["id"]))["rows"]
    assert (refused["line"], refused["params"]["field"], refused["params"]["value"]) == (3, "price", "1e3")
    assert "1e3" in refused["reason"]
    rows = (await host.products())["rows"]
    assert [(row["sku"], row["price_minor"], row["facts"]) for row in rows] == [("K1", 9900, ["哑光", "不沾杯"]), ("K3", 5990, ["保湿"])]
    for row in rows:
        await host.remove_product(row["sku"])


async def test_fans_come_in_with_sealed_contacts_and_go_out_neutralised(host, running, tmp_path):
    text = (
        "会员ID,昵称,积分,手机号,收货地址\nu1,小美,120,13800138000,上海市南京东路1号\nu2,=1+1,7,139****0000,\nu3,三,1,abc,\nu4,大橘🍊,,,\n"
    )
    path = table(tmp_path, text)
    upload = await host.upload(path)
    seen = await host.preview_import({"upload": upload, "platform": "抖音"})
    assert seen["columns"] == {"会员ID": "id", "昵称": "name", "积分": "points", "手机号": "phone", "收货地址": "address"}
    assert seen["warnings"] == ["import.masked_contacts"]
    done = await until_done(host, (await host.start_import({"upload": upload, "platform": "抖音"}))["id"])
    assert (done["accepted"], done["rejected"]) == (3, 1)
    assert (await host.rejected_rows(done["id"]))["rows"][0]["reason"] == "phone is no contact that can be used."
    contacts = (await host.contacts("douyin", "u1"))["rows"]
    assert {row["kind"]: row["value"] for row in contacts} == {"phone": "13800138000", "address": "上海市南京东路1号"}
    left = b"".join(one.read_bytes() for one in running.folder.glob("encore.db*"))
    for word in (b"13800138000", "南京东路".encode()):
        assert word not in left
    told: list[tuple[int, int]] = []
    out = tmp_path / "out.csv"
    await host.export(out, {"format": "csv", "language": "zh_CN", "encoding": "utf-8-bom"}, lambda lines, fans: told.append((lines, fans)))
    rows = list(csv.reader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [row[2] for row in rows[1:]] == ["小美", "'=1+1", "大橘🍊"]
    assert told[-1] == (4, 3)
    assert (out.stat().st_mode & 0o777, list(tmp_path.glob("*.part"))) == (0o600, [])
    again = await bring(host, table(tmp_path, text, "again.csv"), platform="抖音")
    assert (again["accepted"], again["duplicate"]) == (0, 3)


async def test_fans_are_found_by_a_part_of_any_name(host, running, tmp_path):
    await bring(host, table(tmp_path, "id,name\ns1,爱笑的桃子妈\ns2,桃\n", "names.csv"), platform="douyin")
    assert [row["id"] for row in (await host.find_fans("桃子"))["rows"]] == ["s1"]
    assert [row["id"] for row in (await host.find_fans("桃"))["rows"]] == ["s2", "s1"]
    assert (await host.find_fans("没有这个"))["rows"] == []
    for empty in (" ", "\u200b", ""):
        with pytest.raises(InvalidInput):
            await host.find_fans(empty)
    assert running.call("GET", "/v1/fans?search=%00%ff")[0] in (200, 422)


async def test_a_long_import_is_stopped_gone_on_with_and_counts_once(host, running, tmp_path):
    rows = 20_000
    path = table(tmp_path, "id,points\n" + "".join(f"L{number},1\n" for number in range(rows)), "long.csv")
    other = await host.upload(table(tmp_path, "id\nx1\n", "x.csv"))
    before = _fans(running)
    begun = await host.start_import({"upload": await host.upload(path), "platform": "kuaishou"})
    with pytest.raises(Conflict):
        await host.start_import({"upload": other, "platform": "kuaishou"})
    stopped = await host.import_step(begun["id"], "stop")
    assert (stopped["state"], stopped["can_resume"]) == ("stopped", True)
    assert stopped["rows"] < rows
    resumed = await host.import_step(begun["id"], "resume")
    assert resumed["rows"] >= stopped["rows"]
    done = await until_done(host, begun["id"])
    assert (done["state"], done["rows"], done["accepted"], done["can_resume"]) == ("done", rows, rows, False)
    assert _fans(running) == before + rows
    assert not (running.folder / "runtime" / "uploads" / begun["id"]).exists()


def _fans(running) -> int:
    with sqlite3.connect(f"file:{running.folder / 'encore.db'}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT count(*) FROM identity").fetchone()[0]


async def test_a_piece_that_doesnt_follow_is_refused_and_where_to_go_on_is_said(host, running, tmp_path):
    status, begun = running.call("POST", "/v1/uploads", {"name": "../../../x.csv", "bytes": 6})
    assert status == 201
    path = f"/v1/uploads/{begun['upload']}"
    assert running.call("PUT", f"{path}?at=0", b"abc")[1]["received"] == 3
    status, problem = running.call("PUT", f"{path}?at=0", b"abc")
    assert (status, problem["received"]) == (409, 3)
    assert running.call("PUT", f"{path}?at=3", b"abcd")[0] == 422
    assert running.call("POST", "/v1/imports/preview", {"upload": begun["upload"]})[0] == 409
    assert not list(running.folder.parent.rglob("x.csv")) or (running.folder / "runtime" / "uploads" / begun["upload"] / "x.csv").is_file()
    for wrong in ("../" * 3, "0" * 32, "%2e%2e%2fencore.db"):
        assert running.call("PUT", f"/v1/uploads/{wrong}?at=0", b"a")[0] == 404
    assert running.call("DELETE", path)[1] == {"dropped": True}
    assert running.call("POST", "/v1/uploads", {"name": "x", "bytes": 2**41})[0] == 413


async def test_backups_are_made_listed_and_deleted_and_only_by_the_host(host, running, tmp_path):
    await host.back_up()
    told = running.wait_for("/v1/backups", lambda told: told["running"] is None)
    assert told["failed"] is None
    [made] = told["rows"]
    copy = running.folder / "encore.db.backups" / made["name"]
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM identity").fetchone()[0] == _fans(running)
    for wrong in ("../encore.db", "nothing.db", ".hidden.db"):
        with pytest.raises(NotFound):
            await host.forget_backup(wrong)
    assert (await host.forget_backup(made["name"]))["rows"] == []
    code = (await host.pair_code("assistant"))["code"]
    status, paired = running.call("POST", "/v1/pair", {"code": code, "name": "anna"})
    assert status == 200
    async with StudioClient(running.address["url"], paired["token"]) as anna:
        assert (await anna.products())["rows"] == []
        for call in (anna.back_up(), anna.imports(), anna.export(tmp_path / "x.csv", {}), anna.restore_backup("x.db")):
            with pytest.raises(Forbidden):
                await call
    assert not (tmp_path / "x.csv").exists()


async def test_a_restore_waits_for_the_next_start_and_keeps_what_was_there(tmp_path):
    """Own engine: it ends in it."""
    line = {
        "id": "e1",
        "type": "chat",
        "at": "2026-11-20T12:00:00Z",
        "platform": "douyin",
        "fan": {"id": "u1", "name": "小美"},
        "text": "x",
    }
    feed = tmp_path / "events.jsonl"
    feed.write_text(json.dumps(line) + "\n")
    tables = {**TABLES, "audience": {"events": f"file:{feed}", "speed": 0.0}}
    with engine(tmp_path, tables) as first:
        async with StudioClient(first.address["url"], first.address["token"]) as host:
            first.wait_for("/v1/fans/douyin/u1", lambda card: card.get("name") == "小美")
            await host.back_up()
            name = first.wait_for("/v1/backups", lambda told: told["running"] is None and told["rows"])["rows"][0]["name"]
            await host.erase_person("douyin", "u1")
            with pytest.raises(NotFound):
                await host.restore_backup("nothing.db")
            assert (await host.restore_backup(name))["restores"]["fans"] == 1
        assert first.process.wait(PATIENCE_S) == 0
    with engine(tmp_path, TABLES) as second:
        assert second.wait_for("/v1/fans/douyin/u1", lambda card: "name" in card)["name"] == "小美"
    assert list(tmp_path.glob("encore.db.before-restore-*"))
