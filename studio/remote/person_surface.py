"""What the control API asks of the studio about persons: who is who, and what is kept of them. Nothing is implemented here."""

from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]
FanStep: TypeAlias = Literal["merge", "split", "apart", "hold"]


class PersonDesk(Protocol):
    """Who is who; `by` is who asks. All raise NotFound for an account that isn't in the file."""

    async def links(self, platform: str, fan_id: str) -> Body:
        """{history, suggestions, contacts, hold}."""
        ...

    async def suggestions(self, limit: int) -> Body:
        """{rows: [{accounts, reasons}]}."""
        ...

    async def merge(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{platform, id, reason}: {number, persons}. Raises Conflict, InvalidInput."""
        ...

    async def split(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{accounts, reason}: {number, persons}. Raises InvalidInput."""
        ...

    async def undo(self, seq: int, by: str) -> Body:
        """{number, persons}. Raises Conflict when something later moved the same accounts."""
        ...

    async def apart(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{platform, id}: {number}. Raises Conflict when they are one."""
        ...

    async def hold(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{reason}: {held, reason}. Raises InvalidInput."""
        ...

    async def release(self, platform: str, fan_id: str) -> Body:
        """{held, released}."""
        ...

    async def everybody_held(self) -> Body:
        """{rows: [{platform, id, name, reason, by, at}]}."""
        ...

    async def contacts(self, platform: str, fan_id: str) -> Body:
        """{rows: [{platform, id, kind, value, at, source}]}."""
        ...

    async def keep_contact(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{kind, value}: {kept}. Raises InvalidInput."""
        ...


class PersonSurface(Protocol):
    """Persons, and what is kept of them."""

    @property
    def persons(self) -> PersonDesk:
        """Merges, holds, contacts."""
        ...

    async def person_document(self, platform: str, fan_id: str) -> bytes:
        """Everything that is kept, as UTF-8 JSON. Raises NotFound."""
        ...

    async def erase_person(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """{accounts, events, entries, identities}; the last is for the audit alone. Raises NotFound, Conflict while held."""
        ...
