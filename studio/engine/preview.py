"""The local preview: an mmapped file that windows read, so that a window's death costs the engine nothing.

Layout: 64 bytes of header (little-endian: magic, version u32, width u32, height u32, newest slot u32, seq u64, time_ns u64),
then three BGRX slots. Not `multiprocessing.shared_memory`: on Python 3.11 a reader that is killed unlinks it under the engine.
"""

import mmap
import os
import struct
from pathlib import Path

import numpy as np

from studio.model.frames import VideoFrame
from studio.ports import PictureTools

MAGIC = b"ENCPREV1"
VERSION = 1
HEADER_BYTES = 64
SLOTS = 3
MAX_WIDTH = 960
_HEADER = struct.Struct("<8sIIIIQQ")


def preview_size(width: int, height: int) -> tuple[int, int]:
    """The preview's size for a canvas: at most 960 wide or high, even, the same shape."""
    scale = min(1.0, MAX_WIDTH / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def inside(shape: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """The largest size of a shape that fits into a room; all (width, height), even."""
    scale = min(room[0] / shape[0], room[1] / shape[1])
    return min(max(2, round(shape[0] * scale / 2) * 2), room[0]), min(max(2, round(shape[1] * scale / 2) * 2), room[1])


class PreviewFile:
    """The writer. Made on the loop thread, written by `program` alone."""

    def __init__(self, path: Path, width: int, height: int, tools: PictureTools) -> None:
        self.width, self.height = preview_size(width, height)
        self._tools = tools
        self._path = path
        size = HEADER_BYTES + SLOTS * self.width * self.height * 4
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.ftruncate(descriptor, size)
            self._map = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        slots = np.frombuffer(self._map, np.uint8, SLOTS * self.width * self.height * 4, HEADER_BYTES)
        self._slots = slots.reshape(SLOTS, self.height, self.width, 4)
        self._seq = 0
        self._write_header(0, 0)
        fresh.replace(path)

    def write(self, frame: VideoFrame, right: VideoFrame | None = None, line_at: float = 0.5) -> None:
        """Shrink `frame` into the next slot and make it the newest; `right` fills what is right of the line (before | after)."""
        slot = (self._seq + 1) % SLOTS
        picture = self._slots[slot]
        self._tools.shrink_bgrx(frame, picture)
        if right is not None:
            other = np.empty_like(picture)
            self._tools.shrink_bgrx(right, other)
            line = min(max(round(line_at * self.width), 1), self.width - 1)
            picture[:, line:] = other[:, line:]
            picture[:, line - 1 : line + 1] = 255
        self._show(slot, frame)

    def write_whole(self, source: VideoFrame, degrees: int) -> None:
        """The whole source, turned clockwise by 0, 90, 180 or 270 degrees, fitted into the next slot in its own shape, black around it."""
        slot = (self._seq + 1) % SLOTS
        lies = degrees in {90, 270}
        width, height = inside((source.height, source.width) if lies else (source.width, source.height), (self.width, self.height))
        small = np.empty((width, height, 4) if lies else (height, width, 4), np.uint8)
        self._tools.shrink_bgrx(source, small)
        picture = self._slots[slot]
        picture[:] = 0
        left, top = (self.width - width) // 2, (self.height - height) // 2
        picture[top : top + height, left : left + width] = np.rot90(small, -degrees // 90)
        self._show(slot, source)

    def _show(self, slot: int, frame: VideoFrame) -> None:
        self._seq += 1
        self._write_header(slot, frame.time_ns)

    def close(self) -> None:
        """Forget the mapping; the file stays for readers that still hold it."""
        del self._slots
        self._map.close()
        self._path.unlink(missing_ok=True)

    def _write_header(self, slot: int, time_ns: int) -> None:
        _HEADER.pack_into(self._map, 0, MAGIC, VERSION, self.width, self.height, slot, self._seq, time_ns)
