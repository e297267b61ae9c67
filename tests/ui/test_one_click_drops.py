"""Drops by one click in the host's window: opened, taken back in place, closed early, and refused where they can't be."""

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.rehearsed_drops import at
from tests.ui.window_stage import Stage, until
from ui.studio_window import StudioWindow


async def test_one_click_opens_a_lottery_and_it_can_be_taken_back_in_place(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    tile = window.centre.palette_panel.tiles["lottery"]
    await until(lambda: tile.view().doing == "ready", "the tile")
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    await until(stage.studio.drops.drops, "the drop")
    assert tile.view().doing == "undo"
    assert "撤回" in tile.view().line
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    await until(lambda: stage.studio.drops.drop("d1")["state"] == "cancelled", "the cancelled drop")
    assert stage.studio.names().count("open_drop") == 1


async def test_taking_back_before_the_answer_came_still_cancels(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    palette = window.centre.palette_panel
    await until(lambda: palette.tiles["coupon"].view().doing == "ready", "the tile")
    palette.press("coupon")
    palette.press("coupon")
    await until(lambda: stage.studio.drops.drops() and stage.studio.drops.drop("d1")["state"] == "cancelled", "the cancelled drop")


async def test_the_keys_f1_and_f2_open_what_was_used_last(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    await until(lambda: window.centre.palette_panel.tiles["coupon"].view().doing == "ready", "the tile")
    window.centre._edit_drop(window.centre.palette_panel.specs["coupon"])
    fields = window.centre.drop_editor._inputs
    fields["value"].setText("30.50")
    fields["stock"].setText("7")
    QTest.keyClick(fields["stock"], Qt.Key.Key_Return)
    window.activateWindow()
    await until(window.isActiveWindow, "the window to be active")
    QTest.keyClick(window, Qt.Key.Key_F2)
    await until(lambda: "open_drop" in stage.studio.names(), "the drop")
    body = next(details[0] for name, *details in stage.studio.asked if name == "open_drop")
    assert (body["kind"], body["value_minor"], body["min_spend_minor"], body["stock"]) == ("coupon", 3050, 9900, 7)


async def test_what_cannot_be_opened_is_said_at_its_field_and_not_kept(stage: Stage):
    window = await stage.window(StudioWindow)
    window.centre._edit_drop(window.centre.palette_panel.specs["coupon"])
    editor = window.centre.drop_editor
    editor._inputs["value"].setText("-30")
    QTest.keyClick(editor._inputs["value"], Qt.Key.Key_Return)
    assert editor._inputs["value"].property("fault") == "true"
    assert editor._fault.text() == "金额要大于 ¥0.00"
    assert window.centre.palette_panel.specs["coupon"].value == "20"


async def test_off_air_and_while_the_stream_is_lost_nothing_can_be_opened(stage: Stage):
    window = await stage.window(StudioWindow)
    tile = window.centre.palette_panel.tiles["lottery"]
    assert tile.view().doing == "unavailable"
    stage.studio.go("live")
    await until(lambda: tile.view().doing == "ready", "the tile")
    stage.studio.go("reconnecting")
    await until(lambda: tile.view().doing == "unavailable", "the tile to go")
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    QTest.keyClick(tile, Qt.Key.Key_Space)
    window.centre.palette_panel._edits[0].click()
    assert window.centre.drop_editor.isVisible(), "what a click will open can be edited off air"
    assert "open_drop" not in stage.studio.names()


async def test_the_running_drop_counts_down_and_closes_by_its_button(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    now = time.time()
    stage.studio.drops.put("d7", title="口红", keyword="想要", opened_at=at(now), closes_at=at(now + 60), entries=1286, early_close=True)
    row = window.centre.drop_row
    await until(lambda: row.drop() is not None, "the row")
    assert row._number.text() == "1,286"
    assert "00:30" < row._time.text() <= "01:00"
    QTest.mouseClick(row.close_now, Qt.MouseButton.LeftButton)
    await until(lambda: row.drop() is not None and row.drop().state == "drawn", "the draw")
    assert row._title.text() == "中奖：阿泽"
    assert "626c 96a5" in row._line.text()


async def test_without_early_close_there_is_no_button_for_it(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    now = time.time()
    stage.studio.drops.put("d7", opened_at=at(now), closes_at=at(now + 60), early_close=False)
    await until(lambda: window.centre.drop_row.drop() is not None, "the row")
    assert window.centre.drop_row.close_now.isHidden()
