"""What a hand does on the preview: picks white paper, draws the line between before and after, or a part of the picture.

It refuses to change the picture itself; the look's panel asks. It alone says which preview the engine shows.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject
from shiboken6 import isValid

from studio.model.shot import ShotSettings, area_text, parse_area, source_canvas
from ui.area_box import AreaBox
from ui.bridge import Bridge
from ui.edits import Edits
from ui.language import words
from ui.models.areas import shaped
from ui.panels.centre import Centre
from ui.panels.look import LookPanel
from ui.panels.picture_groups import KEEP_AREA

_RESETS = {"keep_area": KEEP_AREA, "crop": "", "close_up_area": ShotSettings().close_up_area}


class PreviewHand(QObject):
    """Lives as long as the panels it joins."""

    def __init__(self, bridge: Bridge, edits: Edits, centre: Centre, look: LookPanel) -> None:
        super().__init__(centre)
        self._bridge, self._edits, self._centre, self._look = bridge, edits, centre, look
        self._is_picking = False
        self._is_held = False
        self._line = 0.5
        self._shown: tuple[str, float] | None = None
        self._is_asking = False
        self.area = ""
        self.box = AreaBox(centre.preview)
        look.white_asked.connect(self._pick)
        look.chart_asked.connect(centre.open_chart)
        look.area_asked.connect(self.choose)
        look.refused.connect(centre.band.say)
        look.original.pressed.connect(lambda: self._hold(is_held=True))
        look.original.released.connect(lambda: self._hold(is_held=False))
        centre.split.toggled.connect(lambda _: self._show())
        centre.preview.touched.connect(self._touched)
        self.box.changed.connect(self._put)
        self.box.left.connect(lambda: self.choose(""))
        edits.settled.connect(lambda _: self._on_changed("settings"))
        bridge.changed.connect(self._on_changed)
        bridge.link_changed.connect(self._on_link)
        self._on_link(bridge.link)

    # --- which preview the engine shows ---------------------------------------------------------------------------------------

    def _wanted(self) -> tuple[str, float]:
        if self._is_held:
            return "original", 0.5
        if self.area in {"crop", "close_up_area"}:
            return "source", 0.5
        return ("split", self._line) if self._centre.split.isChecked() else ("off", 0.5)

    def _show(self) -> None:
        """One question at a time: while a line is drawn the newest place waits for the answer to the one before."""
        wanted = self._wanted()
        self._centre.preview.show_line(self._line if wanted[0] == "split" else None)
        if self._is_asking or wanted == self._shown or self._bridge.link != "on":
            return
        self._is_asking, self._shown = True, wanted
        self._bridge.ask(lambda client: client.compare(*wanted), lambda _: self._go_on(), self._refused)

    def _go_on(self) -> None:
        if not isValid(self):  # the language was changed meanwhile: another hand has the preview now
            return
        self._is_asking = False
        self._show()

    def _refused(self, text: str) -> None:
        if not isValid(self):
            return
        self._is_asking = False
        self._centre.band.say(text)

    def _on_link(self, link: str) -> None:
        """A window that was killed, or another engine, may have left another preview: it shows what this window's buttons say."""
        if link == "on":
            self._shown, self._is_asking = None, False
            self._show()

    def _hold(self, *, is_held: bool) -> None:
        self._is_held = is_held
        self._say()
        self._show()

    def _say(self) -> None:
        note = "preview.original" if self._is_held else "preview.pick_white" if self._is_picking else ""
        self._centre.preview.say(words(note) if note else "")

    # --- white, and the line --------------------------------------------------------------------------------------------------

    def _pick(self) -> None:
        self.choose("")
        self._is_picking = True
        self._say()

    def _touched(self, x: float, y: float) -> None:
        if self._is_picking:
            self._is_picking = False
            self._say()
            self._look.balance_white(x, y)
        elif self._centre.split.isChecked():
            self._line = x
            self._show()

    # --- a part of the picture ------------------------------------------------------------------------------------------------

    def choose(self, area: str) -> None:
        """Draw the product box, the crop or the close-up's part on the preview; asked again, or with nothing, that ends."""
        self.area = "" if area == self.area else area
        self._is_picking = False
        if self.area:
            ratio, shape = (None, None) if self.area == "keep_area" else self._shapes()
            self.box.begin(words(f"area.{self.area}"), self._area_text(), _RESETS[self.area], ratio=ratio, shape=shape)
        else:
            self.box.hide()
        self._say()
        self._show()

    def _put(self, area: str) -> None:
        if self.area == "keep_area":
            self._edits.edit("keep_area", area or "0,0,1,1")
        elif self.area:
            self._edits.edit(self.area, area or ("" if self.area == "crop" else "0,0,1,1"), "shot")
        self._edits.finish()

    def _on_changed(self, kind: str) -> None:
        """What the engine says of the area, unless its word is older than the hand's."""
        if kind != "settings" or not self.area or self._edits.is_busy:
            return
        if self.area == "keep_area" and not self._table("look").get("keep_area"):
            self.choose("")
        else:
            self.box.show_area(self._area_text())

    def _area_text(self) -> str:
        """Of the newest settings; of a crop what is really shown, which has the canvas' shape."""
        if self.area == "keep_area":
            return str(self._table("look").get("keep_area") or KEEP_AREA)
        ratio, _ = self._shapes()
        return area_text(shaped(parse_area(str(self._table("shot").get(self.area) or "")), ratio))

    def _shapes(self) -> tuple[float, float]:
        """(width : height in shares of the source that fill the canvas, the upright source's own width : height)."""
        video, shot = self._table("video"), self._table("shot")
        canvas = (int(video.get("width") or 16), int(video.get("height") or 9))
        turn = ShotSettings(wide=bool(shot.get("wide")), rotate=int(shot.get("rotate") or 0))
        width, height = source_canvas(canvas, turn)
        shape = height / width if turn.rotate in {90, 270} else width / height
        return canvas[0] / canvas[1] / shape, shape

    def _table(self, name: str) -> Mapping[str, Any]:
        table = self._bridge.room.settings.get(name)
        return table if isinstance(table, Mapping) else {}
