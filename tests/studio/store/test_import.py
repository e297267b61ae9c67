"""Files from outside into the fan file: every encoding, every broken row by its line, once and no more whatever is repeated or killed."""

import asyncio
import json
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from studio.errors import Conflict, InvalidInput
from studio.model.events import parse_time
from studio.model.import_plan import ImportPlan
from studio.model.import_rows import RowRules
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import fan_archive, fan_detail, fan_queries, import_jobs, import_run, product_store
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.import_preview import guessed_plan, preview
from studio.store.sheet import look

NOW_MS = parse_time("2026-11-22T12:00:00Z", "at")
HEAD = "会员ID,昵称,积分,入会时间,累计消费"
ROWS = ["u1,小美,120,2024-01-05,1299.50", "u2,=HYPERLINK(1),0,,", 'u3,"逗号,和\n换行",7,2025/6/1,0']


def written(tmp_path, text: str, encoding="utf-8", name="members.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def rules_of(sheet, **plan) -> RowRules:
    made = replace(guessed_plan(sheet, "douyin"), **plan)
    return RowRules(made, "r1", "CNY", ZoneInfo("Asia/Shanghai"), NOW_MS)


class Taken:
    """A fan file on the disk and imports into it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")

    async def take(self, path, batches: int | None = None, **plan) -> import_jobs.Progress:
        sheet = look(path)
        rules = rules_of(sheet, **plan)
        job = import_jobs.Progress(import_run.job_id(path, rules.plan, "r1"), rules.plan.kind, path.name, "running", started_at=NOW_MS)
        job = await self.database.write(partial(import_jobs.begin, job=job, plan=rules.plan, room="r1"))
        write = import_run.writer(self.store, rules, lambda: NOW_MS)
        seen = []

        def told(progress, _applied):
            seen.append(progress)
            if len(seen) == batches:
                raise KeyboardInterrupt  # as a kill between two transactions

        job = await import_run.drive(self.database, sheet, job, write, rules, told)
        await self.database.write(partial(import_jobs.end, number=job.id, state="done", now_ms=NOW_MS))
        return job

    async def person(self, fan: str, platform="douyin"):
        moment = fan_detail.Moment(
            NOW_MS, self.store.book, self.store.show_days, await self.database.read(lambda c: fan_queries.live_days(c, "r1"))
        )
        found = await self.database.read(lambda connection: fan_detail.detail_of(connection, platform, fan, moment))
        return found and found.person

    async def refusals(self, job):
        return await self.database.read(partial(import_jobs.refusals, number=job.id))

    async def export(self):
        return await self.database.read(lambda connection: list(fan_archive.export_lines(connection)))


@pytest.fixture
async def taken(store_url):
    database = Database(store_url)
    await database.open()
    yield Taken(database)
    await database.close()


@pytest.fixture
async def taken_in_a_file(tmp_path):
    """For what has nothing to do with the store: thirty ways to write a table."""
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    yield Taken(database)
    await database.close()


def counts(job):
    return job.accepted, job.duplicate, job.rejected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_a_members_list_comes_in_whatever_wrote_it(taken_in_a_file, tmp_path, encoding, delimiter, end):
    taken = taken_in_a_file
    lines = [line if '"' in line else line.replace(",", delimiter) for line in (HEAD, *ROWS[:2])]
    job = await taken.take(written(tmp_path, end.join(lines) + end, encoding))
    assert counts(job) == (2, 0, 0)
    person = await taken.person("u1")
    assert (person.points, person.spent_minor, person.orders) == (120 + 1299, 129_950, 1)
    assert person.followed_at == parse_time("2024-01-04T16:00:00Z", "at")


async def test_imported_fans_count_as_regulars_and_keep_their_names(taken, tmp_path):
    await taken.take(written(tmp_path, "\n".join([HEAD, *ROWS])))
    told = [json.loads(line) for line in await taken.export()]
    names = {one["identities"][0]["fan_id"]: one["identities"][0]["name"] for one in told if "identities" in one}
    assert names == {"u1": "小美", "u2": "=HYPERLINK(1)", "u3": "逗号,和 换行"}
    assert (await taken.person("u3")).points == 7


async def test_every_refused_row_is_told_by_its_line_and_reason(taken, tmp_path):
    rows = [
        "u1,小美,120,,",
        "",
        "u2,名字,abc,,",
        ",无号,1,,",
        "1.23E+15,缩写,1,,",
        'u5,"两\n行",1,31/12/2024,',
        "u6,多,1,,,,多一格",
        "u7,少",
        "小**,打码,1,,",
    ]
    job = await taken.take(written(tmp_path, "\n".join([HEAD, *rows])))
    assert counts(job) == (2, 0, 6)
    told = [(one.line, one.code, one.params.get("field")) for one in await taken.refusals(job)]
    assert told == [
        (4, "cell.whole", "points"),
        (5, "cell.empty", "id"),
        (6, "cell.shortened", "id"),
        (7, "cell.day", "followed_at"),
        (9, "cell.too_many", "5"),
        (11, "cell.masked", "id"),
    ]


async def test_a_quote_that_never_closes_costs_no_row_in_silence(taken, tmp_path):
    rows = ["u1,小美,1,,", 'u2,"没关,2,,', *(f"u{number},x,3,,".replace("u", "v") for number in range(20))]
    job = await taken.take(written(tmp_path, "\n".join([HEAD, *rows])))
    assert (job.accepted, job.rejected) == (1, 1)
    [told] = await taken.refusals(job)
    assert (told.line, told.code, told.params["field"]) == (3, "cell.quote", "23")


async def test_the_same_file_again_changes_nothing(taken, tmp_path):
    path = written(tmp_path, "\n".join([HEAD, *ROWS]))
    await taken.take(path)
    before = await taken.export()
    assert counts(await taken.take(path)) == (0, 3, 0)
    assert counts(await taken.take(written(tmp_path, "\n".join([HEAD, *reversed(ROWS)]), name="other.csv"))) == (0, 3, 0)
    assert await taken.export() == before


async def test_a_row_that_says_otherwise_than_before_is_left_to_a_person(taken, tmp_path):
    await taken.take(written(tmp_path, f"{HEAD}\nu1,小美,120,,100"))
    job = await taken.take(written(tmp_path, f"{HEAD}\nu1,小美,150,,100\nu9,新,5,,\nu9,新,6,,", name="later.csv"))
    assert counts(job) == (1, 0, 2)
    first, second = await taken.refusals(job)
    assert (first.line, first.code, first.params) == (2, "cell.changed", {"field": "points", "value": "150", "old": "120"})
    assert (second.line, second.params["old"]) == (4, "5")
    assert (await taken.person("u1")).points == 220
    assert counts(await taken.take(tmp_path / "later.csv", source="第二个店"))[0] == 2
    assert (await taken.person("u1")).points == 220 + 150 + 100


@pytest.mark.parametrize("batches", [1, 2, 3])
async def test_killed_anywhere_it_goes_on_there_and_counts_once(taken, tmp_path, batches, monkeypatch):
    monkeypatch.setattr(import_run, "BATCH", 10)
    rows = [f"u{number},名{number},{'x' if number % 9 == 0 else number},2024-01-05,{number}" for number in range(45)]
    path = written(tmp_path, "\n".join([HEAD, *rows]))
    with pytest.raises(KeyboardInterrupt):
        await taken.take(path, batches)
    job = await taken.take(path)
    assert (job.rows, counts(job)) == (45, (40, 0, 5))
    assert [one.line for one in await taken.refusals(job)] == [2, 11, 20, 29, 38]
    assert (await taken.person("u44")).points == 88


async def test_two_studios_that_take_in_the_same_file_do_not_count_it_twice(taken, tmp_path):
    path = written(tmp_path, "\n".join([HEAD, *ROWS]))
    sheet = look(path)
    rules = rules_of(sheet)
    job = import_jobs.Progress(import_run.job_id(path, rules.plan, "r1"), "fans", path.name, "running", started_at=NOW_MS)
    job = await taken.database.write(partial(import_jobs.begin, job=job, plan=rules.plan, room="r1"))
    [step] = import_run.steps(sheet, rules)
    write = import_run.writer(taken.store, rules, lambda: NOW_MS)
    results = await asyncio.gather(*(taken.database.write(write(job, step)) for _ in range(2)), return_exceptions=True)
    assert [type(one) for one in results].count(Conflict) == 1


async def test_fans_and_events_come_as_json_lines_too(taken, tmp_path):
    lines = [{"id": "u1", "points": 12, "name": "小美"}, {"id": "u2", "points": 3.5}, {"id": "u3", "points": None, "tags": ["a"]}]
    path = written(tmp_path, "\n".join(json.dumps(line) for line in lines) + "\n[]\n", name="fans.jsonl")
    job = await taken.take(path)
    assert counts(job) == (2, 0, 2)
    assert [(one.line, one.code) for one in await taken.refusals(job)] == [(2, "cell.whole"), (4, "cell.not_json")]
    event = {"id": "e1", "type": "chat", "at": "2026-11-20T12:00:00Z", "platform": "douyin", "fan": {"id": "u1"}, "text": "hi"}
    job = await taken.take(written(tmp_path, json.dumps(event) + "\n{broken\n", name="events.jsonl"))
    assert counts(job) == (1, 0, 1)
    assert (await taken.person("u1")).visits == 1


async def test_products_come_by_csv_and_known_ones_are_replaced_with_their_picture_kept(taken, tmp_path):
    text = "商品编码,商品名称,链接号,直播价,底价,库存\nK1,口红,1,99,79,10\nK2,面霜,2,199,,\nK3,贵了,3,10,20,\n"
    job = await taken.take(written(tmp_path, text))
    assert (job.kind, counts(job)) == ("products", (2, 0, 1))
    found = await taken.database.read(partial(product_store.page, room="r1"))
    assert [(one.sku, one.link_no, one.price_minor, one.floor_minor, one.stock) for one in found] == [
        ("K1", 1, 9900, 7900, 10),
        ("K2", 2, 19900, None, None),
    ]


async def test_rebuilding_keeps_what_was_imported(taken, tmp_path):
    await taken.take(written(tmp_path, "\n".join([HEAD, *ROWS])))
    before = await taken.export()
    await taken.database.write(lambda connection: fan_archive.rebuild(connection, taken.store))
    assert await taken.export() == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"\xef\xbb\xbf \n\n", "import.empty"),
        (b"PK\x03\x04" + bytes(60), "import.workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(60), "import.workbook"),
        (bytes(range(256)) * 40, "import.no_text"),
        (b",".join(b"c%d" % number for number in range(300)), "import.too_many_columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(tmp_path, content, code):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as error:
        look(path)
    assert error.value.code == code


def test_a_preview_tells_what_would_happen_and_writes_nothing(tmp_path):
    path = written(tmp_path, "\n".join([HEAD, *ROWS, "u9,坏,x,,"]), "gbk")
    told = preview(look(path), rules_of(look(path)))
    assert (told["kind"], told["encoding"], told["columns"]["累计消费"]) == ("fans", "gb18030", "spent")
    assert [row["line"] for row in told["rows"]] == [2, 3, 4, 6]
    assert told["refused"] == [{"line": 6, "code": "cell.whole", "params": {"field": "points", "value": "x"}}]
    without = preview(look(path), replace(rules_of(look(path)), plan=ImportPlan("fans", {"昵称": "name"}, "douyin")))
    assert (without["fault"]["code"], without["refused"]) == ("import.needs_column", [])


def test_a_preview_warns_of_ids_that_a_spreadsheet_has_rounded(tmp_path):
    path = written(tmp_path, "id,name\n" + "".join(f"69300123456789{number}000,x\n" for number in range(5)))
    assert preview(look(path), rules_of(look(path)))["warnings"] == ["import.rounded_ids"]


def test_a_column_that_stands_twice_hides_none(tmp_path):
    assert look(written(tmp_path, "id,id,,name,\n")).headers == ("id", "id #2", "#3", "name")
