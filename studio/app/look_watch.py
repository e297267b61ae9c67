"""What of the look can't work on this computer becomes a notice, once.

It refuses to judge whether the look needs it: that changes with each slider, and the windows say it there.
"""

from collections.abc import Callable, Mapping

_CODES = ("faces_code", "person_code")


class LookWatch:
    """Loop thread. `tell` takes a code of the catalogue and the file that it is about."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def watch(self, state: Mapping[str, str]) -> None:
        """Called often with the look's state."""
        for code in (state[key] for key in _CODES if key in state):
            if code not in self._told:
                self._told.add(code)
                self._tell(code, state.get("file", ""))
