"""The connection test: ten seconds to one server before the show, at the profile's full rate, and what became of them.

It publishes the program as it is, by the same encoder and sender as a show; it changes no setting, and a show that begins cuts it short.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from studio.encoder_port import Encoders
from studio.engine.mixer import Mixer
from studio.engine.program import Program
from studio.engine.session import Session
from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.platforms import advice, platform_of
from studio.model.settings import OutputSettings, Settings
from studio.ports import OpenOutput, OutputStats

CONNECT_S = 10.0
"""A refusal comes in its right words by then."""
_STOP_S = 2.0
_LOOK_S = 0.05
_GIVEN_UP = frozenset({"refused", "failed"})
_SHARE = 0.8
"""Of what got through, as the rate to choose: a show needs room for the minutes in which a line is worse."""


class LineTest:
    """One test at a time, off air. Loop thread only; what blocks runs on worker threads."""

    def __init__(self, encoders: Encoders, open_output: OpenOutput, find_secret: Callable[[str], str]) -> None:
        self._encoders = encoders
        self._open_output = open_output
        self._find_secret = find_secret
        self._is_running = False
        self._cut = asyncio.Event()
        self._ended = asyncio.Event()

    async def cancel(self) -> None:
        """A show begins: the test ends at once, and its server is free again when this returns."""
        if self._is_running:
            self._cut.set()
            await self._ended.wait()

    async def run(self, settings: Settings, name: str, seconds: float, program: Program, mixer: Mixer) -> dict[str, Any]:
        """What came of it. Raises NotFound, InvalidInput for a recording, Conflict while another test runs, EncoderUnavailable."""
        output = next((row for row in settings.output if row.name == name), None)
        if output is None:
            raise NotFound("live.no_such_output", name=name)
        if not output.is_server:
            raise InvalidInput("line.is_file", name=name)
        if self._is_running:
            raise Conflict("line.already")
        self._is_running = True
        self._cut.clear()
        self._ended.clear()
        try:
            stats, live_after_s, published_s = await self._publish(settings, output, seconds, program, mixer)
        finally:
            self._is_running = False
            self._ended.set()
        return self._told(settings, output, stats, live_after_s, published_s)

    async def _publish(
        self, settings: Settings, output: OutputSettings, seconds: float, program: Program, mixer: Mixer
    ) -> tuple[OutputStats, float | None, float]:
        if output.key_secret:
            output = replace(output, key=await asyncio.to_thread(self._find_secret, output.key_secret))
        sender = self._open_output(output, lambda _: None)
        session = await asyncio.to_thread(
            Session, self._encoders, settings.video, settings.encoder, [sender], lambda _: None, lambda *_: None
        )
        begun_s, live_s = time.monotonic(), None
        session.start()
        mixer.sink = program.sink = session
        try:
            while not self._cut.is_set():
                stats, now_s = sender.stats(), time.monotonic()
                live_s = now_s if live_s is None and stats.state == "live" else live_s
                until_s = begun_s + CONNECT_S if live_s is None else live_s + seconds
                if now_s > until_s or stats.state in _GIVEN_UP:
                    break
                await asyncio.sleep(_LOOK_S)
            stats, ended_s = sender.stats(), time.monotonic()
        finally:
            program.sink = mixer.sink = None
            await asyncio.to_thread(session.stop, _STOP_S)
        return stats, None if live_s is None else live_s - begun_s, 0.0 if live_s is None else ended_s - live_s

    def _told(
        self, settings: Settings, output: OutputSettings, stats: OutputStats, live_after_s: float | None, published_s: float
    ) -> dict[str, Any]:
        kbps = round(stats.bytes * 8 / 1000 / published_s) if published_s else 0
        verdict = "failed" if live_after_s is None or stats.state != "live" else "cut" if self._cut.is_set() else "good"
        if verdict == "good" and (stats.dropped or stats.lowest_kbps < stats.ceiling_kbps):
            verdict = "narrow"
        platform = platform_of(urlsplit(output.target()[0]).hostname or "")
        params: dict[str, Any] = {
            "name": output.name,
            "kbps": kbps,
            "advised": round(stats.lowest_kbps * _SHARE, -2) if stats.lowest_kbps else 0,
        }
        return {
            "name": output.name,
            "verdict": verdict,
            "code": (stats.detail or "line.no_answer") if verdict == "failed" else f"line.{verdict}",
            "params": {**params, **dict(stats.detail_params)},
            "live_after_s": None if live_after_s is None else round(live_after_s, 2),
            "seconds": round(published_s, 1),
            "kbps": kbps,
            "dropped": stats.dropped,
            "backlog_ms_max": round(stats.backlog_ms_max),
            "platform": None if platform is None else platform.to_json(),
            "advice": [] if platform is None else advice(platform, settings.video, settings.encoder),
        }
