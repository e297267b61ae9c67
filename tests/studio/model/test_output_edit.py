"""One output of a profile added, changed or taken out: what becomes of the others and of the key."""

import pytest

from studio.errors import NotFound
from studio.model.output_edit import edit_output, own_secrets, remove_output
from studio.model.profile_tables import parse, to_json
from studio.model.rules import InvalidSettings
from studio.model.settings import SECRET_MASK

FRESH = "output-f00d"
TWO = parse(
    {
        "output": [
            {"name": "main", "server": "rtmp://a.example/live", "key": "s3cret"},
            {"name": "archive", "path": "show.mp4", "split_minutes": 30},
        ]
    }
)


def test_a_new_server_comes_last_and_its_key_leaves_the_profile():
    edit = edit_output(TWO, "second", {"server": "rtmps://b.example/app", "key": "k2"}, FRESH)
    assert [output.name for output in edit.settings.output] == ["main", "archive", "second"]
    assert (edit.key, edit.output.key, edit.output.key_secret, edit.is_new) == ("k2", "", FRESH, True)
    assert edit.settings.output[:2] == TWO.output
    assert "k2" not in str(to_json(edit.settings, with_secrets=True))


@pytest.mark.parametrize("key", [{}, {"key": SECRET_MASK}])
def test_a_key_that_is_not_typed_anew_stays_and_moves_to_the_keyring(key):
    edit = edit_output(TWO, "main", {"name": "直播间", **key}, FRESH)
    assert (edit.output.name, edit.key, edit.output.key_secret, edit.is_new) == ("直播间", "s3cret", FRESH, False)
    again = edit_output(edit.settings, "直播间", {"enabled": False}, "output-other")
    assert (again.key, again.output.key_secret, again.output.enabled) == ("", FRESH, False)


def test_a_new_key_goes_under_the_name_that_is_ours_but_never_over_one_that_a_user_chose():
    ours = edit_output(edit_output(TWO, "main", {}, FRESH).settings, "main", {"key": "n3w"}, "output-other")
    assert (ours.key, ours.output.key_secret) == ("n3w", FRESH)
    theirs = parse({"output": [{"name": "main", "server": "rtmp://a.example/live", "key_secret": "douyin"}]})
    edit = edit_output(theirs, "main", {"key": "n3w"}, FRESH)
    assert (edit.key, edit.output.key_secret) == ("n3w", FRESH)
    assert own_secrets(theirs) == frozenset()
    assert own_secrets(edit.settings) == {FRESH}


@pytest.mark.parametrize("key", [None, ""])
def test_a_key_is_taken_out_by_null(key):
    edit = edit_output(TWO, "main", {"key": key}, FRESH)
    assert (edit.key, edit.output.key, edit.output.key_secret) == ("", "", "")


def test_a_key_does_not_follow_to_another_host():
    assert edit_output(TWO, "main", {"server": "rtmp://a.example/other"}, FRESH).key == "s3cret"
    elsewhere = edit_output(TWO, "main", {"server": "rtmp://evil.example/live"}, FRESH)
    assert (elsewhere.key, elsewhere.output.key_secret) == ("", "")


def test_an_address_in_one_piece_becomes_server_and_key():
    settings = parse({"output": [{"name": "main", "url": "rtmp://a.example/live/room?k=1"}]})
    edit = edit_output(settings, "main", {"enabled": False}, FRESH)
    assert (edit.output.server, edit.output.url, edit.key) == ("rtmp://a.example/live", "", "room?k=1")


def test_a_server_that_becomes_a_recording_keeps_nothing_of_a_server_and_the_other_way_round():
    file = edit_output(TWO, "main", {"path": "other.mkv"}, FRESH).output
    assert (file.path, file.server, file.key, file.key_secret) == ("other.mkv", "", "", "")
    server = edit_output(TWO, "archive", {"server": "rtmp://a.example/live", "key": "k"}, FRESH).output
    assert (server.path, server.split_minutes, server.key_secret) == ("", 0, FRESH)


@pytest.mark.parametrize(
    ("name", "fields", "fault"),
    [
        ("main", {"server": "http://a.example/live"}, "output[0].server"),
        ("main", {"key": "a b"}, "output[0].key"),
        ("archive", {"name": "main"}, "output[1].name"),
        ("archive", {"path": "show.avi"}, "output[1].path"),
        ("archive", {"split_minutes": -1}, "output[1].split_minutes"),
        ("archive", {"codec": "vp9"}, "output[1].codec"),
        ("archive", {"codec": "hevc", "path": "show.ts"}, "output[1].codec"),
        ("new", {}, "output[2]"),
        ("new", {"path": "a.mp4", "server": "rtmp://h/live"}, "output[2]"),
        ("main", {"key_secret": "x"}, "output.key_secret"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field_and_no_key_in_it(name, fields, fault):
    with pytest.raises(InvalidSettings) as refused:
        edit_output(TWO, name, fields, FRESH)
    assert [found.key for found in refused.value.faults] == [fault]
    assert "s3cret" not in str(refused.value.faults)


def test_a_camera_that_becomes_a_recording_keeps_nothing_of_a_camera():
    camera = edit_output(TWO, "cam", {"camera": "auto", "camera_python": "/usr/bin/python3"}, FRESH)
    assert (camera.output.camera, camera.output.is_server, camera.key) == ("auto", False, "")
    file = edit_output(camera.settings, "cam", {"path": "a.mp4"}, FRESH).output
    assert (file.camera, file.camera_python, file.camera_sound) == ("", "", "auto")


def test_one_is_taken_out_and_the_others_stay():
    assert [output.name for output in remove_output(TWO, "main").output] == ["archive"]
    with pytest.raises(NotFound):
        remove_output(TWO, "nobody")


def test_one_that_is_switched_off_stays_off_through_the_file_and_the_api():
    edit = edit_output(TWO, "archive", {"enabled": False}, FRESH)
    assert to_json(edit.settings)["output"][1]["enabled"] is False
    assert parse(to_json(edit.settings, with_secrets=True)) == edit.settings
