"""Which encoder and preset fit, from measured rates."""

from studio.model.measure import Rate, fits, pick, result

X264 = [Rate("libx264", preset, fps) for preset, fps in (("ultrafast", 200.0), ("superfast", 120.0), ("veryfast", 92.0), ("faster", 44.0))]


def test_the_dearest_preset_with_room_is_picked():
    assert pick(X264, 30) == X264[2]
    assert pick(X264, 70) == X264[1]
    assert not fits(X264[3], 30), "44 a second is no room for 30"


def test_hardware_is_picked_only_where_software_is_too_slow_for_a_good_picture():
    card = Rate("h264_nvenc", "veryfast", 240.0)
    assert pick([*X264, card], 60) == X264[2]
    assert pick([*X264, card], 70) == card
    assert pick([*X264, Rate("h264_qsv", "veryfast", 0.0)], 70) == X264[1], "one that can't be opened is none"


def test_where_nothing_has_room_the_fastest_is_named_and_said_to_be_tight():
    slow = [Rate("libx264", "ultrafast", 24.0), Rate("libx264", "superfast", 18.0)]
    found = result(slow, 30)
    assert found["picked"] == {"codec": "libx264", "preset": "ultrafast"}
    assert not found["has_room"]


def test_nothing_measured_is_nothing_picked():
    assert result([], 30) == {"rows": [], "picked": None, "has_room": False, "recording": []}


def test_a_recording_of_another_codec_fits_where_stream_and_recording_have_room_together():
    told = result(X264, 30, [Rate("hevc", "", 38.0), Rate("av1", "", 46.0)])["recording"]
    assert [(row["codec"], row["fits"]) for row in told] == [("hevc", False), ("av1", True)]
