"""What the control API asks of the studio about drops: run, entered, and what came of them. Nothing is implemented here."""

from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]
DropStep: TypeAlias = Literal["open", "close", "cancel", "approve"]
HandoutState: TypeAlias = Literal["todo", "done"]
HandoutStep: TypeAlias = Literal["done", "undo"]


class DropSurface(Protocol):
    """Drops by those who run the show."""

    async def open_drop(self, body: Body, principal: Principal) -> tuple[Body, bool]:
        """(the drop, whether it is new): the same `click_id` again is the same drop. Raises InvalidInput, Conflict, Forbidden."""
        ...

    async def drop_step(self, drop_id: str, step: DropStep, principal: Principal) -> Body:
        """Open a draft; close, cancel or approve. An illegal step is a Conflict and changes nothing. Raises NotFound, Forbidden."""
        ...

    async def edit_drop(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """A draft with other fields. Raises InvalidInput, Conflict once it was opened, NotFound."""
        ...

    def drops(self) -> list[Body]:
        """All drops of the room, newest first; never a seed."""
        ...

    def drop(self, drop_id: str) -> Body:
        """One of them. Raises NotFound."""
        ...


class HandoutSurface(Protocol):
    """What came of a drop: its proof, and what was won and has to be handed out by a person."""

    async def proof(self, drop_id: str) -> Body:
        """The proof. Raises Conflict until it is drawn or cancelled, NotFound."""
        ...

    async def handouts(self, state: HandoutState, limit: int) -> Body:
        """{rows: [{drop, kind, title, ref, platform, id, name, what, at, done_at, done_by}]}."""
        ...

    async def handout_step(self, step: HandoutStep, drop_id: str, ref: str, principal: Principal) -> Body:
        """Done, or not done after all: {waiting, rows}. Raises NotFound."""
        ...

    async def pass_over(self, drop_id: str, entry: int, reason: str, principal: Principal) -> Body:
        """The winner `entry` (its `n`) doesn't get it, the next reserve does: the drop. Raises InvalidInput, Conflict, NotFound."""
        ...

    async def own_entry(self, drop_id: str, platform: str, fan_id: str) -> Body:
        """{n, r}: the entrant's own line of the list. Raises NotFound."""
        ...


class EntrySurface(Protocol):
    """Taking part in a drop."""

    async def claim(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """{platform, id, claim_id}: {code}. Raises Conflict with the param `reason` (sold_out, already, closed, not_entitled)."""
        ...

    async def enter(self, drop_id: str, body: Body, principal: Principal) -> Body:
        """{platform, id, reason}: an entry by hand, marked manual; answers the drop. Raises Conflict, NotFound."""
        ...
