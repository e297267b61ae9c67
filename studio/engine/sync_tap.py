"""What camera and microphone bring while the sync is measured: the light of parts of each picture, the peaks of each millisecond.

It keeps no picture and no sound; full, it takes no more.
"""

import numpy as np
from numpy.typing import NDArray

from studio.engine.handoff import Fifo
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock, VideoFrame
from studio.model.sync import SyncMeasure, measured

_GRID = 8
_STEP = 4
_PICTURES = 4_000
_BLOCKS = 4_000
_MS_SAMPLES = AUDIO_RATE_HZ // 1000


class SyncTap:
    """`see` belongs to the `camera` thread, `hear` to `mixer`, `result` to the loop once both have been taken off."""

    def __init__(self) -> None:
        self._seen: Fifo[tuple[int, NDArray[np.float32]]] = Fifo(_PICTURES)
        self._heard: Fifo[AudioBlock] = Fifo(_BLOCKS)

    def see(self, frame: VideoFrame) -> None:
        """Note a picture: the mean luma of 8 × 8 parts of it, every fourth pixel looked at."""
        height, width = frame.height // (_GRID * _STEP) * _STEP, frame.width // (_GRID * _STEP) * _STEP
        if height and width:
            cut = frame.y[: height * _GRID : _STEP, : width * _GRID : _STEP]
            cells = cut.reshape(_GRID, height // _STEP, _GRID, width // _STEP).mean(axis=(1, 3), dtype=np.float32)
            self._seen.put((frame.time_ns, cells.reshape(-1)))

    def hear(self, block: AudioBlock) -> None:
        """Note a block: the peak of each millisecond."""
        count = len(block.samples) // _MS_SAMPLES
        peaks = np.abs(block.samples[: count * _MS_SAMPLES]).reshape(count, -1).max(axis=1)
        self._heard.put(AudioBlock(peaks.astype(np.float32)[:, None], block.time_ns))

    def result(self) -> SyncMeasure:
        """What came of it. Raises InvalidInput."""
        light_ms: list[float] = []
        light: list[NDArray[np.float32]] = []
        while (seen := self._seen.take()) is not None:
            light_ms.append(seen[0] / 1e6)
            light.append(seen[1])
        sound_ms: list[float] = []
        sound: list[NDArray[np.float32]] = []
        while (heard := self._heard.take()) is not None:
            sound_ms += [heard.time_ns / 1e6 + number for number in range(len(heard.samples))]
            sound.append(heard.samples[:, 0])
        empty = np.zeros((0, 1), np.float32)
        return measured(
            light_ms, np.array(light, np.float32) if light else empty, sound_ms, np.concatenate(sound) if sound else empty[:, 0]
        )
