"""The camera's automatics from the hub's side: held while a colour profile is used, and said in words where they can't be.

It refuses to wait for a driver: it orders, and looks later what became of it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from studio.app.media import Media
from studio.model.camera import HELD, CameraOrder, CameraReport, CameraValues
from studio.model.settings import Settings

_READING_S = 2.5
"""How long a reading of the values is waited for: a camera that was just opened settles first."""
_POLL_S = 0.02


class CameraDesk:
    """Loop thread. `tell` takes a code of the catalogue for each thing that can't be had, once for each order."""

    def __init__(self, media: Media, tell: Callable[[str], None]) -> None:
        self._media = media
        self._tell = tell
        self._order = CameraOrder()
        self._told: CameraReport | None = None

    def follow(self, settings: Settings, values: CameraValues) -> None:
        """What these settings ask of the camera; `values` are the colour profile's."""
        look = settings.look
        is_locked = look.enabled and bool(look.colour_profile)
        asked = CameraOrder(is_locked, values if is_locked else CameraValues(), settings.video.power_line_hz, self._order.reading)
        if asked != self._order:
            self._give(asked)

    async def values(self) -> CameraValues:
        """Where the automatics stand now; nothing where no camera answers in time."""
        if not self._media.has_camera:
            return CameraValues()
        self._give(replace(self._order, reading=self._order.reading + 1))
        for _ in range(round(_READING_S / _POLL_S)):
            report = self._media.camera_report()
            if report is not None:
                return report.values
            await asyncio.sleep(_POLL_S)
        return CameraValues()

    def watch(self) -> None:
        """Called often: tells what a new report says that the one before didn't."""
        report = self._media.camera_report()
        if report is None or report == self._told:
            return
        before, self._told = self._told, report
        for code in _codes(report):
            if before is None or code not in _codes(before):
                self._tell(code)

    def state(self) -> dict[str, Any]:
        """{lock, held, refused, power_line} for health. `lock`: off, none (no camera to hold), waiting, held, partly or refused."""
        report = self._media.camera_report()
        held, refused = (list(report.held), list(report.refused)) if report is not None else ([], [])
        power_line = report.power_line if report is not None else "as_is"
        return {"lock": self._lock(report), "held": held, "refused": refused, "power_line": power_line}

    def _lock(self, report: CameraReport | None) -> str:
        if not self._order.is_locked:
            return "off"
        if not self._media.has_camera:
            return "none"
        if report is None:
            return "waiting"
        return "held" if not report.refused else "partly" if report.held else "refused"

    def _give(self, order: CameraOrder) -> None:
        self._order = order
        self._media.order_camera(order)


def _codes(report: CameraReport) -> tuple[str, ...]:
    """What the report's refusals are called in the catalogue."""
    power_line = ("camera.power_line_refused",) if report.power_line == "refused" else ()
    if report.refused == HELD:
        return ("camera.lock_refused", *power_line)
    return (*(f"camera.{name}_refused" for name in report.refused), *power_line)
