"""An output in one shape and a few words: how it stands, and what came of its connection test.

Pure: it judges snapshots, and knows no widget.
"""

from collections.abc import Mapping
from typing import Any

from ui.figures import count, size
from ui.language import fault_words, words
from ui.shapes import State

_STATES: dict[str, State] = {
    "idle": "none",
    "connecting": "warn",
    "live": "good",
    "reconnecting": "bad",
    "refused": "bad",
    "failed": "bad",
    "stopped": "none",
}


CODEC_NAMES = {"h264": "H.264", "hevc": "HEVC", "av1": "AV1"}
"""Of recordings, as they stand on the box of a television."""

TROUBLED = frozenset({"reconnecting", "refused", "failed"})
"""States in which a retry makes sense."""


def kind_of(table: Mapping[str, Any]) -> str:
    """What an output of the profile is, before it has run: "file", "camera" or "rtmp"."""
    return "file" if table.get("path") else "camera" if table.get("camera") else "rtmp"


def codec_words(codec: str, measured: Mapping[str, Any]) -> str:
    """What recording in this codec costs, and whether this computer was measured to carry it; empty for the stream's own."""
    if codec == "h264" or codec not in CODEC_NAMES:
        return ""
    rows = [row for row in measured.get("recording") or () if isinstance(row, Mapping) and row.get("codec") == codec]
    told = words(f"outputs.codec.{codec}")
    if not rows:
        return told + words("outputs.codec.unmeasured")
    return told + words(
        "outputs.codec.fits" if rows[0].get("fits") else "outputs.codec.too_slow", fps=count(float(rows[0].get("fps") or 0))
    )


def output_state(row: Mapping[str, Any], kbps: float | None, *, is_on_air: bool) -> tuple[State, str]:
    """An output's shape and line."""
    state = str(row.get("state") or "idle")
    is_file = row.get("kind") == "file"
    if state in {"idle", "stopped"} and not (is_on_air and state == "stopped"):
        ready = {"file": "output.ready_file", "camera": "output.ready_camera"}.get(str(row.get("kind")), "output.ready")
        return "none", words("output.off" if is_on_air or not row.get("enabled", True) else ready)
    detail = str(row.get("detail") or "")
    if state in TROUBLED | {"live"} and detail:
        params = row.get("detail_params")
        return "warn" if state == "live" else _STATES[state], fault_words(detail, **(params if isinstance(params, dict) else {}))
    if state == "live" and row.get("kind") == "camera":
        return "good", _camera(row)
    if state == "live" and is_file:
        return "good", words("output.recording", size=size(float(row.get("bytes") or 0)))
    if state == "live" and kbps is not None:
        return _sending(row, kbps)
    return _STATES.get(state, "none"), words(f"output.{state}")


def _camera(row: Mapping[str, Any]) -> str:
    """Which device it is, and how far its sound is from its picture."""
    params, offset_ms = row.get("detail_params"), float(row.get("offset_ms") or 0)
    device = str(params.get("device") or "") if isinstance(params, Mapping) else ""
    if not offset_ms:
        return words("output.camera_on", device=device)
    return words("output.camera_offset" if offset_ms > 0 else "output.camera_early", device=device, ms=count(round(abs(offset_ms))))


def _sending(row: Mapping[str, Any], kbps: float) -> tuple[State, str]:
    """At which rate; on a narrow network with the floor and the ceiling between which it moves."""
    floor, wanted, ceiling = (int(row.get(name) or 0) for name in ("floor_kbps", "wanted_kbps", "ceiling_kbps"))
    if wanted < ceiling:
        return "warn", words("output.sending_less", kbps=count(kbps), floor=count(floor), ceiling=count(ceiling))
    return "good", words("output.sending", kbps=count(kbps))


def told_words(answer: Mapping[str, Any]) -> tuple[State, str, str]:
    """What came of a connection test: (shape, line, all of it for the one who points at it)."""
    params = answer.get("params")
    params = params if isinstance(params, dict) else {}
    whole = [fault_words(str(answer.get("code")), **params)]
    whole += [fault_words(str(row["code"]), **row["params"]) for row in answer.get("advice") or ()]
    if answer.get("verdict") == "good":
        state: State = "good" if len(whole) == 1 else "warn"
        return state, words("output.tested_good", kbps=count(float(params.get("kbps") or 0))), " ".join(whole)
    if answer.get("verdict") == "narrow":
        return "warn", words("output.tested_narrow", kbps=count(float(params.get("advised") or 0))), " ".join(whole)
    return ("none" if answer.get("verdict") == "cut" else "bad"), whole[0], " ".join(whole)
