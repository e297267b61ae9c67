"""The lists of devices and the import of capture: quiet, light, and true."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from capture import devices
from capture.devices import FoundDevice, _listed_cameras


def test_a_screen_is_listed_with_the_word_that_opens_it(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    assert devices.screens() == [FoundDevice("320 × 200", "screen:0")]


def test_the_command_lists_what_a_profile_may_name(display: str) -> None:
    main = Path(__file__).parents[2] / "main.py"
    command = [sys.executable, str(main), "devices"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "DISPLAY": display})
    assert "screens:\n  320 × 200  screen:0\n" in done.stdout
    done = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "DISPLAY": display}
    )
    assert json.loads(done.stdout)["screens"] == [{"name": "320 × 200", "spec": "screen:0"}]


def test_cameras_are_listed_by_number_without_their_metadata_nodes(tmp_path: Path) -> None:
    for node, index, name in (("video10", "0", "HDMI"), ("video2", "0", "Webcam"), ("video3", "1", "Webcam"), ("vbi0", "0", "TV")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(index + "\n")
        (tmp_path / node / "name").write_text(name + "\n")
    (tmp_path / "video4").mkdir()  # unplugged while we look
    assert _listed_cameras(tmp_path) == [FoundDevice("Webcam", "camera:2"), FoundDevice("HDMI", "camera:10")]
    assert _listed_cameras(tmp_path / "none") == []


def test_the_lists_come_quietly_where_there_is_nothing() -> None:
    program = """
import json
from capture import devices
print(json.dumps([type(devices.cameras()).__name__, type(devices.microphones()).__name__, devices.screens()]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
    )
    cameras, microphones, screens = json.loads(done.stdout)
    assert (cameras, microphones, screens) == ("list", "list", [])
    assert done.stderr == ""


def test_importing_capture_loads_no_heavy_library() -> None:
    program = "import sys, capture; print(sorted({'cv2', 'numba', 'mss', 'sounddevice', 'av'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
