"""Calls on imports, exports and backups: from HTTP to `FilesSurface`, and back.

Work that takes long is begun by one call and looked at by another; only an export's bytes come with the answer.
"""

import contextlib
import logging

from aiohttp import hdrs, web

from studio.errors import KnownError
from studio.remote.file_surface import ImportStep
from studio.remote.gate import Handler, note_detail
from studio.remote.problems import locale_of
from studio.remote.request import choice, path_text, private, query_whole, read_json, reply, text
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface
from studio.words import say

log = logging.getLogger(__name__)

_MAX_ROWS = 500
_STEPS: tuple[ImportStep, ...] = ("stop", "resume", "forget")


class FileCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "POST /v1/imports/preview": self.preview,
            "GET /v1/imports": self.imports,
            "POST /v1/imports": self.start,
            "GET /v1/imports/{import}/rejected": self.rejected,
            "POST /v1/imports/{import}/{step:stop|resume|forget}": self.step,
            "POST /v1/export": self.export,
            "GET /v1/backups": self.backups,
            "POST /v1/backups": self.back_up,
            "DELETE /v1/backups/{name}": self.forget,
            "POST /v1/backups/{name}/restore": self.restore,
        }

    async def preview(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """What an import would do."""
        body = await read_json(request)
        text(body, "upload", max_length=40)
        return reply(await self._surface.imports.preview(body))

    async def imports(self, _request: web.Request, _: Principal) -> web.StreamResponse:
        """The newest imports, and how far they are."""
        return reply(await self._surface.imports.listing())

    async def start(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Begin one."""
        body = await read_json(request)
        text(body, "upload", max_length=40)
        begun = await self._surface.imports.start(body, principal.name)
        note_detail(request, str(begun.get("name")))
        return reply(begun, 201)

    async def rejected(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Refused rows by line, each with its reason in the caller's language."""
        locale = locale_of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        after, limit = query_whole(request, "after", 0, 0, 10**12 - 1), query_whole(request, "limit", 100, 1, _MAX_ROWS)
        found = await self._surface.imports.rejected(path_text(request, "import"), after, limit)
        rows = [{**row, "reason": say("errors", locale, row["code"], **row["params"])} for row in found["rows"]]
        return reply({**found, "rows": rows})

    async def step(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Stop one, go on with it, or forget its file."""
        step: ImportStep = choice({"step": request.match_info["step"]}, "step", _STEPS)
        return reply(await self._surface.imports.step(path_text(request, "import"), step))

    async def export(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """The file as it is written; whoever hangs up ends it. `X-Encore-Fans` tells how many there are."""
        body = await read_json(request)
        note_detail(request, str(body.get("format") or "csv"))
        fans, chunks = await self._surface.copies.export(body)
        is_table = body.get("format", "csv") == "csv"
        name, kind = ("fans.csv", "text/csv") if is_table else ("fans.jsonl", "application/x-ndjson")
        headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"', "X-Encore-Fans": str(fans), hdrs.CONTENT_TYPE: kind}
        answer = web.StreamResponse(headers=private(headers))
        async with contextlib.aclosing(chunks):  # pyright: ignore[reportArgumentType] - an async generator behind its protocol
            await answer.prepare(request)
            try:
                async for chunk in chunks:
                    await answer.write(chunk)
            except KnownError as error:
                # The answer has begun: only its missing end can say that it isn't whole.
                log.warning("An export broke off: %s", error.code)
                if request.transport is not None:
                    request.transport.abort()
            else:
                await answer.write_eof()
        return answer

    async def backups(self, _request: web.Request, _: Principal) -> web.StreamResponse:
        """What there is, and how far the one is that is being made."""
        return reply(await self._surface.copies.backups())

    async def back_up(self, _request: web.Request, _: Principal) -> web.StreamResponse:
        """Begin one."""
        return reply(await self._surface.copies.back_up(), 202)

    async def forget(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Delete one; "running" stops the one that is being made."""
        return reply(await self._surface.copies.forget(path_text(request, "name")))

    async def restore(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Put one in the fan file's place; the engine ends and does it at its next start."""
        return reply(await self._surface.restore_backup(path_text(request, "name")), 202)
