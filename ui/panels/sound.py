"""The sound: how loud it is now, in words and as a meter; mute, gain, and a treatment of the voice.

It refuses to judge from one moment: too quiet and too loud are said of the last second's peak.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ui import icons, theme
from ui.bridge import Bridge
from ui.controls import Elided, LookSlider, Meter, button, expanding, head, label, row, section, show_menu
from ui.controls.basics import repolish
from ui.controls.meter import SILENCE_DB
from ui.edits import Edits
from ui.figures import decibels
from ui.language import locale, words
from ui.panels.voice_menu import voice_menu
from ui.panels.watching import Watching
from ui.shapes import State, StateShape
from ui.sound_presets import preset_of

_HELD_EVERY_MS = 500
_FALL_DB_A_STEP = 1.2
"""The peak mark falls 12 dB a second at 10 meters a second: slow enough to be read."""
MOST_GAIN_DB = 24
"""Either way, at the ends of a gain's slider."""


def levels(meters: Mapping[str, object]) -> tuple[float, float]:
    """(level, peak) in dB from a `meters` message."""
    found = [meters.get(name) for name in ("level_db", "rms_db", "peak_db")]
    level = next((float(value) for value in found if isinstance(value, int | float)), SILENCE_DB)
    peak = meters.get("peak_db")
    return level, float(peak) if isinstance(peak, int | float) else level


def loudness(peak_db: float, *, is_off: bool, is_muted: bool = False) -> tuple[State, str]:
    """What to say of a peak."""
    if is_off:
        return "none", words("sound.off")
    if is_muted:
        return "warn", words("sound.muted")
    if peak_db <= -60:
        return "warn", words("sound.silent")
    if peak_db < -30:
        return "warn", words("sound.quiet")
    if peak_db > -1:
        return "bad", words("sound.loud")
    return "good", words("sound.good")


def lufs_words(meters: Mapping[str, object]) -> str:
    """The loudness of the last three seconds, and what the limiter takes off; nothing while there is none."""
    short, limited = meters.get("lufs_short"), meters.get("limited_db")
    if not isinstance(short, int | float) or short <= -69:
        return ""
    taken = f"  {words('sound.limited', db=f'{limited:.0f}')}" if isinstance(limited, int | float) and limited >= 1 else ""
    return f"{short:.0f} LUFS{taken}".replace("-", "−")


def gain_words(part: float) -> str:
    """A gain of -1 to 1 as decibels."""
    gain_db = round(part * MOST_GAIN_DB)
    return f"{gain_db:+d} dB".replace("-", "−") if gain_db else "0 dB"


class SoundPanel(Watching, QWidget):
    """Meter, words, mute, treatment and gain; each is a change of the profile, which the engine answers."""

    def __init__(self, bridge: Bridge, edits: Edits, on_mixer: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._edits = edits
        self._mixer: QPushButton = button(words("mixer.title"), on_mixer, kind="ghost", size="small", icon="mixer")
        self._peak_db = SILENCE_DB
        self._figure = label("—", "strong")
        self._meter = Meter()
        self._shape = StateShape("none", 14)
        self._words = Elided("", "small")
        self._lufs: QLabel = label("", "small")
        self.mute: QPushButton = button(words("sound.mute"), self.toggle_mute, size="small", icon="microphone")
        self.mute.setCheckable(True)
        self.mute.setToolTip(words("sound.mute_tip"))
        self.talk: QPushButton = button(words("sound.talk"), size="small", icon="microphone")
        self.talk.pressed.connect(lambda: self._hold(is_held=True))
        self.talk.released.connect(lambda: self._hold(is_held=False))
        self._still_held = QTimer(self)
        self._still_held.setInterval(_HELD_EVERY_MS)
        self._still_held.timeout.connect(lambda: self._tell_held(is_held=True))
        self._preset: QPushButton = button("", self._show_presets, size="small", icon="tone")
        self._gain = LookSlider(words("sound.gain"), is_signed=True, name_width=40 if locale() == "zh_CN" else 76)
        self._gain.show_as(gain_words)
        self._gain.edited.connect(lambda part: self._edits.edit("gain_db", float(round(part * MOST_GAIN_DB)), "audio"))
        self._gain.finished.connect(self._edits.finish)
        self._fault: QLabel = label("", "fault")
        self._fault.setWordWrap(True)
        self._fault.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._laid_out())
        edits.settled.connect(self._on_settled)
        edits.refused.connect(self._edit_refused)
        self.watch(bridge, "meters", "settings")
        self.refresh()

    def _laid_out(self) -> QWidget:
        frame, layout = section()
        layout.addWidget(head(words("sound.title"), self._figure, self._mixer, height=36))
        layout.addWidget(self._meter)
        layout.addSpacing(6)
        line = row(self._shape, spacing=6)
        line.addWidget(self._words, 1)
        line.addWidget(self._lufs)
        layout.addLayout(line)
        layout.addSpacing(8)
        layout.addLayout(row(expanding(self.mute), expanding(self.talk), expanding(self._preset)))
        layout.addSpacing(4)
        layout.addWidget(self._gain)
        layout.addWidget(self._fault)
        return frame

    def refresh(self) -> None:
        """Show the newest level and the profile's switches."""
        room = self._bridge.room
        audio = self._audio()
        is_off, is_muted = audio.get("source") == "none", bool(audio.get("muted"))
        level, peak = (SILENCE_DB, SILENCE_DB) if is_off else levels(room.meters)
        self._peak_db = max(peak, self._peak_db - _FALL_DB_A_STEP)
        self._meter.show_level(level, self._peak_db)
        self._figure.setText(decibels(self._peak_db) if not is_off else "—")
        state, text = loudness(self._peak_db, is_off=is_off, is_muted=is_muted)
        self._shape.set_state(state)
        self._words.setText(text)
        self._lufs.setText("" if is_off else lufs_words(room.meters))
        self._show_switches(audio, is_off=is_off, is_muted=is_muted)

    def toggle_mute(self) -> None:
        """The audience hears nothing of the microphone, or hears it again."""
        self._change({"muted": not self._audio().get("muted")})

    def _hold(self, *, is_held: bool) -> None:
        """The key to talk, or its button. Said again while it is held: the engine shuts the microphone of a window that says nothing."""
        if is_held:
            self._still_held.start()
        else:
            self._still_held.stop()
        self._tell_held(is_held=is_held)

    def _tell_held(self, *, is_held: bool) -> None:
        self._bridge.ask(lambda client: client.talk(is_held=is_held), None, self._refused)

    def _audio(self) -> Mapping[str, Any]:
        audio = self._bridge.room.settings.get("audio")
        return audio if isinstance(audio, Mapping) else {}

    def _show_mute(self, *, is_muted: bool) -> None:
        """The button, its icon in a colour that is seen on its ground."""
        if (self.mute.property("kind") == "main") != is_muted:
            glyph, token = ("microphone_off", "canvas") if is_muted else ("microphone", "text")
            self.mute.setIcon(icons.icon(glyph, theme.colour(token)))
            repolish(self.mute, "kind", "main" if is_muted else "")

    def _show_switches(self, audio: Mapping[str, Any], *, is_off: bool, is_muted: bool) -> None:
        self.talk.setVisible(bool(audio.get("push_to_talk")))
        self.mute.setVisible(not audio.get("push_to_talk"))
        for part in (self.mute, self.talk, self._preset, self._gain):
            part.setEnabled(not is_off)
        self.mute.setChecked(is_muted)
        self.mute.setText(words("sound.unmute" if is_muted else "sound.mute"))
        self._show_mute(is_muted=is_muted)
        self._preset.setText(words(f"sound.preset_{preset_of(audio)}"))
        gain = audio.get("gain_db")
        if not self._edits.is_busy:
            self._gain.show_value(float(gain) / MOST_GAIN_DB if isinstance(gain, int | float) else 0.0)

    def _show_presets(self) -> None:
        audio = self._audio()
        menu = voice_menu(self, audio, self._treat)
        menu.addSeparator()
        talk = menu.addAction(words("sound.push_to_talk"), lambda: self._change({"push_to_talk": not audio.get("push_to_talk")}))
        talk.setCheckable(True)
        talk.setChecked(bool(audio.get("push_to_talk")))
        show_menu(menu, self._preset)

    def _treat(self, values: dict[str, Any]) -> None:
        """A step that can be taken back; mute and the key to talk are none, so that no undo opens a microphone."""
        self._fault.hide()
        for key, value in values.items():
            self._edits.edit(key, value, "audio")
        self._edits.finish()

    def _change(self, values: dict[str, Any]) -> None:
        self._fault.hide()
        self._bridge.ask(lambda client: client.patch_settings({"audio": values}), self._answered, self._refused)

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self._bridge.room.take("settings", answer)
        self.refresh()

    def _on_settled(self, _look: Mapping[str, Any]) -> None:
        self.refresh()

    def _edit_refused(self, text: str, table: str) -> None:
        if table == "audio":
            self._refused(text)

    def _refused(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.show()
        self.refresh()
