"""Groups that open by a click: drawn curves, what stands behind, and what of the camera's picture is shown.

It refuses to know the engine: what is changed goes out by the callbacks that it was given.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from ui.controls import CurveEditor, Fold, LookSlider, button, choose_file, expanding, label, row
from ui.language import words

COLOUR_MORE = ("highlights", "shadows", "vibrance")
CURVES = ("curve", "curve_red", "curve_green", "curve_blue")

Edit = Callable[[str, Any], None]


class CurveGroup(Fold):
    """The drawn curves: all channels, or one of them."""

    def __init__(self, edit: Edit, finish: Callable[[], None]) -> None:
        super().__init__(words("look.curves"))
        self._look: Mapping[str, Any] = {}
        self.channel = QComboBox()
        for name in CURVES:
            self.channel.addItem(words(f"look.{name}"), name)
        self.channel.setAccessibleName(words("look.curves"))
        self.editor = CurveEditor(words("look.curves"))
        self.editor.setToolTip(words("look.curves_tip"))
        self.editor.edited.connect(lambda text: edit(self.channel.currentData(), text))
        self.editor.finished.connect(finish)
        self.channel.currentIndexChanged.connect(lambda _: self.show_look(self._look))
        self.body.addWidget(self.channel)
        self.body.addWidget(self.editor)

    def show_look(self, look: Mapping[str, Any]) -> None:
        """Put the curve where the engine says."""
        self._look = look
        self.editor.show_curve(str(look.get(self.channel.currentData()) or ""))


class BackgroundGroup(Fold):
    """None, blur, a picture, or a green or blue screen taken out."""

    def __init__(self, edit: Edit, finish: Callable[[], None], slider: Callable[[str], LookSlider]) -> None:
        super().__init__(words("look.background"))
        self._edit, self._finish = edit, finish
        self.kinds: dict[str, QPushButton] = {}
        for kind in ("none", "blur", "image", "key"):
            made = button(words(f"look.background_{kind}"), lambda chosen=kind: self._choose(chosen), size="small")
            made.setCheckable(True)
            self.kinds[kind] = made
        self._sliders = {"blur": [slider("background_blur")], "key": [slider(name) for name in ("key_reach", "key_edge", "key_despill")]}
        self._behind = button(words("look.key_image"), self._choose_behind, size="small")
        self.keep = button(words("look.keep_area"), self._toggle_keep, size="small")
        self.keep.setCheckable(True)
        self.keep.setToolTip(words("look.keep_area_tip"))
        self.body.addLayout(row(*(expanding(made) for made in self.kinds.values()), spacing=4))
        for group in self._sliders.values():
            for made in group:
                self.body.addWidget(made)
        self.body.addLayout(row(expanding(self._behind), expanding(self.keep)))
        self.body.addWidget(slider("denoise"))

    def show_look(self, look: Mapping[str, Any]) -> None:
        """What the engine says."""
        current = str(look.get("background") or "none").partition(":")[0]
        for kind, made in self.kinds.items():
            made.setChecked(kind == current)
        for kind, group in self._sliders.items():
            for made in group:
                made.setVisible(kind == current)
        self._behind.setVisible(current == "key")
        self.keep.setVisible(current != "none")
        self.keep.setChecked(bool(look.get("keep_area")))

    def _choose(self, kind: str) -> None:
        if kind == "image":
            choose_file(self, words("look.background_image"), f"{words('look.pictures')} (*.png *.jpg *.jpeg *.webp)", self._use_picture)
            return
        self._send("background", {"none": "none", "blur": "blur"}.get(kind, "key:#00b140"))

    def _use_picture(self, path: str) -> None:
        self._send("background", f"image:{path}")

    def _choose_behind(self) -> None:
        title, kinds = words("look.key_image"), f"{words('look.pictures')} (*.png *.jpg *.jpeg *.webp)"
        choose_file(self, title, kinds, lambda path: self._send("key_image", path))

    def _toggle_keep(self) -> None:
        self._send("keep_area", "0.35,0.6,0.3,0.35" if self.keep.isChecked() else "")

    def _send(self, key: str, value: str) -> None:
        self._edit(key, value)
        self._finish()


class ShotGroup(Fold):
    """Following the face, cutting, mirroring and turning; `send` takes a key of `[shot]` and its value."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        super().__init__(words("shot.title"))
        self.flags: dict[str, QPushButton] = {}
        for name in ("follow", "mirror", "wide"):
            made = button(words(f"shot.{name}"), size="small")
            made.setCheckable(True)
            made.setToolTip(words(f"shot.{name}_tip"))
            made.clicked.connect(lambda is_on, key=name: send(key, is_on))
            self.flags[name] = made
        self.zoom = LookSlider(words("shot.follow_zoom"), name_width=76)
        self.zoom.finished.connect(lambda: send("follow_zoom", self.zoom.fraction()))
        self.rotate, self.crop, self.second = QComboBox(), QComboBox(), QComboBox()
        for degrees in (0, 90, 180, 270):
            self.rotate.addItem(f"{degrees}°", degrees)
        for name, area in (("crop_none", ""), ("crop_small", "0.1,0.1,0.8,0.8"), ("crop_half", "0.25,0.25,0.5,0.5")):
            self.crop.addItem(words(f"shot.{name}"), area)
        self.second.addItem(words("shot.second_none"), "")
        for number in range(3):
            self.second.addItem(words("source.camera", number=number + 1), f"camera:{number}")
        self._boxes: dict[str, QComboBox] = {"rotate": self.rotate, "crop": self.crop, "second": self.second}
        self.body.addLayout(row(*(expanding(made) for made in self.flags.values()), spacing=4))
        self.body.addWidget(self.zoom)
        for name, box in self._boxes.items():
            box.setAccessibleName(words(f"shot.{name}"))
            box.activated.connect(lambda _, key=name, made=box: send(key, made.currentData()))
            self.body.addLayout(row(label(words(f"shot.{name}"), "small"), None, box))

    def show_shot(self, shot: Mapping[str, Any]) -> None:
        """What the engine says."""
        for name, made in self.flags.items():
            made.setChecked(bool(shot.get(name)))
        zoom = shot.get("follow_zoom")
        self.zoom.show_value(float(zoom) if isinstance(zoom, int | float) else 0.4)
        for name, box in self._boxes.items():
            value = shot.get(name)
            if value is not None and box.findData(value) < 0:
                box.addItem(str(value), value)
            box.setCurrentIndex(max(box.findData(value), 0))

    def parts(self) -> list[QWidget]:
        """All that a hand can reach."""
        return [*self.flags.values(), self.zoom, *self._boxes.values()]
