"""Products and files in the host's window, on a real fan file: brought in, looked at, edited, written out, with the mouse."""

import asyncio
import os

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from studio.app.room_files import RoomFiles, RoomTools
from studio.audience import Audience
from studio.bus import Bus
from studio.model.products import Product
from studio.model.settings import AudienceSettings
from studio.shop import ProductShown
from studio.store.database import Database
from studio.store.vault import Vault
from tests.ui.window_stage import Stage, until
from ui import language, theme
from ui.language import words
from ui.panels.shown_product import ShowButton
from ui.studio_window import StudioWindow

FANS = "会员ID,昵称,积分,手机号\nu1,小美 <b>,120,13800138000\nu2,=1+1,7,\nu3,坏,x,\n"
GOODS = "商品编号,商品名称,链接,价格,底价,库存\nK1,丝绒口红,1,99,79,12\nK2,面霜 <img src=x>,2,59.9,,0\nK3,没价,3,,,\n"


@pytest.fixture
async def room(stage: Stage, tmp_path):
    """The staged studio's files are a real room's."""
    url = f"sqlite:///{tmp_path}/encore.db"
    database = Database(url)
    await database.open()
    settings = AudienceSettings(store=url)
    bus = Bus(asyncio.get_running_loop())
    bus.subscribe(ProductShown, lambda shown: stage.studio.tell("shown", shown.told()))
    audience = Audience(database, bus, settings)
    audience.persons.use_vault(lambda: Vault(bytes(range(32))))
    await audience.open()
    stage.studio.files = RoomFiles(
        database, bus, audience, settings, RoomTools(lambda _: "", lambda data: data, tmp_path), lambda: 1_764_000_000_000
    )
    yield audience
    await stage.studio.files.copies.stop()
    await audience.close()
    await database.close()


def texts(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def named(widget: QWidget, text: str) -> QPushButton:
    return next(one for one in widget.findChildren(QPushButton) if text in (one.text(), one.accessibleName()) and one.isVisible())


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(widget.width() // 2, widget.height() // 2))


async def turned(stage: Stage, page: str, size=(1280, 720)) -> StudioWindow:
    window = await stage.window(StudioWindow)
    window.resize(*size)
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    if page != "fans":
        click(named(window.fans, words(f"page.{page}")))
    await until(lambda: not window._bridge._tasks, "the page")
    return window


def keep(window, name):
    if folder := os.environ.get("ENCORE_PICTURES"):
        window.grab().save(f"{folder}/{name}.png")


async def test_the_head_marks_the_page_that_it_stands_on_also_after_a_way_round(stage: Stage, room):
    window = await turned(stage, "files")
    click(named(window.files, words("page.privacy")))
    await until(window._pages.privacy.isVisible, "the other page")
    click(named(window._pages.privacy, words("page.files")))
    await until(window.files.isVisible, "and back")
    assert named(window.files, words("page.files")).isChecked()
    assert not named(window.files, words("page.privacy")).isChecked()
    await stage.quiet()


async def test_a_room_without_products_says_how_to_begin(stage: Stage, room):
    window = await turned(stage, "products")
    assert words("product.none") in texts(window.products)
    keep(window, "products-none")
    click(window.products.add)
    editor = window.products.editor
    assert editor.isVisible()
    for name, text in (("sku", "K9"), ("name", "口红 <b>"), ("price", "99"), ("floor", "120"), ("stock", "12")):
        editor.inputs[name].setText(text)
    click(editor.save)
    await until(editor._fault.isVisible, "the refusal")
    assert editor.inputs["floor"].property("fault") == "true"
    editor.inputs["floor"].setText("79.5")
    for name, text, said in (
        ("price", "12,5", "价格（元）：填 0 以上的金额"),
        ("name", " ", "名称：要填"),
        ("stock", "-1", "库存 必须是 0 到"),
    ):
        before = editor.inputs[name].text()
        editor.inputs[name].setText(text)
        click(editor.save)
        await until(lambda said=said: said in editor._fault.text(), "what is wrong, by the name beside the field")
        assert editor.inputs[name].property("fault") == "true"
        editor.inputs[name].setText(before)
    editor.facts.setPlainText("哑光\n\n不沾杯")
    click(editor.save)
    await until(lambda: window.products.count() == 1, "the product")
    [row] = (await stage.studio.products.listing("", 10, 0))["rows"]
    assert (row["price_minor"], row["floor_minor"], row["stock"], row["facts"]) == (9900, 7950, 12, ["哑光", "不沾杯"])
    assert {"口红 <b>", "¥99.00", "¥79.50"} <= set(texts(window.products).splitlines())


async def test_products_come_by_a_table_are_edited_shown_with_a_picture_and_removed(stage: Stage, room, tmp_path):
    window = await turned(stage, "products")
    path = tmp_path / "商品.csv"
    path.write_bytes(GOODS.encode("gbk"))
    click(window.products.bring)
    wizard = window.products.wizard
    wizard.open(path)
    await until(wizard.preview.isVisible, "the preview")
    assert "gb18030" in texts(wizard)
    assert window.products.count() == 0
    keep(window, "products-preview")
    click(wizard.preview.take)
    await until(lambda: "接受 2" in texts(wizard) and "第 4 行" in texts(wizard), "the report")
    await until(lambda: window.products.count() == 2, "the list")
    click(named(wizard, words("spec.leave")))
    await until(lambda: not wizard.isVisible(), "put away")
    click(named(window.products, words("product.edit")))
    editor = window.products.editor
    picture = tmp_path / "红.png"
    cv2.imencode(".png", np.full((80, 80, 3), (60, 60, 220), np.uint8))[1].tofile(str(picture))
    editor.use_picture(picture)
    await until(lambda: window.products.pictures.known, "the picture")
    keep(window, "products-edit")
    window.products.search.setText("面霜")
    await until(lambda: window.products.count() == 1, "the search")
    assert words("product.sold_out") in texts(window.products)
    window.products.search.setText("")
    await until(lambda: window.products.count() == 2, "all again")
    QTest.mousePress(editor.remove, Qt.MouseButton.LeftButton)
    await until(lambda: window.products.count() == 1, "one less")
    QTest.mouseRelease(editor.remove, Qt.MouseButton.LeftButton)


async def test_a_product_is_held_up_with_a_click_told_above_the_preview_and_put_away(stage: Stage, room):
    await stage.studio.products.put([Product("K1", "丝绒口红 <b>", link_no=1, price_minor=9900), Product("K2", "面霜", price_minor=5990)])
    window = await turned(stage, "products")
    await until(lambda: window.products.count() == 2, "the list")
    first, second = (one.button for one in window.products.findChildren(ShowButton))
    click(first)
    assert not first.isChecked(), "not before the engine says so"
    await until(first.isChecked, "the first")
    click(second)
    await until(second.isChecked, "the second in its place")
    assert (first.text(), second.text()) == (words("product.show"), words("product.shown"))
    keep(window, "products-shown")
    click(first)
    await until(first.isChecked, "the first again")
    click(named(window.products, words("fans.back")))
    chip = window.centre.shown_product
    await until(chip.isVisible, "the chip in the show")
    assert chip.name.text() == "1 丝绒口红 <b> ¥99.00"
    keep(window, "show-with-product")
    await stage.studio.products.put([Product("K1", "丝绒口红", link_no=1, price_minor=8900)])
    await until(lambda: chip.name.text() == "1 丝绒口红 ¥89.00", "its new price")
    click(chip.away)
    await until(lambda: not chip.isVisible(), "nothing on show")
    assert (await stage.studio.products.shown())["product"] is None
    await stage.quiet()


async def test_fans_come_in_after_their_columns_were_looked_at_and_each_refused_row_is_told(stage: Stage, room, tmp_path):
    window = await turned(stage, "files")
    keep(window, "files-empty")
    path = tmp_path / "会员.csv"
    path.write_text(FANS, encoding="utf-8-sig")
    wizard = window.files.wizard
    wizard.open(path)
    await until(wizard.preview.isVisible, "the preview")
    assert not wizard.preview.take.isEnabled()
    wizard.preview.platform.setCurrentText("抖音")
    wizard.preview.platform.activated.emit(1)
    await until(wizard.preview.take.isEnabled, "a sound plan")
    assert "小美 <b>" in texts(wizard)
    assert "前 3 行里有 1 行不能导入" in texts(wizard)
    assert "第 4 行：积分：“x”不是整数。" in texts(wizard), "the field by the name that its box bears"
    keep(window, "files-preview")
    name = wizard.preview._boxes["昵称"]
    name.setCurrentIndex(name.findData(""))
    name.activated.emit(name.currentIndex())
    await until(lambda: not window._bridge._tasks, "another look")
    name.setCurrentIndex(name.findData("name"))
    name.activated.emit(name.currentIndex())
    await until(lambda: not window._bridge._tasks, "and back")
    click(wizard.preview.take)
    await until(lambda: words("import.state_done", name="会员.csv") in texts(wizard), "the end")
    await until(lambda: "第 4 行：积分：“x”不是整数。" in texts(wizard), "the refused row")
    keep(window, "files-report")
    assert (await room.fan("douyin", "u1"))["points"] == 120
    wizard.report.save_to(tmp_path / "none" / "bad.csv")
    await until(lambda: "没有这个文件或文件夹" in wizard.report._note.text(), "why it can't be written there, in Chinese")
    out = tmp_path / "bad.csv"
    wizard.report.save_to(out)
    await until(out.exists, "the table of refused rows")
    await until(lambda: out.read_text("utf-8-sig").count("\n") == 2, "its rows")
    await until(lambda: "接受 2 · 拒绝 1" in texts(window.files), "the history")


async def test_an_export_and_a_backup_are_made_and_a_restore_is_asked_twice(stage: Stage, room, tmp_path):
    window = await turned(stage, "files")
    out = tmp_path / "粉丝.csv"
    window.files.exports.save_to(out)
    await until(out.exists, "the export")
    assert out.read_text("utf-8-sig").startswith("平台,")
    click(window.files.backups.go)
    await until(lambda: _rows(window), "the backup")
    keep(window, "files-backup")
    click(named(window.files.backups, words("backup.restore")))
    assert "restore_backup" not in stage.studio.names()
    hold = next(one for one in window.files.backups.findChildren(QPushButton) if one.isVisible() and one.text() == words("backup.hold"))
    keep(window, "files-restore")
    QTest.mousePress(hold, Qt.MouseButton.LeftButton)
    await until(lambda: "restore_backup" in stage.studio.names(), "the restore")
    await until(lambda: words("backup.restarting") in texts(window.files), "the words for it")
    QTest.mouseRelease(hold, Qt.MouseButton.LeftButton)
    window._bridge.returned.emit(True)  # as when the engine that was started anew is found
    await until(lambda: words("backup.restored") in texts(window.files), "and for its end")
    await stage.quiet()


async def test_an_import_that_was_stopped_says_how_far_it_is_and_one_that_runs_is_followed_again(stage: Stage, room, tmp_path):
    window = await turned(stage, "files")
    path = tmp_path / "big.csv"
    path.write_text("用户ID,平台,积分\n" + "".join(f"b{number},快手,1\n" for number in range(20_000)), encoding="utf-8")
    wizard, report = window.files.wizard, window.files.wizard.report
    wizard.open(path)
    await until(wizard.preview.isVisible, "the preview")
    click(wizard.preview.take)
    await until(lambda: report.bar.value() > 0, "it runs")
    click(report.stop)
    await until(lambda: words("import.state_stopped", name="big.csv") in texts(wizard), "it stops")
    assert 0 < report.bar.value() < 1000
    await until(lambda: words("import.tag_stopped") in texts(window.files), "the list of imports knows it")
    keep(window, "files-stopped")
    click(report.resume)
    await until(report.stop.isVisible, "it goes on")
    click(named(window.files, words("page.privacy")))
    await until(window._pages.privacy.isVisible, "another page")
    click(named(window._pages.privacy, words("page.files")))
    await until(lambda: words("import.state_done", name="big.csv") in texts(wizard), "followed to its end, though the page was left")
    await stage.quiet()


def _rows(window) -> list[QPushButton]:
    return [
        one for one in window.files.backups.findChildren(QPushButton) if one.accessibleName() == words("backup.restore") and one.isVisible()
    ]


async def test_a_file_that_is_no_table_is_refused_in_words_and_another_can_be_chosen(stage: Stage, room, tmp_path):
    window = await turned(stage, "files")
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    wizard = window.files.wizard
    wizard.open(path)
    await until(wizard._fault.isVisible, "the refusal")
    assert wizard.choose.isVisible()
    (tmp_path / "empty.csv").touch()
    wizard.open(tmp_path / "empty.csv")
    await until(lambda: "empty.csv" in wizard._fault.text(), "the other refusal")


async def test_another_file_with_the_same_head_shows_its_own_rows(stage: Stage, room, tmp_path):
    window = await turned(stage, "files")
    wizard = window.files.wizard
    for name, fan, encoding in (("一.csv", "甜甜", "utf-8-sig"), ("二.csv", "小荷花", "gbk")):
        (tmp_path / name).write_text(f"平台,粉丝ID,昵称,消费\ndouyin,{name},{fan},9.90\n", encoding=encoding)
        wizard.open(tmp_path / name)
        await until(lambda fan=fan: fan in texts(wizard), "its own rows")
        assert wizard.preview.plan()["columns"] == {"平台": "platform", "粉丝ID": "id", "昵称": "name", "消费": "spent"}
    assert "甜甜" not in texts(wizard)
    await stage.quiet()


@pytest.mark.parametrize(
    ("locale", "look", "size"), [("zh_CN", "dark", (1440, 900)), ("en", "light", (1280, 720)), ("en", "dark", (1280, 720))]
)
async def test_both_pages_are_drawn_in_every_look(stage: Stage, room, qapp, tmp_path, locale, look, size):
    path = tmp_path / "goods.csv"
    path.write_text(GOODS, encoding="utf-8")
    language.use(locale)
    theme.apply(qapp, look)
    window = await turned(stage, "products", size)
    click(window.products.bring)
    window.products.wizard.open(path)
    await until(window.products.wizard.preview.isVisible, "the preview")
    keep(window, f"products-{locale}-{look}")
    click(named(window.products, words("page.files")))
    await until(lambda: not window._bridge._tasks, "the files")
    keep(window, f"files-{locale}-{look}")
    assert (window.width(), window.height()) == size
    for page in (window.products, window.files):
        assert page.minimumSizeHint().width() <= 1280
