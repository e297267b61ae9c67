"""Groups that open by a click: drawn curves, what stands behind, and what of the camera's picture is shown.

It refuses to know the engine: what is changed goes out by the callbacks that it was given.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ui.controls import Choice, CurveEditor, Fold, LookSlider, ShadeButton, button, choose_file, expanding, icon_button, label, row
from ui.language import fault_words, words

COLOUR_MORE = ("highlights", "shadows", "vibrance")
CURVES = ("curve", "curve_red", "curve_green", "curve_blue")

Edit = Callable[[str, Any], None]
_CHOICE_PX, _BESIDE_PX = 144, 44
"""So that all choices stand in one line, those with a button beside them too."""
_GREEN = "key:#00b140"
"""Chroma-key green as paint and cloth makers sell it."""
KEEP_AREA = "0.35,0.6,0.3,0.35"
"""Where a product box begins: before the host, at the height of the table."""


class CurveGroup(Fold):
    """The drawn curves: all channels, or one of them."""

    def __init__(self, edit: Edit, finish: Callable[[], None]) -> None:
        super().__init__(words("look.curves"))
        self._look: Mapping[str, Any] = {}
        self.channel = Choice(words("look.curves"))
        for name in CURVES:
            self.channel.addItem(words(f"look.{name}"), name)
        self.editor = CurveEditor(words("look.curves"))
        self.editor.setToolTip(words("look.curves_tip"))
        self.editor.edited.connect(lambda text: edit(self.channel.currentData(), text))
        self.editor.finished.connect(finish)
        self.channel.currentIndexChanged.connect(lambda _: self.show_look(self._look))
        self.body.addWidget(self.channel)
        self.body.addSpacing(6)
        self.body.addWidget(self.editor)

    def show_look(self, look: Mapping[str, Any]) -> None:
        """Put the curve where the engine says."""
        self._look = look
        self.editor.show_curve(str(look.get(self.channel.currentData()) or ""))


class BackgroundGroup(Fold):
    """None, blur, a picture, or a green or blue screen taken out; `area_asked` wants the product box drawn on the preview."""

    area_asked = Signal(str)

    def __init__(self, edit: Edit, finish: Callable[[], None], slider: Callable[[str], LookSlider]) -> None:
        super().__init__(words("look.background"))
        self._edit, self._finish = edit, finish
        self.kinds: dict[str, QPushButton] = {}
        for kind in ("none", "blur", "image", "key"):
            made = button(words(f"look.background_{kind}"), lambda chosen=kind: self._choose(chosen), size="small")
            made.setCheckable(True)
            self.kinds[kind] = made
        self._sliders = {"blur": [slider("background_blur")], "key": [slider(name) for name in ("key_reach", "key_edge", "key_despill")]}
        self.screen = ShadeButton(words("look.key_colour"))
        self.screen.edited.connect(lambda shade: edit("background", f"key:{shade}"))
        self.screen.finished.connect(finish)
        self._behind = button(words("look.key_image"), self._choose_behind, size="small")
        self.keep = button(words("look.keep_area"), self._toggle_keep, size="small")
        self.keep.setCheckable(True)
        self.keep.setToolTip(words("look.keep_area_tip"))
        self.draw = button(words("area.draw"), lambda: self.area_asked.emit("keep_area"), size="small", icon="crop")
        self.draw.setToolTip(words("area.keep_area"))
        self.body.addLayout(row(*(expanding(made) for made in self.kinds.values()), spacing=4))
        self._screen_row = QWidget()
        self._screen_row.setLayout(row(label(words("look.key_colour"), "small"), None, self.screen, margins=(0, 8, 0, 0)))
        self.body.addWidget(self._screen_row)
        for group in self._sliders.values():
            for made in group:
                self.body.addWidget(made)
        self.body.addWidget(self._behind)
        self.body.addSpacing(4)
        self.body.addLayout(row(expanding(self.keep), self.draw))
        self.fault = label("", "warn")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.body.addWidget(self.fault)
        self.body.addWidget(slider("denoise"))

    def show_look(self, look: Mapping[str, Any]) -> None:
        """What the engine says."""
        current, _, rest = str(look.get("background") or "none").partition(":")
        for kind, made in self.kinds.items():
            made.setChecked(kind == current)
        for kind, group in self._sliders.items():
            for made in group:
                made.setVisible(kind == current)
        if current == "key":
            self.screen.show_shade(rest)
        for made in (self._screen_row, self._behind):
            made.setVisible(current == "key")
        self.keep.setVisible(current != "none")
        self.keep.setChecked(bool(look.get("keep_area")))
        self.draw.setVisible(current != "none" and bool(look.get("keep_area")))

    def show_state(self, state: Mapping[str, Any]) -> None:
        """What the engine says of the look: why nobody can be told from the background, where it can't."""
        code = str(state.get("person_code") or "")
        self.fault.setText(fault_words(code) if code else "")
        self.fault.setVisible(bool(code))

    def _choose(self, kind: str) -> None:
        if kind == "image":
            choose_file(self, words("look.background_image"), f"{words('look.pictures')} (*.png *.jpg *.jpeg *.webp)", self._use_picture)
            return
        self._send("background", {"none": "none", "blur": "blur"}.get(kind, f"key:{self.screen.text()}" if self.screen.text() else _GREEN))

    def _use_picture(self, path: str) -> None:
        self._send("background", f"image:{path}")

    def _choose_behind(self) -> None:
        title, kinds = words("look.key_image"), f"{words('look.pictures')} (*.png *.jpg *.jpeg *.webp)"
        choose_file(self, title, kinds, lambda path: self._send("key_image", path))

    def _toggle_keep(self) -> None:
        self._send("keep_area", KEEP_AREA if self.keep.isChecked() else "")
        if self.keep.isChecked():
            self.area_asked.emit("keep_area")

    def _send(self, key: str, value: str) -> None:
        self._edit(key, value)
        self._finish()


class ShotGroup(Fold):
    """Following the face, cutting, mirroring, turning, and flicker; `change` takes a table of the profile and its new values."""

    area_asked = Signal(str)
    """A part of the picture is to be drawn on the preview: the crop, or the close-up's."""

    def __init__(self, change: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__(words("shot.title"))
        self._change = change
        self.flags: dict[str, QPushButton] = {}
        for name in ("follow", "mirror", "wide"):
            made = button(words(f"shot.{name}"), size="small")
            made.setCheckable(True)
            made.setToolTip(words(f"shot.{name}_tip"))
            made.clicked.connect(lambda is_on, key=name: change("shot", {key: is_on}))
            self.flags[name] = made
        self.zoom = LookSlider(words("shot.follow_zoom"), name_width=76)
        self.zoom.finished.connect(lambda: change("shot", {"follow_zoom": self.zoom.fraction()}))
        self.draws = {name: self._draw_button(name) for name in ("crop", "close_up_area")}
        self.boxes: dict[str, Choice] = {}
        self.body.addLayout(row(*(expanding(made) for made in self.flags.values()), spacing=4))
        self.body.addWidget(self.zoom)
        self._add_box("shot", "rotate", {degrees: f"{degrees}°" for degrees in (0, 90, 180, 270)})
        crops = (("crop_none", ""), ("crop_small", "0.1,0.1,0.8,0.8"), ("crop_half", "0.25,0.25,0.5,0.5"))
        self._add_box("shot", "crop", {area: words(f"shot.{name}") for name, area in crops}, self.draws["crop"])
        cameras = {f"camera:{number}": words("source.camera", number=number + 1) for number in range(3)}
        self._add_box("shot", "second", {"": words("shot.second_none"), **cameras}, self.draws["close_up_area"])
        rates = {0: words("shot.power_line_free"), 50: words("shot.power_line_50"), 60: words("shot.power_line_60")}
        self._add_box("video", "power_line_hz", rates)
        self.boxes["power_line_hz"].setToolTip(words("shot.power_line_tip"))
        self.refused = label("", "warn")
        self.refused.setWordWrap(True)
        self.refused.hide()
        self.body.addWidget(self.refused)

    def _draw_button(self, area: str) -> QPushButton:
        made = icon_button("crop", words(f"area.{area}"), lambda: self.area_asked.emit(area))
        made.setProperty("kind", "")
        return made

    def _add_box(self, table: str, name: str, choices: Mapping[Any, str], beside: QWidget | None = None) -> None:
        box = self.boxes[name] = Choice(words(f"shot.{name}"))
        box.setFixedWidth(_CHOICE_PX)
        for value, text in choices.items():
            box.addItem(text, value)
        box.activated.connect(lambda _: self._change(table, {name: box.currentData()}))
        self.body.addLayout(
            row(label(words(f"shot.{name}"), "small"), None, box, _BESIDE_PX if beside is None else beside, margins=(0, 0, 0, 4))
        )

    def show_shot(self, shot: Mapping[str, Any], video: Mapping[str, Any]) -> None:
        """What the engine says."""
        for name, made in self.flags.items():
            made.setChecked(bool(shot.get(name)))
        zoom = shot.get("follow_zoom")
        self.zoom.show_value(float(zoom) if isinstance(zoom, int | float) else 0.4)
        for name, box in self.boxes.items():
            value = (video if name == "power_line_hz" else shot).get(name)
            if value is not None and box.findData(value) < 0:
                _add_own(box, words("shot.crop_own") if name == "crop" else str(value), value)
            box.setCurrentIndex(max(box.findData(value), 0))
        self.draws["close_up_area"].setVisible(not shot.get("second"))
        self.zoom.setVisible(bool(shot.get("follow")))
        width, height = video.get("width"), video.get("height")
        self.flags["wide"].setVisible(isinstance(width, int) and isinstance(height, int) and height > width)

    def show_camera(self, camera: Mapping[str, Any]) -> None:
        """What the camera made of the wish for no flicker."""
        is_refused = camera.get("power_line") == "refused"
        self.refused.setText(words("shot.power_line_refused") if is_refused else "")
        self.refused.setVisible(is_refused)

    def parts(self) -> list[QWidget]:
        """All that a hand can reach."""
        return [*self.flags.values(), self.zoom, *self.boxes.values(), *self.draws.values()]


def _add_own(box: Choice, text: str, value: Any) -> None:
    """A value that isn't among the choices: one line for all of them, not one more at each step of a hand."""
    index = box.findText(text)
    if index < 0:
        box.addItem(text, value)
    else:
        box.setItemData(index, value)
