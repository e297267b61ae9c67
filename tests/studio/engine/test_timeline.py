import numpy as np

from studio.engine.timeline import Timeline
from studio.model.frames import AudioBlock

MS = 1_000_000


def sine(first_sample: int, count: int) -> np.ndarray:
    tone = np.sin(2 * np.pi * 440 * np.arange(first_sample, first_sample + count) / 48_000).astype(np.float32)
    return np.stack([tone, tone], axis=1)


def test_blocks_in_step_come_out_bit_for_bit():
    line = Timeline()
    for number in range(10):
        line.add(AudioBlock(sine(number * 960, 960), number * 20 * MS))
    assert np.array_equal(line.cut(0, 9600), sine(0, 9600))


def test_a_gap_becomes_silence_where_it_was():
    line = Timeline()
    line.add(AudioBlock(sine(0, 960), 0))
    line.add(AudioBlock(sine(0, 960), 220 * MS))
    samples = line.cut(0, 960 + 9600 + 960)
    assert np.array_equal(samples[:960], sine(0, 960))
    assert not samples[960 : 960 + 9600].any()
    assert np.array_equal(samples[960 + 9600 :], sine(0, 960))


def test_without_sound_there_is_silence():
    assert not Timeline().cut(5 * MS, 960).any()


def test_sound_before_the_window_is_forgotten_and_sound_after_it_waits():
    line = Timeline()
    line.add(AudioBlock(np.ones((960, 2), np.float32), 100 * MS))
    assert not line.cut(60 * MS, 960).any()
    assert line.cut(110 * MS, 960)[:480].all()


def test_a_sound_card_200_ppm_off_stays_within_3_ms_for_ten_minutes():
    line = Timeline()
    worst = 0.0
    for number in range(30_000):
        stamp = round(number * 20 * MS * 1.0002)
        line.add(AudioBlock(np.zeros((960, 2), np.float32), stamp))
        if number > 100:
            worst = max(worst, abs(line.drift_ms))
        line.cut(stamp - 100 * MS, 960)
    assert worst < 3


def test_a_tone_survives_drift_correction_without_clicks():
    line = Timeline()
    for number in range(200):
        line.add(AudioBlock(sine(number * 960, 960), round(number * 20 * MS * 1.0004)))
    samples = line.cut(1000 * MS, 96_000)[:, 0]
    assert np.abs(np.diff(samples)).max() < 0.075  # the steepest step of 440 Hz at 48 kHz is 0.0576
