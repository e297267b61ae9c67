"""The calls on sound over real HTTP: what reaches the studio, and what is refused before it does."""

import pytest


async def test_a_change_of_an_input_reaches_the_desk_with_its_name_decoded(door):
    answer = await door.call("PATCH /v1/sound/inputs/%E9%9F%B3%E4%B9%90", body={"gain_db": -6.0, "muted": True})
    assert answer.status == 200
    assert door.studio.asked == [("change_input", "音乐", {"gain_db": -6.0, "muted": True})]


@pytest.mark.parametrize("step", ["next", "pause", "play"])
async def test_music_is_stopped_started_and_skipped(door, step):
    assert (await door.call(f"POST /v1/sound/inputs/Music/{step}")).status == 200
    assert door.studio.asked == [("play", "Music", step)]


async def test_a_step_that_music_does_not_know_is_no_call(door):
    assert (await door.call("POST /v1/sound/inputs/Music/rewind")).status == 404


@pytest.mark.parametrize("body", [{}, {"held": 1}, {"held": "true"}, {"held": None}])
async def test_the_key_to_talk_is_held_or_not_and_nothing_between(door, body):
    answer = await door.call("POST /v1/sound/talk", body=body)
    assert (answer.status, answer.code, answer.json["field"]) == (422, "field.truth", "held")
    assert door.studio.asked == []


async def test_an_effect_is_played_by_its_name(door):
    assert (await door.call("POST /v1/sound/effects/%E6%8E%8C%E5%A3%B0", "assistant")).status == 200
    assert door.studio.asked == [("play_effect", "掌声")]
