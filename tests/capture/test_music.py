"""Music from real files: order, shuffle, next, pause, what can't be played."""

import time
import wave
from random import Random

import numpy as np
import pytest

from capture.music import Music
from studio.errors import SourceUnavailable
from studio.model.music import PlayOrder, next_track

RATE_HZ = 48_000
LONG_S = 30.0


def write_tone(path, frequency, seconds, *, channels=2):
    samples = (0.5 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE_HZ)) / RATE_HZ) * 32767).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.repeat(samples[:, None], channels, axis=1).tobytes())
    return path


@pytest.fixture
def album(tmp_path):
    """Three songs of 0.3 s, one of them in a folder below, and things that are no songs."""
    for name, frequency in (("1.wav", 500), ("2.wav", 1000), ("more/3.wav", 2000)):
        write_tone(tmp_path / name, frequency, 0.3)
    (tmp_path / "cover.jpg").write_bytes(b"no music")
    return tmp_path


@pytest.fixture
def play():
    """An open player whose blocks are all due, so that no test waits for the clock."""
    opened = []

    def start(path, order=None, chance=None):
        music = Music(str(path), chance)
        music.order(order or PlayOrder())
        music.open(time.monotonic_ns())
        opened.append(music)
        return music

    yield start
    for music in opened:
        music.close()


def heard(music, blocks):
    found, deadline = [], time.monotonic() + 30
    while len(found) < blocks and time.monotonic() < deadline:
        block = music.read(0.2)
        found += [] if block is None else [block]
    return found


def frequency_of(block):
    spectrum = np.abs(np.fft.rfft(block.samples[:, 0]))
    return round(spectrum.argmax() * RATE_HZ / len(block.samples) / 100) * 100


def songs(blocks):
    """The songs in the order in which they came; blocks with a seam are left out."""
    found = []
    for block in blocks:
        song = frequency_of(block)
        if song in {500, 1000, 2000} and (not found or found[-1] != song):
            found.append(song)
    return found


def test_a_folder_is_played_by_name_and_again_from_the_start(album, play):
    blocks = heard(play(album), 65)
    assert songs(blocks) == [500, 1000, 2000, 500, 1000]
    steps = np.diff([block.time_ns for block in blocks])
    assert (steps > 0).all()


def test_next_goes_on_with_the_next_song_at_once(album, play):
    music = play(write_tone(album / "0.wav", 700, LONG_S).parent)
    assert frequency_of(heard(music, 3)[-1]) == 700
    assert music.now_playing().name == "0"
    music.order(PlayOrder(skips=1))
    assert frequency_of(heard(music, 3)[-1]) == 500
    assert (music.now_playing().name, music.now_playing().number, music.now_playing().tracks) == ("1", 2, 4)


def test_a_pause_fades_out_and_goes_on_where_it_was(album, play):
    music = play(write_tone(album / "0.wav", 700, LONG_S))
    before = heard(music, 5)
    music.order(PlayOrder(is_paused=True))
    last = heard(music, 1)[0]
    assert np.abs(last.samples[-48:]).max() < 0.06
    assert music.read(0.01) is None
    assert music.now_playing().is_paused
    music.order(PlayOrder())
    after = heard(music, 2)
    assert np.abs(after[0].samples[:10]).max() < 0.03
    assert frequency_of(after[1]) == 700
    assert after[0].time_ns > before[-1].time_ns


def test_the_end_of_a_list_that_is_not_repeated_is_silence(album, play):
    music = play(album, PlayOrder(repeat=False))
    assert songs(heard(music, 44)) == [500, 1000, 2000]
    while music.read(0.05) is not None:
        pass
    assert music.now_playing().name == ""


def test_what_cannot_be_played_is_passed_over(album, play):
    (album / "0.mp3").write_bytes(b"not a song at all" * 100)
    (album / "1a.flac").write_bytes(b"fLaC" + bytes(500))
    assert songs(heard(play(album), 45))[:3] == [500, 1000, 2000]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda folder: folder / "nowhere", "clip.missing"),
        (lambda folder: folder, "music.none"),
        (lambda folder: write_tone(folder / "x" / "a.wav", 500, 0.1).parent, None),
    ],
    ids=["missing", "empty", "good"],
)
def test_a_folder_without_music_is_said_in_words(tmp_path, make, code):
    music = Music(str(make(tmp_path)))
    if code is None:
        assert music.open(time.monotonic_ns()).name == "x"
        return
    with pytest.raises(SourceUnavailable) as refused:
        music.open(time.monotonic_ns())
    assert refused.value.code == code


def test_nothing_playable_is_said_once_and_not_tried_for_ever(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"nothing" * 50)
    with pytest.raises(SourceUnavailable) as refused:
        Music(str(tmp_path)).open(time.monotonic_ns())
    assert (refused.value.code, refused.value.retryable) == ("music.unplayable", False)


def test_a_mono_song_is_as_loud_on_both_sides(tmp_path, play):
    block = heard(play(write_tone(tmp_path / "m.wav", 700, 1.0, channels=1)), 3)[-1]
    assert np.array_equal(block.samples[:, 0], block.samples[:, 1])
    assert np.abs(block.samples).max() > 0.48


def test_shuffled_every_song_comes_once_before_any_comes_again():
    order, chance = PlayOrder(shuffle=True), Random(7)
    for _ in range(50):
        current, played = 0, frozenset({0})
        for _ in range(9):
            following = next_track(current, played, 10, order, chance)
            assert following not in played
            current, played = following, played | {following}
        assert next_track(current, played, 10, order, chance) != current
    assert next_track(0, frozenset({0}), 1, order, chance) == 0
    assert next_track(0, frozenset({0}), 1, PlayOrder(shuffle=True, repeat=False), chance) is None


def test_shuffled_play_begins_a_new_round_after_the_last_song(album, play):
    music = play(album, PlayOrder(shuffle=True), Random(3))
    found = songs(heard(music, 44))
    assert sorted(found[:3]) == [500, 1000, 2000]
