"""The profile's tables of sound: what they allow, refuse and touch; the single [audio] form as it was."""

import tomllib

import pytest

from studio.app.profile import to_toml
from studio.model.profile_tables import merge_patch, parse, to_json, touched
from studio.model.rules import InvalidSettings
from studio.model.settings import Settings
from studio.model.sound_settings import MICROPHONE, strip_of, strips_of

MUSIC = {"name": "Music", "kind": "music", "source": "music:/songs", "shuffle": True, "gain_db": -8.0}
VOICE = {"name": "Anna", "source": "device:USB", "denoise": True, "pan": -0.3}
CLAP = {"name": "clap", "path": "clap.wav", "key": "1", "on": "gift"}


def faults(tables):
    with pytest.raises(InvalidSettings) as refused:
        parse(tables)
    return [fault.key for fault in refused.value.faults]


def test_inputs_and_effects_come_back_as_they_were_written():
    settings = parse({"input": [MUSIC, VOICE], "effect": [CLAP], "mix": {"duck_db": -20.0}})
    assert parse(tomllib.loads(to_toml(to_json(settings)))) == settings


def test_the_single_form_of_sound_stands_alone():
    settings = parse({"audio": {"source": "device:default", "denoise": True, "limiter": True, "target_lufs": -16, "sync_offset_ms": 40}})
    assert settings.input == ()
    strip = strip_of(settings.audio)
    assert (strip.name, strip.kind, strip.sync_offset_ms, strip.voice) == (MICROPHONE, "voice", 40, settings.audio)


@pytest.mark.parametrize(
    ("tables", "keys"),
    [
        ({"input": [{"kind": "music"}]}, ["input[0].name"]),
        ({"input": [{"name": "a/b"}]}, ["input[0].name"]),
        ({"input": [{"name": " a"}]}, ["input[0].name"]),
        ({"input": [{"name": "x" * 25}]}, ["input[0].name"]),
        ({"input": [{"name": "a\nb"}]}, ["input[0].name"]),
        ({"input": [{"name": MICROPHONE}]}, ["input[0].name"]),
        ({"input": [VOICE, VOICE]}, ["input[1].name"]),
        ({"input": [{**MUSIC, "denoise": True}]}, ["input[0].denoise"]),
        ({"input": [{**MUSIC, "eq": "warm"}]}, ["input[0].eq"]),
        ({"input": [{**VOICE, "shuffle": True}]}, ["input[0].shuffle"]),
        ({"input": [{**MUSIC, "source": "music:"}]}, ["input[0].source"]),
        ({"input": [{**MUSIC, "kind": "noise", "gain_db": 25, "pan": 2}]}, ["input[0].kind", "input[0].gain_db", "input[0].pan"]),
        ({"input": [{"name": str(number)} for number in range(9)]}, ["input"]),
        ({"input": {"name": "a"}}, ["input"]),
        ({"effect": [CLAP, {**CLAP, "name": "other"}]}, ["effect[1].key"]),
        ({"effect": [{"name": "a"}]}, ["effect[0].path"]),
        ({"effect": [{**CLAP, "key": "q"}]}, ["effect[0].key"]),
        ({"effect": [{"name": str(number), "path": "a.wav"} for number in range(17)]}, ["effect"]),
        ({"mix": {"duck_db": 3.0, "duck_attack_ms": 0}}, ["mix.duck_db", "mix.duck_attack_ms"]),
        ({"audio": {"pan": -1.5}}, ["audio.pan"]),
        ({"output": [{"name": "a", "path": "a.flv", "tracks": "separate"}]}, ["output[0].tracks"]),
        ({"output": [{"name": "a", "server": "rtmp://h/live", "tracks": "separate"}]}, ["output[0]"]),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(tables, keys):
    assert faults(tables) == keys


def test_a_fader_is_hot_and_another_source_opens_a_device():
    before = parse({"input": [MUSIC, VOICE]})
    assert touched(before, merge_patch(before, {"input": [{**MUSIC, "gain_db": 0.0}, VOICE]})) == {"hot"}
    assert touched(before, merge_patch(before, {"input": [MUSIC, {**VOICE, "source": "none"}]})) == {"capture"}
    assert touched(before, merge_patch(before, {"effect": [CLAP]})) == {"hot"}
    assert merge_patch(before, {"input": None}) == Settings()


def test_a_voice_gets_its_gain_and_mute_from_its_chain_and_the_others_from_their_fader():
    voice, music = strips_of(parse({"input": [{**VOICE, "gain_db": 3.0, "muted": True}, {**MUSIC, "muted": True}]}).input)
    assert (voice.gain_db, voice.is_muted, voice.voice.gain_db, voice.voice.muted) == (0.0, False, 3.0, True)
    assert (music.gain_db, music.is_muted) == (-8.0, True)
