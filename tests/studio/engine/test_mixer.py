"""The mix of several inputs, by the real chains and without a clock: `mix` is asked for one chunk after the other."""

import numpy as np
import pytest

from capture.sound import Master, VoiceChain, limiter
from studio.engine.channel import Channel, Fader
from studio.engine.mixer import CHUNK, CHUNK_NS, Mixer
from studio.model.frames import AudioBlock
from studio.model.mixing import Duck, Ducked, ducked, pan_factors
from studio.model.settings import AudioSettings

START_NS = 1_000_000_000
BEGUN = 2 * CHUNK
"""By then the chains' delay lines are full and the faders are where they were put."""


def tone(frequency, level, seconds):
    wave = level * np.sin(2 * np.pi * frequency * np.arange(int(seconds * 48_000)) / 48_000)
    return np.stack([wave, wave], axis=1).astype(np.float32)


class Desk:
    """A mixer whose inputs are fed as far ahead as the sources of a show are."""

    def __init__(self, *channels):
        self.mixer = Mixer(Master(), lambda _: None, lambda *_: None)
        self.mixer.channels = channels
        self.feeds = {}
        self.number = 0

    def feed(self, channel, samples):
        self.feeds[channel] = samples

    def run(self, seconds):
        out = []
        for number in range(self.number, self.number + round(seconds * 50)):
            for channel, samples in self.feeds.items():
                for ahead in range(6 if number == 0 else 1):
                    place = (number + (5 if number else 0) + ahead) * CHUNK
                    if place + CHUNK <= len(samples):
                        channel.source.put(AudioBlock(samples[place : place + CHUNK], START_NS + place * CHUNK_NS // CHUNK))
            chunk = self.mixer.mix(START_NS + number * CHUNK_NS)
            self.mixer.hand_on(chunk, START_NS + number * CHUNK_NS)
            out.append(chunk.program)
        self.number += round(seconds * 50)
        return np.concatenate(out)


def level_db(samples):
    return 20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9)


def test_one_microphone_alone_is_not_changed_by_a_bit():
    microphone = Channel("microphone", "voice", VoiceChain())
    desk = Desk(microphone)
    voice = tone(440, 0.4, 1.2)
    desk.feed(microphone, voice)
    assert np.array_equal(desk.run(1.0)[BEGUN:], voice[BEGUN:48_000])


def test_inputs_are_added_each_at_its_fader_and_in_step():
    microphone, music = Channel("microphone", "voice", VoiceChain()), Channel("music", "music")
    music.fader = Fader(0.5, 0.25)
    desk = Desk(microphone, music)
    voice, song = tone(440, 0.3, 1.2), tone(880, 0.2, 1.2)
    desk.feed(microphone, voice)
    desk.feed(music, song)
    out = desk.run(1.0)[BEGUN:]
    wanted = (voice + song * np.array([0.5, 0.25], np.float32))[BEGUN:48_000]
    assert np.abs(out - wanted).max() < 1e-6


def test_an_input_that_is_late_or_gone_is_silence_and_holds_up_nothing():
    microphone, music, second = Channel("microphone", "voice", VoiceChain()), Channel("music", "music"), Channel("b", "voice", VoiceChain())
    desk = Desk(microphone, music, second)
    voice = tone(440, 0.3, 1.2)
    desk.feed(microphone, voice)
    desk.feed(music, tone(880, 0.2, 0.3))
    out = desk.run(1.0)
    assert np.abs(out[24_000:] - voice[24_000:48_000]).max() < 1e-6


@pytest.mark.parametrize("pan", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_a_pan_keeps_the_power(pan):
    left, right = pan_factors(pan)
    assert left**2 + right**2 == pytest.approx(2)
    assert (left > right) == (pan < 0) or pan == 0


def test_a_shut_input_is_silent_without_a_click_and_opens_again():
    music = Channel("music", "music")
    desk = Desk(music)
    song = tone(200, 0.5, 2)
    desk.feed(music, song)
    desk.run(0.2)
    music.is_open = False
    shut = desk.run(0.3)
    music.is_open = True
    out = np.concatenate([shut, desk.run(0.3)])
    assert not shut[2 * CHUNK :].any()
    assert out[-CHUNK:].any()
    steepest = np.abs(np.diff(song[:, 0])).max()
    assert np.abs(np.diff(out[:, 0])).max() < 1.2 * steepest


def test_a_muted_voice_neither_sounds_nor_pushes_the_music_down():
    chain = VoiceChain()
    chain.configure(AudioSettings(muted=True))
    microphone, music = Channel("microphone", "voice", chain), Channel("music", "music")
    desk = Desk(microphone, music)
    desk.mixer.duck = Duck(depth_db=-20)
    song = tone(880, 0.2, 1.2)
    desk.feed(microphone, tone(440, 0.4, 1.2))
    desk.feed(music, song)
    out = desk.run(1.0)
    assert np.abs(out[24_000:] - song[24_000:48_000]).max() < 1e-6


def test_music_goes_down_under_a_voice_and_comes_back_after_it():
    microphone, music = Channel("microphone", "voice", VoiceChain()), Channel("music", "music")
    desk = Desk(microphone, music)
    desk.mixer.duck = Duck(depth_db=-12, attack_s=0.08, release_s=0.5)
    speech = np.concatenate([tone(440, 0.4, 1.0), np.zeros((int(2.2 * 48_000), 2), np.float32)])
    desk.feed(microphone, speech)
    desk.feed(music, tone(880, 0.2, 3.2))
    out = desk.run(3.0)
    alone = level_db(tone(880, 0.2, 1.0))
    under = level_db(out[24_000:48_000] - speech[24_000:48_000])
    assert under == pytest.approx(alone - 12, abs=0.2)
    assert level_db(out[60_000:62_000]) == pytest.approx(alone - 12, abs=0.5)  # between two words it stays down
    assert level_db(out[-24_000:]) == pytest.approx(alone, abs=0.2)


def test_ducking_keeps_its_times():
    duck, now, took = Duck(-12, attack_s=0.1, release_s=1.0), Ducked(), 0.0
    while now.db > -12:
        now, took = ducked(now, -20, duck, 0.02), took + 0.02
    assert took == pytest.approx(0.1, abs=0.021)
    took = 0.0
    while now.db < 0:
        now, took = ducked(now, -60, duck, 0.02), took + 0.02
    assert took == pytest.approx(duck.hold_s + 1.0, abs=0.07)


@pytest.mark.parametrize("hold_s", [0.0, 0.2, 1.5])
def test_music_stays_down_after_a_word_as_long_as_was_asked_and_goes_down_without_any_hold(hold_s):
    duck, now, stayed = Duck(-12, attack_s=0.02, hold_s=hold_s), Ducked(), 0.0
    for _ in range(10):
        now = ducked(now, -20, duck, 0.02)
    assert now.db == -12
    while (now := ducked(now, -60, duck, 0.02)).db == -12:
        stayed += 0.02
    assert stayed == pytest.approx(hold_s, abs=0.021)


def test_ducking_that_is_switched_off_in_the_middle_lets_the_music_up():
    now = Ducked(-12, 0.4)
    for _ in range(200):
        now = ducked(now, -10, Duck(0.0), 0.02)
    assert now.db == 0


class Ears:
    def __init__(self):
        self.heard = []

    def put(self, samples):
        self.heard.append(samples)


@pytest.mark.parametrize("with_voices", [False, True])
def test_the_host_hears_the_mix_with_or_without_the_voices(with_voices):
    microphone, music = Channel("microphone", "voice", VoiceChain()), Channel("music", "music")
    desk, ears = Desk(microphone, music), Ears()
    desk.mixer.monitors_voices, desk.mixer.monitor_factor = with_voices, 0.5
    voice, song = tone(440, 0.3, 1.2), tone(880, 0.2, 1.2)
    desk.feed(microphone, voice)
    desk.feed(music, song)
    desk.mixer.monitor = ears
    out = desk.run(0.5)
    heard = np.concatenate(ears.heard)[BEGUN:]
    late = np.zeros((limiter.DELAY, 2), np.float32)
    rest = np.concatenate([song[limiter.DELAY : 24_000], late])[BEGUN : 24_000 - limiter.DELAY]
    assert np.abs(heard[: len(rest)] - 0.5 * (out[BEGUN:][: len(rest)] if with_voices else rest)).max() < 1e-6


@pytest.mark.parametrize("moved_ms", [-40, 40])
def test_an_offset_moves_an_input_at_once_and_by_exactly_that(moved_ms):
    microphone = Channel("microphone", "voice", VoiceChain())
    desk = Desk(microphone)
    voice = tone(440, 0.4, 3) * np.linspace(0, 1, 144_000, dtype=np.float32)[:, None]
    desk.feed(microphone, voice)
    desk.run(0.5)
    microphone.fader = Fader(offset_ns=moved_ms * 1_000_000)
    out, moved = desk.run(1.0)[4_800:], moved_ms * 48
    wanted = voice[24_000 - moved + 4_800 : 72_000 - moved]
    assert np.abs(out - wanted).max() < 1e-6
