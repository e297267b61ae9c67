"""How long a recording's disk has room: warned of while another folder can be chosen, ended while all files can be closed properly.

It only asks the system; what is written and when isn't its business.
"""

import shutil
from pathlib import Path

from studio.errors import OutputFailed

_WARN_S, _LEAST_S = 600.0, 60.0
"""As time at the profile's rate: enough to choose another folder, and enough to close all files."""
_WARN_AGAIN_S = 720.0


class DiskRoom:
    """For one file, written at so many bytes a second at most."""

    def __init__(self, path: Path, bytes_a_second: float) -> None:
        self._path = path
        self._bytes_a_second = bytes_a_second
        self._warning: OutputFailed | None = None

    def look(self) -> OutputFailed | None:
        """The warning that stands, if any. Raises OutputFailed when there is a minute left, and OSError."""
        left_s = shutil.disk_usage(self._path.parent).free / self._bytes_a_second
        if left_s < _LEAST_S:
            raise OutputFailed("recording.disk_nearly_full", path=str(self._path))
        if left_s < _WARN_S and self._warning is None:
            self._warning = OutputFailed("recording.room_low", path=str(self._path), minutes=int(left_s // 60))
        elif left_s > _WARN_AGAIN_S:
            self._warning = None
        return self._warning
