from dataclasses import replace

from studio.app.notices import Notices
from studio.app.sound_watch import CALM_READINGS, HEARD_READINGS, SILENT_READINGS, TALKING_READINGS, SoundWatch
from studio.app.watchers import Watchers
from studio.engine.meters import SoundLevel
from studio.model.settings import AudioSettings
from studio.model.sound import Loudness, SoundReading, ridden_db

READING = SoundReading(Loudness())
SPEAKING = SoundLevel(-20, -8, READING)
MICROPHONE = AudioSettings(source="device:default")
MUTED = replace(MICROPHONE, muted=True)


class Listener:
    """A watch, and what it has told."""

    def __init__(self):
        self.told = []
        self.watchers = Watchers(Notices(lambda _, notice: self.told.append((notice["code"], notice["over_at"] is not None))))
        self.watch = SoundWatch(self.watchers)

    def hears(self, level, audio, times, *, is_on_air=True, is_away=False):
        """The codes that stand after so many readings."""
        for _ in range(times):
            self.watch.hear(level, audio, is_on_air=is_on_air, is_away=is_away)
        return [row["code"] for row in self.watchers.report()]


def test_talking_while_muted_stands_after_a_second_until_it_was_over_for_ten():
    listener, talking = Listener(), SoundLevel(-96, -96, replace(READING, muted_level_db=-25))
    assert listener.hears(talking, MUTED, TALKING_READINGS - 1) == []
    assert listener.hears(talking, MUTED, 200) == ["sound.talking_muted"]
    assert listener.hears(SPEAKING, MICROPHONE, CALM_READINGS - 1) == ["sound.talking_muted"], "speech has pauses"
    assert listener.hears(SPEAKING, MICROPHONE, 1) == []
    assert listener.told == [("sound.talking_muted", False), ("sound.talking_muted", True)]
    assert listener.hears(talking, MUTED, 20) == ["sound.talking_muted"]


def test_silence_stands_after_fifteen_seconds_until_something_is_heard_and_not_of_a_muted_or_absent_microphone():
    silent, listener = SoundLevel(-96, -96, READING), Listener()
    assert listener.hears(silent, MICROPHONE, SILENT_READINGS - 1) == []
    assert listener.hears(silent, MICROPHONE, 1) == ["sound.silent_long"]
    assert listener.hears(SPEAKING, MICROPHONE, HEARD_READINGS - 1) == ["sound.silent_long"], "a click is no sound"
    assert listener.hears(SPEAKING, MICROPHONE, 1) == []
    assert Listener().hears(silent, MUTED, 400) == []
    assert Listener().hears(silent, AudioSettings(), 400) == []


def test_clipping_is_told_unless_the_limiter_takes_care_of_it():
    loud = SoundLevel(-6, 0.0, READING)
    assert Listener().hears(loud, MICROPHONE, 5) == ["sound.clipping"]
    assert Listener().hears(loud, replace(MICROPHONE, limiter=True), 50) == []


def test_a_microphone_that_is_heard_behind_the_slate_is_told_and_over_when_the_show_is():
    listener = Listener()
    assert listener.hears(SPEAKING, MICROPHONE, TALKING_READINGS) == []
    assert listener.hears(SPEAKING, MICROPHONE, TALKING_READINGS, is_away=True) == ["sound.hot_microphone"]
    assert listener.hears(SPEAKING, MICROPHONE, 1, is_on_air=False) == [], "the show is over, and with it what was wrong in it"


def test_off_air_nothing_is_told_but_a_stage_that_is_missing_as_long_as_it_is():
    listener, level = Listener(), SoundLevel(0, 0.0, replace(READING, trouble="sound.no_denoise"))
    assert listener.hears(level, MICROPHONE, 3, is_on_air=False) == ["sound.no_denoise"]
    assert listener.hears(SPEAKING, MICROPHONE, 1, is_on_air=False) == []


def test_the_rider_goes_slowly_rests_in_pauses_and_ends_at_its_bounds():
    speaking = Loudness(-24, -24, -24, -10)
    assert 0 < ridden_db(0.0, speaking, -16.0, 1.0) < 1
    assert ridden_db(3.0, Loudness(-60, -30, -24, -10), -16.0, 10.0) == 3.0
    assert ridden_db(3.0, speaking, 0.0, 10.0) == 3.0
    gain = 0.0
    for _ in range(1000):
        gain = ridden_db(gain, speaking, -9.0, 0.1)
    assert gain == 9.0
