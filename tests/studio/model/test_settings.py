import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import Conflict
from studio.model.profile_tables import merge_patch, parse, refuse_while_live, to_json, touched
from studio.model.rules import InvalidSettings
from studio.model.settings import OutputSettings, Settings

OUTPUT = {"name": "main", "server": "rtmp://127.0.0.1:1935/live", "key": "s3cret"}


def faults_of(profile):
    with pytest.raises(InvalidSettings) as caught:
        parse(profile)
    return {fault.key: fault for fault in caught.value.faults}


def test_an_empty_profile_is_the_defaults():
    assert parse({}) == Settings()
    assert (Settings().video.width, Settings().encoder.bitrate_kbps, Settings().audience.currency) == (1920, 6000, "CNY")


def test_the_contracts_profile_is_read():
    settings = parse(
        tomllib.loads("""
        [video]
        width = 1080
        height = 1920
        source = "file:clip.mp4"
        [look]
        smooth = 1
        exposure = -0.5
        [[output]]
        name = "archive"
        path = "show.mp4"
        [remote.limits]
        drops_an_hour = 6
        """)
    )
    assert settings.video.is_portrait
    assert settings.look.smooth == 1.0
    assert settings.output[0].is_file
    assert settings.remote.limits.drops_an_hour == 6


def test_every_fault_is_named_with_key_value_and_what_is_allowed():
    faults = faults_of(
        {"video": {"widht": 1, "width": 641, "fps": "30"}, "look": {"smooth": 1.5, "enabled": 1}, "nonsense": {}, "audio": 3}
    )
    assert set(faults) == {"video.widht", "video.width", "video.fps", "look.smooth", "look.enabled", "nonsense", "audio"}
    assert "even" in faults["video.width"].allowed
    assert "width, height" in faults["video.widht"].allowed
    assert str(faults["look.smooth"]) == "look.smooth = 1.5: a number from 0 to 1"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1e308, True, "0.5", None])
def test_a_number_that_is_none_is_refused(value):
    assert "look.smooth" in faults_of({"look": {"smooth": value}})


@pytest.mark.parametrize("lufs", [-16.0, -30, 0])
def test_a_target_of_loudness_is_none_or_one_that_a_voice_can_have(lufs):
    assert parse({"audio": {"target_lufs": lufs}}).audio.target_lufs == lufs
    assert "audio.target_lufs" in faults_of({"audio": {"target_lufs": -5.0}})
    assert "audio.target_lufs" in faults_of({"audio": {"target_lufs": -31.0}})


@pytest.mark.parametrize(
    ("source", "is_right"),
    [("testcard", True), ("camera:0", True), ("camera:x", False), ("file:", False), ("file:a.mp4", True), ("http://x", False), ("", False)],
)
def test_sources_are_words_of_the_contract(source, is_right):
    if is_right:
        assert parse({"video": {"source": source}}).video.source == source
    else:
        assert "video.source" in faults_of({"video": {"source": source}})


@pytest.mark.parametrize(
    ("output", "key"),
    [
        ({"server": "rtmp://h/live"}, "output[0].name"),
        ({"name": "a"}, "output[0]"),
        ({"name": "a", "server": "rtmp://h/live", "path": "x.mp4"}, "output[0]"),
        ({"name": "a", "server": "http://h/live"}, "output[0].server"),
        ({"name": "a", "server": "rtmp://h"}, "output[0].server"),
        ({"name": "a", "server": "rtmp://h:99999/live", "key": "k"}, "output[0].server"),
        ({"name": "a", "path": "x.avi"}, "output[0].path"),
        ({"name": "a", "server": "rtmp://h/live", "key": "a b"}, "output[0].key"),
        ({"name": "a", "server": "rtmp://h/live", "key": "a", "key_secret": "b"}, "output[0].key"),
    ],
)
def test_an_output_that_cannot_work_is_refused(output, key):
    assert key in faults_of({"output": [output]})


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("audience", "room", " "),
        ("audience", "room", ""),
        ("audience", "timezone", "Mars/Olympus"),
        ("audience", "timezone", ""),
        ("audience", "timezone", "../etc/passwd"),
        ("encoder", "codec", "h265"),
        ("encoder", "codec", ""),
        ("remote", "listen", "8787"),
        ("remote", "listen", "0.0.0.0:8787"),
    ],
)
def test_what_no_machine_could_take_is_refused_before_a_show(table, key, value):
    assert f"{table}.{key}" in faults_of({table: {key: value}})


def test_a_pasted_key_is_trimmed():
    assert parse({"output": [OUTPUT | {"key": " s3cret\n"}]}).output[0].key == "s3cret"


def test_a_url_splits_at_the_last_slash_before_the_query():
    output = OutputSettings(name="m", url="rtmp://host/app/room/stream?auth=a/b")
    assert output.target() == ("rtmp://host/app/room", "stream?auth=a/b")


def test_no_key_is_in_a_repr_a_fault_or_the_json():
    settings = parse({"output": [OUTPUT, {"name": "b", "url": "rtmp://host/app/s3cret"}]})
    fault = faults_of({"output": [OUTPUT | {"key": "s3 cret"}]})["output[0].key"]
    assert "s3" not in repr(settings) + repr(to_json(settings)) + str(fault)


def test_a_masked_key_sent_back_keeps_the_key():
    settings = parse({"output": [OUTPUT]})
    sent_back = to_json(settings)["output"]
    assert merge_patch(settings, {"output": sent_back}).output[0].key == "s3cret"


def test_a_patch_is_all_or_nothing_and_null_restores_the_default():
    settings = parse({"look": {"smooth": 0.5}})
    with pytest.raises(InvalidSettings):
        merge_patch(settings, {"look": {"smooth": 0.7, "whiten": 7}})
    assert merge_patch(settings, {"look": {"smooth": None}}).look.smooth == 0.0


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_patch_crashes(patch):
    try:
        merged = merge_patch(Settings(), patch if isinstance(patch, dict) else {"video": patch})
    except InvalidSettings as error:
        assert error.faults
    else:
        assert isinstance(merged, Settings)


def test_json_and_back_is_the_same():
    settings = parse({"output": [OUTPUT], "remote": {"limits": {"max_value_minor": 5}}, "look": {"lut": "a.cube"}})
    assert parse(to_json(settings, with_secrets=True)) == settings


def test_what_a_change_touches_is_said():
    old = Settings()
    assert touched(old, merge_patch(old, {"look": {"smooth": 0.3}})) == {"hot"}
    assert touched(old, merge_patch(old, {"video": {"source": "camera:0"}})) == {"capture"}
    assert touched(old, merge_patch(old, {"encoder": {"preset": "fast"}, "output": [OUTPUT]})) == {"encoder", "output"}
    assert touched(old, old) == frozenset()


def test_every_key_is_documented():
    page = (Path(__file__).resolve().parents[3] / "docs" / "profile.md").read_text(encoding="utf-8")
    tables = to_json(Settings()) | {"output": dict.fromkeys(["name", "server", "key", "key_secret", "url", "path"])}
    missing = [
        f"{table}.{key}" for table, keys in tables.items() for key in keys if f"`{key}`" not in page and f"[{table}.{key}]" not in page
    ]
    assert missing == []


def test_while_live_only_what_keeps_the_session_may_change():
    old = parse({"output": [OUTPUT]})
    for patch in (
        {"look": {"smooth": 0.5}},
        {"video": {"source": "camera:0"}},
        {"encoder": {"bitrate_kbps": 3000}},
        {"overlay": {"locale": "en"}},
    ):
        refuse_while_live(old, merge_patch(old, patch))
    for patch in ({"video": {"fps": 25}}, {"video": {"width": 1280}}, {"encoder": {"codec": "libx264"}}, {"output": []}):
        with pytest.raises(Conflict):
            refuse_while_live(old, merge_patch(old, patch))


def test_a_hook_has_a_name_a_kind_and_the_name_of_its_secret():
    (hook,) = parse({"hook": [{"name": "shop", "secret": "k"}]}).hook
    assert (hook.name, hook.kind, hook.secret) == ("shop", "standard", "k")
    for tables in (
        [{"name": "../x", "secret": "k"}],
        [{"name": "shop"}],
        [{"name": "a", "secret": "k"}] * 2,
        [{"name": "a", "kind": "x"}],
        {},
    ):
        with pytest.raises(InvalidSettings):
            parse({"hook": tables})
