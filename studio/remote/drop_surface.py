"""What the control API asks of the studio about drops: run, entered, and what came of them. Nothing is implemented here."""

from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]
DropStep: TypeAlias = Literal["open", "close", "cancel", "approve"]
HandoutState: TypeAlias = Literal["todo", "done"]
HandoutStep: TypeAlias = Literal["done", "undo"]


class DropRun(Protocol):
    """Drops by those who run the show. An illegal step is a Conflict and changes nothing; an unknown drop is NotFound."""

    async def open(self, body: Body, principal: Principal) -> tuple[Body, bool]:
        """(the drop, whether it is new): the same `click_id` again is the same drop. Raises InvalidInput, Conflict, Forbidden."""
        ...

    async def open_draft(self, drop_id: str, principal: Principal) -> Body:
        """Open a draft. Raises Conflict while an approval is due."""
        ...

    async def edit(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """A draft with other fields. Raises InvalidInput, Conflict once it was opened."""
        ...

    async def approve(self, drop_id: str, principal: Principal) -> Body:
        """By somebody else than who ordered it. Raises Forbidden."""
        ...

    async def close(self, drop_id: str, principal: Principal) -> Body:
        """Close early and draw. Raises Conflict where the rules forbid it."""
        ...

    async def cancel(self, drop_id: str, principal: Principal) -> Body:
        """Call it off."""
        ...

    def drops(self) -> list[Body]:
        """All drops of the room, newest first; never a seed."""
        ...

    def drop(self, drop_id: str) -> Body:
        """One of them."""
        ...


class DropEntries(Protocol):
    """Taking part in a drop, and what came of it."""

    async def claim(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """{platform, id, claim_id}: {code}. Raises Conflict with the param `reason` (sold_out, already, closed, not_entitled)."""
        ...

    async def enter_by_hand(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """{platform, id, reason}: an entry marked manual; answers the drop. Raises Conflict, NotFound."""
        ...

    async def own_entry(self, drop_id: str, platform: str, fan_id: str) -> Body:
        """{n, r}: the entrant's own line of the list. Raises NotFound."""
        ...

    async def pass_over(self, drop_id: str, n: int, reason: str, principal: Principal) -> Body:
        """The winner `n` doesn't get it, the next reserve does: the drop. Raises InvalidInput, Conflict, NotFound."""
        ...

    async def proof(self, drop_id: str) -> Body:
        """The proof. Raises Conflict until it is drawn or cancelled, NotFound."""
        ...


class HandoutDesk(Protocol):
    """What was won and has to be handed out by a person."""

    async def rows(self, state: HandoutState, limit: int) -> Body:
        """{rows: [{drop, kind, title, ref, platform, id, name, what, at, done_at, done_by}]}."""
        ...

    async def done(self, drop_id: str, ref: str, principal: Principal) -> Body:
        """It was handed out: {waiting, rows}. Raises NotFound."""
        ...

    async def undo(self, drop_id: str, ref: str) -> Body:
        """It wasn't after all: {waiting, rows}. Raises NotFound."""
        ...


class DropDesk(DropRun, DropEntries, Protocol):
    """Drops, their entries and what they gave."""

    @property
    def handouts(self) -> HandoutDesk:
        """What has to be handed out."""
        ...


class DropSurface(Protocol):
    """Drops."""

    @property
    def drops(self) -> DropDesk:
        """The desk."""
        ...
