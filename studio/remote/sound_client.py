"""The calls on sound, as windows and scripts make them; a part of `StudioClient`.

It holds no state of its own.
"""

from studio.remote.connection import Connection, part
from studio.remote.sound_surface import Body, MusicStep


class SoundClient:
    """The inputs of the mix."""

    _connection: Connection

    async def sound(self) -> Body:
        """{inputs}."""
        return await self._connection.call("GET", "/v1/sound")

    async def change_input(self, name: str, body: Body) -> Body:
        """Keys of one input: as `patch_settings`."""
        return await self._connection.call("PATCH", f"/v1/sound/inputs/{part(name)}", body=body)

    async def play_music(self, name: str, step: MusicStep) -> Body:
        """Next, pause or play."""
        return await self._connection.call("POST", f"/v1/sound/inputs/{part(name)}/{step}")

    async def play_effect(self, name: str) -> Body:
        """An effect of the profile, once."""
        return await self._connection.call("POST", f"/v1/sound/effects/{part(name)}")

    async def talk(self, *, is_held: bool) -> Body:
        """The key to talk is held, for two seconds, or let go."""
        return await self._connection.call("POST", "/v1/sound/talk", body={"held": is_held})

    async def sound_devices(self) -> Body:
        """{microphones, system, speakers} of the engine's machine."""
        return await self._connection.call("GET", "/v1/sound/devices")

    async def sync_sound(self, seconds: int = 8) -> Body:
        """Watch for flashes and beeps so long, and set the offset of the sound: {offset_ms, before_ms, spread_ms, pairs}."""
        return await self._connection.call("POST", "/v1/sound/sync", body={"seconds": seconds}, timeout_s=seconds + 20.0)
