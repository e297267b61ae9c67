"""The colour-true assistant's side of the engine: measures the camera's picture, keeps profiles, and watches the light.

It refuses to change a setting by itself: what it measures is applied by whoever asked.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.app.media import Media
from studio.errors import Conflict, InvalidInput, NotFound, os_code
from studio.model.camera import CameraValues
from studio.model.colour_profile import ChartReading, ColourProfile, from_document, profile_of, to_document
from studio.ports import ColourTools

WATCH_S = 5.0
_DRIFT = 3.0
"""ΔE2000 of a middle grey from which a buyer sees another red; below it clouds would nag."""
_TIMES = 3
"""Looks in a row that must say so: a hand over the lens is gone by then."""


_MOST_BYTES = 64 * 1024


async def _unknown() -> CameraValues:
    return CameraValues()


class ColourBench:
    """Loop thread; pixels and files on worker threads. `values` asks the camera where its automatics stand."""

    def __init__(
        self,
        media: Media,
        tools: ColourTools,
        folder: Path,
        warn: Callable[[str], None],
        values: Callable[[], Awaitable[CameraValues]] = _unknown,
    ) -> None:
        self._ask_values = values
        self._values = CameraValues()
        self._media = media
        self._tools = tools
        self._folder = folder
        self._warn = warn
        self._reading: ChartReading | None = None
        self._strikes = 0
        self._told = ""
        self._next_s = 0.0
        self.warning = ""
        """The code of what was told of the profile in use: the light or the camera isn't what it was."""

    async def white(self, place: tuple[float, float]) -> str:
        """Gains, as `look.white_balance` takes them, of what stands at a place of the published picture (shares). Raises InvalidInput."""
        frame = self._frame()
        gains = await asyncio.to_thread(self._tools.white, frame, self._media.to_source(place))
        return " ".join(f"{gain:.4f}" for gain in gains)

    async def chart(self) -> dict[str, Any]:
        """Find and read the chart in the camera's picture. Raises InvalidInput."""
        self._reading = reading = await asyncio.to_thread(self._tools.chart, self._frame())
        self._values = await self._ask_values()
        document = asdict(reading)
        del document["scene"]
        return {**document, "mean_before": reading.mean_before, "mean_after": reading.mean_after, "max_after": reading.max_after}

    async def keep(self, light: str, camera: str) -> str:
        """Store the last reading for this camera and light; the file's path, for `look.colour_profile`. Raises Conflict, InvalidInput."""
        reading, light = self._reading, " ".join(light.split())
        if reading is None:
            raise Conflict("colour.no_reading")
        if not light or len(light) > 40 or not light.isprintable():
            raise InvalidInput("colour.light_name")
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        profile = profile_of(reading, self._values, camera, light, made_at)
        path = self._folder / f"{_slug(camera)}--{_slug(light)}.json"
        await asyncio.to_thread(_write, path, profile)
        self._forget_warning()
        return str(path)

    async def profiles(self) -> list[dict[str, Any]]:
        """[{name, path, camera, light, made_at, mean_before, mean_after, max_after, patches}], by camera and light."""
        return await asyncio.to_thread(self._listing)

    @staticmethod
    async def values_of(profile_path: str) -> CameraValues:
        """Where a profile's camera stood when it was made; nothing of one that can't be read."""
        profile = await asyncio.to_thread(_read, Path(profile_path)) if profile_path else None
        return CameraValues() if profile is None else profile.values

    async def forget(self, name: str) -> None:
        """Delete a profile by its file's name. Raises NotFound."""
        path = self._folder / name
        if path.parent != self._folder or not path.is_file():
            raise NotFound("colour.profile_unknown", name=name)
        await asyncio.to_thread(path.unlink)

    async def watch(self, profile_path: str) -> None:
        """Called often; looks now and then, and warns once for each profile when its light has drifted."""
        now_s = time.monotonic()
        if profile_path != self._watched:
            self._watched = profile_path
            self._forget_warning()
        if not profile_path or now_s < self._next_s or self._told == profile_path:
            return
        self._next_s = now_s + WATCH_S
        frame = self._media.program.source_frame
        if frame is None:
            return
        moved, is_same = await asyncio.to_thread(self._tools.drift, frame, Path(profile_path))
        self._strikes = self._strikes + 1 if moved > _DRIFT or not is_same else 0
        if self._strikes >= _TIMES:
            self._told, self._strikes = profile_path, 0
            self.warning = "colour.light_drifted" if is_same else "colour.camera_moved"
            self._warn(self.warning)

    _watched = ""

    def _forget_warning(self) -> None:
        self.warning, self._told, self._strikes = "", "", 0

    def _frame(self) -> Any:
        frame = self._media.program.source_frame
        if frame is None:
            raise Conflict("preview.none_yet")
        return frame

    def _listing(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        kept = ("camera", "light", "made_at", "mean_before", "mean_after", "max_after", "patches")
        for path in sorted(self._folder.glob("*.json")):
            profile = _read(path)
            if profile is not None:
                document = to_document(profile)
                rows.append({"name": path.name, "path": str(path), **{key: document[key] for key in kept}})
        return rows


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text, flags=re.UNICODE).strip("-.")[:60] or "camera"


def _read(path: Path) -> ColourProfile | None:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        return from_document(json.loads(content if len(content) <= _MOST_BYTES else b""))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _write(path: Path, profile: ColourProfile) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(json.dumps(to_document(profile), ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise Conflict("look.preset_unwritable", reason=error.strerror or str(error), reason_code=os_code(error)) from error
