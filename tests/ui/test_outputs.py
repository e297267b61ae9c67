"""The outputs in the host's window: added, changed, taken out, tested, started and stopped, each by itself."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from studio.errors import Conflict
from studio.model.platforms import PLATFORMS
from studio.model.settings import Settings
from tests.ui.window_stage import Stage, until
from ui.app import Host
from ui.controls.hold import HOLD_MS
from ui.models.outputs import codec_words, output_state
from ui.panels.output_fields import typed_fault
from ui.studio_window import StudioWindow

ROOM, FILE = "抖音直播间", "本地录制"


def choices(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text() and action.isEnabled()]


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


async def test_a_second_server_is_added_with_a_key_that_no_one_sees_again(stage: Stage):
    window = await stage.window(StudioWindow)
    window.outputs.add_asked.emit("server")
    editor = window.centre.outputs_editor
    assert editor.isVisible()
    assert not editor.remove.isVisible(), "a new one can't be taken out"
    QTest.keyClicks(editor.inputs.inputs["server"], "rtmp://127.0.0.1/other")
    QTest.keyClicks(editor.inputs.inputs["key"], "s3cret")
    assert editor.inputs.inputs["key"].displayText() != "s3cret"
    QTest.mouseClick(editor.save, Qt.MouseButton.LeftButton)
    await until(lambda: list(window.outputs._rows) == [ROOM, FILE, "直播间"], "the row")
    fields = {"name": "直播间", "server": "rtmp://127.0.0.1/other", "key": "s3cret", "enabled": True}
    assert ("put_output", "直播间", fields) in stage.studio.asked
    assert window.centre.palette_panel.isVisible()
    window.outputs.edit_asked.emit("直播间")
    assert editor.inputs.inputs["key"].text() == ""
    assert editor.inputs.inputs["key"].placeholderText() == "••••••••"
    editor.inputs.inputs["server"].setText("rtmp://elsewhere.example/live")
    assert editor.inputs.inputs["key"].placeholderText() == "粘贴推流码", "a key doesn't follow to another host"


async def test_a_change_sends_no_key_that_was_not_typed_and_a_recording_keeps_its_replay(stage: Stage):
    window = await stage.window(StudioWindow)
    editor = window.centre.outputs_editor
    window.outputs.edit_asked.emit(ROOM)
    editor.inputs.inputs["name"].setText("主推流")
    QTest.keyClick(editor.inputs.inputs["name"], Qt.Key.Key_Return)
    await until(lambda: "put_output" in stage.studio.names(), "the change")
    assert ("put_output", ROOM, {"name": "主推流", "server": "rtmp://127.0.0.1/live", "enabled": True}) in stage.studio.asked
    assert stage.studio.profile.output[0].key_secret == "output-staged"
    await until(lambda: not editor.isVisible(), "the palette again")
    window.outputs.edit_asked.emit(FILE)
    path = editor.inputs.inputs["path"]
    await until(lambda: path.width() > 200, "a path's room: fields of other kinds take none")
    path.setText("other.mkv")
    editor.inputs.inputs["replay"].setText("60")
    QTest.keyClicks(editor.inputs.inputs["split_mb"], "4000")
    editor.tracks.click()
    assert editor._hint.text() == "", "the stream's own codec costs nothing"
    editor.inputs.codec.setCurrentIndex(2)
    editor.inputs.codec.activated.emit(2)
    assert "一半" in editor._hint.text()
    QTest.mouseClick(editor.save, Qt.MouseButton.LeftButton)
    await until(lambda: stage.studio.profile.replay.seconds == 60, "the replay")
    kept = stage.studio.profile.output[1]
    assert (kept.path, kept.split_mb, kept.tracks, kept.codec) == ("other.mkv", 4000, "separate", "av1")
    await until(lambda: not editor.isVisible(), "the palette again")


async def test_taking_one_out_must_be_held_and_the_others_stay(stage: Stage):
    window = await stage.window(StudioWindow)
    window.outputs.edit_asked.emit(ROOM)
    remove = window.centre.outputs_editor.remove
    QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
    assert "remove_output" not in stage.studio.names()
    QTest.mousePress(remove, Qt.MouseButton.LeftButton)
    await until(lambda: "remove_output" in stage.studio.names(), f"the end of {HOLD_MS} ms")
    QTest.mouseRelease(remove, Qt.MouseButton.LeftButton)
    await until(lambda: list(window.outputs._rows) == [FILE], "the row to go")
    assert [output.name for output in stage.studio.profile.output] == [FILE]


async def test_without_any_output_the_panel_says_what_to_do(stage: Stage):
    stage.studio.outputs.set(Settings())
    window = await stage.window(StudioWindow)
    assert window.outputs._empty.isVisible()
    assert window.outputs.add.isVisible()


async def test_each_is_stopped_and_started_by_itself_while_the_show_goes_on(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    panel = window.outputs
    await until(lambda: panel._rows[ROOM].state() == "good", "the stream")
    assert choices(panel.menu(ROOM)) == ["停止这一路"], "what runs isn't changed"
    choose(panel.menu(ROOM), "停止这一路")
    await until(lambda: panel._rows[ROOM].words()[1] == "已结束", "the end of it")
    assert ("output_step", ROOM, "stop") in stage.studio.asked
    assert panel._rows[FILE].state() == "good", "the recording goes on"
    assert choices(panel.menu(ROOM)) == ["启动", "随开播启动", "修改…"]
    QTest.mouseClick(panel._rows[ROOM].action(), Qt.MouseButton.LeftButton)
    await until(lambda: ("output_step", ROOM, "start") in stage.studio.asked, "the start")
    await until(lambda: panel._rows[ROOM].state() == "good", "the stream again")


async def test_where_there_is_no_keyring_the_window_says_where_keys_lie(stage: Stage):
    stage.studio.keys = {"place": "/home/host/secrets.json", "is_in_file": True}
    window = await stage.window(StudioWindow)
    window.outputs.add_asked.emit("server")
    await until(lambda: "/home/host/secrets.json" in window.centre.outputs_editor._hint.text(), "the place")


async def test_what_the_engine_refuses_is_said_below_the_rows(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    await until(lambda: window.outputs._rows[FILE].state() == "good", "the recording")
    stage.studio.failing["output_step"] = Conflict("output.last", name=FILE)
    choose(window.outputs.menu(FILE), "停止这一路")
    await until(window.outputs._said.isVisible, "the words")
    assert "最后一路" in window.outputs._said.text()


async def test_one_is_switched_off_before_the_show_and_says_so(stage: Stage):
    window = await stage.window(StudioWindow)
    menu = window.outputs.menu(FILE)
    assert choices(menu) == ["剪出打点片段", "随开播启动", "修改…"]
    choose(menu, "随开播启动")
    await until(lambda: window.outputs._rows[FILE].words()[1] == "未启用", "the word")
    assert ("put_output", FILE, {"enabled": False}) in stage.studio.asked
    assert not next(action for action in window.outputs.menu(FILE).actions() if action.text() == "随开播启动").isChecked()


async def test_an_output_is_tested_before_the_show_and_says_what_came_of_it(stage: Stage):
    window = await stage.window(StudioWindow)
    rows = window.outputs._rows
    row = rows["抖音直播间"]
    assert row.action() is not None
    QTest.mouseClick(row.action(), Qt.MouseButton.LeftButton)
    await until(lambda: "6,160" in row.words()[1], "what came of it")
    assert ("check_output", "抖音直播间", 10) in stage.studio.asked
    assert row.state() == "good"
    assert all(other.action() is None for name, other in rows.items() if "mp4" in name or "录" in name)
    stage.studio.go("live")
    await until(lambda: row.action() is None, "on air there is nothing to test")
    stage.studio.go("reconnecting")
    await until(lambda: row.action() is not None, "the retry")
    QTest.mouseClick(row.action(), Qt.MouseButton.LeftButton)
    await until(lambda: ("retry_output", "抖音直播间") in stage.studio.asked, "the retry to be asked for")
    stage.studio.go("reconnecting")
    await until(lambda: "立即重连" in choices(window.outputs.menu(ROOM)), "the menu")


async def test_a_platform_fills_in_its_address_and_says_what_it_publishes(stage: Stage):
    window = await stage.window(StudioWindow)
    window.outputs.add_asked.emit("server")
    editor = window.centre.outputs_editor
    server = editor.inputs.inputs["server"]
    editor._on_platform(1 + [platform.id for platform in PLATFORMS].index("facebook"))
    assert server.text().startswith("rtmps://live-api-s.facebook.com")
    assert "6,000 kbit/s" in editor._hint.text()
    assert "Facebook" in editor.inputs.inputs["name"].text()
    editor._on_platform(1)
    assert server.text() == "", "抖音's address is the room's own"
    assert "未公布" in editor._hint.text()
    server.setText("rtmp://my.own/live")
    editor._on_platform(1)
    assert server.text() == "rtmp://my.own/live"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "", "server": "rtmp://h/live"}, "name"),
        ({"name": "taken", "server": "rtmp://h/live"}, "name"),
        ({"name": "a", "server": "http://h/live"}, "server"),
        ({"name": "a", "server": "rtmp://h"}, "server"),
        ({"name": "a", "server": "rtmp://[/live"}, "server"),
        ({"name": "a", "server": "rtmp://h/live", "key": "a b"}, "key"),
        ({"name": "a", "path": "show.avi"}, "path"),
        ({"name": "a", "path": "show.mp4"}, ""),
        ({"name": "a", "server": "rtmps://h/live/x", "key": "k?token=1"}, ""),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field(qapp, fields, wrong):
    found, told = typed_fault(fields, {"taken"})
    assert found == wrong
    assert bool(told) == bool(wrong)


def test_the_words_of_a_codec_say_what_it_costs_and_whether_this_computer_carries_it(qapp):
    measured = {"recording": [{"codec": "hevc", "fps": 38.4, "fits": False}, {"codec": "av1", "fps": 61.0, "fits": True}]}
    assert codec_words("h264", measured) == ""
    assert "带不动（38 帧/秒）" in codec_words("hevc", measured)
    assert "带得动（61 帧/秒）" in codec_words("av1", measured)
    assert "测一测这台电脑" in codec_words("av1", {})


def test_an_output_that_is_not_running_says_which_way_it_is_not(qapp):
    row = {"name": "a", "kind": "rtmp", "state": "idle"}
    assert output_state(row, None, is_on_air=False)[1] == "待机"
    assert output_state(row, None, is_on_air=True)[1] == "未启用"
    assert output_state({**row, "enabled": False}, None, is_on_air=False)[1] == "未启用"
    assert output_state({**row, "state": "stopped"}, None, is_on_air=True)[1] == "已结束"
    assert output_state({**row, "state": "stopped"}, None, is_on_air=False)[1] == "待机"


async def test_the_window_keeps_one_spare_engine_for_each_engine_that_is_on_air(stage: Stage, qapp):
    asked = []
    host = Host(qapp, stage.address(), None, lambda: asked.append(threading.current_thread().name))
    stage.windows.append(host.window)
    stage.bridges.append(host._bridges[0])
    await until(lambda: host._bridges[0].link == "on", "the engine")
    assert asked == [], "off air there is nothing to follow"
    stage.studio.go("live")
    await until(lambda: asked, "the spare")
    stage.studio.go("reconnecting")
    stage.studio.go("live")
    await stage.quiet()
    assert len(asked) == 1
    assert asked[0] != threading.main_thread().name, "what may block isn't asked of the window's own thread"


async def test_what_was_marked_is_cut_out_of_each_recording_that_is_closed_and_new(stage: Stage):
    window = await stage.window(StudioWindow)
    choose(window.outputs.menu(FILE), "剪出打点片段")
    await until(lambda: "F7" in window.outputs._said.text(), "nothing was recorded yet")
    stage.studio.recorded = [
        {"path": "/videos/old.mp4", "output": FILE, "is_open": False, "is_cut": True},
        {"path": "/videos/show.mp4", "output": FILE, "is_open": False, "is_cut": False},
        {"path": "/videos/now.mp4", "output": FILE, "is_open": True, "is_cut": False},
        {"path": "/videos/other.mp4", "output": "other", "is_open": False, "is_cut": False},
    ]
    choose(window.outputs.menu(FILE), "剪出打点片段")
    await until(lambda: "/videos" in window.outputs._said.text(), "what came of it")
    assert [asked for asked in stage.studio.asked if asked[0] == "cut_clips"] == [("cut_clips", "/videos/show.mp4", 5, 60)]
    assert "1 个片段" in window.outputs._said.text()


async def test_a_virtual_camera_is_added_and_says_which_device_it_is_and_how_late_its_sound_is(stage: Stage):
    window = await stage.window(StudioWindow)
    window.outputs.add_asked.emit("camera")
    editor = window.centre.outputs_editor
    assert "pyvirtualcam" in editor._hint.text()
    assert not editor.platform.isVisible()
    QTest.mouseClick(editor.save, Qt.MouseButton.LeftButton)
    await until(lambda: "虚拟摄像头" in window.outputs._rows, "the row")
    assert stage.studio.profile.output[-1].camera == "auto"
    assert choices(window.outputs.menu("虚拟摄像头")) == ["随开播启动", "修改…"], "there is no line to test"
    row = {"name": "c", "kind": "camera", "state": "live", "detail": "", "detail_params": {"device": "/dev/video9"}}
    assert output_state(row, None, is_on_air=True) == ("good", "正在输出 · /dev/video9")
    assert output_state({**row, "offset_ms": 41.6}, None, is_on_air=True)[1].endswith("声音晚 42 毫秒")
    assert output_state({**row, "offset_ms": -12.0}, None, is_on_air=True)[1].endswith("声音早 12 毫秒")
    refused = {**row, "state": "refused", "detail": "camera.no_module", "detail_params": {"python": "/usr/bin/python3"}}
    assert "/usr/bin/python3 -m pip install pyvirtualcam" in output_state(refused, None, is_on_air=True)[1]
