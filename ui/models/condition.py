"""How the show does, in one shape and a few words: the worst thing that is true now.

Pure: it judges snapshots, and knows no widget and no clock.
"""

from collections.abc import Mapping
from typing import Any

from studio.model.camera import HELD
from ui.figures import duration
from ui.language import words
from ui.plain import plain
from ui.room import Room
from ui.shapes import State

FACE_PARTS = (
    *("smooth", "whiten", "rosy", "sharpen", "even_tone", "eye_bags", "smile_lines", "teeth", "eye_light"),
    *("slim", "narrow", "chin", "forehead", "eyes", "nose", "mouth", "lips", "blush", "brows"),
)
"""The sliders that do nothing without a face."""
BACKLOG_WARN_MS = 500.0
"""Of 700 ms that an output may hold: beyond it frames are dropped."""


def condition(room: Room, link: str, *, is_still: bool) -> tuple[State, str]:
    """(shape, words) for the health pill."""
    if link != "on":
        return ("bad", words("health.no_engine")) if link == "lost" else ("none", words("link.connecting"))
    lost = lost_source(room)
    if lost:
        return "warn", words("health.no_source", source=words(f"sources.{lost}"))
    if is_still:
        return "warn", words("health.still")
    trouble = _output_trouble(room) or _standing(room) or _frame_trouble(room) or _look_trouble(room)
    return trouble or ("good", words("health.good"))


def _look_trouble(room: Room) -> tuple[State, str] | None:
    """What the look is asked for and can't do, and colours that may not be true any more."""
    look, state = _table(room.settings, "look"), _table(room.health, "look")
    if not look.get("enabled", True):
        return None
    if state.get("faces_code") and any(look.get(name) for name in FACE_PARTS):
        return "warn", words("health.faces_off")
    if state.get("person_code") and str(look.get("background") or "").partition(":")[0] in {"blur", "image"}:
        return "warn", words("health.person_off")
    warning = colour_warning(room)
    if warning:
        return "warn", words(f"health.{warning}")
    is_free = _table(room.health, "camera").get("lock") in {"partly", "refused"} and _unheld(room) != ["focus"]
    return ("warn", words("health.camera_unlocked")) if is_free else None


def colour_warning(room: Room) -> str:
    """What was told of the colour profile in use: "light_drifted", "camera_moved", or nothing."""
    warning = str(_table(room.health, "colour").get("warning") or "").removeprefix("colour.")
    return warning if warning in {"light_drifted", "camera_moved"} else ""


def camera_words(room: Room) -> tuple[State, str]:
    """(shape, words) for what of the camera stands still while a colour profile is used; no words where there is nothing to hold."""
    camera = _table(room.health, "camera")
    lock, held = camera.get("lock"), camera.get("held")
    if lock == "waiting":
        return "none", words("camera.waiting")
    if lock in {"partly", "refused"}:
        return "warn", words("camera.unlocked", what=_listed(_unheld(room)))
    return ("good", words("camera.held", what=_listed(held))) if lock == "held" and isinstance(held, list) else ("none", "")


def _unheld(room: Room) -> list[str]:
    refused = _table(room.health, "camera").get("refused")
    return [name for name in refused if name in HELD] if isinstance(refused, list) else []


def _listed(names: list[str]) -> str:
    return words("camera.and").join(words(f"camera.{name}") for name in names if name in HELD)


def _table(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = tables.get(name)
    return table if isinstance(table, Mapping) else {}


def _standing(room: Room) -> tuple[State, str] | None:
    """The worst of what the engine watches, in a few words."""
    rows = [row for row in room.health.get("standing") or () if isinstance(row, Mapping)]
    rows.sort(key=lambda row: row.get("level") != "bad")
    for row in rows:
        code = f"standing.{row.get('code')}"
        short = words(code)
        if short != code:
            return ("bad" if row.get("level") == "bad" else "warn"), short
    return None


def _frame_trouble(room: Room) -> tuple[State, str] | None:
    """Off air nothing is encoded: pictures that come too late only say that the machine has other things to do."""
    if not room.is_on_air:
        is_busy = any((room.rate("video", name) or 0) > 1 for name in ("skipped", "late"))
        return ("warn", words("health.busy")) if is_busy else None
    if (room.rate("video", "skipped") or 0) > 0:
        return "warn", words("health.skipping")
    return ("warn", words("health.late")) if (room.rate("video", "late") or 0) > 1 else None


def lost_source(room: Room) -> str:
    """The source, "video" or "audio", that can't be opened, empty when all can."""
    return next((part for part in ("video", "audio") if room.source(part).get("code")), "")


def _output_trouble(room: Room) -> tuple[State, str] | None:
    if not room.is_on_air:
        return None
    for row in room.outputs:
        name = plain(str(row.get("name") or ""), 16)
        if row.get("state") in {"reconnecting", "refused", "failed"}:
            return "bad", words("health.output", name=name)
    for row in room.outputs:
        backlog = _number(row.get("backlog_ms"))
        if backlog > BACKLOG_WARN_MS:
            return "warn", words("health.backlog", time=duration(backlog))
    return None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def streams(room: Room) -> list[Mapping[str, Any]]:
    """The outputs that the audience sees."""
    return [row for row in room.outputs if row.get("kind") != "file"]


def recordings(room: Room) -> list[Mapping[str, Any]]:
    """The outputs that are files."""
    return [row for row in room.outputs if row.get("kind") == "file"]


def live_words(room: Room, clock: str, lost_clock: str) -> tuple[State, str]:
    """(shape, words) for the pill of the broadcast."""
    if room.state == "connecting":
        return "warn", words("live.connecting")
    if room.state == "reconnecting":
        return "bad", words("live.lost", time=lost_clock)
    if room.state == "live":
        return ("live", words("live.on", time=clock)) if streams(room) else ("record", words("live.recording", time=clock))
    return "idle", words("live.off")
