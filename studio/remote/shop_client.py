"""The calls on shops' orders and hooks, as windows and scripts make them; a part of `StudioClient`.

It holds no state of its own.
"""

from studio.remote.connection import Connection, part
from studio.remote.shop_surface import Body, ShopStep


class ShopClient:
    """Orders that wait for their buyer, and how they come in."""

    _connection: Connection

    async def shop_orders(self, state: str = "waiting", limit: int = 50) -> Body:
        """{rows, total, after}: orders of shops."""
        return await self._connection.call("GET", "/v1/shop/orders", query={"state": state, "limit": str(limit)})

    async def shop_order_step(self, hook: str, order: str, step: ShopStep) -> Body:
        """A new code for an order, or none any more."""
        return await self._connection.call("POST", f"/v1/shop/orders/{step}", body={"hook": hook, "order": order})

    async def hooks(self) -> Body:
        """{hooks: [{name, kind, has_key, taken, taken_at, refused, refused_at, fault}]}."""
        return await self._connection.call("GET", "/v1/shop/hooks")

    async def keep_hook_key(self, name: str, key: str | None = None) -> Body:
        """{name, key}: without a key one is made, and told this once."""
        return await self._connection.call("PUT", f"/v1/shop/hooks/{part(name)}/key", body={"key": key})

    async def test_hook(self, name: str) -> Body:
        """{name, state}: whether a message signed with the kept key is believed."""
        return await self._connection.call("POST", f"/v1/shop/hooks/{part(name)}/test")
