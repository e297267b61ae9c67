"""The flicker of lamps at 50 or 60 Hz: asks a camera to expose by whole half-waves of the mains. Linux only.

It refuses what OpenCV has no property for elsewhere: on Windows and macOS the answer is no.
"""

import os
import struct
import sys

_CONTROL = 0x00980900 + 24
"""V4L2_CID_POWER_LINE_FREQUENCY, linux/v4l2-controls.h."""
_GET, _SET = 0xC008561B, 0xC008561C
"""VIDIOC_G_CTRL and VIDIOC_S_CTRL: _IOWR('V', 27 and 28, struct v4l2_control), linux/videodev2.h."""
_VALUE = struct.Struct("=Ii")
_CHOICES = {50: 1, 60: 2}
"""V4L2_CID_POWER_LINE_FREQUENCY_50HZ and _60HZ; 0 is off and 3 the camera's own guess."""


class PowerLine:
    """One camera's setting. Its calls may wait for the device: only the thread that owns the camera makes them."""

    def __init__(self, device: int | str) -> None:
        self._path = f"/dev/video{device}" if isinstance(device, int) else device
        self._before: int | None = None

    def ask(self, hz: int) -> bool:
        """Whether the camera took 50 or 60, or with 0 has again what it had."""
        wanted = self._before if hz == 0 else _CHOICES[hz]
        if wanted is None:
            return True
        if not sys.platform.startswith("linux"):
            return False
        try:
            # A V4L2 device can be opened beside the one that streams, and its controls set from there.
            handle = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return self._exchange(handle, wanted)
        except OSError:
            return False
        finally:
            os.close(handle)

    def _exchange(self, handle: int, wanted: int) -> bool:
        import fcntl

        before = _VALUE.unpack(fcntl.ioctl(handle, _GET, _VALUE.pack(_CONTROL, 0)))[1]
        if self._before is None:
            self._before = before
        fcntl.ioctl(handle, _SET, _VALUE.pack(_CONTROL, wanted))
        return _VALUE.unpack(fcntl.ioctl(handle, _GET, _VALUE.pack(_CONTROL, 0)))[1] == wanted
