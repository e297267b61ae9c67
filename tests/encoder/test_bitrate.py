"""At which rate to go on when a network takes less, and how a line's progress is judged."""

import itertools

import pytest

from encoder.bitrate import AdaptiveBitrate
from encoder.progress import Progress

SECOND_NS = 1_000_000_000
TURN_S = 0.05
USUAL_MS = 40.0
AUDIO_KBPS = 160
ENCODER_LAG_S = 0.7


class Line:
    """A link with a buffer of a second, and an encoder that follows its rate with a lag: a small simulation, in turns of 50 ms."""

    def __init__(self, rate: AdaptiveBitrate) -> None:
        self.rate = rate
        self.now_s = 0.0
        self.delivered = 0.0
        self.waiting = 0.0  # bytes in the link's buffer, or before it
        self.rates: list[tuple[float, int]] = []
        self.longest_ms = 0.0

    def run(self, seconds: float, link_kbps: float) -> None:
        for _ in range(round(seconds / TURN_S)):
            self.now_s += TURN_S
            asked = next((rate for at, rate in reversed(self.rates) if at <= self.now_s - ENCODER_LAG_S), self.rate.ceiling_kbps)
            self.waiting += (asked + AUDIO_KBPS) * 125 * TURN_S
            gone = min(self.waiting, link_kbps * 125 * TURN_S)
            self.waiting, self.delivered = self.waiting - gone, self.delivered + gone
            way_ms = USUAL_MS + self.waiting / (link_kbps * 0.125)
            self.longest_ms = max(self.longest_ms, way_ms)
            self.rates.append((self.now_s, self.rate.update(round(self.now_s * SECOND_NS), way_ms, USUAL_MS, int(self.delivered))))

    def first(self, holds) -> float:
        return next(at for at, rate in self.rates if holds(rate))


def _line(ceiling_kbps=6000) -> Line:
    return Line(AdaptiveBitrate(ceiling_kbps, AUDIO_KBPS))


def test_a_calm_network_keeps_the_profiles_rate():
    line = _line()
    line.run(20, 8000)
    assert {rate for _, rate in line.rates} == {6000}


def test_a_link_cut_to_a_third_is_followed_within_one_and_a_half_seconds():
    line = _line()
    line.run(5, 8000)
    line.run(1.5, 2000)
    assert line.rates[-1][1] <= 2000 - AUDIO_KBPS
    assert line.first(lambda rate: rate < 6000) < 5 + 1.0


def test_on_a_narrow_link_it_stays_near_what_the_link_takes():
    line = _line()
    line.run(5, 8000)
    line.run(60, 2000)
    late = [rate for at, rate in line.rates if at > 20]
    assert 1100 < sum(late) / len(late) < 1900
    assert max(late) < 2800, "one step too far at most"


def test_it_is_back_at_nine_tenths_within_twenty_seconds_wherever_it_stood():
    for narrow_s in (10, 20, 33, 47, 60):
        line = _line()
        line.run(5, 8000)
        line.run(narrow_s, 2000)
        wide_s = line.now_s
        line.run(20, 8000)
        assert next(at for at, rate in line.rates if at > wide_s and rate >= 5400) - wide_s <= 20
        line.run(10, 8000)
        assert line.rates[-1][1] == 6000


def test_it_never_goes_below_its_floor_or_above_its_ceiling():
    for ceiling, floor in ((6000, 600), (2000, 300), (200, 200)):
        line = _line(ceiling)
        assert (line.rate.floor_kbps, line.rate.ceiling_kbps) == (floor, ceiling)
        line.run(30, 100)
        assert min(rate for _, rate in line.rates) == floor
        line.run(60, 50_000)
        assert line.rates[-1][1] == ceiling


def test_a_long_way_is_no_slow_network():
    """A satellite's 600 ms, once they are known as usual."""
    rate = AdaptiveBitrate(6000)
    assert {rate.update(round(turn * 0.05 * SECOND_NS), 700.0, 600.0, turn * 37_500) for turn in range(400)} == {6000}


def test_a_burst_that_is_gone_within_a_quarter_of_a_second_changes_nothing():
    rate = AdaptiveBitrate(6000)
    seen = {rate.update(round(at * SECOND_NS), 650.0 if at % 1 < 0.2 else 40.0, USUAL_MS, int(at * 750_000)) for at in _turns(10)}
    assert seen == {6000}


def test_half_a_second_of_nothing_is_not_taken_for_the_end_of_the_line():
    """A mobile hand-over: one step down by at most three quarters, and up again."""
    rate = AdaptiveBitrate(6000)
    rates = [
        rate.update(round(at * SECOND_NS), 40.0 + 1000 * max(0.0, min(at - 2, 0.6)) * (at < 2.7), USUAL_MS, int(at * 750_000))
        for at in _turns(20)
    ]
    assert 1500 <= min(rates) < 6000
    assert rates[-1] == 6000


def _turns(seconds):
    return itertools.takewhile(lambda at: at < seconds, (turn * TURN_S for turn in itertools.count()))


def _sent(progress, packets, each=1000, every_ns=SECOND_NS // 30):
    for number in range(packets):
        progress.look(0 if number == 0 else progress.delivered, is_all_there=False, now_ns=number * every_ns)
        progress.note((number + 1) * each, number * 33.0)


def test_how_long_a_packet_is_under_way_and_how_long_that_takes_usually():
    progress = Progress(0)
    for number in range(20):
        at_ns = number * 100_000_000
        progress.look(number * 500, is_all_there=False, now_ns=at_ns)
        progress.note((number + 1) * 500, number * 100.0)
        progress.look((number + 1) * 500, is_all_there=True, now_ns=at_ns + (40 + number) * 1_000_000)
    assert progress.usual_ms == pytest.approx(40.0)
    assert progress.waited_ms == 0.0
    progress.note(20_000, 2000.0)
    progress.look(10_000, is_all_there=False, now_ns=3_000_000_000)
    assert progress.waited_ms == pytest.approx(3000 - 1959)


def test_media_that_has_not_left_the_kernel_is_counted_by_its_time():
    progress = Progress(0)
    _sent(progress, 10)
    assert progress.unsent_ms(0, None) == pytest.approx(9 * 33.0)
    assert progress.unsent_ms(5_500, None) == pytest.approx(4 * 33.0)
    assert progress.unsent_ms(5_500, 600.0) == pytest.approx(600 - 5 * 33.0)
    assert progress.unsent_ms(10_000, None) == 0.0


def test_a_line_on_which_nothing_arrives_for_three_seconds_is_dead_and_one_without_work_is_not():
    progress = Progress(0)
    progress.note(1000, 0.0)
    progress.look(0, is_all_there=False, now_ns=2_900_000_000)
    assert not progress.has_stopped(0)
    progress.look(0, is_all_there=False, now_ns=3_100_000_000)
    assert progress.has_stopped(0)
    progress.look(1000, is_all_there=True, now_ns=9_000_000_000)
    assert not progress.has_stopped(0)


def _reading(acknowledged_every, seconds, stops_after):
    """Whether a server is found to have stopped: 100 kB a second arrive, and it acknowledges until it stops reading."""
    progress, delivered, acknowledgements = Progress(0), 0, 0
    for turn in range(round(seconds * 20)):
        delivered += 5_000
        if turn / 20 < stops_after:
            acknowledgements = delivered // acknowledged_every
        progress.look(delivered, is_all_there=False, now_ns=turn * 50_000_000)
        if progress.has_stopped(acknowledgements):
            return turn / 20 - stops_after
    return None


def test_a_server_that_reads_no_more_is_found_by_the_acknowledgements_that_stay_away():
    assert _reading(32_768, 30, 10) == pytest.approx(4.1, abs=0.4)
    assert _reading(100_000, 30, 10) == pytest.approx(4.5, abs=0.6)


def test_a_server_that_never_acknowledged_or_does_so_rarely_is_left_alone():
    assert _reading(10**9, 60, 60) is None
    assert _reading(2_500_000, 120, 120) is None
    assert _reading(32_768, 60, 60) is None
