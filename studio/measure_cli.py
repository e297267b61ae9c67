"""`main.py measure`: how fast this machine is, preset by preset, and what fits it; read by people, or line by line by the engine."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.app.measure import Measuring
from studio.model.settings import Settings
from studio.registry import Registry

OK, NO = 0, 1


def run(registry: Registry, settings: Settings, codecs: Sequence[str], sample: Path, *, as_lines: bool) -> int:
    """Measure with the profile's size, rate and look, on the sample clip where the source is no clip; 1 where nothing has room."""
    if settings.video.source.partition(":")[0] != "file":
        source = f"file:{sample}" if sample.is_file() else "testcard"
        settings = replace(settings, video=replace(settings.video, source=source))

    def tell(told: dict[str, Any]) -> None:
        if as_lines:
            print(json.dumps(told), flush=True)
        elif told["rows"]:
            rows = [*told["rows"], *({**row, "preset": "recording"} for row in told["recording"])]
            print(
                "{codec:<20} {preset:<10} {fps:7.1f} fps   ".format(**rows[-1]) + ("fits" if rows[-1]["fits"] else "too slow"), flush=True
            )

    found = Measuring(registry, settings, codecs).run(tell)
    if not as_lines:
        video, picked = settings.video, found["picked"]
        print(f"for {video.width} × {video.height} at {video.fps} with the look on: " + _advice(picked, has_room=found["has_room"]))
    return OK if found["has_room"] or as_lines else NO


def _advice(picked: dict[str, str] | None, *, has_room: bool) -> str:
    if picked is None:
        return "no encoder works here"
    choice = f'[encoder] codec="{picked["codec"]}" preset="{picked["preset"]}"'
    return choice if has_room else f"{choice}, and a smaller picture or a lower rate: nothing has room"
