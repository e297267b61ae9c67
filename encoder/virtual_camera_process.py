# SPDX-License-Identifier: MIT
# Copyright (c) the Encore Studio authors. This one file is MIT, not GPL-3.0-or-later like the rest: it is run by the user's Python beside
# pyvirtualcam, which is GPL-2.0-only, in a process of its own, and imports nothing of Encore's.
"""Frames from standard input to a virtual camera by pyvirtualcam; what becomes of them on standard output, a JSON object a line.

    python virtual_camera_process.py WIDTH HEIGHT FPS [DEVICE]

In: for each frame 8 bytes (monotonic nanoseconds of its tick, little-endian) and WIDTH * HEIGHT * 3 / 2 bytes of I420. Ends with its input.
Out: {"state": "ready", "device", "backend"}, then twice a second {"state": "sent", "frames", "late_ms"}; or {"state": "failed", "why":
"module" | "device", "said"} and exit code 1.
"""

import json
import sys
import time

_STAMP_BYTES = 8
_TELL_EVERY_S = 0.5


def main() -> int:
    """Until standard input ends."""
    width, height, fps = (int(word) for word in sys.argv[1:4])
    device = sys.argv[4] if len(sys.argv) > 4 else None
    try:
        import numpy as np
        import pyvirtualcam
    except ImportError as error:
        return _fail("module", error)
    try:
        camera = pyvirtualcam.Camera(width, height, fps, fmt=pyvirtualcam.PixelFormat.I420, device=device)
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        return _fail("device", error)
    with camera:
        _tell(state="ready", device=camera.device, backend=camera.backend)
        frame = np.empty(_STAMP_BYTES + width * height * 3 // 2, np.uint8)
        room, frames, told_s = memoryview(frame), 0, 0.0
        while _fill(room):
            stamp_ns = int.from_bytes(room[:_STAMP_BYTES], "little")
            camera.send(frame[_STAMP_BYTES:])
            frames += 1
            if time.monotonic() - told_s >= _TELL_EVERY_S:
                told_s = time.monotonic()
                _tell(state="sent", frames=frames, late_ms=round((time.monotonic_ns() - stamp_ns) / 1e6, 1))
    return 0


def _fill(room: memoryview) -> bool:
    """One frame from standard input into the same place; whether there was one."""
    at = 0
    while at < len(room):
        count = sys.stdin.buffer.raw.readinto(room[at:])
        if not count:
            return False
        at += count
    return True


def _fail(why: str, error: Exception) -> int:
    _tell(state="failed", why=why, said=str(error)[:500])
    return 1


def _tell(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
