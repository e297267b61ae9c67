"""What another parser reads in a stream's headers: FFmpeg's trace_headers over an Annex B file, unit by unit."""

import re
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_FIELD = re.compile(r"\]\s+\d+\s+([a-z_0-9\[\]]+)\s+[01]* = (-?\d+)$")
_TITLE = re.compile(r"\]\s*([A-Z][A-Za-z ]+)$")


@dataclass
class Unit:
    """A parameter set, a slice header or a message: its title and its fields as the standard names them."""

    title: str
    fields: dict[str, int] = field(default_factory=dict)


@dataclass
class Access:
    """One packet: its units, in their order."""

    units: list[Unit] = field(default_factory=list)

    @property
    def slices(self) -> list[Unit]:
        return [unit for unit in self.units if unit.title == "Slice Header"]

    @property
    def is_idr(self) -> bool:
        return all(unit.fields["nal_unit_type"] == 5 for unit in self.slices)


def annex_b(header, packets) -> bytes:
    """The stream as bare H.264: parameter sets of the avcC record first, then every picture."""
    record, at, units = header.video_extradata, 6, []
    for count in (record[5] & 31, None):
        for _ in range(count if count is not None else record[at - 1]):
            size = struct.unpack_from(">H", record, at)[0]
            units.append(record[at + 2 : at + 2 + size])
            at += 2 + size
        at += 1
    for packet in packets:
        at = 0
        while at < len(packet.data):
            size = struct.unpack_from(">I", packet.data, at)[0]
            units.append(packet.data[at + 4 : at + 4 + size])
            at += 4 + size
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def trace(path: Path) -> tuple[list[Unit], list[Access]]:
    """(parameter sets that the stream begins with, one Access for each packet)."""
    words = ["ffmpeg", "-nostdin", "-v", "info", "-i", str(path), "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-"]
    told = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=120, check=True).stderr
    sets, packets, current = [], [], None
    for line in told.splitlines():
        if "trace_headers" not in line:
            continue
        if line.endswith("Extradata"):
            current = Access()
            sets = current.units
        elif "] Packet:" in line:
            current = Access()
            packets.append(current)
        elif current is not None and (title := _TITLE.search(line)):
            current.units.append(Unit(title[1].strip()))
        elif current is not None and current.units and (found := _FIELD.search(line)):
            current.units[-1].fields[found[1]] = int(found[2])
    return sets, packets


def decode_complaints(path: Path, pictures: int) -> list[str]:
    """Every line of a strict decoder, and one more when it doesn't give so many pictures."""
    words = ["ffmpeg", "-nostdin", "-v", "warning", "-err_detect", "explode", "-i", str(path), "-f", "framecrc", "-"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    count = sum(not line.startswith("#") for line in done.stdout.splitlines())
    return lines if count == pictures else [*lines, f"{count} pictures instead of {pictures}"]
