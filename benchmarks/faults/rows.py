"""All rows of the fault table by name: what is done, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.faults import camera_rows, clock_rows, disk_rows, engine_rows, link_rows, server_rows, sound_rows, store_rows
from benchmarks.results import Figure
from tests import network

Fault: TypeAlias = Callable[[Path, int, float], list[Figure]]
"""(a folder of its own, how often, by how much the times of the bounds are stretched) → the figures."""


@dataclass(frozen=True)
class Row:
    """One fault."""

    run: Fault
    times: int = 1
    why_not: Callable[[], str] = lambda: ""
    """Why it can't be run here, in words; empty where it can."""


def _once(run: Callable[[Path, float], list[Figure]]) -> Fault:
    """A fault that is looked at once, however often the table is asked for."""
    return lambda folder, _, slack: run(folder, slack)


ROWS: dict[str, Row] = {
    "server-killed": Row(server_rows.server_killed, 100),
    "server-frozen": Row(server_rows.server_frozen, 3),
    "server-silent": Row(_once(server_rows.server_silent)),
    "already-publishing": Row(_once(server_rows.already_publishing)),
    "refusals": Row(_once(server_rows.refusals)),
    "black-hole": Row(link_rows.black_hole, 5, why_not=network.why_not),
    "long-black-hole": Row(_once(link_rows.long_black_hole), why_not=network.why_not),
    "stop-in-black-hole": Row(_once(link_rows.stop_in_black_hole), why_not=network.why_not),
    "narrow-uplink": Row(_once(link_rows.narrow_uplink), why_not=network.why_not),
    "lossy-link": Row(_once(link_rows.lossy_link), why_not=network.why_not),
    "camera-gone": Row(_once(camera_rows.camera_gone)),
    "camera-frozen": Row(_once(camera_rows.camera_fails("frozen"))),
    "camera-silent": Row(_once(camera_rows.camera_fails("silent"))),
    "camera-lost": Row(_once(camera_rows.camera_fails("gone"))),
    "engine-killed": Row(engine_rows.engine_killed, 50),
    "disk-fails": Row(_once(disk_rows.disk_fails), why_not=disk_rows.why_not),
    "microphone-gone": Row(_once(sound_rows.microphone_gone), why_not=sound_rows.why_not),
    "sound-clock": Row(_once(sound_rows.sound_clock)),
    "clock-set": Row(_once(clock_rows.clock_set)),
    "ingest-killed": Row(store_rows.ingest_killed, 100),
    "midway-killed": Row(store_rows.midway_killed, 20),
}
