"""What a hand does on the preview: picks white paper when that was asked for, else draws the line between before and after.

It refuses to change the picture itself; the look's panel asks.
"""

from PySide6.QtCore import QObject

from ui.language import words
from ui.panels.centre import Centre
from ui.panels.look import LookPanel


class PreviewHand(QObject):
    """Lives as long as the panels it joins."""

    def __init__(self, centre: Centre, look: LookPanel) -> None:
        super().__init__(centre)
        self._centre, self._look = centre, look
        self._is_picking = False
        look.white_asked.connect(self._pick)
        look.chart_asked.connect(centre.open_chart)
        centre.preview.touched.connect(self._touched)

    def _pick(self) -> None:
        self._is_picking = True
        self._centre.preview.say(words("preview.pick_white"))

    def _touched(self, x: float, y: float) -> None:
        if self._is_picking:
            self._is_picking = False
            self._centre.preview.say("")
            self._look.balance_white(x, y)
        elif self._centre.split.isChecked():
            self._look.compare("split", x)
