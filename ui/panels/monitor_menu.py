"""Where the host hears the mix: a button, and under it the engine's devices.

It refuses to list devices by itself: they are those of the engine's machine.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QPushButton

from ui.bridge import Bridge
from ui.controls import button, show_menu
from ui.language import words
from ui.plain import plain


class MonitorMenu(QObject):
    """`refused` carries the words for what went wrong."""

    refused = Signal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.button: QPushButton = button(words("mixer.monitor"), self._ask, size="small", icon="headphones")

    def _ask(self) -> None:
        self._bridge.ask(lambda client: client.sound_devices(), self._show, self.refused.emit)

    def _show(self, devices: Mapping[str, Any]) -> None:
        menu, mix = QMenu(self.button), self._bridge.room.settings.get("mix")
        mix = mix if isinstance(mix, Mapping) else {}
        found = [(plain(str(row.get("name")), 60), str(row.get("spec"))) for row in devices.get("speakers") or ()]
        for text, spec in [(words("mixer.monitor_off"), ""), *found]:
            action = menu.addAction(text, lambda chosen=spec: self._put({"monitor": chosen}))
            action.setCheckable(True)
            action.setChecked(mix.get("monitor", "") == spec)
        menu.addSeparator()
        voices = menu.addAction(words("mixer.monitor_voices"), lambda: self._put({"monitor_voices": not mix.get("monitor_voices")}))
        voices.setCheckable(True)
        voices.setChecked(bool(mix.get("monitor_voices")))
        show_menu(menu, self.button)

    def _put(self, values: dict[str, Any]) -> None:
        self._bridge.ask(lambda client: client.patch_settings({"mix": values}), self._answered, self.refused.emit)

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")
