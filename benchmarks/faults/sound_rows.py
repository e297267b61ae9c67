"""A microphone that is pulled out and plugged in again, and a sound card whose clock is wrong for an hour."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults.stage import FPS, HEIGHT, WIDTH, until
from benchmarks.results import Figure, at_most
from capture.drift_clock import DriftClock
from studio.engine.timeline import Timeline
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from tests import decode
from tests.capture.sound_server import PulseServer
from tests.e2e.show import Engine, engine

_TONE_HZ, _MARK_HZ = 700, 3000
_MARK_S = 0.03
_VOICES, _REST = 1, 2
"""Tracks of a recording that keeps them apart; the mix is the first."""
_LOUD = 0.05
_BLOCK, _BLOCK_NS = 960, 20_000_000
_WAIT_NS = 100_000_000
"""How long the simulated mixer waits for a block."""
_SETTLED_BLOCKS = 100
_PHASE_HZ = 5
"""A tone whose phase tells which sample of a fifth of a second one is."""


def why_not() -> str:
    """Why there is no microphone to pull out; empty where there is one."""
    return "" if shutil.which("pulseaudio") and shutil.which("pactl") else "there is no PulseAudio whose microphone could be pulled out"


def microphone_gone(folder: Path, slack: float) -> list[Figure]:
    """It hears a tone with a mark each second; so does another input, which stays, and is recorded beside it on a track of its own.

    How far the marks of the two are apart says whether the microphone is in step as before, however the player stumbles.
    """
    server = PulseServer(folder)
    try:
        pull_out = server.plug_in("mic", "desk")
        server.play_samples("marked", _marked_tone(), "desk")
        tables = {
            "video": {"width": WIDTH, "height": HEIGHT, "fps": FPS, "source": "testcard"},
            "audio": {"source": "pulse:mic"},
            "input": [{"name": "beside", "kind": "other", "source": "system:desk"}],
            "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
            "output": [{"name": "archive", "path": str(folder / "show.mkv"), "tracks": "separate"}],
        }
        with engine(folder, tables, more=server.environment) as running:
            until(lambda: _microphone(running) == "open")
            running.call("POST", "/v1/live/start")
            until(lambda: _recorded_s(running) > 5)
            running.call("POST", "/v1/markers", {"title": "out"})
            pull_out()
            until(lambda: _microphone(running) == "lost")
            settled_s = _recorded_s(running) + 2
            until(lambda: _recorded_s(running) > settled_s)
            running.call("POST", "/v1/markers", {"title": "in"})
            server.plug_in("mic", "desk")
            until(lambda: _microphone(running) == "open")
            settled_s = _recorded_s(running) + 6
            until(lambda: _recorded_s(running) > settled_s)
            running.call("POST", "/v1/live/stop")
            skipped = running.call("GET", "/v1/health")[1]["video"]["skipped"]
    finally:
        server.stop()
    return _judged(folder / "show.mkv", skipped, slack)


def _judged(recording: Path, skipped: int, slack: float) -> list[Figure]:
    voice, beside = (decode.sound(recording, track)[:, 0] for track in (_VOICES, _REST))
    marks = _chapters(recording)
    loud_s = np.flatnonzero(np.abs(voice) > _LOUD) / AUDIO_RATE_HZ
    gone_s, back_s = float(loud_s[loud_s < (marks["out"] + marks["in"]) / 2][-1]), float(loud_s[loud_s > marks["in"]][0])
    places_s, known_s = _beats_s(voice), _beats_s(beside)
    apart_ms = np.array([1000 * (place - known_s[np.abs(known_s - place).argmin()]) for place in places_s])
    before, after = (float(np.median(apart_ms[part])) for part in (places_s < gone_s, places_s > back_s))
    return [
        at_most("microphone gone: silence after", gone_s - marks["out"], 0.3 * slack, "s"),
        at_most("microphone back: heard after", back_s - marks["in"], 2 * slack, "s"),
        at_most("microphone back: away from where it was", abs(after - before), 20 * slack, "ms"),
        at_most("microphone gone and back: skipped", skipped, 0 if slack == 1 else FPS, "frames"),
    ]


def _marked_tone() -> np.ndarray:
    """A second of it, float: played again and again it has no seam."""
    at_s = np.arange(AUDIO_RATE_HZ) / AUDIO_RATE_HZ
    return 0.3 * np.sin(2 * np.pi * _TONE_HZ * at_s) + 0.3 * np.sin(2 * np.pi * _MARK_HZ * at_s) * (at_s < _MARK_S)


def _beats_s(sound: np.ndarray) -> np.ndarray:
    """Where the marks begin."""
    count = round(_MARK_S * AUDIO_RATE_HZ)
    so_far = np.cumsum(sound * np.exp(-2j * np.pi * _MARK_HZ * np.arange(len(sound)) / AUDIO_RATE_HZ))
    strength = np.abs(so_far[count:] - so_far[:-count]) / count
    peaks = [
        start + int(strength[start : start + AUDIO_RATE_HZ].argmax()) for start in range(0, len(strength) - AUDIO_RATE_HZ, AUDIO_RATE_HZ)
    ]
    return np.array(sorted({peak for peak in peaks if strength[peak] > strength.max() / 2})) / AUDIO_RATE_HZ


def _chapters(recording: Path) -> dict[str, float]:
    """{title: seconds} of the recording's marks, as ffprobe reads them."""
    words = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(recording)]
    told: dict[str, Any] = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return {chapter["tags"]["title"]: float(chapter["start_time"]) for chapter in told["chapters"]}


def _microphone(running: Engine) -> str:
    sources = running.call("GET", "/v1/live")[1]["sources"]
    return next((row["state"] for row in sources if row["kind"] == "audio"), "")


def _recorded_s(running: Engine) -> float:
    return running.call("GET", "/v1/health")[1]["video"]["encoded"] / FPS


def sound_clock(_folder: Path, slack: float) -> list[Figure]:
    """An hour of a sound card that is 200 ppm fast, and one slow; in the suite five minutes. Simulated: stamps that jitter by 5 ms."""
    figures = []
    for ppm in (-200, 200):
        errors_ms = np.array(list(_errors_ms(ppm, 3600 if slack == 1 else 300)))
        figures += [
            at_most(f"sound card {ppm:+} ppm: away from the picture, worst", float(np.abs(errors_ms).max()), 10, "ms"),
            at_most(f"sound card {ppm:+} ppm: largest step", float(np.abs(np.diff(errors_ms)).max()), 2, "ms"),
        ]
    return figures


def _errors_ms(ppm: float, seconds: int) -> Iterator[float]:
    """How far what is heard at a moment is from what the card took at that moment, for each 20 ms."""
    clock, line, random = DriftClock(AUDIO_RATE_HZ), Timeline(), np.random.default_rng(7)
    real_hz, begun_ns = AUDIO_RATE_HZ * (1 + ppm / 1e6), 10**12
    turn = np.exp(2j * np.pi * _PHASE_HZ * np.arange(_BLOCK) / AUDIO_RATE_HZ)
    cut_ns = begun_ns
    for number in range(seconds * 50):
        wave = turn * np.exp(2j * np.pi * (_PHASE_HZ * number * _BLOCK / AUDIO_RATE_HZ % 1))
        taken_ns = begun_ns + number * _BLOCK / real_hz * 1e9
        stamp_ns = clock.stamp(round(taken_ns + random.uniform(-5, 5) * 1e6), _BLOCK)
        line.add(AudioBlock(np.stack([wave.real, wave.imag], axis=1).astype(np.float32), stamp_ns))
        while cut_ns + _WAIT_NS <= taken_ns:
            heard = line.cut(cut_ns, _BLOCK)[0]
            wanted = _PHASE_HZ * (cut_ns - begun_ns) * real_hz / AUDIO_RATE_HZ / 1e9
            away = (np.angle(complex(*heard)) / (2 * np.pi) - wanted + 0.5) % 1 - 0.5
            if number > _SETTLED_BLOCKS:
                yield away / _PHASE_HZ * 1000
            cut_ns += _BLOCK_NS
