"""The player of the virtual camera's sound, a process of its own, on a real PulseAudio."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from capture.pulse import PulseInput
from tests.capture.sound_server import RATE_HZ, WAIT_S, PulseServer, loudest_hz, pulse_server

BLOCK = RATE_HZ // 50


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    with pulse_server(tmp_path, monkeypatch) as running:
        yield running


def player(device: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "capture.sound_player", device]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0)


def tone(number: int) -> bytes:
    wave = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(number * BLOCK, (number + 1) * BLOCK) / RATE_HZ)
    return np.stack([wave, wave], axis=1).astype("<f4").tobytes()


def test_what_comes_on_standard_input_is_heard_on_the_device_and_its_end_ends_the_player(server: PulseServer) -> None:
    listener, playing = PulseInput("default", is_system=True), player("default")
    assert playing.stdin is not None
    try:
        listener.open(0)
        for number in range(round(WAIT_S * 50)):
            playing.stdin.write(tone(number))  # no faster than the device takes it: the pipe is short
            block = listener.read(0.02)
            if block is not None and abs(loudest_hz(block.samples) - 1000) < 60:
                break
        else:
            pytest.fail("nothing was heard")
        playing.stdin.write(tone(0)[:100])  # a block that was cut off is no block
        playing.communicate(timeout=WAIT_S)
        assert playing.returncode == 0
    finally:
        playing.kill()
        playing.wait()
        listener.close()


def test_without_its_device_it_plays_to_no_other_and_says_which_is_missing(server: PulseServer) -> None:
    playing = player("Headphones 9000")
    _, errors = playing.communicate(tone(0), timeout=WAIT_S)
    assert playing.returncode == 1
    assert errors.decode().strip().splitlines()[-1].startswith("Headphones 9000: ")
    assert server.control("list", "short", "sink-inputs") == ""
