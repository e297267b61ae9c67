"""Small widgets that the panels are made of; none of them knows the engine."""

from ui.controls.band import Band
from ui.controls.basics import (
    Elided,
    button,
    choose_file,
    choose_new_file,
    expanding,
    go_to_place,
    head,
    icon_button,
    label,
    place_of,
    repolish,
    row,
    rule,
    scrolling,
    section,
    show_menu,
    stack,
    window_body,
)
from ui.controls.body import Body
from ui.controls.choice import Choice
from ui.controls.curve import CurveEditor
from ui.controls.focus import FocusRing
from ui.controls.fold import Fold
from ui.controls.hold import HoldButton
from ui.controls.meter import Meter
from ui.controls.pill import Pill
from ui.controls.ring import Ring
from ui.controls.shade import ShadeButton
from ui.controls.slider import LookSlider
from ui.controls.step_slider import StepSlider
from ui.controls.switch import Switch
from ui.controls.tile import DropTile
from ui.controls.wheel import scrolled_past

__all__ = [
    "Band",
    "Body",
    "Choice",
    "CurveEditor",
    "DropTile",
    "Elided",
    "FocusRing",
    "Fold",
    "HoldButton",
    "LookSlider",
    "Meter",
    "Pill",
    "Ring",
    "ShadeButton",
    "StepSlider",
    "Switch",
    "button",
    "choose_file",
    "choose_new_file",
    "expanding",
    "go_to_place",
    "head",
    "icon_button",
    "label",
    "place_of",
    "repolish",
    "row",
    "rule",
    "scrolled_past",
    "scrolling",
    "section",
    "show_menu",
    "stack",
    "window_body",
]
