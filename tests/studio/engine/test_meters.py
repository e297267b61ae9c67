"""The meters beside the path of the sound, with the real master chain."""

import numpy as np
import pytest

from capture.sound import Master
from studio.engine.meters import SILENCE_DB, TOLD_EVERY, Meters, Sent, SoundLevel
from studio.engine.mixer import CHUNK, Mixer
from studio.model.sound import SILENT_LUFS, Loudness, SoundReading
from tests.servers import wait_until


def tone(level, chunks):
    wave = level * np.sin(2 * np.pi * 1000 * np.arange(chunks * CHUNK) / 48_000)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def told(samples, peaks=()):
    levels, master = [], Master()
    meters = Meters(master, lambda: SoundReading(master.reading().loudness), levels.append, lambda *_: None)
    for number in range(len(samples) // CHUNK):
        meters.measure(Sent(samples[number * CHUNK : (number + 1) * CHUNK], peaks[number] if peaks else (), -3.04))
    return levels


def test_five_chunks_are_one_reading_of_level_peak_and_loudness():
    levels = told(tone(0.5, 50))
    assert len(levels) == 50 // TOLD_EVERY
    assert levels[-1].peak_db == pytest.approx(-6, abs=0.1)
    assert levels[-1].rms_db == pytest.approx(-9, abs=0.1)
    assert levels[-1].reading.loudness.momentary == pytest.approx(-6, abs=0.2)  # 0 LUFS is a full sine on both sides, K-weighted
    assert levels[-1].ducked_db == -3.0


def test_silence_is_told_as_silence():
    level = told(np.zeros((TOLD_EVERY * CHUNK, 2), np.float32))[0]
    assert (level.rms_db, level.peak_db, level.reading.loudness) == (SILENCE_DB, SILENCE_DB, Loudness(SILENT_LUFS))


def test_an_inputs_peak_is_the_greatest_of_the_reading_and_not_of_the_one_before():
    rows = [(("voice", 0.1 * (number + 1)), ("music", 0.01)) for number in range(TOLD_EVERY)]
    first, second = told(tone(0.1, 2 * TOLD_EVERY), [*rows, *[(("voice", 0.001),)] * TOLD_EVERY])
    assert dict(first.inputs) == {"voice": pytest.approx(-6, abs=0.1), "music": -40.0}
    assert dict(second.inputs) == {"voice": -60.0}


def test_a_mixer_tells_levels_from_a_thread_of_its_own_until_it_is_stopped():
    levels = []
    mixer = Mixer(Master(), levels.append, lambda *_: None)
    mixer.start()
    wait_until(lambda: len(levels) >= 2, what="two readings")
    mixer.stop()
    mixer.stop()
    assert all(isinstance(level, SoundLevel) and level.peak_db == SILENCE_DB for level in levels)
