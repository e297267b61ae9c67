"""The report of the contract, put together from the counters of all parts.

It is the same for `--report`, `/v1/health` and the printed table.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.app.media import Media
from studio.app.room import Room
from studio.broadcast import Broadcast
from studio.engine import health
from studio.engine.feed import SourceState
from studio.errors import InvalidInput, os_code
from studio.model.settings import Settings

LOOK_EVERY_S = 2.0
"""A look costs some 5 ms of a worker thread; a figure that is two seconds old is none of those that anybody acts on."""


def write_report(path: Path | None, report: Mapping[str, Any]) -> None:
    """`--report`: the report as a JSON file, where one was asked for. Raises InvalidInput."""
    if path is None:
        return
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput("report.unwritable", path=str(path), reason=reason, reason_code=os_code(error)) from error


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

    async def watch(self) -> None:
        """Beat, and keep looking at what is too slow to be read when a report is asked for; until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.heartbeat.beat(), name="heartbeat")
            group.create_task(self._keep_looking(), name="costs")

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Read, on a worker thread, what the encoder's threads and the processes that we started cost."""
        session = self._broadcast.session
        if session is not None:
            await asyncio.to_thread(session.encoder_threads.look, session.encoded)
        await asyncio.to_thread(self.process.look_at_children)

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
