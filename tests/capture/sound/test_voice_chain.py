"""The voice's chain on real sounds: speech from a synthesiser, noise, and waves that are made to hurt a limiter."""

import itertools
import subprocess
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from capture.sound import Master, VoiceChain, denoise, limiter
from capture.sound.denoise import Denoise
from capture.sound.limiter import Limiter
from capture.sound.loudness import LoudnessMeter
from studio.model.settings import AudioSettings

CHUNK = 960
DELAY = denoise.DELAY + limiter.DELAY
EVERYTHING = AudioSettings(
    gain_db=3.0, highpass=True, denoise=True, gate=True, compressor=True, eq="voice", deess=True, limiter=True, target_lufs=-16.0
)
SWITCHES = ("highpass", "denoise", "gate", "compressor", "deess", "limiter")


class Whole:
    """A voice's way to the audience: its own chain, then that of the sum, as the mixer joins them."""

    def __init__(self, settings=None):
        self.voice, self.master = VoiceChain(), Master()
        self.configure(settings or AudioSettings())

    def configure(self, settings):
        self.voice.configure(settings)
        self.master.configure(settings)

    def process(self, samples):
        out = self.master.process(self.voice.process(samples))
        self.master.measure(out)
        return out


def run(stage, samples):
    """A stage fed in chunks, as the mixer does."""
    whole = samples[: len(samples) // CHUNK * CHUNK].astype(np.float32)
    return np.concatenate([stage.process(whole[start : start + CHUNK]) for start in range(0, len(whole), CHUNK)])


def stereo(wave):
    return np.stack([wave, wave], axis=1).astype(np.float32)


def noise(seconds, level, seed=1):
    return np.random.default_rng(seed).normal(0, level, (int(seconds * 48_000), 2)).astype(np.float32)


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Three seconds of a voice at 48 kHz, (N, 2), peak 0.5."""
    path: Path = tmp_path_factory.mktemp("voice") / "voice.wav"
    words = "welcome everybody, this is the red one, and this is the soft pink one that many of you asked for"
    subprocess.run(["espeak-ng", "-s", "150", "-w", str(path), words], check=True)
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", 48_000)
        pieces = [piece.to_ndarray().ravel() for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    wave = np.concatenate(pieces)
    return stereo(wave / np.abs(wave).max() * 0.5)


def delay_of(out, samples, most=2000):
    """By how many samples `out` is later: the place of the greatest correlation."""
    length = min(len(out), len(samples)) - most
    spectrum = np.fft.rfft(samples[:length, 0], 2 * length)
    found = np.fft.irfft(np.fft.rfft(out[: length + most, 0], 2 * length) * np.conj(spectrum), 2 * length)[:most]
    return int(np.argmax(found))


def test_with_everything_off_the_sound_is_the_same_bit_for_bit_and_later(speech):
    out = run(Whole(), speech)
    assert not out[:DELAY].any()
    assert np.array_equal(out[DELAY:], speech[: len(out) - DELAY])


@pytest.mark.parametrize("switch", [*SWITCHES, "everything"])
def test_every_switch_leaves_the_delay_as_it_is(speech, switch):
    chain = Whole()
    chain.configure(EVERYTHING if switch == "everything" else replace(AudioSettings(), **{switch: True}))
    # A rumble filter and an equaliser turn the phase, which moves the peak by a part of a millisecond.
    assert abs(delay_of(run(chain, speech), speech) - DELAY) <= 24


@pytest.mark.parametrize(
    "wave",
    [
        noise(3, 0.8),
        stereo(np.sign(np.sin(2 * np.pi * 1234 * np.arange(96_000) / 48_000))),
        stereo(1.4 * np.sin(2 * np.pi * 12_000 * np.arange(96_000) / 48_000 + np.pi / 4)),
        stereo(np.where(np.arange(96_000) % 4801 == 0, 1.0, 0.0)),
        noise(2, 30.0),
    ],
    ids=["noise", "square", "between the samples", "clicks", "far too loud"],
)
def test_the_limiter_keeps_the_true_peak_below_its_ceiling(wave):
    meter = LoudnessMeter()
    out = run(Limiter(), wave)
    for start in range(0, len(out), CHUNK):
        meter.add(out[start : start + CHUNK])
    assert meter.now.true_peak_db <= limiter.CEILING_DB
    assert np.isfinite(out).all()


def test_the_limiter_changes_nothing_that_stays_below(speech):
    out = run(Limiter(), speech)
    assert np.array_equal(out[limiter.DELAY :], speech[: len(out) - limiter.DELAY])


def test_the_suppressor_takes_noise_out_and_leaves_the_voice(speech):
    hiss = noise(len(speech) / 48_000, 0.02)
    quiet = np.zeros((48_000, 2), np.float32)
    heard = np.concatenate([quiet + noise(1, 0.02, seed=3)[: len(quiet)], speech + hiss[: len(speech)]])
    out = run(Denoise(), heard)
    pause = np.sqrt(np.mean(out[24_000:48_000] ** 2)) / np.sqrt(np.mean(heard[24_000:48_000] ** 2))
    voice = out[48_000 + denoise.DELAY :]
    assert 20 * np.log10(pause) < -20
    assert np.corrcoef(voice[:, 0], speech[: len(voice), 0])[0, 1] > 0.9


def test_the_gate_lowers_pauses_and_the_compressor_brings_loud_and_soft_nearer(speech):
    gated, pressed = Whole(), Whole()
    gated.configure(AudioSettings(gate=True))
    pressed.configure(AudioSettings(compressor=True))
    hum = noise(2, 0.001)
    assert np.std(run(gated, hum)[48_000:]) < 0.5 * np.std(hum)
    soft, loud = speech * 0.1, speech
    before = np.std(loud) / np.std(soft)
    after = np.std(run(pressed, loud)) / np.std(run(pressed, soft))
    assert after < 0.75 * before


def test_the_rumble_filter_takes_the_desk_and_leaves_the_voice():
    chain = Whole()
    chain.configure(AudioSettings(highpass=True))
    times = np.arange(96_000) / 48_000
    rumble, voice = run(chain, stereo(0.5 * np.sin(2 * np.pi * 30 * times))), run(chain, stereo(0.5 * np.sin(2 * np.pi * 400 * times)))
    assert 20 * np.log10(np.std(rumble[48_000:]) / np.std(voice[48_000:])) < -14


def test_muting_and_switching_click_nowhere():
    """A click is a step that the wave itself doesn't have."""
    wave = stereo(0.5 * np.sin(2 * np.pi * 200 * np.arange(CHUNK * 40) / 48_000))
    chain = Whole()
    pieces = []
    for number, start in enumerate(range(0, len(wave), CHUNK)):
        if number % 8 == 4:
            chain.configure(replace(AudioSettings(), muted=number % 16 == 4, limiter=number % 24 == 4))
        pieces.append(chain.process(wave[start : start + CHUNK]))
    out = np.concatenate(pieces)[CHUNK * 2 :]
    assert np.abs(np.diff(out[:, 0])).max() < 1.2 * np.abs(np.diff(wave[:, 0])).max()
    assert any(not piece.any() for piece in pieces[5:])


def test_a_muted_voice_is_still_measured_so_that_the_host_can_be_told(speech):
    chain = Whole()
    chain.configure(AudioSettings(muted=True))
    for start in range(0, CHUNK * 20, CHUNK):
        chain.process(speech[24_000 + start : 24_000 + start + CHUNK])
    assert chain.voice.reading().muted_level_db > -38
    assert chain.master.reading().loudness.momentary <= -69


def test_the_rider_brings_a_soft_voice_to_its_target(speech):
    chain = Whole()
    chain.configure(AudioSettings(target_lufs=-16.0))
    for _, start in itertools.product(range(6), range(0, len(speech) - CHUNK, CHUNK)):
        chain.process(speech[start : start + CHUNK] * 0.25)
    before = LoudnessMeter()
    for _, start in itertools.product(range(2), range(0, len(speech) - CHUNK, CHUNK)):
        before.add(speech[start : start + CHUNK] * 0.25)
    reached = chain.master.reading().loudness.short
    assert abs(reached - -16) < abs(before.now.short - -16) - 4


def test_the_loudness_of_a_calibrated_tone_is_what_the_recommendation_says():
    """EBU Tech 3341, case 1: 1 kHz at -23 dBFS on both sides reads -23 LUFS."""
    wave = stereo(10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(48_000 * 4) / 48_000))
    meter = LoudnessMeter()
    for start in range(0, len(wave), CHUNK):
        meter.add(wave[start : start + CHUNK])
    assert meter.now.momentary == pytest.approx(-23, abs=0.1)
    assert meter.now.short == pytest.approx(-23, abs=0.1)
    assert meter.now.true_peak_db == pytest.approx(-23, abs=0.2)
