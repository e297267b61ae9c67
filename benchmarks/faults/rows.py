"""All rows of the fault table by name: what is done, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.faults import engine_rows, link_rows, server_rows, store_rows
from benchmarks.results import Figure

Fault: TypeAlias = Callable[[Path, int, float], list[Figure]]
"""(a folder of its own, how often, by how much the times of the bounds are stretched) → the figures."""


@dataclass(frozen=True)
class Row:
    """One fault."""

    run: Fault
    times: int = 1
    needs_network: bool = False


def _once(run: Callable[[Path, float], list[Figure]]) -> Fault:
    """A fault that is looked at once, however often the table is asked for."""
    return lambda folder, _, slack: run(folder, slack)


ROWS: dict[str, Row] = {
    "server-killed": Row(server_rows.server_killed, 100),
    "server-frozen": Row(server_rows.server_frozen, 3),
    "server-silent": Row(_once(server_rows.server_silent)),
    "already-publishing": Row(_once(server_rows.already_publishing)),
    "refusals": Row(_once(server_rows.refusals)),
    "black-hole": Row(link_rows.black_hole, 5, needs_network=True),
    "long-black-hole": Row(_once(link_rows.long_black_hole), needs_network=True),
    "stop-in-black-hole": Row(_once(link_rows.stop_in_black_hole), needs_network=True),
    "narrow-uplink": Row(_once(link_rows.narrow_uplink), needs_network=True),
    "lossy-link": Row(_once(link_rows.lossy_link), needs_network=True),
    "camera-gone": Row(_once(engine_rows.camera_gone)),
    "camera-frozen": Row(_once(engine_rows.camera_fails("frozen"))),
    "camera-silent": Row(_once(engine_rows.camera_fails("silent"))),
    "camera-lost": Row(_once(engine_rows.camera_fails("gone"))),
    "engine-killed": Row(_once(engine_rows.engine_killed)),
    "ingest-killed": Row(store_rows.ingest_killed, 100),
}
