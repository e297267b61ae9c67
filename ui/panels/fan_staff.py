"""Somebody works here, or no longer: a change of the loyalty rules by one button, taken back by the same.

It refuses to touch any other rule, and gives way where somebody changed the rules meanwhile.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QPushButton

from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import button
from ui.language import words


def staff_button(bridge: Bridge, fan: Mapping[str, Any], changed: Callable[[], None], say: Callable[[str], object]) -> QPushButton:
    """For all accounts of the person; `changed` is called when it is done, `say` with why it isn't."""
    is_staff = bool(fan.get("staff"))
    accounts = {f"{one['platform']}:{one['id']}" for one in fan.get("identities") or () if isinstance(one, Mapping)}

    async def turn(client: StudioClient) -> None:
        told = await client.rules()
        known = set(told["rules"]["staff"])
        wanted = sorted(known - accounts if is_staff else known | accounts)
        await client.apply_rules({**told["rules"], "staff": wanted}, told["number"])

    def press() -> None:
        made.setEnabled(False)
        bridge.ask(turn, lambda _: changed(), refused)

    def refused(text: str) -> None:
        made.setEnabled(True)
        say(text)

    made = button(words("fan.staff_no_more" if is_staff else "fan.make_staff"), press, size="small")
    made.setToolTip(words("fan.make_staff_tip"))
    return made
