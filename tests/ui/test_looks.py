"""How things look: tokens, contrast, badges that differ without colour, words that exist, figures as people read them."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

import ui
from studio.words import LOCALES, catalogue
from ui import badges, icons, language, theme
from ui.controls import FocusRing, LookSlider
from ui.figures import ago, clock, decibels, duration, minor_from_text, money
from ui.plain import plain

FOLDER = Path(ui.__file__).parent
PAIRS = [
    ("text", "canvas"), ("text", "surface"), ("text", "raised"), ("muted", "surface"), ("muted", "canvas"), ("on-brand", "brand-fill"),
    ("text", "select"), ("text", "bad-tint"), ("text", "warn-tint"), ("text", "good-tint"), ("text", "live-tint"), ("warn", "surface"), ("bad", "surface"),
]  # fmt: skip


def luminance(colour: QColor) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("name", theme.THEMES)
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_keeps_its_contrast(name, ink, ground):
    light, dark = sorted((luminance(theme.load(name).colour(token)) for token in (ink, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("name", theme.THEMES)
def test_every_token_of_the_stylesheet_exists(name):
    assert "@" not in theme.stylesheet(theme.load(name))


def test_no_colour_is_named_in_the_code():
    named = re.compile(r'"#[0-9A-Fa-f]{3,8}"')
    assert not [path.name for path in FOLDER.rglob("*.py") if named.search(path.read_text(encoding="utf-8"))]
    assert "#" not in re.sub(r"QWidget#\w+|QFrame#\w+", "", (FOLDER / "window.qss").read_text(encoding="utf-8"))


def test_every_sentence_that_the_windows_say_is_in_the_catalogue():
    asked = re.compile(r'words\(\s*f?"([a-z_]+\.[a-z0-9_.{}]*[^"]*)"')
    known = catalogue("ui", "en")
    for path in FOLDER.rglob("*.py"):
        for msgid in asked.findall(path.read_text(encoding="utf-8")):
            stem = msgid.split("{", 1)[0]
            assert any(name == msgid or ("{" in msgid and name.startswith(stem)) for name in known), f"{path.name}: {msgid}"


def test_both_languages_have_every_sentence_and_the_same_placeholders():
    placeholder = re.compile(r"\{(\w+)\}")
    english, chinese = (catalogue("ui", name) for name in ("en", "zh_CN"))
    assert set(english) == set(chinese)
    # A price of 85 % is 8.5 折, tenths, in Chinese.
    told = {msgid: {"percent" if name == "tenths" else name for name in placeholder.findall(text)} for msgid, text in chinese.items()}
    assert not [msgid for msgid in english if set(placeholder.findall(english[msgid])) != told[msgid]]
    assert LOCALES[0] == "zh_CN"


@pytest.mark.parametrize("size", [20, 32, 64])
def test_badges_differ_by_shape_alone(qapp, size):
    shapes = []
    for tier, is_devoted in ((1, False), (2, False), (3, False), (4, False), (3, True), (4, True)):
        image = badges.pixmap(tier, size, is_devoted=is_devoted, is_grey=True).toImage().convertToFormat(QImage.Format.Format_Alpha8)
        shapes.append(bytes(image.constBits()))
    for number, first in enumerate(shapes):
        for second in shapes[number + 1 :]:
            differing = sum(abs(one - other) > 96 for one, other in zip(first, second, strict=True))
            assert differing / len(first) > 0.03


def test_a_tier_is_known_by_name_in_either_language_and_an_unknown_one_is_new():
    assert [badges.rank(tier) for tier in ("新朋友", "junior", "中级", "senior", 4, "emperor", None, 99)] == [1, 2, 3, 4, 4, 1, 1, 1]


def test_icons_are_drawn_and_kept(qapp):
    first = icons.pixmap("gift", 24, QColor(Qt.GlobalColor.white))
    assert first.toImage().convertToFormat(QImage.Format.Format_Alpha8) != QImage()
    assert icons.pixmap("gift", 24, QColor(Qt.GlobalColor.white)).cacheKey() == first.cacheKey()


def test_the_fonts_are_ours_with_figures_of_equal_width(qapp):
    font = theme.font(15, 700)
    painter_widths = set()
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setFont(font)
    for figure in "0123456789":
        painter_widths.add(painter.fontMetrics().horizontalAdvance(figure))
    painter.end()
    assert len(painter_widths) == 1
    assert font.families()[0] == "Noto Sans SC"


async def test_the_focus_ring_surrounds_what_has_the_keyboard_and_lets_the_mouse_through(qapp):
    window = QWidget()
    window.resize(300, 200)
    layout = QVBoxLayout(window)
    buttons = [QPushButton("one"), QPushButton("two")]
    for made in buttons:
        layout.addWidget(made)
    ring = FocusRing(window)
    window.show()
    window.activateWindow()
    buttons[1].setFocus()
    QApplication.processEvents()
    ring._follow(None, buttons[1])
    place = buttons[1].geometry()
    assert ring.isVisible()
    assert ring.geometry() == place.adjusted(-4, -4, 4, 4)
    clicks = []
    buttons[1].clicked.connect(lambda: clicks.append(1))
    QTest.mouseClick(window.childAt(place.center()), Qt.MouseButton.LeftButton)
    assert clicks == [1]
    window.hide()
    window.deleteLater()


def test_a_slider_is_worked_by_mouse_and_keys_and_says_only_what_a_hand_did(qapp):
    slider = LookSlider("磨皮")
    slider.resize(256, 32)
    said, finished = [], []
    slider.edited.connect(said.append)
    slider.finished.connect(lambda: finished.append(1))
    slider.show_value(0.5)
    assert said == []
    track = slider._track()
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(int(track.right()), 16))
    assert said[-1] >= 0.98
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert said[-1] == pytest.approx(slider.fraction())
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert said[-1] == 0.0
    assert len(finished) == 3


def test_figures_read_as_people_write_them(qapp):
    language.use("zh_CN")
    assert [money(284_600), money(-5), money(0), money(120, "USD"), money(1000, "JPY")] == [
        "¥2,846.00",
        "−¥0.05",
        "¥0.00",
        "$1.20",
        "¥1,000",
    ]
    assert [clock(42), clock(2530), clock(2530, with_hours=True), clock(-3)] == ["00:42", "42:10", "00:42:10", "00:00"]
    assert [ago(3), ago(59), ago(61), ago(7200), ago(200_000)] == ["刚刚", "59 秒前", "1 分前", "2 小时前", "2 天前"]
    assert [duration(40), duration(2800), decibels(-16.2), decibels(-99)] == ["40 ms", "2.8 秒", "−16 dB", "—"]


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("20", 2000),
        ("¥20.5", 2050),
        ("1,000", 100_000),
        ("0", 0),
        ("-3", None),
        ("1e308", None),
        ("NaN", None),
        ("", None),
        ("1.234", None),
        ("1,234.50", 123_450),
        ("12,5", None),
        ("1,23", None),
    ],
)
def test_amounts_are_read_as_typed_or_refused(typed, minor):
    assert minor_from_text(typed) == minor


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<b>x</b>", "<b>x</b>"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\u2066b\u2069c", "abc"),
        ("x\x00\x1b[31m\ny", "x[31m y"),
        ("e" + "\u0301" * 200, "é" + "\u0301" * 2),
        ("\ud83d", "\ufffd"),
        (" a  b ", "a b"),
        ("想要 x", "想要 x"),
        ("a\u3164b", "a b"),
    ],
)
def test_what_strangers_wrote_is_cleaned_and_nothing_is_interpreted(typed, shown):
    assert plain(typed) == shown


def test_a_name_of_ten_kilobytes_is_cut():
    assert len(plain("名" * 10_000)) == 40
    assert plain("名" * 10_000).endswith("…")
