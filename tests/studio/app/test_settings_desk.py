"""The profile while the engine runs: what a change leads to, and when it is on the disk."""

import asyncio
import contextlib
from types import SimpleNamespace

import pytest

from studio.app import profile
from studio.app.settings_desk import SaveFailed, SettingsDesk
from studio.bus import Bus
from studio.errors import InvalidInput
from studio.model.rules import InvalidSettings
from studio.model.settings import Settings
from tests.servers import wait_until


@contextlib.asynccontextmanager
async def desk_at(path):
    """A desk with no media below it, what it was asked to apply, and what it posted."""
    applied, posted = [], []
    bus = Bus(asyncio.get_running_loop())
    bus.subscribe(SaveFailed, posted.append)

    def configure(look):
        if look.lut:
            raise InvalidInput("look.lut_missing", path=look.lut)

    async def follow(changed):
        applied.append(changed)

    desk = SettingsDesk(Settings(), path, SimpleNamespace(configure_look=configure), SimpleNamespace(is_on_air=False), bus, follow)
    yield desk, applied, posted
    await desk.stop()


async def test_what_was_changed_last_is_on_the_disk_once_it_is_stopped(tmp_path):
    path = tmp_path / "profile.toml"
    async with desk_at(path) as (desk, applied, _):
        for smooth in (0.1, 0.2, 0.3):
            await desk.patch({"look": {"smooth": smooth}})
        assert not path.exists()
        assert [changed.new.look.smooth for changed in applied] == [0.1, 0.2, 0.3]
    assert profile.read(path).look.smooth == 0.3


async def test_a_change_is_written_by_itself(tmp_path):
    path = tmp_path / "profile.toml"
    async with desk_at(path) as (desk, _, _):
        await desk.patch({"look": {"smooth": 0.4}})
        await asyncio.to_thread(wait_until, path.exists)
        assert profile.read(path).look.smooth == 0.4


async def test_what_is_refused_changes_nothing(tmp_path):
    async with desk_at(tmp_path / "profile.toml") as (desk, applied, _):
        before = desk.now
        with pytest.raises(InvalidSettings):
            await desk.patch({"look": {"smooth": 2}})
        with pytest.raises(InvalidInput):
            await desk.patch({"look": {"smooth": 0.5, "lut": "gone.cube"}})
        assert desk.now is before
        assert applied == []
    assert not (tmp_path / "profile.toml").exists()


async def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "config").write_text("a file where the folder should be")
    async with desk_at(tmp_path / "config" / "profile.toml") as (desk, _, posted):
        await desk.patch({"look": {"smooth": 0.4}})
        assert desk.now.look.smooth == 0.4
        await desk.stop()
        await asyncio.sleep(0)
        assert len(posted) == 1


async def test_without_a_profile_nothing_is_written(tmp_path):
    async with desk_at(None) as (desk, _, _):
        await desk.patch({"look": {"smooth": 0.4}})
    assert list(tmp_path.iterdir()) == []
