"""Sources of a real PulseAudio: by stable id, pulled out and plugged in again, and the computer's own sound."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from capture import audio_sources, devices, portaudio
from capture.microphone import Microphone
from capture.monitor import MonitorOutput
from capture.pulse import PulseInput
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.frames import AudioBlock
from tests.capture.sound_server import WAIT_S, PulseServer, loudest_hz, pulse_server, wait_until


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    with pulse_server(tmp_path, monkeypatch) as running:
        portaudio.look_again()
        yield running
    portaudio.look_again()


@pytest.fixture
def opened() -> Iterator[list[PulseInput]]:
    made: list[PulseInput] = []
    yield made
    for source in made:
        source.close()


def open_source(source: PulseInput, opened: list[PulseInput]) -> PulseInput:
    opened.append(source)
    assert source.open(0).is_live
    return source


def heard(source: PulseInput | Microphone, hertz: float) -> list[AudioBlock]:
    """Half a second of the tone, as soon as it comes through."""
    blocks: list[AudioBlock] = []
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        block = source.read(0.2)
        blocks = [*blocks, block][-25:] if block is not None else blocks
        if len(blocks) == 25 and abs(loudest_hz(np.concatenate([one.samples for one in blocks])) - hertz) < 5:
            return blocks
    pytest.fail(f"{hertz} Hz never came")


def test_a_microphone_is_heard_by_its_id_and_the_computers_own_sound_beside_it(server, opened, no_leaks):
    server.play(700, "room")
    server.play(1500, "desk")
    server.plug_in("mic", "room")
    microphone = open_source(PulseInput("mic"), opened)
    system = open_source(PulseInput("default", is_system=True), opened)
    blocks = heard(microphone, 700)
    heard(system, 1500)
    for block in blocks:
        assert (block.samples.shape, block.samples.dtype) == ((960, 2), np.float32)
    steps_ns = np.diff([block.time_ns for block in blocks])
    assert (steps_ns > 0).all()
    assert 0 < time.monotonic_ns() - blocks[-1].time_ns < WAIT_S * 1e9
    for source in (microphone, system):
        source.close()
        source.close()


def test_one_that_is_pulled_out_is_lost_and_taken_back_and_no_other_in_its_place(server, opened):
    server.play(700, "room")
    server.play(1500, "desk")
    pull_out = server.plug_in("mic", "room")
    microphone = open_source(PulseInput("mic"), opened)
    other = open_source(PulseInput("desk.monitor"), opened)
    heard(microphone, 700)
    pull_out()
    with pytest.raises(SourceUnavailable) as lost:
        heard(microphone, 1500)
    assert (lost.value.code, lost.value.retryable) == ("microphone.lost", True)
    with pytest.raises(SourceUnavailable) as missing:
        microphone.open(0)
    assert missing.value.code == "microphone.missing"
    heard(other, 1500)
    server.plug_in("mic", "room")
    microphone.open(0)
    heard(microphone, 700)


def test_devices_are_listed_with_what_the_profile_calls_them(server):
    server.plug_in("mic", "room")
    wait_until(lambda: "pulse:mic" in {found.spec for found in devices.pulse_microphones()}, "the microphone in the list")
    assert {found.spec for found in devices.system_sounds()} == {"system:desk", "system:room"}
    assert "default" in {found.spec for found in devices.speakers()}


def test_without_a_server_it_is_said_and_tried_again(tmp_path, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    with pytest.raises(SourceUnavailable) as refused:
        audio_sources["pulse"]("default").open(0)
    assert (refused.value.code, refused.value.retryable) == ("pulse.no_server", True)
    assert devices.pulse_microphones() == devices.system_sounds() == []


@pytest.mark.parametrize("scheme", ["pulse", "system"])
def test_a_nameless_source_is_none(scheme):
    with pytest.raises(InvalidInput):
        audio_sources[scheme](" ")


def test_the_host_hears_the_mix_on_a_device(server, opened, no_leaks):
    told: list[object] = []
    monitor = MonitorOutput("default", told.append)
    monitor.start()
    try:
        listener = open_source(PulseInput("default", is_system=True), opened)
        places = np.arange(960)
        for number in range(round(WAIT_S * 50)):
            tone = 0.5 * np.sin(2 * np.pi * 1000 * (number * 960 + places) / 48_000)
            monitor.put(np.stack([tone, tone], axis=1).astype(np.float32))
            block = listener.read(0.02)
            if block is not None and abs(loudest_hz(block.samples) - 1000) < 60:
                break
        else:
            pytest.fail(f"nothing was heard: {told}")
    finally:
        monitor.stop()
        monitor.stop()
        listener.close()


def test_the_monitor_gives_way_to_a_microphone_that_is_missed_and_plays_on(server, no_leaks):
    told: list[object] = []
    monitor = MonitorOutput("default", told.append)
    monitor.start()
    try:
        wait_until(lambda: server.control("list", "short", "sink-inputs"), "the monitor's stream")
        portaudio.look_again()
        wait_until(lambda: not portaudio._state.is_stale, "the new list")
        wait_until(lambda: server.control("list", "short", "sink-inputs"), "the monitor's stream again")
    finally:
        monitor.stop()
    assert told == []


def test_portaudio_never_starts_anew_under_a_microphone_that_is_open(server, opened):
    server.play(1500, "desk")
    microphone = Microphone("default")
    try:
        microphone.open(0)
        heard(microphone, 1500)
        with pytest.raises(SourceUnavailable):
            Microphone("Studio Mic 9000").open(0)
        portaudio.stream_opened(gives_way=True)
        assert not portaudio.must_give_way()
        portaudio.stream_closed(gives_way=True)
        devices.speakers()
        assert portaudio._state.is_stale
        heard(microphone, 1500)
    finally:
        microphone.close()
    devices.speakers()
    assert not portaudio._state.is_stale


def test_a_monitor_that_is_not_there_is_told_once(server, no_leaks):
    told: list[SourceUnavailable] = []
    monitor = MonitorOutput("Headphones 9000", told.append)
    monitor.start()
    wait_until(lambda: told, "the loss is told")
    monitor.put(np.zeros((960, 2), np.float32))
    monitor.stop()
    assert [error.code for error in told] == ["monitor.missing"]
