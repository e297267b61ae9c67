"""The look of the windows: tokens from `resources/theme`, our own palette, the stylesheet and the fonts that we ship.

It names no colour itself, and relies on nothing of the desktop's theme: `setColorScheme` does nothing on xcb.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

THEMES = ("dark", "light")
_RESOURCES = Path(__file__).resolve().parent.parent / "resources"
_STYLE = Path(__file__).with_name("window.qss")
_TOKEN = re.compile(r"@([a-z][a-z0-9-]*)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ROLES = {
    QPalette.ColorRole.Window: "canvas",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "canvas",
    QPalette.ColorRole.AlternateBase: "surface",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Highlight: "select",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Link: "focus",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of tokens, by the names of the design."""

    name: str
    tokens: Mapping[str, str]

    def colour(self, token: str) -> QColor:
        """A token as a colour; a name that doesn't exist is our bug and raises KeyError."""
        return QColor(self.tokens[token])

    @property
    def is_dark(self) -> bool:
        """Whether light text stands on dark ground."""
        return self.name == "dark"


_current: Theme | None = None


def current() -> Theme:
    """The theme in use; `apply` comes first."""
    return _current or load("dark")


def colour(token: str) -> QColor:
    """A token of the theme in use."""
    return current().colour(token)


@cache
def load(name: str) -> Theme:
    """Read `resources/theme/NAME.toml`; an unknown name becomes dark."""
    known = name if name in THEMES else "dark"
    document = tomllib.loads((_RESOURCES / "theme" / f"{known}.toml").read_text(encoding="utf-8"))
    tokens = _flat(document)
    return Theme(known, tokens | _derived(tokens))


def _derived(tokens: Mapping[str, str]) -> dict[str, str]:
    """Steps between tokens: hovered and pressed fills, the track of a slider (a line with a quarter of an edge in it)."""
    fill, line, edge = QColor(tokens["brand-fill"]), QColor(tokens["line"]), QColor(tokens["edge"])
    track = [round(low + 0.28 * (high - low)) for low, high in zip(line.getRgb()[:3], edge.getRgb()[:3], strict=True)]
    return {"brand-fill-hover": fill.darker(110).name(), "brand-fill-pressed": fill.darker(124).name(), "track": QColor(*track).name()}


def _flat(document: Mapping[str, Any]) -> dict[str, str]:
    tokens: dict[str, str] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            tokens.update(_flat(value))
        elif isinstance(value, str):
            tokens[key.replace("_", "-")] = value
    return tokens


@cache
def load_fonts() -> tuple[str, ...]:
    """Register the shipped fonts once; the families in order of use."""
    for path in sorted((_RESOURCES / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    return ("Noto Sans SC", "Noto Color Emoji")


def font(size_px: int = 13, weight: int = 400) -> QFont:
    """The windows' font with figures of equal width."""
    made = QFont()
    made.setFamilies(list(load_fonts()))
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def stylesheet(theme: Theme) -> str:
    """The stylesheet with every `@token` replaced; an unknown token is our bug and raises KeyError."""
    return _TOKEN.sub(lambda found: theme.tokens[found[1]], _COMMENT.sub("", _STYLE.read_text(encoding="utf-8")))


def apply(app: QApplication, name: str) -> Theme:
    """Put a theme on the application: style, palette, font, stylesheet."""
    global _current  # noqa: PLW0603 - one theme a process, written on the window's thread only
    theme = load(name)
    _current = theme
    app.setStyle("Fusion")
    palette = QPalette()
    for role, token in _ROLES.items():
        palette.setColor(role, theme.colour(token))
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, theme.colour("muted"))
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText, theme.colour("muted"))
    app.setPalette(palette)
    app.setFont(font())
    app.setStyleSheet(stylesheet(theme))
    return theme
