"""The host's window as a host uses it: a real process on a real X server, a real engine under it, a mouse and keys."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import decode
from tests.e2e.display import Display, Place, display
from tests.e2e.pull import PullingWhenLive
from tests.e2e.show import profile
from tests.e2e.windowed import AttachedEngine, window_process
from tests.encoder.ingest import ingest
from tests.servers import PATIENCE_S, nginx, wait_until

pytestmark = pytest.mark.timeout(300)

FPS = 15
BUTTON = 76
"""Pixels from the window's right edge to the middle of the button that goes live and ends the show."""


@pytest.fixture
def screen() -> Iterator[Display]:
    with display() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose engine is ended last, when no window is left that would start another."""
    yield tmp_path
    path = tmp_path / "runtime" / "engine.json"
    if path.exists():
        engine = AttachedEngine(tmp_path)
        if engine.is_running():
            engine.end()


def preview_moves(screen: Display, window: Place) -> bool:
    """Whether two looks at the middle of the preview differ within two seconds."""
    area = (window.x + 400, window.y + 150, 500, 350)
    first = screen.picture(*area)
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if np.abs(screen.picture(*area).astype(int) - first).max() > 40:
            return True
        time.sleep(0.05)
    return False


def is_red(screen: Display, x: int, y: int) -> bool:
    """Whether the button there is filled with the colour of what goes out to the audience."""
    blue, green, red = screen.picture(x, y, 1, 1)[0, 0].astype(int)
    return bool(red > 150 and max(blue, green) < 100)


def test_a_host_goes_live_with_the_mouse_and_a_killed_window_costs_the_show_nothing(folder, screen):
    pulled = folder / "pulled.flv"
    with nginx() as server:
        tables = {
            "video": {"width": 640, "height": 360, "fps": FPS, "source": "testcard"},
            "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
            "output": [{"name": "main", "server": server.server, "key": "k"}, {"name": "archive", "path": "show.mp4"}],
            "audience": {"events": "simulated:3"},
        }
        path = str(profile(folder, tables))
        with PullingWhenLive(server.url("k"), pulled):
            with window_process(folder, screen.environment(), path) as first:
                engine = AttachedEngine(folder)
                _go_live_and_open_a_lottery(screen, engine)
                first.send_signal(signal.SIGKILL)
                first.wait(PATIENCE_S)
            before = engine.call("GET", "/v1/health")[1]["video"]["encoded"]
            health = engine.wait_for("/v1/health", lambda health: health["video"]["encoded"] > before + 6 * FPS)
            assert engine.call("GET", "/v1/live")[1]["state"] == "live"
            with window_process(folder, screen.environment(), path):
                _attach_and_stop(screen, engine)
    times = decode.packet_times(pulled)
    assert len(times) > 4 * FPS
    assert max(np.diff(times)) <= 0.5 + health["video"]["skipped"] / FPS, "no gap where the window died"
    assert decode.decode_errors(pulled) == []


def _go_live_and_open_a_lottery(screen: Display, engine: AttachedEngine) -> None:
    window = screen.window("返场")
    wait_until(lambda: preview_moves(screen, window), 30, "the preview moves")
    assert engine.call("GET", "/v1/live")[1]["state"] == "idle"
    at = (window.x + window.width - BUTTON, window.y + 26)
    wait_until(lambda: is_red(screen, at[0] - 48, at[1]), 30, "the button can be pressed")
    screen.click(*at)
    engine.wait_for("/v1/live", lambda live: live["state"] == "live")
    wait_until(lambda: not is_red(screen, at[0] - 48, at[1]), 20, "the window knows that the show is on air")
    screen.key(window, "F1")
    drops = engine.wait_for("/v1/drops", bool)
    assert (drops[0]["kind"], drops[0]["state"], len(drops)) == ("lottery", "open", 1)
    wait_until(lambda: preview_moves(screen, window), what="the preview goes on")


def _attach_and_stop(screen: Display, engine: AttachedEngine) -> None:
    window = screen.window("返场")
    wait_until(lambda: preview_moves(screen, window), 30, "the preview moves in the new window")
    assert json.loads((engine.folder / "runtime" / "engine.json").read_text())["pid"] == engine.address["pid"]
    at = (window.x + window.width - BUTTON, window.y + 26)
    screen.click(*at)
    assert engine.call("GET", "/v1/live")[1]["state"] == "live", "a click alone ends nothing"
    with screen.hold(*at):
        engine.wait_for("/v1/live", lambda live: live["state"] == "stopped")


def test_closing_the_last_window_off_air_ends_the_engine(folder, screen):
    tables = {"video": {"width": 320, "height": 180, "fps": FPS, "source": "testcard"}, "output": [{"name": "archive", "path": "show.mp4"}]}
    with window_process(folder, screen.environment(), str(profile(folder, tables))) as process:
        engine = AttachedEngine(folder)
        window = screen.window("返场")
        wait_until(lambda: preview_moves(screen, window), 30, "the preview moves")
        screen.key(window, "ctrl+q")
        assert process.wait(PATIENCE_S) == 0
        wait_until(lambda: not engine.is_running(), what="the engine ends")


def test_an_engine_that_was_killed_is_brought_back_by_its_window_and_on_air_the_show_with_it(folder, screen):
    with ingest() as server:
        tables = {
            "video": {"width": 320, "height": 180, "fps": FPS, "source": "testcard"},
            "encoder": {"codec": "libx264", "bitrate_kbps": 800, "preset": "ultrafast", "keyframe_s": 1},
            "output": [{"name": "main", "server": server.server, "key": "k"}, {"name": "archive", "path": "show.mkv"}],
        }
        with window_process(folder, screen.environment(), str(profile(folder, tables))):
            first, window = AttachedEngine(folder), screen.window("返场")
            wait_until(lambda: preview_moves(screen, window), 30, "the preview moves")
            os.kill(first.address["pid"], signal.SIGKILL)
            wait_until(first.is_followed, 60, "another engine")
            second = AttachedEngine(folder)
            second.call("POST", "/v1/live/start")
            second.wait_for("/v1/live", lambda live: live["state"] == "live")
            log = folder / "runtime" / "engine.log"
            wait_until(lambda: "A spare engine waits" in log.read_text(), 120, "the spare that the window keeps")
            published = server.names().count("publish")
            os.kill(second.address["pid"], signal.SIGKILL)
            wait_until(lambda: server.names().count("publish") > published, what="published again")
            wait_until(second.is_followed, what="the spare's own address")
            third = AttachedEngine(folder)
            third.wait_for("/v1/live", lambda live: live["state"] == "live")
            wait_until(lambda: preview_moves(screen, window), 60, "the same window shows it")
            figures = third.call("GET", "/v1/health")[1]["process"]
            assert 0 < figures["first_frame_s"] < figures["wall_s"]
            third.call("POST", "/v1/live/stop")
            assert third.call("GET", "/v1/live")[1]["state"] == "stopped"
            assert not (folder / "runtime" / "on_air").exists()
    assert server.complaints == []
    assert (folder / "show.mkv").exists()
    assert (folder / "show-2.mkv").exists(), "an existing file is never overwritten"
