"""Takes the fan and the street out of a voice: RNNoise (Valin 2018), a recurrent network that knows what speech sounds like.

It hears one voice: both sides become the middle. Where its library can't be had it says so and nothing is changed.
"""

import ctypes
import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np

from capture.sound.delay import Samples
from studio.errors import KnownError

FRAME = 480
"""Samples that the network hears at a time."""
DELAY = 960
"""Samples by which its answer is later (measured by cross-correlation; a test keeps it)."""
_FULL_SCALE = np.float32(32768)


class DenoiseUnavailable(KnownError):
    """The noise suppressor isn't installed."""


@cache
def _library() -> ctypes.CDLL:
    """The library inside the pyrnnoise package, whose Python part isn't needed. Raises DenoiseUnavailable."""
    found = importlib.util.find_spec("pyrnnoise")
    names = {"win32": "rnnoise.dll", "darwin": "librnnoise.dylib"}
    if found is None or not found.submodule_search_locations:
        raise DenoiseUnavailable("sound.no_denoise")
    path = Path(found.submodule_search_locations[0]) / names.get(sys.platform, "librnnoise.so")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise DenoiseUnavailable("sound.no_denoise") from error
    library.rnnoise_create.restype = ctypes.c_void_p
    library.rnnoise_create.argtypes = [ctypes.c_void_p]
    library.rnnoise_destroy.argtypes = [ctypes.c_void_p]
    library.rnnoise_process_frame.restype = ctypes.c_float
    library.rnnoise_process_frame.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    return library


class Denoise:
    """One voice's suppressor. `process` belongs to one thread; its library works with the interpreter lock released."""

    def __init__(self) -> None:
        self._library = _library()
        self._state = self._library.rnnoise_create(None)

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out, DELAY samples later where N is a multiple of FRAME (as a mixer's chunks are)."""
        voice = (samples[:, 0] + samples[:, 1]) * (_FULL_SCALE / 2)
        heard, step = voice.ctypes.data, FRAME * voice.itemsize
        for place in range(heard, heard + len(voice) // FRAME * step, step):
            self._library.rnnoise_process_frame(self._state, place, place)  # it may write where it read
        out = np.empty((len(voice), 2), np.float32)
        np.multiply(voice[:, None], 1 / _FULL_SCALE, out=out)
        return out

    def close(self) -> None:
        """Free the network's state; idempotent."""
        if self._state is not None:
            self._library.rnnoise_destroy(self._state)
            self._state = None
