"""The link to a fan's own page: made, copied, and taken back.

It keeps no code: after it was copied, only the fan has it.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from ui.bridge import Bridge
from ui.controls import button
from ui.language import words


def member_buttons(bridge: Bridge, who: tuple[str, str], say: Callable[[str], object]) -> tuple[QPushButton, QPushButton]:
    """Copy a new link, and take it back; `say` gets the words for what became of it."""

    def copied(answer: Any) -> None:
        url = str(answer.get("url") or "")
        is_public = url.startswith("https://")
        QGuiApplication.clipboard().setText(url if is_public else bridge.address.url.rstrip("/") + url)
        if not answer.get("is_open", True):
            say(words("fan.page.copied_off"))
        else:
            say(words("fan.page.copied" if is_public else "fan.page.copied_here"))

    give = button(
        words("fan.page"), lambda: bridge.ask(lambda client: client.issue_member_code(*who), copied, say), size="small", icon="key"
    )
    take = button(
        words("fan.page.revoke"),
        lambda: bridge.ask(lambda client: client.revoke_member_code(*who), lambda _: say(words("fan.page.revoked")), say),
        size="small",
    )
    give.setToolTip(words("fan.page.tip"))
    return give, take
