"""Presets, presenters and colour profiles as the engine keeps them, on files of their own."""

import json

import numpy as np
import pytest

from capture.look.measure import ColourMeter
from studio.app.colour_bench import ColourBench
from studio.app.look_shelf import LookShelf
from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.camera import CameraValues
from studio.model.colour_profile import PATCHES
from studio.model.look import LookSettings
from studio.model.presets import SHIPPED, patch_for, preset_of
from studio.model.profile_tables import merge_patch, parse
from studio.model.settings import Settings
from tests.capture.look.charts import frame_of


class _Program:
    source_frame = None


class _Media:
    """A media side that holds one frame."""

    def __init__(self):
        self.program = _Program()

    @staticmethod
    def to_source(place):
        return place[0] * 1280, place[1] * 720


def desk(folder, frame=None):
    media, warnings = _Media(), []
    media.program.source_frame = frame
    return ColourBench(media, ColourMeter(), folder, warnings.append), media, warnings


def test_every_shipped_look_is_sound_and_leaves_what_belongs_to_the_room():
    before = parse({"look": {"background": "blur", "white_balance": "1.1 1 0.9", "denoise": 0.3, "slim": 0.4, "exposure": 0.2}})
    for look in SHIPPED.values():
        after = merge_patch(before, {"look": patch_for(look)}).look
        assert (after.background, after.white_balance, after.denoise) == ("blur", "1.1 1 0.9", 0.3)
        assert preset_of(after) == {key: float(value) for key, value in look.items()}
    assert preset_of(merge_patch(before, {"look": patch_for({})}).look) == {}


def test_a_kept_look_survives_a_restart_and_a_shipped_one_is_not_overwritten(tmp_path):
    shelf = LookShelf(tmp_path / "new" / "looks.json")
    shelf.keep("  晚间 口红 ", {"smooth": 0.4, "lips": 0.5})
    again = LookShelf(tmp_path / "new" / "looks.json")
    assert again.read()
    assert again.look("晚间 口红") == {"smooth": 0.4, "lips": 0.5}
    with pytest.raises(Conflict):
        again.keep("natural", {})
    again.forget("晚间 口红")
    with pytest.raises(NotFound):
        again.look("晚间 口红")
    for name in ("", "x" * 41, "a\x00b"):
        with pytest.raises(InvalidInput):
            again.keep(name, {})


def test_handing_over_keeps_each_presenters_last_look(tmp_path):
    shelf = LookShelf(tmp_path / "looks.json")
    assert shelf.hand_over("小美", {"smooth": 0.5}) is None, "a first time: the look stays as it is"
    assert shelf.hand_over("阿May", {"smooth": 0.6, "slim": 0.1}) is None
    assert shelf.hand_over("小美", {"whiten": 0.2}) == {"smooth": 0.6, "slim": 0.1}
    assert shelf.hand_over("阿May", {}) == {"whiten": 0.2}
    assert shelf.listing()["current"] == "阿May"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 2}',
        json.dumps({"version": 1, "looks": {"a": {"presenter": "", "look": {"smooth": 9}}}, "presenters": {}, "current": ""}).encode(),
    ],
)
def test_a_broken_shelf_is_set_aside_and_nothing_is_lost(tmp_path, content):
    path = tmp_path / "looks.json"
    path.write_bytes(content)
    shelf = LookShelf(path)
    assert not shelf.read()
    assert not path.exists()
    assert [kept.read_bytes() for kept in tmp_path.iterdir()] == [content]
    shelf.keep("mine", {})


async def test_a_chart_is_read_kept_for_camera_and_light_listed_and_forgotten(tmp_path):
    colours, media, _ = desk(tmp_path / "colour")
    with pytest.raises(Conflict):
        await colours.chart()
    media.program.source_frame = frame_of(light=(0.95, 0.7, 0.45))[0]
    with pytest.raises(Conflict):
        await colours.keep("evening", "Camera 1")
    reading = await colours.chart()
    assert len(reading["patches"]) == 24
    assert reading["mean_before"] > 6
    assert reading["mean_after"] < 2
    assert "scene" not in reading
    path = await colours.keep("晚上/../灯", "../Camera 1")
    assert path.startswith(str(tmp_path / "colour"))
    [row] = await colours.profiles()
    assert [patch["name"] for patch in row["patches"]] == list(PATCHES)
    assert all(patch["before"] == told["before"] for patch, told in zip(row["patches"], reading["patches"], strict=True))
    assert (row["light"], row["camera"], row["path"]) == ("晚上/../灯", "../Camera 1", path)
    with pytest.raises(NotFound):
        await colours.forget("../looks.json")
    await colours.forget(row["name"])
    assert await colours.profiles() == []
    for light in (" ", "x" * 41):
        with pytest.raises(InvalidInput):
            await colours.keep(light, "Camera 1")


async def test_the_light_is_watched_and_a_drift_is_told_once(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.app.colour_bench.WATCH_S", 0.0)
    colours, media, warnings = desk(tmp_path, frame_of(light=(0.9, 0.8, 0.7))[0])
    await colours.chart()
    path = await colours.keep("day", "Camera 1")
    for _ in range(5):
        await colours.watch(path)
    assert warnings == []
    media.program.source_frame = frame_of(light=(0.9, 0.6, 0.4))[0]
    for _ in range(6):
        await colours.watch(path)
    assert warnings == ["colour.light_drifted"]
    assert colours.warning == "colour.light_drifted"
    await colours.watch("")
    assert colours.warning == ""
    for _ in range(6):
        await colours.watch(path)
    assert len(warnings) == 2


async def test_white_balance_by_a_click_gives_what_the_profile_takes(tmp_path):
    frame, corners = frame_of(light=(0.95, 0.7, 0.45))
    colours, _, _ = desk(tmp_path, frame)
    x, y = corners[19].mean(axis=0)
    gains = await colours.white((x / 1280, y / 720))
    settings = merge_patch(Settings(), {"look": {"white_balance": gains}})
    assert np.argsort([float(gain) for gain in settings.look.white_balance.split()]).tolist() == [0, 1, 2]
    assert settings.look != LookSettings()


async def test_a_profile_keeps_where_the_cameras_automatics_stood(tmp_path):
    colours, _media, _ = desk(tmp_path, frame_of(light=(0.95, 0.7, 0.45))[0])

    async def stood():
        return CameraValues(157.0, 4600.0, None)

    colours._ask_values = stood
    await colours.chart()
    path = await colours.keep("evening", "Camera 1")
    assert await ColourBench.values_of(path) == CameraValues(157.0, 4600.0, None)
    document = json.loads((tmp_path / "Camera-1--evening.json").read_text())
    del document["values"], document["patches"]
    old = tmp_path / "old.json"
    old.write_text(json.dumps(document))
    assert await ColourBench.values_of(str(old)) == CameraValues(), "of a profile of before nothing is known"
    for broken in ({"exposure": "x"}, {"focus": 1e999}, []):
        old.write_text(json.dumps({**document, "values": broken}))
        assert [row["name"] for row in await colours.profiles()] == ["Camera-1--evening.json"]
    assert await ColourBench.values_of(str(tmp_path / "none.json")) == CameraValues()
