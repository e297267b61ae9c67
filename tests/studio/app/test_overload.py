"""What is told of a machine that can't keep up, on stages whose meters are set by hand."""

from types import SimpleNamespace

import pytest

from studio.app.notices import Notices
from studio.app.overload import Overload
from studio.app.watchers import Watchers
from studio.engine.stage import StageMeter
from studio.model.settings import EncoderSettings

LOOK_NS = 250_000_000
FIXED = EncoderSettings(adaptive=False)


class Show:
    """Stages that are idle, and a counter of skipped frames."""

    def __init__(self) -> None:
        self.counters = SimpleNamespace(skipped=0)
        self.program = SimpleNamespace(meters={"program": StageMeter()}, counters=self.counters)
        self.session = SimpleNamespace(
            skipped=0, queued=0, meter=StageMeter(), set_bitrate_kbps=lambda _: None, ease_encoder=lambda **_: None
        )
        self.notices = Notices(lambda *_: None)
        self.watchers = Watchers(self.notices)
        self.overload = Overload(self, self, self.watchers)
        self.now_ns = 10**10
        self.overload.begin(self.now_ns)
        self.now_ns += 2_000_000_000

    def ease_look(self, level):
        pass

    def look(self, skipped=0, looks=1):
        for _ in range(looks):
            self.counters.skipped += skipped
            self.now_ns += LOOK_NS
            self.overload.look(30, FIXED, self.now_ns)
        return [row["code"] for row in self.watchers.report()]


@pytest.fixture
def show(monkeypatch):
    """The threads of the tests keep their place before the system."""
    monkeypatch.setattr("studio.app.overload.raise_threads", lambda: False)
    monkeypatch.setattr("studio.app.overload.lower_threads", lambda: None)
    made = Show()
    yield made
    made.overload.end()


def test_frames_skipped_now_and_then_are_one_trouble_that_is_over_after_five_seconds_without(show):
    assert show.look() == []
    for _ in range(10):
        assert show.look(skipped=1) == ["overload.skipping"]
        assert show.look(looks=8) == ["overload.skipping"]
    assert show.look(looks=12) == []
    assert [(notice["code"], notice["count"]) for notice in show.notices.all()] == [("overload.skipping", 1)]


def test_a_show_that_begins_has_no_trouble_of_the_last_one(show):
    assert show.look(skipped=3) == ["overload.skipping"]
    show.overload.end()
    assert show.watchers.report() == []
    show.overload.begin(show.now_ns)
    assert show.look(looks=12) == []
