"""What the control API asks of the studio about shops and members. Nothing is implemented here."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]
ShopStep: TypeAlias = Literal["code", "dismiss"]


class HookDesk(Protocol):
    """The hooks by which shops send their orders."""

    async def listing(self) -> Body:
        """{hooks: [{name, kind, has_key, taken, taken_at, refused, refused_at, fault}]}: since the engine started."""
        ...

    async def keep_key(self, name: str, key: str | None) -> Body:
        """{name, key}: the shop's key kept, or with None a new one made, told this once. Raises NotFound, InvalidInput."""
        ...

    async def test(self, name: str) -> Body:
        """{name, state: good}: a message signed with the kept key is believed. Raises NotFound, KnownError."""
        ...


class ShopDesk(Protocol):
    """Orders from shops; `by` is who asks."""

    @property
    def hooks(self) -> HookDesk:
        """How they come in."""
        ...

    async def verify(self, name: str, headers: Mapping[str, str], body: bytes) -> str:
        """The id of a webhook's message. Raises NotFound, Unauthenticated; it looks at the raw bytes and parses nothing."""
        ...

    async def take(self, name: str, message_id: str, topic: str, document: Mapping[str, Any]) -> Body:
        """{state, code?} of the order, once it is durable; the same message again changes nothing. Raises InvalidInput."""
        ...

    async def orders(self, state: str, limit: int, after: int) -> Body:
        """{rows, total, after}: orders that are waiting, bound or dismissed, newest first."""
        ...

    async def renew_code(self, hook: str, order: str, by: str) -> Body:
        """The order with a new code; the old one is void. Raises NotFound, Conflict once it is bound."""
        ...

    async def dismiss(self, hook: str, order: str, by: str) -> Body:
        """The order, which nobody of this room bought. Raises NotFound, Conflict once it is bound."""
        ...


class MemberDesk(Protocol):
    """Members' own pages."""

    async def issue(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """{code, path, url, is_open}: the fan's new code; the earlier one is void. Raises NotFound."""
        ...

    async def revoke(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """{revoked}: how many codes of the fan were taken back."""
        ...

    def check_open(self) -> None:
        """Raise NotFound while pages are off."""
        ...

    async def page(self, code: str) -> Body:
        """What the page of this code shows. Raises NotFound for any other code."""
        ...


class ShopSurface(Protocol):
    """Shops and members."""

    @property
    def shop(self) -> ShopDesk:
        """Orders."""
        ...

    @property
    def members(self) -> MemberDesk:
        """Pages."""
        ...
