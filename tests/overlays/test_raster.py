"""Text is cut, never wider than asked; shapes and codes are where they should be."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlays.raster import Pen, fit_text, paint, text_width
from overlays.shapes import GIFT, LOCK, MARK, SHIELD, TICKET
from overlays.theme import load_theme
from studio.model.layout import Rect
from studio.model.scene import Tier
from studio.model.text import clean_name

DARK = load_theme("dark")


def painted(draw, width: int = 200, height: int = 100, scale: float = 1.0) -> np.ndarray:
    return paint(width, height, scale, DARK, draw)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60).map(clean_name), st.floats(0, 300))
def test_a_cut_text_is_never_wider_than_asked(text, width):
    cut = fit_text(text, 26, 500, width)
    assert text_width(cut, 26, 500) <= width
    if cut != text and cut:
        assert cut.endswith("…")


def test_a_text_that_fits_stays_whole():
    assert fit_text("小鹿", 26, 500, 60) == "小鹿"
    assert fit_text("小鹿", 26, 500, 5) == ""


def test_all_figures_are_equally_wide():
    assert len({text_width(figure * 4, 112, 700) for figure in "0123456789"}) == 1


def test_chinese_and_emoji_have_glyphs_in_colour():
    def of(text: str) -> np.ndarray:
        return painted(lambda pen: pen.text(10, 50, text, 60, 400, "air-text"))

    missing = of("\U0003fffd")
    for sign in "鹿返赢龘＊…¥":
        assert of(sign).any()
        assert not np.array_equal(of(sign), missing), sign
    for sign in ("🍊", "❤️", "👩\u200d💻", "🇨🇳", "👍🏽"):
        pixels = of(sign)
        assert np.ptp(pixels[:, :, :3].astype(int), axis=2).max() > 40, sign


def test_text_is_drawn_literally():
    bold, plain = (painted(lambda pen, text=text: pen.text(5, 30, text, 26, 400, "air-text")) for text in ("<b>x</b>", "x"))
    assert np.flatnonzero(bold[:, :, 3].any(axis=0)).max() > np.flatnonzero(plain[:, :, 3].any(axis=0)).max() + 50


@pytest.mark.parametrize("text", ["鹿", "8", "H"])
def test_text_stands_in_the_optical_middle_of_its_line(text):
    rows = np.flatnonzero(painted(lambda pen: pen.text(20, 50, text, 60, 500, "air-text"))[:, :, 3].any(axis=1))
    assert abs((rows.min() + rows.max() + 1) / 2 - 50) <= 2.5


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("size", [20, 36, 64])
def test_a_badge_stays_in_its_square_and_the_tiers_differ_without_colour(tier, size):
    def of(which: Tier, *, is_devoted: bool) -> np.ndarray:
        return painted(lambda pen: pen.badge(which, 20, 20, size, is_devoted=is_devoted))[:, :, 3]

    shape = of(tier, is_devoted=False)
    rows, columns = np.nonzero(shape)
    assert rows.min() >= 20
    assert max(rows.max(), columns.max()) < 20 + size
    for other in set(Tier) - {tier}:
        assert (np.abs(shape.astype(int) - of(other, is_devoted=False)) > 128).sum() > size * size * 0.06
    assert (np.abs(shape.astype(int) - of(tier, is_devoted=True)) > 128).sum() > size * size * 0.02


@pytest.mark.parametrize("shape", [GIFT, LOCK, MARK, SHIELD, TICKET])
def test_an_icon_fills_its_square_and_stays_inside(shape):
    rows, columns = np.nonzero(painted(lambda pen: pen.shape(shape, 20, 10, 48, "air-accent"))[:, :, 3])
    assert rows.min() >= 10
    assert rows.max() < 58
    assert columns.min() >= 20
    assert columns.max() < 68
    assert np.ptp(columns) > 30


@pytest.mark.parametrize("scale", [1.0, 2 / 3, 0.5, 1.333])
def test_modules_of_a_code_end_on_whole_pixels(scale):
    matrix = [[(row + column) % 2 for column in range(33)] for row in range(33)]
    pixels = painted(lambda pen: pen.code(matrix, 3.3, 3.3, 164), 240, 240, scale)
    quiet = 4 * 4 * scale
    inner = pixels[round(3.3 * scale + quiet) + 2 : round(3.3 * scale + 164 * scale - quiet) - 2, 20:60, 0]
    assert set(np.unique(inner)) == {21, 255}


def test_whatever_is_drawn_inside_a_saved_part_is_clipped_moved_and_faint():
    def draw(pen: Pen) -> None:
        with pen.saved(clip=Rect(0, 0, 50, 50), opacity=0.5, down=10):
            pen.box(Rect(-20, -20, 500, 500), "air-on-keyword")
        pen.box(Rect(100, 0, 10, 10), "air-on-keyword")

    pixels = painted(draw)
    assert pixels[30, 30, 3] in {127, 128}
    assert not pixels[62:, :100].any()
    assert not pixels[20:, 55:100].any()
    assert pixels[5, 105, 3] == 255


def test_painting_works_on_a_plain_thread():
    results: list[np.ndarray] = []
    worker = threading.Thread(
        target=lambda: results.append(painted(lambda pen: pen.text(5, 30, "返场🍊", 26, 400, "air-text"))), name="overlays"
    )
    worker.start()
    worker.join(10)
    assert np.array_equal(results[0], painted(lambda pen: pen.text(5, 30, "返场🍊", 26, 400, "air-text")))


def test_an_engine_without_a_screen_gets_its_application_and_imports_no_widgets():
    program = (
        "import sys\n"
        "from overlays.raster import ensure_gui_app\n"
        "ensure_gui_app(); ensure_gui_app()\n"
        "from PySide6.QtGui import QGuiApplication, QFontDatabase\n"
        "assert QGuiApplication.platformName() == 'offscreen'\n"
        "assert {'Noto Sans SC', 'Noto Color Emoji'} <= set(QFontDatabase.families())\n"
        "assert 'PySide6.QtWidgets' not in sys.modules\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], env={"PATH": ""}, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr
