"""A change of the profile reaches the room that it concerns while it runs, and no other part."""

from dataclasses import replace
from typing import Any

import pytest

from studio.app.profile_follower import ProfileFollower
from studio.app.settings_desk import SettingsChanged
from studio.model.settings import HookSettings, LimitSettings, LookSettings, OverlaySettings, PrivacySettings, RemoteSettings, Settings


class Parts:
    """The other parts of an engine that is off air; each call of theirs is kept."""

    session = None

    def __init__(self) -> None:
        self.heard: list[Settings] = []
        self.followed = 0

    def reconfigure(self, settings: Settings) -> None:
        self.heard.append(settings)

    def follow(self) -> None:
        self.followed += 1

    async def apply(self, old: Settings, new: Settings) -> None:
        pass


async def followed(new: Settings) -> Parts:
    parts: Any = Parts()
    follower = ProfileFollower(parts, parts, parts, parts, parts, parts, parts)
    await follower.follow(SettingsChanged(Settings(), new))
    return parts


@pytest.mark.parametrize(
    "change",
    [
        {"privacy": PrivacySettings(inactive_fan_days=700)},
        {"remote": RemoteSettings(limits=LimitSettings(drops_an_hour=1))},
        {"hook": (HookSettings("shop", "standard", "shop-key"),)},
        {"overlay": OverlaySettings(names="masked")},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_the_room_goes_on_by_what_was_changed_without_a_restart(change):
    new = replace(Settings(), **change)
    assert (await followed(new)).heard == [new]


async def test_a_look_is_nothing_to_the_room():
    parts = await followed(replace(Settings(), look=LookSettings(smooth=0.4)))
    assert parts.heard == []
    assert parts.followed == 1
