"""Calls on who is who and on what is kept of a person: from HTTP to `PersonSurface`, and back.

It decides nothing about persons; after an erasure it sees to it that the audit names nobody.
"""

from aiohttp import web

from studio.remote.audit import AuditLog
from studio.remote.gate import Handler, hide_path
from studio.remote.request import path_text, private, query_whole, read_json, reply, whole
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_MAX_ROWS = 100


class PersonCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface, audit: AuditLog) -> None:
        self._surface = surface
        self._audit = audit

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        person = "/v1/fans/{platform}/{id}"
        return {
            "GET /v1/suggestions": self.suggestions,
            "POST /v1/links/{number}/undo": self.undo,
            "GET /v1/holds": self.holds,
            f"GET {person}/links": self.links,
            f"POST {person}/merge": self.merge,
            f"POST {person}/split": self.split,
            f"POST {person}/apart": self.apart,
            f"GET {person}/export": self.export,
            f"POST {person}/erase": self.erase,
            f"POST {person}/hold": self.hold,
            f"DELETE {person}/hold": self.release,
            f"GET {person}/contacts": self.contacts,
            f"PUT {person}/contacts": self.keep_contact,
        }

    async def suggestions(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Who might be one person."""
        return reply(await self._surface.persons.suggestions(query_whole(request, "limit", 20, 1, _MAX_ROWS)))

    async def holds(self, _request: web.Request, _: Principal) -> web.StreamResponse:
        """Of whom nothing may be deleted."""
        return reply(await self._surface.persons.everybody_held())

    async def undo(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Take back a step."""
        text = path_text(request, "number")
        number = whole({"number": int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None}, "number", 1, 10**12)
        return reply(await self._surface.persons.undo(number, principal.name))

    async def links(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A person's history of merges, and who they might be besides."""
        return reply(await self._surface.persons.links(*_who(request)))

    async def merge(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Two become one."""
        return reply(await self._surface.persons.merge(*_who(request), await read_json(request), principal.name))

    async def split(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """One becomes two."""
        return reply(await self._surface.persons.split(*_who(request), await read_json(request), principal.name))

    async def apart(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """They are two."""
        return reply(await self._surface.persons.apart(*_who(request), await read_json(request), principal.name))

    async def export(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Everything that is kept, as one JSON file; encoded off the loop already."""
        document = await self._surface.person_document(*_who(request))
        headers = private({"Content-Disposition": 'attachment; filename="fan.json"'})
        return web.Response(body=document, content_type="application/json", charset="utf-8", headers=headers)

    async def erase(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Gone, from the audit too: its rows say that somebody was erased, not who."""
        hide_path(request, "/v1/fans/erased")
        gone = await self._surface.erase_person(*_who(request), principal)
        await self._audit.forget(gone["identities"])
        return reply({key: value for key, value in gone.items() if key != "identities"})

    async def hold(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Nothing of them may be deleted."""
        return reply(await self._surface.persons.hold(*_who(request), await read_json(request), principal.name))

    async def release(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """The hold ends."""
        return reply(await self._surface.persons.release(*_who(request)))

    async def contacts(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Contacts with their values."""
        return reply(await self._surface.persons.contacts(*_who(request)))

    async def keep_contact(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Keep a contact."""
        return reply(await self._surface.persons.keep_contact(*_who(request), await read_json(request), principal.name))


def _who(request: web.Request) -> tuple[str, str]:
    return path_text(request, "platform"), path_text(request, "id")
