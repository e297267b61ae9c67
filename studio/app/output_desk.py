"""The profile's outputs one by one: added, changed, taken out; started, stopped, tested and retried while others go on.

It refuses to touch an output that is running, and never lets a key out: keys go to the keyring and stay there.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from studio.broadcast import Broadcast
from studio.errors import Conflict, KnownError
from studio.model.output_edit import edit_output, find_output, own_secret, own_secrets, remove_output, server_host
from studio.model.platforms import platform_of
from studio.model.settings import OutputSettings, Settings
from studio.remote.roles import Principal
from studio.store.secrets import Secrets

log = logging.getLogger(__name__)

Body = dict[str, Any]


class OutputDesk:
    """Loop thread only; the keyring, which may ask its user, is opened on worker threads.

    `keep` puts a profile in force and on the disk; `on_running` hears the names of those that run, after each change of them.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        open_secrets: Callable[[], Secrets],
        settings: Callable[[], Settings],
        keep: Callable[[Settings, Principal], Awaitable[object]],
        on_running: Callable[[], None],
    ) -> None:
        self._broadcast = broadcast
        self._open_secrets = open_secrets
        self._settings = settings
        self._keep = keep
        self._on_running = on_running
        self._turn = asyncio.Lock()

    async def listing(self) -> Body:
        """{outputs, keys: {place, is_in_file}}: each output as it is set and how it stands; of a key only whether there is one."""
        keys = await asyncio.to_thread(self._open_secrets)
        states = {row.name: row.state for row in (output.stats() for output in self._broadcast.outputs)}
        rows = [self._row(output, states.get(output.name, "idle")) for output in self._settings().output]
        return {"outputs": rows, "keys": {"place": keys.place, "is_in_file": keys.is_in_file}}

    async def put(self, name: str, fields: Mapping[str, Any], principal: Principal) -> tuple[Body, bool]:
        """Add or change one: (its row, whether it is new). Raises InvalidSettings, Conflict while it runs, KnownError of the keyring."""
        async with self._turn:
            self._refuse_running(name)
            fresh = own_secret(secrets.token_hex(6))
            edit = edit_output(self._settings(), name, fields, fresh)
            if edit.key:
                await asyncio.to_thread(lambda: self._open_secrets().put(edit.output.key_secret, edit.key))
            # Once more on what stands now: the keyring may have waited for its user.
            edit = edit_output(self._settings(), name, fields, fresh)
            await self._swap(edit.settings, principal)
            return self._row(edit.output, "idle"), edit.is_new

    async def remove(self, name: str, principal: Principal) -> Body:
        """Take one out, and its key with it. Raises NotFound, Conflict while it runs."""
        async with self._turn:
            self._refuse_running(name)
            await self._swap(remove_output(self._settings(), name), principal)
        return await self.listing()

    async def start(self, name: str) -> None:
        """In the middle of the show. Raises NotFound, Conflict."""
        async with self._turn:
            await self._broadcast.start_output(find_output(self._settings(), name))
            log.info("Output %r was started in the middle of the show", name[:40])
            self._on_running()

    async def stop(self, name: str) -> None:
        """It ends, the show goes on. Raises NotFound, Conflict for the last one."""
        async with self._turn:
            find_output(self._settings(), name)
            await self._broadcast.stop_output(name)
            log.info("Output %r was stopped in the middle of the show", name[:40])
            self._on_running()

    async def _swap(self, settings: Settings, principal: Principal) -> None:
        before = own_secrets(self._settings())
        await self._keep(settings, principal)
        for gone in before - own_secrets(settings):
            try:
                await asyncio.to_thread(lambda name=gone: self._open_secrets().forget(name))
            except KnownError as error:
                log.warning("The key %s stays where it is: %s", gone, error)

    def _refuse_running(self, name: str) -> None:
        if name in self._broadcast.running:
            raise Conflict("output.running", name=name)

    def _row(self, output: OutputSettings, state: str) -> Body:
        server, key = output.target()
        platform = platform_of(server_host(server))
        return {
            "name": output.name,
            "kind": "file" if output.is_file else "camera" if output.camera else server.partition(":")[0],
            "server": server,
            "path": output.path,
            "split_minutes": output.split_minutes,
            "split_mb": output.split_mb,
            "tracks": output.tracks,
            "codec": output.codec if output.is_file else "",
            "camera": output.camera,
            "camera_sound": output.camera_sound if output.camera else "",
            "camera_python": output.camera_python,
            "enabled": output.enabled,
            "key_in": "keyring" if output.key_secret else "profile" if key else "",
            "platform": None if platform is None else platform.id,
            "state": state,
            "is_running": output.name in self._broadcast.running,
        }
