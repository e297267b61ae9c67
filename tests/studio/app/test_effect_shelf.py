"""Sound effects: loaded from real files, played by name and by what happens, mixed on top."""

import asyncio
import wave

import numpy as np
import pytest

from capture.effect import LONGEST_S, load_effect
from studio.app.effect_shelf import EffectShelf
from studio.audience import Cheered
from studio.bus import Bus
from studio.drops import DropChanged
from studio.engine.effects import MOST_AT_ONCE, Effect, EffectPlayer
from studio.errors import Conflict, InvalidInput, NotFound, SourceUnavailable
from studio.model.sound_settings import EffectSettings

CHUNK = 960


def write_sound(path, seconds=0.1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.full(int(seconds * 48_000), 16_384, "<i2").tobytes())
    return str(path)


class Shelf:
    def __init__(self):
        self.player, self.bus, self.told = EffectPlayer(), Bus(asyncio.get_running_loop()), []
        self.shelf = EffectShelf(self.player, load_effect, self.bus, self.told.append)

    def next_chunk(self):
        """The level of what plays in the next chunk, 0 for nothing."""
        out = self.player.add_to(None, CHUNK)
        return 0.0 if out is None else float(np.abs(out).max())

    def length(self):
        """How many chunks are heard until it is quiet."""
        count = 0
        while self.next_chunk():
            count += 1
        return count


async def test_an_effect_is_played_by_its_name_at_its_level_and_ends(tmp_path):
    house = Shelf()
    await house.shelf.apply((EffectSettings("clap", write_sound(tmp_path / "a.wav"), gain_db=-6.0),))
    assert house.shelf.play("clap") == {"name": "clap"}
    assert house.next_chunk() == pytest.approx(0.25, abs=0.01)
    assert house.length() == 4
    with pytest.raises(NotFound):
        house.shelf.play("bang")


async def test_effects_lie_on_top_of_the_mix_and_of_each_other_and_leave_it_as_it_was(tmp_path):
    house = Shelf()
    await house.shelf.apply((EffectSettings("clap", write_sound(tmp_path / "a.wav")),))
    mix = np.full((CHUNK, 2), 0.1, np.float32)
    assert house.player.add_to(mix, CHUNK) is mix
    house.shelf.play("clap")
    house.shelf.play("clap")
    out = house.player.add_to(mix, CHUNK)
    assert out.max() == pytest.approx(1.1, abs=0.01)
    assert mix.max() == pytest.approx(0.1)


async def test_what_happens_in_the_show_sounds_and_a_rain_of_gifts_is_one_sound(tmp_path):
    house = Shelf()
    sound = write_sound(tmp_path / "a.wav")
    lasting = [EffectSettings(on, write_sound(tmp_path / f"{on}.wav", seconds), on=on) for on, seconds in (("drop", 0.1), ("winner", 0.2))]
    await house.shelf.apply((*lasting, EffectSettings("gift", sound, on="gift"), EffectSettings("by hand", sound)))
    for _ in range(50):
        house.bus.publish(Cheered(frozenset({"gift"})))
        house.player.add_to(None, CHUNK)
    assert house.next_chunk() <= 0.51
    house.length()
    house.bus.publish(Cheered(frozenset({"order"})))
    assert house.length() == 0
    for state, chunks in (("draft", 0), ("open", 5), ("open", 0), ("closing", 0), ("drawn", 10), ("drawn", 0)):
        house.bus.publish(DropChanged({"id": "d1", "state": state, "title": "t"}))
        assert house.length() == chunks, state


async def test_a_file_that_cannot_be_played_is_told_and_the_others_play(tmp_path):
    house = Shelf()
    (tmp_path / "b.wav").write_bytes(b"no sound")
    await house.shelf.apply((EffectSettings("bad", str(tmp_path / "b.wav")), EffectSettings("good", write_sound(tmp_path / "a.wav"))))
    assert [type(error) for error in house.told] == [SourceUnavailable]
    with pytest.raises(Conflict):
        house.shelf.play("bad")
    assert house.shelf.play("good")
    assert [row["loaded"] for row in house.shelf.report()] == [False, True]
    assert str(tmp_path) not in str(house.shelf.report())


def test_a_song_is_too_long_for_an_effect(tmp_path):
    with pytest.raises(InvalidInput) as refused:
        load_effect(write_sound(tmp_path / "song.wav", LONGEST_S + 1))
    assert refused.value.code == "sound.effect_long"


def test_more_than_a_handful_at_once_are_refused():
    player = EffectPlayer()
    sound = np.full((2 * CHUNK, 2), 0.1, np.float32)
    taken = [player.play(Effect("a", sound)) for _ in range(MOST_AT_ONCE + 5)]
    assert taken.count(True) == MOST_AT_ONCE
    assert player.add_to(None, CHUNK).max() == pytest.approx(0.1 * MOST_AT_ONCE, abs=0.01)
    assert not player.play(Effect("b", sound))
