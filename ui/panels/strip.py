"""The strip along the lower edge: rate, frames lost, what is sent, what waits, what it costs, how loud it is.

It refuses to compute a total that the report has: it shows the report's figures and how they grow.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from ui import icons, theme
from ui.bridge import Bridge
from ui.controls import Meter, label, row, rule
from ui.controls.meter import SILENCE_DB
from ui.figures import count, decibels, duration
from ui.language import words
from ui.models.condition import BACKLOG_WARN_MS, streams
from ui.panels.sound import levels
from ui.shapes import State, StateShape


class Figure(QWidget):
    """A name and its value, with a state's shape where there is one."""

    def __init__(self, name: str, *, is_first: bool = False, has_shape: bool = False) -> None:
        super().__init__()
        self._shape = StateShape("none", 14)
        self._shape.setVisible(has_shape)
        self._value = label("—", "value")
        made = row(spacing=6)
        if not is_first:
            made.addWidget(rule(is_vertical=True, length=16))
            made.addSpacing(6)
        for part in (self._shape, label(name), self._value):
            made.addWidget(part)
        made.addSpacing(6)
        self.setLayout(made)

    def show_figure(self, value: str, state: State | None = None) -> None:
        """Another value."""
        if self._value.text() != value:
            self._value.setText(value)
        if state is not None:
            self._shape.set_state(state)

    def value(self) -> str:
        """What is shown."""
        return self._value.text()


class Strip(QFrame):
    """32 pixels."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setFixedHeight(32)
        self._bridge = bridge
        self.fps = Figure(words("strip.fps"), is_first=True)
        self.lost = Figure(words("strip.lost"))
        self.sent = Figure(words("strip.sent"), has_shape=True)
        self.backlog = Figure(words("strip.backlog"), has_shape=False)
        self.delay = Figure(words("strip.delay"))
        self.cpu = Figure(words("strip.cpu"))
        self.memory = Figure(words("strip.memory"))
        self._meter = Meter(6)
        self._meter.setFixedWidth(120)
        self._level = label("—", "value")
        self._level.setMinimumWidth(44)
        microphone = QLabel()
        microphone.setPixmap(icons.pixmap("microphone", 14, theme.colour("muted"), self.devicePixelRatioF()))
        figures = (self.fps, self.lost, self.sent, self.backlog, self.delay, self.cpu, self.memory)
        self.setLayout(row(*figures, None, microphone, self._meter, self._level, spacing=8, margins=(16, 0, 16, 0)))
        bridge.changed.connect(self._on_changed)
        self.refresh()

    def _on_changed(self, kind: str) -> None:
        if kind == "meters":
            self._show_level()
        elif kind in {"health", "live"}:
            self.refresh()

    def refresh(self) -> None:
        """Show what the report says."""
        room = self._bridge.room
        video = room.health.get("video")
        outputs = streams(room)
        if isinstance(video, Mapping):
            self._show_frames(video, sum(_whole(row.get("dropped")) for row in room.outputs))
        backlog = max((_number(row.get("backlog_ms")) for row in room.outputs), default=0.0)
        self.backlog.show_figure(duration(backlog) if room.is_on_air else "—", "warn" if backlog > BACKLOG_WARN_MS else "good")
        kbps = sum(room.output_kbps(str(row.get("name"))) or 0.0 for row in outputs)
        self.sent.show_figure(
            words("output.sending_short", kbps=count(kbps)) if room.is_on_air and outputs else "—", _worst(room.is_on_air, outputs)
        )
        latency = room.health.get("latency_ms")
        delay = _number(latency.get("p95")) if isinstance(latency, Mapping) else 0.0
        self.delay.show_figure(f"{delay:.0f} ms" if delay and room.is_on_air else "—")
        self._show_costs()

    def _show_frames(self, video: Mapping[str, Any], dropped: int) -> None:
        rate = self._bridge.room.rate("video", "encoded")
        late, skipped = _whole(video.get("late")), _whole(video.get("skipped"))
        is_on_air = self._bridge.room.is_on_air
        self.fps.show_figure(f"{rate:.1f}" if rate and is_on_air else str(video.get("fps") or "—"))
        self.lost.show_figure(f"{late:,} / {skipped:,} / {dropped:,}")

    def _show_costs(self) -> None:
        room = self._bridge.room
        process = room.health.get("process")
        cpu = room.rate("process", "cpu_s")
        self.cpu.show_figure(f"{cpu * 100:.0f} %" if cpu is not None else "—")
        memory = process.get("rss_mb_end") if isinstance(process, Mapping) else None
        self.memory.show_figure(f"{memory:,.0f} MB" if isinstance(memory, int | float) else "—")

    def _show_level(self) -> None:
        audio = self._bridge.room.settings.get("audio")
        is_off = isinstance(audio, Mapping) and audio.get("source") == "none"
        level, peak = (SILENCE_DB, SILENCE_DB) if is_off else levels(self._bridge.room.meters)
        self._meter.show_level(level, peak)
        self._level.setText(decibels(peak))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _worst(is_on_air: bool, outputs: list[Mapping[str, Any]]) -> State:  # noqa: FBT001 - a plain fact
    if not is_on_air or not outputs:
        return "none"
    states = {str(row.get("state")) for row in outputs}
    if states & {"reconnecting", "refused", "failed"}:
        return "bad"
    return "warn" if "connecting" in states else "good"
