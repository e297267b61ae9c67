"""When a picture counts as gone, black or back: sequences of pictures and times, no camera and no clock."""

import numpy as np
import pytest

from studio.model.picture_watch import Seen, grid, see
from studio.model.slate import ASK_AFTER_NS, ASK_AGAIN_NS, SlateState, SourceNow, next_slate

MS = 1_000_000
FRAME_NS = 33 * MS
START_NS = 10_000 * MS


class Film:
    """Pictures of a source, one after another, on a clock of its own."""

    def __init__(self, spec="camera:0", fps=30):
        self.spec, self.step_ns = spec, 1_000_000_000 // fps
        self.now_ns, self.seen, self.before, self.is_lost = START_NS, Seen(), None, False
        self.random = np.random.default_rng(7)
        self.state, self.reopened = SlateState(), []

    def noisy(self):
        return self.random.integers(90, 110, (1080, 1920), np.uint8)

    def show(self, picture, count=1):
        for _ in range(count):
            self.wait(self.step_ns)
            small = grid(picture() if callable(picture) else picture)
            self.seen, self.before = see(self.seen, self.before, small, self.now_ns), small

    def wait(self, ns):
        """Time goes by, looked at every 50 ms as on air."""
        end_ns = self.now_ns + ns
        while self.now_ns < end_ns:
            self.now_ns = min(end_ns, self.now_ns + 50 * MS)
            self.look()

    def look(self):
        self.state, must_reopen = next_slate(self.state, self.source(), self.now_ns)
        if must_reopen:
            self.reopened.append(self.now_ns)

    def source(self):
        return SourceNow(self.spec, self.seen, self.is_lost, START_NS)


def test_a_camera_that_repeats_itself_to_the_last_bit_gets_a_slate_within_half_a_second_and_is_back_after_three_new_pictures():
    film = Film()
    film.show(film.noisy, 60)
    assert not film.state.is_shown
    stuck, began_ns = film.noisy(), film.now_ns
    film.show(stuck, 1)
    while not film.state.is_shown:
        film.show(stuck, 1)
        assert film.now_ns - began_ns <= 500 * MS
    assert film.state.reason == "frozen"
    film.show(stuck, 30)
    assert film.state.is_shown, "that pictures come doesn't help while they are the same"
    film.show(film.noisy, 2)
    film.look()
    assert film.state.is_shown, "a dying cable gives single pictures"
    film.show(film.noisy, 1)
    film.look()
    assert not film.state.is_shown


def test_a_source_that_never_had_a_sensors_noise_may_stand_still_for_hours():
    film = Film()
    page = film.noisy()
    for number in range(60):  # a virtual camera that shows a page on which a cursor blinks
        page = page.copy()
        page[500:540, 900:920] = number * 4
        film.show(page)
    film.show(page, 3000)
    assert not film.seen.is_noisy
    assert not film.state.is_shown


@pytest.mark.parametrize(("spec", "is_watched"), [("screen:0", False), ("file:a.mp4", False), ("testcard", False), ("camera:1", True)])
def test_only_a_cameras_repeats_are_a_fault(spec, is_watched):
    film = Film(spec)
    film.show(film.noisy, 60)
    film.show(film.noisy(), 90)
    assert film.state.is_shown is is_watched


@pytest.mark.parametrize(
    ("spec", "quiet_ms", "reason"), [("camera:0", 400, "silent"), ("screen:0", 2000, "silent"), ("file:a.mp4", 60_000, None)]
)
def test_a_source_without_news_is_gone_after_its_patience(spec, quiet_ms, reason):
    film = Film(spec)
    film.show(film.noisy, 60)
    film.wait((quiet_ms - 60) * MS)
    assert not film.state.is_shown
    film.wait(120 * MS)
    assert film.state.reason == reason


def test_a_slow_camera_in_the_dark_is_waited_for_longer():
    film = Film(fps=5)
    film.show(film.noisy, 40)
    assert not film.state.is_shown
    film.wait(600 * MS)
    assert not film.state.is_shown
    film.wait(400 * MS)
    assert film.state.reason == "silent"


@pytest.mark.parametrize("spec", ["camera:0", "file:a.mp4", "screen:0"])
def test_what_cannot_be_opened_is_lost_and_comes_back(spec):
    film = Film(spec)
    film.show(film.noisy, 60)
    film.is_lost = True
    film.wait(450 * MS)
    assert film.state.reason == "lost"
    assert film.reopened == [], "the feed tries by itself"
    film.is_lost = False
    film.wait(200 * MS)
    assert film.state.is_shown, "open, but no picture yet"
    film.show(film.noisy, 3)
    film.look()
    assert not film.state.is_shown


def test_a_show_that_begins_without_a_camera_begins_with_a_slate():
    film = Film()
    film.is_lost = True
    film.wait(500 * MS)
    assert film.state.reason == "lost"


def test_a_camera_that_hangs_is_opened_anew_after_a_second_and_then_every_four():
    film = Film()
    film.show(film.noisy, 60)
    began_ns = film.now_ns
    film.wait(12_000 * MS)
    assert [round((at - began_ns) / 1e9) for at in film.reopened] == [1, 5, 9]


def test_the_host_is_asked_after_twenty_seconds_and_again_a_minute_after_the_answer():
    film = Film()
    film.show(film.noisy, 60)
    film.wait(400 * MS)
    since_ns = film.state.since_ns
    assert not film.state.asks(since_ns + ASK_AFTER_NS - 1)
    assert film.state.asks(since_ns + ASK_AFTER_NS)
    waiting = film.state.answered(since_ns + ASK_AFTER_NS)
    assert not waiting.asks(since_ns + ASK_AFTER_NS + ASK_AGAIN_NS - 1)
    assert waiting.asks(since_ns + ASK_AFTER_NS + ASK_AGAIN_NS)


def test_black_is_told_after_two_seconds_and_only_while_it_lasts():
    film = Film()
    film.show(film.noisy, 30)
    capped = lambda: film.random.integers(16, 20, (1080, 1920), np.uint8)  # noqa: E731 - a lens with its cap on
    film.show(capped, 55)
    assert not film.seen.is_black(film.now_ns)
    film.show(capped, 10)
    assert film.seen.is_black(film.now_ns)
    film.show(film.noisy, 1)
    assert not film.seen.is_black(film.now_ns)


def test_a_dark_room_is_not_black():
    film = Film()
    film.show(lambda: film.random.integers(16, 45, (1080, 1920), np.uint8), 90)
    assert not film.seen.is_black(film.now_ns)


def test_slides_of_a_virtual_camera_are_no_noise():
    film = Film()
    slides = [np.full((360, 640), level, np.uint8) for level in (60, 120, 200)]
    for number in range(30):
        film.show(slides[number % 3], 60)
    assert film.seen.changes > 15
    assert not film.seen.is_noisy
    assert not film.state.is_shown


def test_a_camera_stays_known_as_noisy_through_a_long_freeze():
    film = Film()
    film.show(film.noisy, 60)
    film.show(film.noisy(), 900)
    assert film.state.reason == "frozen"
    film.show(film.noisy, 4)
    assert not film.state.is_shown
    film.show(film.noisy(), 20)
    assert film.state.reason == "frozen", "the next freeze is seen like the first"
