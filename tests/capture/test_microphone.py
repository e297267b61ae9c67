"""The microphone: its ring, its clock, and a real PortAudio stream fed by a sound server of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from capture import audio_sources, devices, portaudio
from capture.drift_clock import DriftClock
from capture.microphone import Microphone
from capture.sound_ring import Piece, SoundRing
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from tests.servers import PATIENCE_S, quickest_s

MS = 1_000_000


def ramp(first: int, count: int) -> np.ndarray:
    return np.repeat(np.arange(first, first + count, dtype=np.float32)[:, np.newaxis], 2, axis=1)


def test_what_goes_into_the_ring_comes_out_in_order_across_its_edge() -> None:
    ring = SoundRing(48_000, 2)
    seen: list[float] = []
    written = 0
    for count in (480, 1, 959, 7_000, 23_000, 480) * 4:
        ring.write(ramp(written, count), written * 1000)
        written += count
        while (piece := ring.take(960)) is not None:
            assert piece.first == len(seen)
            seen += piece.samples[:, 0].tolist()
    assert seen == list(range(len(seen)))
    assert written - len(seen) < 960
    assert ring.overrun_samples == 0


def test_a_ring_that_nobody_reads_drops_the_oldest_and_counts_them() -> None:
    ring = SoundRing(48_000, 2)
    for block in range(100):
        ring.write(ramp(block * 480, 480), 0)
    piece = ring.take(960)
    assert piece is not None
    assert ring.overrun_samples == 24_000
    assert piece.first == piece.samples[0, 0] == 24_000


def test_a_block_longer_than_the_ring_leaves_its_end() -> None:
    ring = SoundRing(48_000, 2)
    ring.write(ramp(0, 100_000), 0)
    piece = ring.take(24_000)
    assert piece is not None
    assert (piece.samples[0, 0], piece.samples[-1, 0]) == (76_000, 99_999)
    assert ring.take(1) is None


@pytest.mark.parametrize("ppm", [-200, 0, 200])
def test_stamps_follow_a_drifting_device_and_forget_its_jitter(ppm: int) -> None:
    clock, noise = DriftClock(AUDIO_RATE_HZ), np.random.default_rng(3)
    errors_ms = []
    for block in range(15_000):  # five minutes
        true_ns = 5e12 + block * 960 / (AUDIO_RATE_HZ * (1 + ppm / 1e6)) * 1e9
        stamp_ns = clock.stamp(round(true_ns + noise.uniform(-5, 5) * MS), 960)
        errors_ms.append((stamp_ns - true_ns) / MS)
    settled = np.array(errors_ms[500:])
    assert np.abs(settled).max() < 2
    assert np.abs(np.diff(settled)).max() < 0.2
    assert abs(settled[-3000:].mean()) < 0.2  # 200 ppm uncorrected would be 60 ms by now
    assert abs(clock.drift_ppm - ppm) < 300


def test_stamps_jump_with_a_device_that_paused() -> None:
    clock = DriftClock(AUDIO_RATE_HZ)
    for block in range(100):
        clock.stamp(block * 20 * MS, 960)
    assert clock.stamp(5_000 * MS, 960) == 5_000 * MS
    assert abs(clock.stamp(5_020 * MS, 960) - 5_020 * MS) < MS


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 96_000])
def test_a_device_with_a_rate_of_its_own_is_resampled_in_place(rate_hz: int) -> None:
    microphone = Microphone("any")
    microphone._rate_hz, microphone._channels = rate_hz, 1
    microphone._begin()
    count, blocks = rate_hz // 50, []
    for place in range(50):
        time_s = (place * count + np.arange(count)) / rate_hz
        samples = np.sin(2 * np.pi * 400 * time_s).astype(np.float32)[:, np.newaxis]
        block = microphone._block(Piece(samples, place * count, (place * count, place * 20 * MS)))
        blocks += [block] if block is not None else []
    for block, following in pairwise(blocks):
        assert abs(following.time_ns - block.time_ns - len(block.samples) * 1e9 / AUDIO_RATE_HZ) < 0.2 * MS
    joined = np.concatenate([block.samples for block in blocks])[4_800:38_400]
    ideal = np.sin(2 * np.pi * 400 * (np.arange(4_800, 38_400) / AUDIO_RATE_HZ + blocks[0].time_ns / 1e9))
    assert np.abs(joined[:, 0] - ideal).max() < 0.05
    assert (joined[:, 0] == joined[:, 1]).all()


@dataclass
class SoundServer:
    """A PulseAudio of the test's own, whose only input hears a tone of 700 Hz."""

    process: subprocess.Popen[bytes]

    def unplug(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)


@pytest.fixture
def sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    socket = tmp_path / "native"
    (tmp_path / "asound.conf").write_text("</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n")
    for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    tone = np.sin(2 * np.pi * 700 * np.arange(AUDIO_RATE_HZ) / AUDIO_RATE_HZ) * 0.5
    (tmp_path / "tone.raw").write_bytes((tone * 32767).astype("<i2").tobytes())
    modules = [
        "--load=module-null-sink sink_name=null rate=48000",
        f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run_as = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
    server = subprocess.Popen([*run_as, *modules], **quiet)
    play = 'while sleep 0.1; do while cat "$0"; do :; done | pacat --raw --rate=48000 --channels=1 --format=s16le --latency-msec=50; done'
    player = subprocess.Popen(["sh", "-c", play, str(tmp_path / "tone.raw")], start_new_session=True, **quiet)
    deadline = time.monotonic() + PATIENCE_S
    while not subprocess.run(["pactl", "list", "short", "sink-inputs"], capture_output=True, check=False, timeout=PATIENCE_S).stdout:
        assert time.monotonic() < deadline, "nothing plays"
    portaudio.look_again()
    yield SoundServer(server)
    os.killpg(player.pid, signal.SIGKILL)
    player.wait(PATIENCE_S)
    server.kill()
    server.wait(PATIENCE_S)
    portaudio.look_again()


def opened(name: str) -> Microphone:
    """The microphone, once the server is up: the stage tries again just so."""
    microphone = Microphone(name)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            microphone.open(0)
        except SourceUnavailable:
            assert time.monotonic() < deadline
        else:
            return microphone


def heard(microphone: Microphone, count: int) -> list[AudioBlock]:
    blocks: list[AudioBlock] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(blocks) < count and time.monotonic() < deadline:
        block = microphone.read(0.2)
        blocks += [block] if block is not None else []
    return blocks


def settled(microphone: Microphone) -> list[AudioBlock]:
    """Half a second of blocks whose stamps follow each other; a sound server takes a moment until they do."""
    blocks: list[AudioBlock] = []
    for _ in range(60):
        blocks = heard(microphone, 25)
        is_loud = len(blocks) == 25 and all(np.abs(block.samples).max() > 0.1 for block in blocks)
        steps_ns = np.diff([block.time_ns for block in blocks])
        if is_loud and np.abs(steps_ns - 20 * MS).max() < 2 * MS and time.monotonic_ns() - blocks[-1].time_ns < 200 * MS:
            return blocks
    pytest.fail("its stamps never settled")


def test_a_real_microphone_is_heard_in_step_and_its_loss_is_said(sound_server: SoundServer, no_leaks: None) -> None:
    microphone = opened("default")
    blocks = settled(microphone)
    for block in blocks:
        assert block.samples.shape == (960, 2)
        assert block.samples.dtype == np.float32
    assert all(block.time_ns < time.monotonic_ns() for block in blocks)
    sound = np.concatenate([block.samples for block in blocks])[:, 0]
    loudest = np.fft.rfftfreq(len(sound), 1 / AUDIO_RATE_HZ)[np.abs(np.fft.rfft(sound)).argmax()]
    assert loudest == pytest.approx(700, abs=5)
    assert any(found.spec == "device:default" for found in devices.microphones())
    sound_server.unplug()
    with pytest.raises(SourceUnavailable) as lost:
        heard(microphone, 500)
    assert (lost.value.code, lost.value.retryable) == ("microphone.lost", True)
    microphone.close()
    microphone.close()
    with pytest.raises(SourceUnavailable) as still_gone:
        microphone.open(0)
    assert still_gone.value.retryable


def test_reading_a_microphone_takes_no_longer_than_was_allowed(sound_server: SoundServer) -> None:
    microphone = opened("default")
    sound_server.process.send_signal(signal.SIGSTOP)
    while microphone.read(0.2) is not None:
        pass
    assert quickest_s(lambda: microphone.read(0.05)) < 0.3
    sound_server.process.send_signal(signal.SIGCONT)
    microphone.close()


def test_without_a_microphone_it_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "asound.conf").write_text("pcm.nobody { type hw card 77 }\n")  # PortAudio 19.6 aborts on an empty one
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    portaudio.look_again()
    for name, codes in (
        ("default", {"microphone.none", "microphone.refused"}),
        ("Studio Mic 9000", {"microphone.none", "microphone.missing"}),
    ):
        microphone = audio_sources["device"](name)
        with pytest.raises(SourceUnavailable) as refused:
            microphone.open(time.monotonic_ns())
        microphone.close()
        assert refused.value.code in codes
        assert refused.value.retryable
    portaudio.look_again()


def test_a_nameless_microphone_is_no_microphone() -> None:
    with pytest.raises(InvalidInput):
        audio_sources["device"](" ")


def test_a_system_without_portaudio_is_said_in_words() -> None:
    program = """
import ctypes.util, sys
import cffi
def refuse(*_): raise OSError("PortAudio library not found")
ctypes.util.find_library = lambda name: None
cffi.FFI.dlopen = refuse
from capture import devices
from capture.microphone import Microphone
from studio.errors import SourceUnavailable
for _ in range(2):
    try:
        Microphone("default").open(0)
    except SourceUnavailable as error:
        print(error.code)
print(devices.microphones())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split("\n")[:3] == ["microphone.no_library", "microphone.no_library", "[]"]
