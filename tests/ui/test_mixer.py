"""The mixer in the host's window, against a staged studio behind the real control API."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from studio.errors import NotFound
from tests.ui.window_stage import Stage, until
from ui.controls.meter import SILENCE_DB
from ui.language import words
from ui.panels.voice_menu import voice_menu
from ui.studio_window import StudioWindow

MUSIC = {"name": "音乐", "kind": "music", "source": "music:/songs"}


@pytest.fixture
async def desk(stage: Stage):
    """A window with microphone and music, its mixer open."""
    await stage.studio.patch_settings({"audio": {"source": "device:default"}, "input": [MUSIC]}, None)
    stage.studio.asked.clear()
    window = await stage.window(StudioWindow)
    window.centre.open_mixer()
    await until(lambda: len(window.centre.mixer.rows) == 2, "two rows")
    return window


def row_of(window, name):
    return next(row for (known, _), row in window.centre.mixer.rows.items() if known == name)


def asked(stage, name):
    return [found[1:] for found in stage.studio.asked if found[0] == name]


async def test_each_input_has_a_row_and_a_move_is_a_call(stage: Stage, desk):
    music = row_of(desk, "音乐")
    music.mute.click()
    await until(lambda: asked(stage, "change_input") == [("音乐", {"muted": True})], "the mute")
    await until(music.mute.isChecked, "the answer is shown")
    row_of(desk, "microphone").solo.click()
    await until(lambda: stage.studio.profile.audio.solo, "the solo")
    music.gain.setFocus()
    QTest.keyClick(music.gain, Qt.Key.Key_PageDown)
    await until(lambda: stage.studio.profile.input[0].gain_db < 0, "the fader")
    await stage.quiet()


async def test_music_can_be_paused_and_skipped_and_a_voice_cannot(stage: Stage, desk):
    music, microphone = row_of(desk, "音乐"), row_of(desk, "microphone")
    assert microphone.pause.isHidden()
    assert not music.pause.isHidden()
    music.pause.click()
    await until(lambda: asked(stage, "play_music") == [("音乐", "pause")], "the pause")
    await until(music.pause.isChecked, "the pause is shown")
    music.pause.click()
    music.skip.click()
    await until(lambda: asked(stage, "play_music") == [("音乐", "pause"), ("音乐", "play"), ("音乐", "next")], "on and next")
    await stage.quiet()


async def test_levels_go_to_their_rows(stage: Stage, desk):
    stage.studio.tell("meters", {"peak_db": -3.0, "inputs": {"音乐": -20.0, "microphone": -9.0}})
    music, microphone = row_of(desk, "音乐")._meter, row_of(desk, "microphone")._meter
    await until(lambda: music._peak_db == -20 and microphone._peak_db == -9, "the levels")
    stage.studio.tell("meters", {"peak_db": -5.0, "inputs": {}})
    await until(lambda: microphone._peak_db == -5, "a microphone alone")
    assert music._peak_db == SILENCE_DB


async def test_an_input_is_removed_and_another_added_under_a_free_name(stage: Stage, desk):
    mixer = desk.centre.mixer
    mixer._add("music", "音乐", "music:/other")
    await until(lambda: [found.name for found in stage.studio.profile.input] == ["音乐", "音乐 2"], "the second music")
    await until(lambda: len(mixer.rows) == 3, "its row")
    row_of(desk, "音乐").remove.click()
    await until(lambda: [found.name for found in stage.studio.profile.input] == ["音乐 2"], "the removal")
    await until(lambda: len(mixer.rows) == 2, "its row is gone")
    await stage.quiet()


async def test_the_source_menu_lists_the_engines_microphones(stage: Stage, desk):
    row_of(desk, "microphone").source.click()
    menus = lambda: [menu for menu in desk.findChildren(QMenu) if menu.isVisible()]  # noqa: E731 - asked again and again
    await until(menus, "the menu")
    [menu] = menus()
    assert "USB 耳麦" in [action.text() for action in menu.actions()]
    next(action for action in menu.actions() if action.text() == "USB 耳麦").trigger()
    menu.close()
    await until(lambda: stage.studio.profile.audio.source == "device:USB 耳麦", "the choice")
    await stage.quiet()


async def test_effects_are_added_on_free_keys_and_played_by_them(stage: Stage, desk):
    effects = desk.centre.mixer.effects
    effects.add("/sounds/掌声.wav")
    await until(lambda: "掌声" in effects.buttons, "the effect's button")
    effects.add("/elsewhere/掌声.mp3")
    await until(lambda: "掌声 2" in effects.buttons, "the other's")
    assert [(found.name, found.key) for found in stage.studio.profile.effect] == [("掌声", "1"), ("掌声 2", "2")]
    QTest.keyClick(desk, Qt.Key.Key_2)
    await until(lambda: asked(stage, "play_effect") == [("掌声 2",)], "the key")
    effects.buttons["掌声"].click()
    await until(lambda: asked(stage, "play_effect")[-1] == ("掌声",), "the button")
    QTest.keyClick(desk, Qt.Key.Key_9)
    await stage.quiet()
    assert len(asked(stage, "play_effect")) == 2


async def test_v_is_held_to_talk_and_let_go_when_the_window_loses_the_keyboard(stage: Stage, desk):
    assert desk.sound.talk.isHidden()
    await stage.studio.patch_settings({"audio": {"push_to_talk": True}}, None)
    await until(lambda: not desk.sound.talk.isHidden(), "the button to talk")
    QTest.keyPress(desk, Qt.Key.Key_V)
    await until(lambda: asked(stage, "talk")[:1] == [(True,)], "held")
    await until(lambda: len(asked(stage, "talk")) >= 3, "held is said again and again")
    QTest.keyRelease(desk, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: asked(stage, "talk")[-1] == (False,), "let go")
    QTest.keyPress(desk, Qt.Key.Key_V)
    await until(lambda: asked(stage, "talk")[-1] == (True,), "held again")
    QApplication.sendEvent(desk, QEvent(QEvent.Type.WindowDeactivate))
    await until(lambda: asked(stage, "talk")[-1] == (False,), "let go with the window")
    await stage.quiet()


async def test_a_refusal_is_said_in_the_mixer_and_nothing_moves(stage: Stage, desk):
    stage.studio.failing["change_input"] = NotFound("sound.no_input", name="音乐")
    row_of(desk, "音乐").mute.click()
    await until(lambda: "音乐" in desk.centre.mixer._said.text(), "the words")
    assert not row_of(desk, "音乐").mute.isChecked()
    await stage.quiet()


async def test_sync_is_asked_of_the_engine_and_its_answer_said(stage: Stage, desk):
    microphone = row_of(desk, "microphone")
    assert row_of(desk, "音乐").sync.isHidden()
    microphone.sync.click()
    await until(lambda: asked(stage, "sync_sound") == [(8,)], "the question")
    await until(lambda: "120" in desk.centre.mixer._said.text(), "the answer")
    assert stage.studio.profile.audio.sync_offset_ms == 120
    await stage.quiet()


async def test_ducking_and_the_monitors_volume_are_set_by_keys_and_taken_back(stage: Stage, desk):
    fold, mix = desk.centre.mixer.mix, lambda: stage.studio.profile.mix
    assert fold.isHidden()
    fold.button.click()
    assert not fold.isHidden()
    for key, pressed, is_so in (
        ("duck_db", Qt.Key.Key_Right, lambda: mix().duck_db == -14),
        ("duck_attack_ms", Qt.Key.Key_Right, lambda: mix().duck_attack_ms == 100),
        ("duck_hold_ms", Qt.Key.Key_Home, lambda: mix().duck_hold_ms == 0),
        ("duck_release_ms", Qt.Key.Key_Left, lambda: mix().duck_release_ms == 600),
    ):
        QTest.keyClick(fold.sliders[key], pressed)
        await until(lambda is_so=is_so: is_so() and not desk.edits.is_busy, key)
    for back in (lambda: mix().duck_release_ms == 800, lambda: mix().duck_hold_ms == 400, lambda: mix().duck_attack_ms == 80):
        desk.edits.undo()
        await until(lambda back=back: back() and not desk.edits.is_busy, "taken back")
    assert mix().duck_db == -14
    monitor = fold.sliders["monitor_gain_db"]
    assert not monitor.isEnabled()
    await stage.studio.patch_settings({"mix": {"monitor": "default"}}, None)
    await until(monitor.isEnabled, "a monitor to turn down")
    QTest.keyClick(monitor, Qt.Key.Key_Left)
    await until(lambda: mix().monitor_gain_db == -2 and not desk.edits.is_busy, "softer")
    await stage.quiet()


async def test_a_value_between_two_steps_is_shown_as_it_is_until_a_hand_moves_it(stage: Stage, desk):
    await stage.studio.patch_settings({"mix": {"duck_attack_ms": 85}}, None)
    slider = desk.centre.mixer.mix.sliders["duck_attack_ms"]
    await until(lambda: slider.chosen() == 85, "the profile's own value")
    QTest.keyClick(slider, Qt.Key.Key_Right)
    await until(lambda: stage.studio.profile.mix.duck_attack_ms == 100 and not desk.edits.is_busy, "the next step")
    await stage.quiet()


async def test_an_inputs_fader_and_a_treatment_are_taken_back_and_a_mute_is_not(stage: Stage, desk):
    music, microphone = row_of(desk, "音乐"), row_of(desk, "microphone")
    QTest.keyClick(music.gain, Qt.Key.Key_PageDown)
    await until(lambda: stage.studio.profile.input[0].gain_db < 0 and not desk.edits.is_busy, "the fader")
    microphone._treat({"highpass": True, "eq": "warm"})
    await until(lambda: stage.studio.profile.audio.eq == "warm" and not desk.edits.is_busy, "the treatment")
    microphone.mute.click()
    await until(lambda: stage.studio.profile.audio.muted, "the mute")
    desk.edits.undo()
    await until(lambda: stage.studio.profile.audio.eq == "flat" and not desk.edits.is_busy, "the treatment taken back")
    assert not stage.studio.profile.audio.highpass
    desk.edits.undo()
    await until(lambda: stage.studio.profile.input[0].gain_db == 0 and not desk.edits.is_busy, "the fader taken back")
    assert stage.studio.profile.audio.muted
    await until(lambda: music.gain.value() == 0, "shown")
    await stage.quiet()


async def test_each_voice_has_presets_and_colours_and_the_microphone_the_rider(stage: Stage, desk):
    await stage.studio.patch_settings({"input": [MUSIC, {"name": "Anna", "kind": "voice", "source": "tone"}]}, None)
    await until(lambda: len(desk.centre.mixer.rows) == 3, "the second voice")
    own, other = (voice_menu(desk, row_of(desk, name)._table, row_of(desk, name)._treat) for name in ("microphone", "Anna"))
    [rider] = [action for action in own.actions() if action.text() == words("sound.rider")]
    rider.trigger()
    await until(lambda: stage.studio.profile.audio.target_lufs == -16 and not desk.edits.is_busy, "the rider")
    assert words("sound.rider") not in [action.text() for action in other.actions()]
    assert words("sound.limiter") not in [action.text() for action in other.actions()]
    next(action for action in other.actions() if action.text() == words("sound.preset_warm")).trigger()
    await until(lambda: stage.studio.profile.input[1].eq == "warm" and not desk.edits.is_busy, "the preset")
    assert stage.studio.profile.input[1].deess
    fresh = voice_menu(desk, row_of(desk, "Anna")._table, row_of(desk, "Anna")._treat)
    assert next(action for action in fresh.actions() if action.text() == words("sound.preset_warm")).isChecked()
    await stage.quiet()
