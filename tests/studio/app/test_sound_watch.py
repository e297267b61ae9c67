from dataclasses import replace

from studio.app.sound_watch import CALM_READINGS, SILENT_READINGS, SoundWatch
from studio.engine.meters import SoundLevel
from studio.model.settings import AudioSettings
from studio.model.sound import Loudness, SoundReading, ridden_db

READING = SoundReading(Loudness())
SPEAKING = SoundLevel(-20, -8, READING)
MICROPHONE = AudioSettings(source="device:default")
MUTED = replace(MICROPHONE, muted=True)


def told(watch, level, audio, times, *, is_on_air=True):
    return [code for _ in range(times) for code in watch.hear(level, audio, is_on_air=is_on_air)]


def test_talking_while_muted_is_told_once_after_a_second_and_again_only_after_a_while():
    watch, talking = SoundWatch(), SoundLevel(-96, -96, replace(READING, muted_level_db=-25))
    assert told(watch, talking, MUTED, 9) == []
    assert told(watch, talking, MUTED, 200) == ["sound.talking_muted"]
    assert told(watch, SPEAKING, MICROPHONE, CALM_READINGS) == []
    assert told(watch, talking, MUTED, 20) == ["sound.talking_muted"]


def test_silence_is_told_after_fifteen_seconds_and_not_of_a_muted_or_absent_microphone():
    silent = SoundLevel(-96, -96, READING)
    assert told(SoundWatch(), silent, MICROPHONE, SILENT_READINGS) == ["sound.silent_long"]
    assert told(SoundWatch(), silent, MUTED, 400) == []
    assert told(SoundWatch(), silent, AudioSettings(), 400) == []


def test_clipping_is_told_unless_the_limiter_takes_care_of_it():
    loud = SoundLevel(-6, 0.0, READING)
    assert told(SoundWatch(), loud, MICROPHONE, 5) == ["sound.clipping"]
    assert told(SoundWatch(), loud, replace(MICROPHONE, limiter=True), 50) == []


def test_off_air_nothing_is_told_but_a_stage_that_is_missing():
    watch = SoundWatch()
    assert told(watch, SoundLevel(0, 0.0, replace(READING, trouble="sound.no_denoise")), MICROPHONE, 3, is_on_air=False) == [
        "sound.no_denoise"
    ]


def test_the_rider_goes_slowly_rests_in_pauses_and_ends_at_its_bounds():
    speaking = Loudness(-24, -24, -24, -10)
    assert 0 < ridden_db(0.0, speaking, -16.0, 1.0) < 1
    assert ridden_db(3.0, Loudness(-60, -30, -24, -10), -16.0, 10.0) == 3.0
    assert ridden_db(3.0, speaking, 0.0, 10.0) == 3.0
    gain = 0.0
    for _ in range(1000):
        gain = ridden_db(gain, speaking, -9.0, 0.1)
    assert gain == 9.0
