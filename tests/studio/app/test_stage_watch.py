"""Stages that hang, sound that drifts, uplinks that can't keep up: told while it lasts."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from studio.app.notices import Notices
from studio.app.stage_watch import StageWatch
from studio.app.watchers import Watchers
from studio.engine.stage import StageMeter
from studio.ports import OutputStats


@dataclass
class Uplink:
    """An output that says how much waits."""

    told: OutputStats

    def stats(self):
        return self.told


@dataclass
class Engine:
    """The parts that the watch reads: real meters, figures set by hand."""

    meters: dict[str, StageMeter] = field(default_factory=lambda: {"look": StageMeter(), "program": StageMeter()})
    mixer: Any = field(default_factory=lambda: SimpleNamespace(meter=StageMeter(), drift_ms=0.0))
    outputs: tuple = ()
    session: Any = None
    is_on_air: bool = True
    microphone: object = True

    @property
    def program(self):
        return SimpleNamespace(meters=self.meters)


def made():
    engine = Engine()
    watchers = Watchers(Notices(lambda *_: None))
    return engine, StageWatch(engine, engine, watchers), watchers


def standing(watchers):
    return {(row["code"], row["about"]) for row in watchers.report()}


def test_a_step_that_takes_over_two_seconds_is_told_and_over_with_its_end(monkeypatch):
    now = [10**10]
    monkeypatch.setattr("studio.engine.stage.time.perf_counter_ns", lambda: now[0])
    engine, watch, watchers = made()
    engine.meters["look"].begin()
    now[0] += 1_900_000_000
    watch.look()
    assert standing(watchers) == set()
    now[0] += 200_000_000
    watch.look()
    assert standing(watchers) == {("stage.stalled", "look")}
    engine.meters["look"].end()
    now[0] += 60_000_000_000
    watch.look()
    assert standing(watchers) == set(), "a stage that waits for work doesn't hang"


def test_drift_counts_when_it_lasts_five_seconds():
    engine, watch, watchers = made()
    for drift_ms, looks in ((45.0, 19), (0.0, 1), (-45.0, 19)):
        engine.mixer.drift_ms = drift_ms
        for _ in range(looks):
            watch.look()
    assert standing(watchers) == set()
    watch.look()
    assert standing(watchers) == {("sound.drift", "")}
    engine.mixer.drift_ms = 1.0
    watch.look()
    assert standing(watchers) == set()


def test_what_waits_for_a_second_is_told_by_the_outputs_name_and_over_with_the_show():
    engine, watch, watchers = made()
    engine.outputs = (
        Uplink(OutputStats("a", "rtmp", "live", backlog_ms=650)),
        Uplink(OutputStats("b", "rtmp", "live", backlog_ms=80)),
        Uplink(OutputStats("c", "file", "live", backlog_ms=2500)),
        Uplink(OutputStats("d", "rtmp", "reconnecting", backlog_ms=650)),
    )
    for _ in range(3):
        watch.look()
    assert standing(watchers) == set()
    watch.look()
    assert standing(watchers) == {("output.backlog", "a")}
    engine.is_on_air = False
    watch.look()
    assert standing(watchers) == set()
