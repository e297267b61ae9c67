import threading
import time

from studio.engine import feed as feed_module
from studio.engine.feed import Feed, FirstItem, SourceState
from studio.engine.handoff import Fifo
from studio.errors import SourceUnavailable
from studio.ports import SourceInfo


class Plug:
    """A source that can be pulled out: it refuses to open, or is lost while it is read, as often as told."""

    def __init__(self, refusals=0, losses=0, *, is_retryable=True):
        self.refusals, self.losses, self.is_retryable = refusals, losses, is_retryable
        self.opened, self.closed = 0, 0
        self.epochs = []

    def open(self, epoch_ns):
        self.epochs.append(epoch_ns)
        if self.refusals:
            self.refusals -= 1
            raise SourceUnavailable("camera.none", retryable=self.is_retryable, source="camera:0")
        self.opened += 1
        return SourceInfo("plug", 320, 180, 30.0)

    def read(self, timeout_s):
        if self.losses and self.opened == 1:
            self.losses -= 1
            raise SourceUnavailable("camera.lost", retryable=True, source="camera:0")
        time.sleep(0.002)
        return time.monotonic_ns()

    def close(self):
        self.closed += 1


def run_until(plug, wanted, monkeypatch, name="camera"):
    monkeypatch.setattr(feed_module, "_BACK_OFF_S", (0.01,))
    news, done = [], threading.Event()

    def post(event):
        news.append(event)
        if wanted(news):
            done.set()

    items = Fifo(10_000)
    feed = Feed(name, "camera:0", plug, items.put, post, lambda *_: None)
    feed.start(time.monotonic_ns())
    assert done.wait(30), news
    assert feed.stop(30)
    return feed, news, items


def test_a_source_that_comes_late_is_opened_again_and_told_once_open(monkeypatch):
    plug = Plug(refusals=3)
    _, news, items = run_until(plug, lambda news: any(isinstance(one, FirstItem) for one in news), monkeypatch)
    states = [one for one in news if isinstance(one, SourceState)]
    assert [state.error is None for state in states] == [False, False, False, True]
    assert states[-1].info.name == "plug"
    assert len(items)


def test_a_source_that_is_lost_comes_back_from_now_on(monkeypatch):
    plug = Plug(losses=1)
    feed, news, _ = run_until(plug, lambda news: sum(isinstance(one, FirstItem) for one in news) == 1, monkeypatch)
    assert plug.opened == 2
    assert feed.info.name == "plug"
    assert [one.error.code for one in news if isinstance(one, SourceState) and one.error] == ["camera.lost"]


def test_a_source_that_can_never_work_is_not_tried_again(monkeypatch):
    plug = Plug(refusals=100, is_retryable=False)
    run_until(plug, lambda news: any(isinstance(one, SourceState) for one in news), monkeypatch)
    assert len(plug.epochs) == 1


def test_the_source_is_closed_by_its_own_thread_at_the_end(monkeypatch):
    plug = Plug()
    run_until(plug, lambda news: any(isinstance(one, FirstItem) for one in news), monkeypatch, name="microphone")
    assert plug.closed == 1
