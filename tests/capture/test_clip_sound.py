"""A clip's sound: in step with its picture for ever, at its own level, silent where there is nothing."""

import subprocess
import time
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from capture import audio_sources
from capture.clip_clock import ClipClock, read_clock
from capture.clip_decoder import ClipDecoder
from capture.clip_sound_decoder import ClipSoundDecoder
from capture.testcard import CardLayout
from studio.errors import SourceUnavailable
from studio.model.frames import AUDIO_RATE_HZ
from tests.capture.capture_clips import Clip, make_clip
from tests.servers import PATIENCE_S

MS = 1_000_000


def loops_of_sound(path: Path, clock: ClipClock, loops: int) -> np.ndarray:
    """The samples of the first loops, (N, 2), as placed by their number."""
    decoder = ClipSoundDecoder(str(path), clock)
    total = round(loops * clock.loop_ns * AUDIO_RATE_HZ / 1e9)
    out = np.zeros((total, 2), np.float32)
    for first, samples in decoder.pieces(0):
        if first >= total:
            break
        out[first : first + len(samples)] = samples[: total - first]
    decoder.close()
    return out


def onsets_s(samples: np.ndarray) -> np.ndarray:
    """When each beep begins: the first loud sample after 40 ms of quiet."""
    loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.1)
    return loud[np.r_[True, np.diff(loud) > AUDIO_RATE_HZ // 25]] / AUDIO_RATE_HZ


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
@pytest.mark.parametrize("sound_s", [0.3, 0.43, 1.1])
def test_flash_and_beep_stay_in_step_loop_after_loop(tmp_path: Path, name: str, sound_s: float) -> None:
    path = make_clip(tmp_path / name, Clip(fps=30, frames=13, sound_s=sound_s))  # a loop of 433.3 ms, no whole number of samples
    clock = read_clock(str(path))
    assert abs(clock.loop_ns - 13e9 / 30) < 1.5 * MS
    pictures = ClipDecoder(str(path), clock, 0)
    flashes = []
    while len(flashes) < 40:
        due_ns, picture = pictures.next()
        luma = np.frombuffer(memoryview(picture.planes[0]), np.uint8).reshape(-1, picture.planes[0].line_size)
        if luma[CardLayout(320, 180).flash].mean() > 100:
            flashes.append(due_ns / 1e9)
    pictures.close()
    beeps = onsets_s(loops_of_sound(path, clock, 40))
    assert len(beeps) == 40
    offsets_ms = (beeps - np.array(flashes)) * 1000
    assert np.abs(offsets_ms).max() < 3
    assert abs(offsets_ms[-1] - offsets_ms[0]) < 0.5  # no drift: 40 loops add up to nothing but the rounding of mkv


def test_sound_that_is_shorter_than_the_picture_is_followed_by_silence(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", Clip(frames=50, sound_s=0.2))
    samples = loops_of_sound(path, read_clock(str(path)), 2)
    assert len(onsets_s(samples)) == 2
    assert np.abs(samples[AUDIO_RATE_HZ // 3 : AUDIO_RATE_HZ - 500]).max() == 0


def test_the_sound_is_that_of_the_clip(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", Clip(frames=50, sound_s=1.0))
    beep = loops_of_sound(path, read_clock(str(path)), 1)[480:1920]
    spectrum = np.abs(np.fft.rfft(beep[:, 0] * np.hanning(len(beep))))
    assert np.fft.rfftfreq(len(beep), 1 / AUDIO_RATE_HZ)[spectrum.argmax()] == pytest.approx(1000, abs=40)
    assert np.abs(beep).max() == pytest.approx(0.5, abs=0.05)
    assert np.abs(beep[:, 0] - beep[:, 1]).max() < 0.05


@pytest.mark.parametrize("layout", [["-ac", "1"], ["-ac", "6"], ["-ar", "8000"], ["-ar", "96000"], ["-c:a", "pcm_u8"], ["-c:a", "flac"]])
def test_every_layout_and_rate_becomes_stereo_at_48_khz(tmp_path: Path, layout: list[str]) -> None:
    path = tmp_path / "a.mkv"
    tone = ["-f", "lavfi", "-i", "sine=f=500:d=0.5:r=48000,volume=4"]  # sine is at 1/8
    subprocess.run(["ffmpeg", "-v", "error", *tone, *layout, path], check=True)
    samples = loops_of_sound(path, read_clock(str(path)), 1)
    assert samples.shape == pytest.approx((AUDIO_RATE_HZ // 2, 2), abs=3000)
    crossings = np.count_nonzero(np.diff(np.signbit(samples[2400:21600, 0])))
    assert crossings == pytest.approx(400, abs=4)
    assert np.abs(samples[:, 0] - samples[:, 1]).max() < 0.01
    assert np.abs(samples).max() > 0.3


def test_a_mono_clip_is_as_loud_on_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=f=500:d=0.5:r=48000", path], check=True)
    samples = loops_of_sound(path, read_clock(str(path)), 1)
    assert np.abs(samples).max() == pytest.approx(1 / 8, rel=0.01)


def test_a_song_loops_at_its_own_length(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=0.5:r=48000", path], check=True)
    assert read_clock(str(path)).loop_ns == 500 * MS
    source = audio_sources["file"](str(path))
    source.open(time.monotonic_ns())
    blocks = [source.read(PATIENCE_S) for _ in range(30)]
    source.close()
    assert all(block is not None and np.abs(block.samples).max() > 0.05 for block in blocks)


def test_a_clip_without_sound_is_said_in_words(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "silent.mp4", Clip())
    source = audio_sources["file"](str(path))
    with pytest.raises(SourceUnavailable) as refused:
        source.open(time.monotonic_ns())
    assert (refused.value.code, refused.value.retryable) == ("clip.no_sound", False)
    source.close()


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all\n" * 200])
def test_broken_sound_is_said_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    source = audio_sources["file"](str(tmp_path / "a.wav"))
    with pytest.raises(SourceUnavailable) as refused:
        source.open(time.monotonic_ns())
    assert refused.value.code in {"clip.broken", "clip.empty"}
    with pytest.raises(SourceUnavailable) as missing:
        audio_sources["file"](str(tmp_path / "b.wav")).open(time.monotonic_ns())
    assert missing.value.code == "clip.missing"


def test_a_song_that_was_cut_short_plays_what_there_is(tmp_path: Path) -> None:
    whole = tmp_path / "a.mp3"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=2", whole], check=True)
    cut = tmp_path / "b.mp3"
    cut.write_bytes(whole.read_bytes()[:9000] + b"\xff" * 300 + whole.read_bytes()[9300:14000])
    clock = read_clock(str(cut))
    decoder = ClipSoundDecoder(str(cut), clock)
    pieces = list(islice(decoder.pieces(0), 200))
    decoder.close()
    assert sum(len(samples) for _, samples in pieces) > AUDIO_RATE_HZ
