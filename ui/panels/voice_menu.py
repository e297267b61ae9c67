"""The treatment of a voice as a menu: ready-made ones, each stage by itself, the colour.

It refuses to change anything: what was chosen goes to whoever opened it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from ui.language import words
from ui.sound_presets import COLOURS, RIDER_LUFS, SWITCHES, preset_of, presets_for

Put = Callable[[dict[str, Any]], None]


def voice_menu(parent: QWidget, table: Mapping[str, Any], put: Put) -> QMenu:
    """For a voice's table of the profile; limiter and loudness stand in that of the microphone alone, since they are the whole mix's."""
    menu, current = QMenu(parent), preset_of(table)
    for name, values in presets_for(table).items():
        _choice(menu, words(f"sound.preset_{name}"), lambda chosen=values: put(dict(chosen)), is_on=name == current)
    menu.addSeparator()
    for name in SWITCHES:
        if name in table:
            _choice(menu, words(f"sound.{name}"), lambda key=name: put({key: not table.get(key)}), is_on=bool(table.get(name)))
    if "target_lufs" in table:
        target = table.get("target_lufs")
        wanted = 0.0 if target else RIDER_LUFS
        _choice(menu, words("sound.rider"), lambda: put({"target_lufs": wanted}), is_on=bool(target))
    colours = menu.addMenu(words("sound.eq"))
    for name in COLOURS:
        _choice(colours, words(f"sound.eq_{name}"), lambda chosen=name: put({"eq": chosen}), is_on=table.get("eq") == name)
    return menu


def _choice(menu: QMenu, text: str, do: Callable[[], None], *, is_on: bool) -> None:
    action = menu.addAction(text, do)
    action.setCheckable(True)
    action.setChecked(is_on)
