"""The figures as the control API tells them, from a real store through a real worker process."""

import asyncio

import pytest
from fan_file import T0, make
from file_on_disk import DAYS, TODAY
from test_overview import order

from studio.analysis import history
from studio.analysis.desk import Analysis
from studio.errors import NotFound, StoreUnavailable
from studio.model.day_set import DaySet
from studio.model.loyalty import Rules
from studio.model.settings import AudienceSettings
from studio.store.database import Database
from studio.store.fan_detail import Moment
from studio.store.fan_store import FanStore
from studio.store.working import Received

EVENTS = (
    make("c", "chat", "u9", text="hi"),
    *(order("u1", day, f"a{day}", category="精华", name="小美") for day in (-84, -56, -28)),
    *(order(f"v{fan}", day, f"b{fan}{day}", 900_00) for fan in range(60) for day in (-60 - fan, -40 - fan, -21 - fan)),
    order("x", -3, "x", 300_00, category=""),
)


class Desk:
    def __init__(self, database) -> None:
        self.database = database
        self.now_ms = T0
        self.seconds = 0.0
        book = FanStore(Rules(), DAYS, "CNY").book
        moment = lambda: Moment(self.now_ms, book, DAYS, DaySet())  # noqa: E731
        self.analysis = Analysis(database, AudienceSettings(), moment, lambda: self.seconds)

    async def take(self, *events):
        store = FanStore(Rules(), DAYS, "CNY")
        await self.database.write(lambda connection: store.apply(connection, [Received(one, one.at_ms) for one in events]))

    async def counted(self):
        async with asyncio.timeout(120):
            await self.analysis._counting


@pytest.fixture
async def desk(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/fans.db")
    await database.open()
    desk = Desk(database)
    await desk.take(*EVENTS)
    desk.analysis.start()
    yield desk
    await desk.analysis.stop()
    await database.close()


async def test_the_first_question_starts_the_count_and_later_ones_have_its_figures(desk):
    first = await desk.analysis.cohorts("zh_CN")
    assert (first["state"], first["as_of"]) == ("counting", None)
    assert "cohorts" not in first
    await desk.counted()
    told = await desk.analysis.segments("zh_CN")
    assert (told["state"], told["fans"], told["as_of"]) == ("ready", 63, "2026-11-22T12:00:00.001Z")
    assert sum(one["fans"] for one in told["segments"]) == sum(one["fans"] for one in told["layers"]) == 63
    assert [one["name"] for one in told["tiers"]] == ["新朋友", "初级", "中级", "高级"]
    assert {one["key"]: one["name"] for one in told["segments"]}["silent"] == "沉默"
    cohorts = await desk.analysis.cohorts("en")
    assert cohorts["buyers"] == 62
    assert sum(cohort["buyers"] for cohort in cohorts["cohorts"]) == 62
    assert [rate["days"] for rate in cohorts["rates"]] == [30, 60, 90, 365]
    assert cohorts["forecast"]["expected"][0]["purchases"] > 0
    assert set(cohorts["forecast"]["parameters"]) == {"r", "alpha_days", "a", "b"}


async def test_who_is_due_comes_with_what_to_say_in_the_callers_language(desk):
    await desk.analysis.repurchase("zh_CN", 50)
    await desk.counted()
    told = await desk.analysis.repurchase("zh_CN", 50)
    [mine] = [row for row in told["rows"] if row["id"] == "u1"]
    assert told["count"] == len(told["rows"]) >= 1
    assert (mine["category"], mine["interval_days"], mine["basis"], mine["due_on"], mine["overdue_days"]) == (
        "精华",
        28,
        "own",
        told["today"],
        0,
    )
    assert mine["say"] == "小美，精华用得差不多了吧？需要的话今天给你留一份。"
    assert mine["expected_90d"] > 0
    english = await desk.analysis.repurchase("en", 1)
    assert len(english["rows"]) == 1
    assert english["rows"][0]["why"].startswith(("buys about every", "others buy again"))


async def test_a_count_is_good_for_ten_minutes_for_its_day_and_until_asked_anew(desk):
    await desk.analysis.segments("en")
    await desk.counted()
    await desk.take(make("new", "chat", "u77"))
    assert (await desk.analysis.segments("en"))["state"] == "ready"
    answer = await desk.analysis.segments("en", is_fresh=True)
    assert (answer["state"], answer["fans"]) == ("counting", 63), "the last figures stand while new ones are counted"
    await desk.counted()
    assert (await desk.analysis.segments("en"))["fans"] == 64
    desk.seconds += 601
    assert (await desk.analysis.segments("en"))["state"] == "counting"


async def test_the_end_of_each_day_is_noted_once(desk):
    assert await desk.analysis.note_history() == history.MAX_DAYS
    assert await desk.analysis.note_history() == 0
    desk.now_ms = DAYS.ends_ms(TODAY) + 9 * 60_000
    assert await desk.analysis.note_history() == 0, "what comes ten minutes late still belongs to the day"
    desk.now_ms += 60_000
    assert await desk.analysis.note_history() == 1
    await desk.analysis.segments("en")
    await desk.counted()
    told = (await desk.analysis.segments("en"))["history"]
    assert len(told) == history.MAX_DAYS + 1
    assert sum(told[-1]["segments"].values()) == sum(told[-1]["layers"].values()) == 63
    one = await desk.analysis.outlook("douyin", "x")
    assert [(row["segment"], row["segment_name"]) for row in one["history"]] == [("first_purchase", "潜力首购")]


async def test_one_fans_outlook(desk):
    before = await desk.analysis.outlook("douyin", "u1")
    assert before["expected_90d"] is None, "nothing has been counted yet"
    assert before["habits"] == [
        {"category": "精华", "purchases": 3, "last_bought_on": "2026-10-25", "interval_days": 28, "basis": "own", "due_on": "2026-11-22"}
    ]
    await desk.analysis.segments("en")
    await desk.counted()
    assert (await desk.analysis.outlook("douyin", "u1"))["expected_90d"] > 0
    assert (await desk.analysis.outlook("douyin", "u9"))["habits"] == []
    with pytest.raises(NotFound):
        await desk.analysis.outlook("douyin", "nobody")


async def test_a_count_that_fails_is_said_and_can_be_tried_again(desk, tmp_path, monkeypatch):
    url = desk.database.url
    monkeypatch.setattr(type(desk.database), "url", property(lambda _: url.set(database=str(tmp_path / "gone" / "x.db"))))
    await desk.analysis.segments("en")
    await desk.counted()
    told = await desk.analysis.segments("en")
    assert told["state"] == "failed"
    assert "unable to open database file" in told["error"]
    monkeypatch.undo()
    assert (await desk.analysis.segments("en", is_fresh=True))["state"] == "counting"
    await desk.counted()
    assert (await desk.analysis.segments("en"))["state"] == "ready"


async def test_stopping_ends_a_count_on_its_way_and_a_closed_store_is_said(desk):
    await desk.analysis.segments("en")
    await asyncio.sleep(0.3)
    async with asyncio.timeout(60):
        await desk.analysis.stop()
    with pytest.raises(StoreUnavailable):
        await desk.analysis.segments("en")
