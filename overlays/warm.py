"""Loads the compiled kernels on a thread of its own, before a frame needs them: the first one takes up to a second, cached or not.

It refuses to keep anybody waiting; whoever comes too early waits for numba's own lock.
"""

import sys
import threading
from functools import cache

import numpy as np

from overlays.blend import blend
from overlays.convert import ConvertTools, to_layer
from studio.model.frames import VideoFrame
from studio.ports import Layers


@cache
def warm_up() -> threading.Thread:
    """Start loading, once a process; the thread ends by itself."""
    thread = threading.Thread(target=_load, name="picture-warm", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    _import_without_scipy()
    frame, layer = VideoFrame.black(4, 4), to_layer(np.full((4, 4, 4), 255, np.uint8), 0, 0, None)
    if layer is not None:
        blend(frame, Layers((layer,)))
    ConvertTools().shrink_bgrx(frame, np.empty((2, 2, 4), np.uint8))


def _import_without_scipy() -> None:
    """Numba looks for scipy's linear algebra, which no kernel uses and only the analysis installs: a third of a second of each start."""
    if "scipy.linalg" in sys.modules:
        return
    sys.modules["scipy.linalg"] = None  # pyright: ignore[reportArgumentType] - "no such module", as importlib documents it
    try:
        import numba.np.arraymath  # noqa: F401 - what the first kernel would import
    finally:
        del sys.modules["scipy.linalg"]
