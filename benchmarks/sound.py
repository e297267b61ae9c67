"""What the sound costs: a 10 ms block through the whole desk with everything on, and the microphone alone.

    python benchmarks/sound.py

Times are processor times of the `mixer` thread's own work, so that what else the machine does counts little: reading all inputs, chains, ducking, sum, limiter. A chunk is 20 ms;
figures are for 10 ms, half of it. The meters run in a thread of their own, beside the path, and are told apart. The reference is one noise suppressor, by far the dearest stage, in the same
run.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.results import Figure, at_most, publish
from capture.sound import Master, VoiceChain
from capture.sound.denoise import Denoise
from studio.engine.channel import Channel, Fader
from studio.engine.meters import Meters, Sent
from studio.engine.mixer import CHUNK, CHUNK_NS, Mixer
from studio.model.frames import AudioBlock
from studio.model.mixing import Duck
from studio.model.settings import AudioSettings
from studio.model.sound import Loudness, SoundReading

LIMIT_MS = 1.0
SECONDS = 60
EVERYTHING = AudioSettings(
    gain_db=3.0, highpass=True, denoise=True, gate=True, compressor=True, eq="voice", deess=True, limiter=True, target_lufs=-16.0
)


def voice_like(seed: int) -> np.ndarray:
    """Ten seconds that open and close gate and ducking twice a second."""
    random = np.random.default_rng(seed)
    times = np.arange(480_000) / 48_000
    wave = 0.3 * np.sin(2 * np.pi * 180 * times) * (np.sin(2 * np.pi * 2 * times) > 0) + random.normal(0, 0.01, 480_000)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def desk(settings: AudioSettings, voices: int, others: int) -> Mixer:
    mixer = Mixer(Master(), lambda _: None, lambda *_: None)
    mixer.duck = Duck(-12)
    channels = []
    for number in range(voices):
        chain = VoiceChain()
        chain.configure(settings)
        channels.append(Channel(f"voice {number}", "voice", chain))
    channels += [Channel(f"music {number}", "music") for number in range(others)]
    for channel in channels:
        channel.fader = Fader(1.1, 0.9) if len(channels) > 1 else Fader()
    mixer._master.configure(settings)  # noqa: SLF001 - what the app does when it opens a profile
    mixer.channels = tuple(channels)
    return mixer


def times_ms(mixer: Mixer, sounds: list[np.ndarray]) -> list[float]:
    """Of each chunk of `SECONDS`, halved: for 10 ms."""
    found = []
    for number in range(SECONDS * 50):
        for channel, sound in zip(mixer.channels, sounds, strict=True):
            place = number * CHUNK % len(sound)
            channel.source.put(AudioBlock(sound[place : place + CHUNK], (number + 3) * CHUNK_NS))
        began_ns = time.thread_time_ns()
        mixer.mix(number * CHUNK_NS)
        found.append((time.thread_time_ns() - began_ns) / 2e6)
    return found[50:]


def meters_ms() -> float:
    """A chunk's mean, halved: the loudness is measured every fifth."""
    meters, sound = Meters(Master(), lambda: SoundReading(Loudness()), lambda _: None, lambda *_: None), voice_like(9)
    began_ns = time.thread_time_ns()
    for number in range(500):
        meters.measure(Sent(sound[number * CHUNK % 470_400 :][:CHUNK], (("voice", 0.5), ("music", 0.5)), 0.0))
    return (time.thread_time_ns() - began_ns) / 500 / 2e6


def denoise_ms() -> float:
    stage, sound = Denoise(), voice_like(9)
    found = []
    for number in range(500):
        began_ns = time.thread_time_ns()
        stage.process(sound[number * CHUNK % 470_400 :][:CHUNK])
        found.append((time.thread_time_ns() - began_ns) / 2e6)
    return statistics.median(found)


def main() -> bool:
    full = times_ms(desk(EVERYTHING, 1, 1), [voice_like(1), voice_like(2)])
    two = times_ms(desk(EVERYTHING, 2, 2), [voice_like(seed) for seed in range(4)])
    bare = times_ms(desk(AudioSettings(), 1, 0), [voice_like(1)])
    reference_ms = denoise_ms()
    figures = [
        at_most("one voice with everything on and music, p99 of 10 ms", float(np.percentile(full, 99)), LIMIT_MS, "ms"),
        Figure("the same, median", round(statistics.median(full), 3), "ms"),
        at_most("two voices with everything on, music and more, p99", float(np.percentile(two, 99)), LIMIT_MS, "ms"),
        Figure("two voices, median", round(statistics.median(two), 3), "ms"),
        Figure("the meters, beside the path, mean", round(meters_ms(), 3), "ms"),
        Figure("one microphone, all off, median", round(statistics.median(bare), 3), "ms"),
        Figure("noise suppression of one voice alone, median", round(reference_ms, 3), "ms"),
        Figure("one voice with everything against that", round(statistics.median(full) / reference_ms, 2), "times"),
    ]
    return publish("sound", figures)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(0 if main() else 1)
