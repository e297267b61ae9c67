"""The preview file as an engine writes it, by a test."""

import mmap
import struct
import time
from pathlib import Path

import numpy as np


class PreviewWriter:
    """Writes the preview's file as the engine does."""

    def __init__(self, path: Path, width: int = 960, height: int = 540) -> None:
        self.path, self.width, self.height, self.seq = path, width, height, 0
        path.write_bytes(bytes(64 + 3 * width * height * 4))
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self._head(0)

    def write(self, picture: np.ndarray) -> None:
        """BGRX (height, width, 4)."""
        slot = (self.seq + 1) % 3
        start = 64 + slot * self.width * self.height * 4
        self.map[start : start + picture.nbytes] = picture.tobytes()
        self.seq += 1
        self._head(slot)

    def paint(self, blue: int, green: int, red: int) -> None:
        self.write(np.full((self.height, self.width, 4), (blue, green, red, 255), np.uint8))

    def _head(self, slot: int) -> None:
        struct.pack_into("<8sIIIIQQ", self.map, 0, b"ENCPREV1", 1, self.width, self.height, slot, self.seq, time.monotonic_ns())

    def close(self) -> None:
        self.map.close()
