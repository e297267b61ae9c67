"""Calls on the outputs: set, started, stopped, tested, retried, each by its name.

It decides nothing; `OutputDesk` does. A key comes in here and goes out nowhere: the audit names fields, never values.
"""

from aiohttp import web

from studio.remote.gate import Handler, note_detail
from studio.remote.request import path_text, read_json, reply, whole
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface


class OutputCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/outputs": self.outputs,
            "PUT /v1/outputs/{name}": self.put,
            "DELETE /v1/outputs/{name}": self.remove,
            "POST /v1/outputs/{name}/{step:start|stop}": self.step,
            "POST /v1/outputs/{name}/retry": self.retry,
            "POST /v1/outputs/{name}/test": self.check,
            "GET /v1/platforms": self.platforms,
        }

    async def outputs(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """All of them."""
        return reply(await self._surface.outputs.listing())

    async def put(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Add one, or change what stands in the body."""
        fields = await read_json(request)
        note_detail(request, ", ".join(sorted(fields)))
        row, is_new = await self._surface.outputs.put(path_text(request, "name"), fields, principal)
        return reply(row, 201 if is_new else 200)

    async def remove(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Take one out, with its key."""
        return reply(await self._surface.outputs.remove(path_text(request, "name"), principal))

    async def step(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Start or stop one in the middle of the show."""
        name, outputs = path_text(request, "name"), self._surface.outputs
        await (outputs.start if request.match_info["step"] == "start" else outputs.stop)(name)
        return reply(self._surface.live())

    async def retry(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Try an output again now."""
        return reply(self._surface.retry_output(path_text(request, "name")))

    async def check(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Publish to it for a few seconds before the show."""
        seconds = whole({"seconds": 10, **await read_json(request)}, "seconds", 3, 30)
        return reply(await self._surface.check_output(path_text(request, "name"), seconds))

    async def platforms(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """What platforms publish of their limits."""
        return reply({"platforms": self._surface.platforms()})
