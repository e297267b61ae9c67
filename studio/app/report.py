"""The report of the contract, put together from the counters of all parts.

It is the same for `--report`, `/v1/health` and the printed table.
"""

from collections.abc import Mapping
from typing import Any

from studio.app.media import Media
from studio.app.room import Room
from studio.broadcast import Broadcast
from studio.engine import health
from studio.engine.feed import SourceState
from studio.model.settings import Settings


class Report:
    """Builds the report; loop thread only."""

    def __init__(self, media: Media, broadcast: Broadcast, room: Room) -> None:
        self.heartbeat = health.Heartbeat()
        self.process = health.ProcessFigures()
        self._media = media
        self._broadcast = broadcast
        self._room = room
        self._since = health.Baseline(media.program, None)
        self._until: health.Baseline | None = None

    def begin(self) -> None:
        """Count from now on: the show begins."""
        self._since = health.Baseline(self._media.program, self._media.camera)
        self._until = None

    def end(self) -> None:
        """The show ends: what the ticks and the source do from now on isn't counted any more."""
        self._until = health.Baseline(self._media.program, self._media.camera)

    def build(self, settings: Settings) -> dict[str, Any]:
        """The whole report."""
        media, session = self._media, self._broadcast.session
        return {
            "video": health.video_report(settings.video, self._since, self._until or health.Baseline(media.program, media.camera), session),
            "audio": health.audio_report(media.mixer),
            "inputs": media.sound.report(),
            "loop": self.heartbeat.report(),
            "outputs": [health.output_report(output.stats()) for output in self._broadcast.outputs],
            "latency_ms": health.latency_report(session),
            "encoder": health.encoder_report(session),
            "stages": health.stages_report(media.program, media.camera, media.microphone, media.mixer, session),
            "events": self._room.events_report(),
            "process": self.process.report(),
            "look": media.look_state(),
            "state": self._broadcast.state,
        }

    @staticmethod
    def sources(states: Mapping[str, SourceState]) -> list[dict[str, Any]]:
        """[{kind, spec, name, state, width, height, fps, code, params}]."""
        rows: list[dict[str, Any]] = []
        for kind, state in states.items():
            row: dict[str, Any] = {"kind": kind, "spec": state.spec, "state": "open" if state.info else "lost", "name": state.spec}
            if state.info is not None:
                row |= {"name": state.info.name, "width": state.info.width, "height": state.info.height, "fps": state.info.fps}
            if state.error is not None:
                row |= {"code": state.error.code, "params": dict(state.error.params)}
            rows.append(row)
        return rows
