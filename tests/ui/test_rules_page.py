"""The editor of the loyalty rules under the mouse and the keyboard: explained while typed, told before applied, taken back."""

import os

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.ui.window_stage import until
from ui import language, theme
from ui.language import words
from ui.studio_window import StudioWindow


def texts(parent):
    return [found.text() for found in parent.findChildren(QLabel) if found.isVisibleTo(parent)]


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(8, widget.height() // 2))


def press(parent, text):
    click(next(found for found in parent.findChildren(QPushButton) if found.text() == text and found.isVisibleTo(parent)))


def write(entry, text):
    entry.setFocus()
    entry.selectAll()
    if text.isascii():
        QTest.keyClicks(entry, text)
    else:  # what an input method does, without one
        entry.setText(text)
        entry.textEdited.emit(text)


async def open_page(stage):
    window = await stage.window(StudioWindow)
    window.resize(1280, 720)
    window.bar.fans_asked.emit()
    press(window.fans, words("page.rules"))
    page = window._pages.rules
    await until(lambda: page.editor.tiers and page.isVisible(), "the rules")
    return window, page


async def rest(stage, page):
    """Nothing is asked any more: who would move is, a moment after the last key."""
    page._timer.stop()
    await stage.quiet()


def picture(window, name):
    if folder := os.environ.get("ENCORE_PICTURES"):
        QApplication.processEvents()
        window.grab().save(f"{folder}/{name}.png")


async def test_a_bound_is_typed_told_applied_and_taken_back(stage):
    window, page = await open_page(stage)
    assert [row.name.text() for row in page.editor.tiers] == ["新朋友", "初级", "中级", "高级"]
    assert [row.bound.text() for row in page.editor.tiers] == ["0", "0.01", "500", "2000"]
    assert not page.apply.isEnabled()
    write(page.editor.tiers[2].bound, "900")
    assert "中级：累计满 ¥900，9 折" in texts(page.lines), "explained while it is typed"
    await until(lambda: any("37" in text for text in texts(page.moves)), "who would move")
    assert any("小鹿" in text for text in texts(page.moves))
    assert page.summary.text() == words("rules.would_move", up="0", down="37"), "beside the button, however long the list above is"
    assert "apply_rules" not in stage.studio.names(), "nothing happens by itself"
    picture(window, "rules")
    click(page.apply)
    await until(page.undo.isEnabled, "the change")
    assert stage.studio.rules.held.tiers[2].from_minor == 900_00
    press(page, words("rules.undo"))
    await until(lambda: stage.studio.rules.held.tiers[2].from_minor == 500_00, "the way back")
    await until(lambda: page.editor.tiers[2].bound.text() == "500", "the fields follow")
    assert [text[:5] for text in texts(page.history)] == ["第 2 次"], "the ledger's entries"
    await rest(stage, page)


async def test_what_is_wrong_is_red_said_in_words_and_never_applied(stage):
    window, page = await open_page(stage)
    write(page.editor.tiers[3].bound, "400")
    assert page.editor.tiers[3].bound.property("fault") == "true"
    assert words("rules.fault_bound", name=words("rules.tier_from")) in texts(page.lines)
    write(page.editor.fields["points.checkin"], "五")
    assert page.editor.fields["points.checkin"].property("fault") == "true"
    assert not page.apply.isEnabled()
    picture(window, "rules_wrong")
    QTest.keyClick(page.editor.tiers[3].bound, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "apply_rules" not in stage.studio.names()
    write(page.editor.tiers[3].bound, "4000")
    write(page.editor.fields["points.checkin"], "8")
    assert page.apply.isEnabled()
    await rest(stage, page)


async def test_tiers_come_and_go_four_at_most_and_presets_fill_them(stage):
    _, page = await open_page(stage)
    assert not page.editor.add_tier.isEnabled()
    click(page.editor.tiers[3].remove)
    assert len(page.editor.tiers) == 3
    press(page, words("rules.add_tier"))
    assert (len(page.editor.tiers), page.editor.add_tier.isEnabled()) == (4, False)
    write(page.editor.tiers[3].name, "掌柜")
    assert any(text.startswith("掌柜：") for text in texts(page.lines))
    press(page, words("rules.preset_second"))
    assert [row.bound.text() for row in page.editor.tiers] == ["0", "500", "2000", "5000"]
    write(page.editor.tiers[3].gift, "88")
    write(page.editor.tiers[3].rights, "包邮")
    press(page, words("rules.preset_first"))
    top = page.editor.tables()["tier"][3]
    assert (top["from_minor"], top["birthday_points"], top["rights"]) == (2000_00, 88, ["包邮"]), "what a preset doesn't say stays"
    write(page.editor.tiers[0].percent, "90")
    assert any("全场打折" in text for text in texts(page.lines)), "a warning while it is typed"
    await rest(stage, page)


async def test_items_are_priced_and_staff_and_rights_are_kept(stage):
    _, page = await open_page(stage)
    press(page, words("rules.add_item"))
    write(page.editor.items[0].name, "马克杯 <b>")
    write(page.editor.items[0].points, "300")
    assert "马克杯 <b>：300 分换一份" in texts(page.lines)
    assert not page.editor.items[0].worth.isVisibleTo(page.editor.items[0]), "a sample takes nothing off"
    page.editor.items[0].kind.setCurrentIndex(page.editor.items[0].kind.findData("cash_off"))
    assert page.editor.items[0].worth.isVisibleTo(page.editor.items[0])
    page.editor.items[0].kind.setCurrentIndex(page.editor.items[0].kind.findData("sample"))
    write(page.editor.tiers[2].rights, "包邮，优先发货")
    assert page.editor.tables()["tier"][2]["rights"] == ["包邮", "优先发货"]
    QTest.keyClick(page.editor.tiers[2].rights, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: stage.studio.rules.number == 1, "applied by the keyboard")
    assert [item.name for item in stage.studio.rules.held.items] == ["马克杯 <b>"]
    await rest(stage, page)


async def test_who_works_here_is_typed_a_line_each_and_a_wrong_line_is_told(stage):
    _, page = await open_page(stage)
    staff = page.editor.staff.text
    staff.setFocus()
    QTest.keyClicks(staff, "douyin:1")
    QTest.keyClick(staff, Qt.Key.Key_Return)
    QTest.keyClicks(staff, "u2")
    assert staff.property("fault") == "true"
    assert not page.apply.isEnabled()
    line = words("rules.staff_line", number=2, text="u2")
    assert words("rules.fault_staff", name=line) in texts(page.lines)
    staff.setPlainText("douyin:1\n\n kuaishou：张 三 \n")
    assert staff.property("fault") == "false"
    assert any("2" in text and "员工" in text for text in texts(page.lines)), "the line of the rules says how many"
    QTest.keyClick(staff, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: stage.studio.rules.number == 1, "applied by the keyboard")
    assert stage.studio.rules.held.staff == {("douyin", "1"), ("kuaishou", "张三")}
    await rest(stage, page)


async def test_english_lines_call_the_tiers_in_english_and_a_named_one_by_its_name(stage):
    language.use("en")
    _, page = await open_page(stage)
    told = "\n".join(texts(page.lines))
    assert "Middle" in told
    assert not [name for name in ("新朋友", "初级", "中级", "高级") if name in told]
    write(page.editor.tiers[3].name, "掌柜")
    assert any(text.startswith("掌柜") for text in texts(page.lines))
    await rest(stage, page)


@pytest.mark.parametrize(("locale", "name"), [("en", "light"), ("zh_CN", "dark"), ("en", "dark"), ("zh_CN", "light")])
async def test_it_fits_1280_by_720_in_both_languages_and_themes(stage, locale, name):
    language.use(locale)
    theme.apply(QApplication.instance(), name)
    try:
        window, page = await open_page(stage)
        write(page.editor.tiers[2].bound, "900")
        await until(lambda: any("37" in text for text in texts(page.moves)), "who would move")
        assert page.width() <= 1280
        for row in page.editor.tiers:
            assert row.remove.mapTo(page, QPoint(row.remove.width(), 0)).x() < page.lines.mapTo(page, QPoint(0, 0)).x()
        picture(window, f"rules_{locale}_{name}")
        await rest(stage, page)
    finally:
        theme.apply(QApplication.instance(), "dark")


def test_every_number_of_the_rules_has_a_field():
    from studio.model.rules_file import _NUMBERS
    from ui.panels.rules_editor import _AMOUNTS, _WHOLES

    assert {(table, key) for table, keys in _NUMBERS.items() for key in keys} == {*_AMOUNTS, *_WHOLES}
