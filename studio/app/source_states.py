"""How each source of the profile stands, by what it said last."""

from collections.abc import Callable, Mapping

from studio.app.notices import Notices
from studio.app.told import tell_source
from studio.engine.feed import SourceState
from studio.model.settings import Settings


class SourceStates:
    """Loop thread only. Sources that the profile no longer names are not heard, and forgotten."""

    def __init__(self, settings: Callable[[], Settings], notices: Notices) -> None:
        self._settings = settings
        self._notices = notices
        self._states: dict[str, SourceState] = {}

    @property
    def by_kind(self) -> Mapping[str, SourceState]:
        """`video`, `audio`, `second`, `input:` with its name → its state."""
        return self._states

    def hear(self, state: SourceState) -> bool:
        """Keep it, and tell whoever watches when it is news; whether the profile names this source."""
        if not self._is_named(state.kind):
            return False
        tell_source(self._notices, self._states.get(state.kind), state)
        self._states[state.kind] = state
        return True

    def follow(self) -> None:
        """The profile has changed."""
        self._states = {kind: state for kind, state in self._states.items() if self._is_named(kind)}

    def camera_name(self) -> str:
        """As the system calls the camera; until it has opened, as the profile does."""
        source = self._states.get("video")
        return source.info.name if source is not None and source.info is not None else self._settings().video.source

    def _is_named(self, kind: str) -> bool:
        inputs = {f"input:{found.name}" for found in self._settings().input if found.source != "none"}
        return not kind.startswith("input:") or kind in inputs
