"""Whoever waits for an answer of the store goes first: the writer stands aside, the interpreter's turns are short, and both only then."""

import asyncio
import sys
import threading
import time

import pytest

from studio.store import engines
from studio.store import turns as module
from studio.store.turns import Turns


@pytest.fixture
def turns():
    usual_s = sys.getswitchinterval()
    yield Turns()
    assert sys.getswitchinterval() == usual_s


async def test_turns_are_short_while_any_answer_is_waited_for(turns):
    usual_s = sys.getswitchinterval()
    with turns.going_first():
        assert sys.getswitchinterval() < usual_s
        with turns.going_first():
            pass
        assert sys.getswitchinterval() < usual_s
    assert sys.getswitchinterval() == usual_s


async def test_an_answer_that_fails_leaves_the_turns_as_they_were(turns):
    usual_s = sys.getswitchinterval()
    with pytest.raises(ZeroDivisionError), turns.going_first():
        raise ZeroDivisionError
    assert sys.getswitchinterval() == usual_s


async def test_a_long_list_costs_the_others_nothing_after_a_moment(turns, monkeypatch):
    monkeypatch.setattr(module, "_LOOK_UP_S", 0.0)
    usual_s = sys.getswitchinterval()
    with turns.going_first():
        async with asyncio.timeout(30):
            while sys.getswitchinterval() != usual_s:  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0.001)
    assert sys.getswitchinterval() == usual_s


async def test_the_writer_stands_aside_until_the_answer_is_there(turns, monkeypatch):
    monkeypatch.setattr(module, "_LOOK_UP_S", 30.0)
    monkeypatch.setattr(module, "_PATIENCE_S", 30.0)
    order: list[str] = []
    is_asked = threading.Event()

    def write() -> None:
        is_asked.set()
        turns.give_way()
        order.append("written")

    with turns.going_first():
        writer = threading.Thread(target=write)
        writer.start()
        await asyncio.to_thread(is_asked.wait, 30)
        order.append("answered")
    writer.join(30)
    assert order == ["answered", "written"]


async def test_the_writer_goes_on_when_an_answer_takes_long_and_then_has_its_share(turns, monkeypatch):
    monkeypatch.setattr(module, "_LOOK_UP_S", 30.0)
    monkeypatch.setattr(module, "_WORK_AGAIN", 1e6)
    waits: list[float] = []

    def wait(patience_s: float) -> None:
        waits.append(patience_s)
        time.sleep(0.001)

    with turns.going_first():
        monkeypatch.setattr(turns._nobody_waits, "wait", wait)
        for _ in range(5):
            turns.give_way()
    assert waits == [module._PATIENCE_S]


def test_the_writer_pauses_before_each_statement_and_before_the_commit(tmp_path, monkeypatch):
    pauses: list[None] = []
    monkeypatch.setattr(module.turns, "give_way", lambda: pauses.append(None))
    engine = engines.make(engines.parse(f"sqlite:///{tmp_path}/one.db"), "one", is_read_only=False)
    with engine.begin() as connection:
        before = len(pauses)
        connection.exec_driver_sql("CREATE TABLE one (n)")
        assert len(pauses) == before + 1
    assert len(pauses) == before + 2
    engine.dispose()


def test_a_writer_that_nobody_waits_for_never_stops(turns, monkeypatch):
    monkeypatch.setattr(turns._nobody_waits, "wait", lambda _: pytest.fail("nobody waits"))
    turns.give_way()
