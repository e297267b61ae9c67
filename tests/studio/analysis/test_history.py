"""The history of segments and layers: what is noted day by day is what a reading of the past finds."""

import random

from fan_file import make
from file_on_disk import DAYS, TODAY, File, at
from sqlalchemy import event

from studio.analysis import history, worker
from studio.analysis.judge import At, judge_block
from studio.model.loyalty import Rules
from studio.store import fan_archive
from studio.store.analysis_tables import standing, standing_day
from studio.store.fan_store import FanStore


def test_a_fan_goes_through_segments_and_layers_and_each_step_is_kept(file):
    file.take(*(make(f"e{n}", "chat", minute=at(n), text="hi") for n in range(3)))
    file.take(make("o", "order", minute=at(3), order="o1", amount_minor=250_00))
    file.note(*range(TODAY, TODAY + 70))
    first = history.date_of(TODAY + 2)
    assert file.history(1) == [
        (first, "other", "active"),
        (history.date_of(TODAY + 3), "first_purchase", "active"),
        (history.date_of(TODAY + 30), "first_purchase", "new"),
        (history.date_of(TODAY + 33), "silent", "new"),
    ]


def test_days_noted_as_they_end_are_the_days_that_are_read_back(tmp_path):
    """The replay: one file is noted evening by evening, the other gets all events first and its history after."""
    seed = random.Random(5)
    events = []
    for number in range(600):
        kind = seed.choice(["chat", "chat", "enter", "like", "order", "follow", "refund", "leave", "unfollow"])
        more = {"order": {"order": f"o{number}", "amount_minor": seed.choice([50_00, 250_00, 900_00]), "is_promo": seed.random() < 0.5},
                "refund": {"order": f"o{seed.randrange(600)}", "amount_minor": 30_00}}.get(kind, {})  # fmt: skip
        fan = "" if kind == "refund" else f"u{int(seed.paretovariate(0.7)) % 25}"
        events.append(make(f"e{number}", kind, fan, minute=at(number / 8), **more))
    live, later = File(tmp_path / "live.db"), File(tmp_path / "later.db")
    last = DAYS.day_of(events[-1].at_ms)
    for day in range(TODAY, last + 1):
        live.take(*(one for one in events if DAYS.day_of(one.at_ms) == day))
        live.note(day)
    later.take(*events)
    later.note(*range(TODAY, last + 1))
    assert live.rows() == later.rows()
    assert live.rows(standing_day) == later.rows(standing_day)
    assert {row[2] for row in live.rows()} >= {"loyal", "price_sensitive", "first_purchase", "other"}
    assert {row[3] for row in live.rows()} >= {"new", "active", "core"}
    live.engine.dispose()
    later.engine.dispose()


def test_the_totals_of_a_day_are_everybody_who_was_known_but_staff(tmp_path):
    file = File(tmp_path / "fans.db")
    file.store = FanStore(Rules(staff=frozenset({("douyin", "u9")})), DAYS, "CNY")
    file.take(make("a", "chat", "u1"), make("b", "chat", "u9"), make("c", "chat", "u2", minute=at(1)))
    file.note(TODAY, TODAY + 1)
    assert file.rows(standing_day) == [(TODAY, "other", "new", 1), (TODAY + 1, "other", "new", 2)]
    assert file.rows() == [], "where everybody begins needs no row"
    file.engine.dispose()


def test_what_is_noted_stays_whatever_comes_later_and_after_a_rebuild(file):
    file.take(*(make(f"e{n}", "chat", minute=at(n), text="hi") for n in range(3)))
    file.note(TODAY + 2)
    known = file.rows()
    file.take(make("late", "order", minute=at(1), order="o1", amount_minor=250_00))
    with file.engine.begin() as connection:
        before = list(fan_archive.export_lines(connection))
        fan_archive.rebuild(connection, file.store)
        assert list(fan_archive.export_lines(connection)) == before
    file.note(TODAY + 2)
    assert file.rows() == known == [(1, TODAY + 2, "other", "active")]


def test_a_reading_that_was_cut_off_is_taken_up_again(file):
    file.take(*(make(f"e{n}", "chat", f"u{n % 4}", minute=at(n / 4), text="hi") for n in range(40)))
    for noted in worker.notes(file.engine, range(TODAY, TODAY + 12), Rules(), DAYS, "CNY"):
        if isinstance(noted, worker.Noted) and noted.rows:
            with file.engine.begin() as connection:
                history.write_changes(connection, noted.rows[:3])
            break
    with file.engine.begin() as connection:
        assert history.days_to_note(connection, TODAY + 12) == list(range(TODAY, TODAY + 12))
    file.note(*range(TODAY, TODAY + 12))
    cut = file.rows()
    with file.engine.begin() as connection:
        assert history.days_to_note(connection, TODAY + 12) == []
        connection.execute(standing.delete())
        connection.execute(standing_day.delete())
    file.note(*range(TODAY, TODAY + 12))
    assert file.rows() == cut


def test_after_a_long_pause_the_last_days_are_noted(file):
    with file.engine.begin() as connection:
        assert history.days_to_note(connection, TODAY) == []
    file.take(make("e", "chat"))
    with file.engine.begin() as connection:
        assert history.days_to_note(connection, TODAY + 400) == list(range(TODAY + 400 - history.MAX_DAYS, TODAY + 400))
        assert history.days_to_note(connection, TODAY + 2) == [TODAY, TODAY + 1]


def test_merged_accounts_keep_both_pasts(file):
    file.take(*(make(f"{fan}{n}", "chat", fan, minute=at(n), text="hi") for fan in ("u1", "u2") for n in range(3)))
    file.note(TODAY + 2)
    assert len(file.history(1, 2)) == 2


def test_a_block_costs_a_few_queries_however_many_are_in_it(file):
    file.take(*(make(f"e{n}", "order", f"u{n}", order=f"o{n}", amount_minor=1) for n in range(400)))
    asked = []
    event.listen(file.engine, "before_cursor_execute", lambda *details: asked.append(details[2]))
    with file.engine.begin() as connection:
        assert len(judge_block(connection, (1, 5_000), At.end_of(TODAY - 1, Rules(), DAYS, "CNY"))) == 0
        assert len(judge_block(connection, (1, 5_000), At.end_of(TODAY, Rules(), DAYS, "CNY"))) == 400
    assert len(asked) <= 8
