"""What the control API asks of the studio about its sound. Nothing is implemented here."""

from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]
MusicStep: TypeAlias = Literal["next", "pause", "play"]


class SoundDesk(Protocol):
    """The inputs of the mix."""

    def state(self) -> Body:
        """{inputs: [{name, kind, source, open, blocks, overruns, drift_ms, …}], effects: [{name, key, on, file, loaded}], talking}."""
        ...

    async def change(self, name: str, body: Body, principal: Principal) -> Body:
        """Set keys of one input: as `patch_settings`. Raises NotFound, InvalidInput, InvalidSettings."""
        ...

    def play(self, name: str, step: MusicStep) -> Body:
        """Pause, go on or skip in a list of music: its row. Raises NotFound."""
        ...

    def play_effect(self, name: str) -> Body:
        """Play an effect once: {name}. Raises NotFound, Conflict."""
        ...

    def talk(self, *, is_held: bool) -> Body:
        """The key to talk is held, for two seconds unless it is said again, or let go: {talking}."""
        ...

    async def devices(self) -> Body:
        """{microphones, system, speakers}: [{name, spec}], as the profile calls them."""
        ...

    async def sync(self, seconds: float, principal: Principal) -> Body:
        """Set the microphone's offset by flashes and beeps: {offset_ms, before_ms, spread_ms, pairs}. Raises InvalidInput, Conflict."""
        ...


class SoundSurface(Protocol):
    """Sound."""

    @property
    def sound(self) -> SoundDesk:
        """The desk."""
        ...
