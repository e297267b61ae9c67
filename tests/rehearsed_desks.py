"""The desks of a studio without cameras, shops or members: each keeps what it was asked, and fails where a test tells it to."""

from collections.abc import Callable

import numpy as np

from studio.errors import NotFound
from studio.model.colour_profile import PATCHES
from studio.model.platforms import PLATFORMS
from studio.model.presets import SHIPPED, patch_for
from studio.model.profile_tables import merge_patch, to_json, touched
from studio.model.settings import Settings
from studio.remote.roles import Principal
from studio.remote.surface import Body, Deliver


def patches() -> list[Body]:
    """A chart as it was read under a warm lamp."""
    wanted = np.random.default_rng(4).integers(30, 230, (24, 3))
    seen = (wanted * (1.15, 0.95, 0.7)).clip(0, 255).astype(int)
    near = (wanted + 3).clip(0, 255)
    return [
        {"name": name, "before": 9.0, "after": 1.2, "seen": seen[n].tolist(), "corrected": near[n].tolist(), "wanted": wanted[n].tolist()}
        for n, name in enumerate(PATCHES)
    ]


class RehearsedDesks:
    """What is asked of a studio and needs no story of its own; the rest is its heirs'."""

    def __init__(self, profile: Settings) -> None:
        self.profile = profile
        self.asked: list[tuple] = []
        self.failing: dict[str, BaseException] = {}
        self.subscribers: list[Deliver] = []
        self.shop_rows: list[Body] = []
        self.hook_rows: list[Body] = []
        self.looks = RehearsedLooks(self)
        self.colour = RehearsedColour(self)
        self.shop = RehearsedShop(self)
        self.members = RehearsedMembers(self)

    def ask(self, name: str, *details: object) -> None:
        self.asked.append((name, *details))
        if name in self.failing:
            raise self.failing[name]

    async def moderate(self, body: Body, principal: Principal) -> Body:
        self.ask("moderate", body)
        return body

    async def save_replay(self) -> Body:
        self.ask("save_replay")
        return {"path": "/videos/replay-1.mp4", "seconds": 60.4}

    def mark(self, title: str) -> Body:
        self.ask("mark", title)
        return {"title": title}

    async def cut_clips(self, path: str, before_s: float, after_s: float) -> Body:
        self.ask("cut_clips", path, before_s, after_s)
        return {"clips": [{"path": "/videos/show-01-口红.mp4", "seconds": 65.0}]}

    def measure(self, principal: Principal) -> Body:
        self.ask("measure")
        return self.measured()

    def measured(self) -> Body:
        return {"state": "idle", "done": 0, "of": 0, "rows": [], "picked": None, "has_room": False, "recording": []}

    async def check_output(self, name: str, seconds: float) -> Body:
        self.ask("check_output", name, seconds)
        return {"name": name, "verdict": "good", "code": "line.good", "params": {"name": name, "kbps": 6160}, "advice": []}

    def platforms(self) -> list[Body]:
        self.ask("platforms")
        return [platform.to_json() for platform in PLATFORMS]

    def settings(self) -> Body:
        return to_json(self.profile)

    async def patch_settings(self, patch: Body, principal: Principal) -> Body:
        self.ask("patch_settings", patch)
        old, self.profile = self.profile, merge_patch(self.profile, patch)
        parts = touched(old, self.profile)
        self.tell("settings", {"settings": to_json(self.profile)})
        return {"settings": to_json(self.profile), "touched": {name: name in parts for name in ("hot", "capture", "encoder", "output")}}

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        self.subscribers.append(deliver)
        return lambda: self.subscribers.remove(deliver)

    def tell(self, message_type: str, data: Body) -> None:
        for deliver in tuple(self.subscribers):
            deliver(message_type, data)


class RehearsedLooks:
    def __init__(self, studio: RehearsedDesks) -> None:
        self._studio = studio
        self._kept: dict[str, Body] = {}
        self._presenters: list[str] = []

    def listing(self) -> Body:
        return {
            "shipped": SHIPPED,
            "looks": [{"name": name, "presenter": "", "look": look} for name, look in self._kept.items()],
            "presenters": list(self._presenters),
            "current": self._presenters[-1] if self._presenters else "",
        }

    async def keep(self, name: str) -> Body:
        self._studio.ask("keep_look", name)
        self._kept[name] = {"smooth": 0.1}
        return self.listing()

    async def forget(self, name: str) -> Body:
        self._studio.ask("forget_look", name)
        self._kept.pop(name, None)
        return self.listing()

    async def use(self, name: str, principal: Principal) -> Body:
        self._studio.ask("use_look", name)
        return await self._studio.patch_settings({"look": patch_for({**SHIPPED, **self._kept}.get(name, {}))}, principal)

    async def hand_over(self, name: str, principal: Principal) -> Body:
        self._studio.ask("hand_over", name)
        self._presenters = [*(one for one in self._presenters if one != name), name]
        return {**await self._studio.patch_settings({}, principal), "looks": self.listing()}


class RehearsedColour:
    def __init__(self, studio: RehearsedDesks) -> None:
        self._studio = studio
        self._kept: list[Body] = []

    async def balance_white(self, x: float, y: float, principal: Principal) -> Body:
        self._studio.ask("balance_white", x, y)
        return await self._studio.patch_settings({"look": {"white_balance": "1.1 1 0.9"}}, principal)

    async def read_chart(self) -> Body:
        self._studio.ask("read_chart")
        return {"corners": [], "patches": patches(), "matrix": [], "mean_before": 9.0, "mean_after": 1.2, "max_after": 2.8}

    async def profiles(self) -> list[Body]:
        return self._kept

    async def keep(self, light: str, principal: Principal | None) -> Body:
        self._studio.ask("keep_colour_profile", light)
        row = {"name": f"{light}.json", "path": f"/kept/{light}.json", "camera": "Camera 1", "light": light, "patches": patches()}
        figures = {"mean_before": 9.0, "mean_after": 1.2, "max_after": 2.8}
        self._kept.append({**row, **figures, "made_at": f"2026-11-{20 + len(self._kept)}T12:00:00+00:00"})
        return await self._studio.patch_settings({"look": {"colour_profile": row["path"]}}, principal)

    async def forget(self, name: str, principal: Principal) -> Body:
        self._studio.ask("forget_colour_profile", name)
        self._kept = [row for row in self._kept if row["name"] != name]
        return {"profiles": self._kept}


class RehearsedHooks:
    def __init__(self, studio: RehearsedDesks) -> None:
        self._studio = studio

    async def listing(self) -> Body:
        self._studio.ask("hooks")
        return {"hooks": self._studio.hook_rows}

    async def keep_key(self, name: str, key: str | None) -> Body:
        self._studio.ask("keep_hook_key", name, key)
        return {"name": name, "key": "" if key else "whsec_bWFkZQ=="}

    async def test(self, name: str) -> Body:
        self._studio.ask("test_hook", name)
        return {"name": name, "state": "good"}


class RehearsedShop:
    def __init__(self, studio: RehearsedDesks) -> None:
        self._studio = studio
        self.hooks = RehearsedHooks(studio)

    async def verify(self, name: str, headers: object, body: bytes) -> str:
        self._studio.ask("verify_hook", name, body)
        return "m1"

    async def take(self, name: str, message_id: str, topic: str, document: Body) -> Body:
        self._studio.ask("take_hook", name, message_id, topic, document)
        return {"state": "waiting"}

    async def orders(self, state: str, limit: int, after: int) -> Body:
        self._studio.ask("shop_orders", state, limit, after)
        return {"rows": self._studio.shop_rows, "total": 0, "after": None}

    async def renew_code(self, hook: str, order: str, by: str) -> Body:
        self._studio.ask("shop_order_step", hook, order, "code")
        return {"hook": hook, "order": order}

    async def dismiss(self, hook: str, order: str, by: str) -> Body:
        self._studio.ask("shop_order_step", hook, order, "dismiss")
        return {"hook": hook, "order": order}


class RehearsedMembers:
    def __init__(self, studio: RehearsedDesks) -> None:
        self._studio = studio

    async def issue(self, platform: str, fan_id: str, principal: Principal) -> Body:
        self._studio.ask("issue_member_code", platform, fan_id)
        return {"code": "c" * 26, "path": "/m/" + "c" * 26, "url": "/m/" + "c" * 26}

    async def revoke(self, platform: str, fan_id: str, principal: Principal) -> Body:
        self._studio.ask("revoke_member_code", platform, fan_id)
        return {"revoked": 1}

    def check_open(self) -> None:
        raise NotFound("members.off")

    async def page(self, code: str) -> Body:
        raise NotFound("members.unknown")
