"""The way to the engine: lost, found again, another one; and changes of the look on their way to it."""

import asyncio
import time

from studio.errors import Conflict
from tests.ui.window_stage import Stage, until
from ui.edits import Edits
from ui.panels.look import LookPanel
from ui.studio_window import StudioWindow


async def test_an_engine_that_was_started_anew_is_found_by_its_new_address(stage: Stage):
    bridge = await stage.bridge(find_engine=stage.address)
    returned: list[bool] = []
    bridge.returned.connect(returned.append)
    first = bridge.address.url
    await stage.restart_server()
    await until(lambda: bridge.link == "on" and bridge.address.url != first, "the new engine")
    assert returned == [True]


async def test_the_window_says_that_the_engine_is_gone_and_that_it_is_another(stage: Stage):
    window = await stage.window(StudioWindow, find_engine=stage.address)
    await stage.server.stop()
    await until(lambda: "引擎没有回应" in window.centre.band.band.title(), "the band")
    assert not window.bar.go.isEnabled()
    await stage.restart_server()
    await until(lambda: "引擎重新启动了" in window.centre.band.band.title(), "the good news")
    assert window.bar.go.isEnabled()
    await until(lambda: not window._bridge._tasks, "what it asks first")


async def test_asking_without_an_engine_is_answered_in_words(stage: Stage):
    bridge = await stage.bridge()
    await stage.server.stop()
    await until(lambda: bridge.link == "lost", "the loss")
    said: list[str] = []
    bridge.ask(lambda client: client.start_live(), None, said.append)
    await until(lambda: said, "the words")
    assert "remote." not in said[0]


async def test_stopping_leaves_no_task_behind(stage: Stage):
    bridge = await stage.bridge()
    bridge.ask(lambda client: client.board(), None, None)
    await bridge.stop()
    await bridge.stop()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "bridge"]


async def test_dragging_a_slider_sends_at_most_15_changes_a_second_and_always_the_last(stage: Stage):
    bridge = await stage.bridge()
    edits = Edits(bridge)
    started = time.monotonic()
    for step in range(1, 301):
        edits.edit("smooth", step / 300)
        await asyncio.sleep(0.002)
    edits.finish()
    await until(lambda: not edits.is_busy, "the last change")
    passed = time.monotonic() - started
    assert stage.studio.profile.look.smooth == 1.0
    assert stage.studio.names().count("patch_settings") <= passed * 15 + 2


async def test_one_drag_is_one_step_back(stage: Stage):
    bridge = await stage.bridge()
    edits = Edits(bridge)
    for value in (0.6, 0.7, 0.9):
        edits.edit("smooth", value)
    edits.finish()
    await until(lambda: not edits.is_busy and stage.studio.profile.look.smooth == 0.9, "the change")
    edits.undo()
    await until(lambda: stage.studio.profile.look.smooth == 0.5, "the step back")
    await until(lambda: not edits.is_busy, "the answer")
    edits.redo()
    await until(lambda: stage.studio.profile.look.smooth == 0.9, "the step forward")
    assert not edits.can_redo


async def test_while_a_hand_is_on_it_the_engines_older_word_does_not_move_the_slider(stage: Stage):
    bridge = await stage.bridge()
    edits = Edits(bridge)
    panel = LookPanel(bridge, edits)
    await until(lambda: panel.sliders["smooth"].value() == 50, "the look")
    panel.sliders["smooth"].setSliderDown(True)
    panel.sliders["smooth"].setValue(80)
    edits.edit("smooth", 0.8)
    stage.studio.tell("settings", {"settings": stage.studio.settings()})
    await until(lambda: not edits.is_busy, "the answer")
    assert panel.sliders["smooth"].value() == 80
    panel.deleteLater()


async def test_a_refused_change_says_why_and_the_slider_goes_back(stage: Stage):
    bridge = await stage.bridge()
    edits = Edits(bridge)
    panel = LookPanel(bridge, edits)
    await until(lambda: panel.sliders["whiten"].value() == 30, "the look")
    stage.studio.failing["patch_settings"] = Conflict("settings.live", keys="video")
    said = []
    panel.refused.connect(said.append)
    panel.sliders["whiten"].show_value(0.9)
    edits.edit("whiten", 0.9)
    edits.finish()
    await until(lambda: panel.sliders["whiten"].value() == 30, "the slider to go back")
    assert len(said) == 1
    panel.deleteLater()


async def test_a_window_that_ends_its_engine_does_not_start_another(stage: Stage):
    looked: list[int] = []
    bridge = await stage.bridge(find_engine=lambda: looked.append(1))
    await bridge.end_engine()
    assert stage.studio.is_shut_down
    await stage.server.stop()
    await until(lambda: bridge.link == "lost", "the end")
    assert looked == []
