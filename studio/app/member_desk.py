"""Members' own pages as the control API sees them: a code becomes an address, and no page is shown while they are off."""

import logging
from collections.abc import Callable
from typing import Any

from studio.audience import Members
from studio.errors import NotFound
from studio.model.settings import RemoteSettings
from studio.remote.roles import Principal

log = logging.getLogger(__name__)

Body = dict[str, Any]


class MemberDesk:
    """Loop thread."""

    def __init__(self, members: Members, settings: Callable[[], RemoteSettings]) -> None:
        self._members = members
        self._settings = settings

    async def issue(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """{code, path, url, is_open}: a new code for a fan's own page; not open while pages are off. Raises NotFound."""
        path = "/m/" + (code := await self._members.issue(platform, fan_id, principal.name))
        remote = self._settings()
        return {"code": code, "path": path, "url": remote.public_url.rstrip("/") + path, "is_open": remote.member_page}

    async def revoke(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """{revoked}: take a fan's code back."""
        log.info("A member's code was taken back by %s", principal.name)
        return {"revoked": await self._members.revoke(platform, fan_id)}

    def check_open(self) -> None:
        """Raise NotFound while pages are off."""
        if not self._settings().member_page:
            raise NotFound("members.off")

    async def page(self, code: str) -> Body:
        """What the page of this code shows. Raises NotFound."""
        return await self._members.page(code)
