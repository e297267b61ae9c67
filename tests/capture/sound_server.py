"""A PulseAudio of a test's own, with sinks that can be played to and microphones that can be plugged in and out."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

RATE_HZ = 48_000
WAIT_S = 30.0
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """With a generous deadline: the machine is shared."""
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline, f"waited {WAIT_S} s in vain: {what}"
        time.sleep(0.02)


class PulseServer:
    """Sinks `desk` (the default) and `room`; every process of it ends with `stop`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        socket = folder / "native"
        self.environment = {
            **{name: str(folder) for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH")},
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        (folder / "asound.conf").write_text("</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n")
        modules = [
            "--load=module-null-sink sink_name=desk rate=48000",
            "--load=module-null-sink sink_name=room rate=48000",
            "--load=module-rescue-streams",
            f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
        ]
        run_as = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        self._players: list[subprocess.Popen[bytes]] = []
        self._server = subprocess.Popen([*run_as, *modules], env={**os.environ, **self.environment}, **QUIET)
        wait_until(lambda: self.control("list", "short", "sinks").count("\n") == 2, "the sound server")

    def control(self, *words: str) -> str:
        """`pactl`, its answer; empty while the server isn't there."""
        environment = {**os.environ, **self.environment, "LC_ALL": "C"}
        done = subprocess.run(["pactl", *words], capture_output=True, text=True, env=environment, timeout=WAIT_S, check=False)
        return done.stdout

    def plug_in(self, name: str, sink: str) -> Callable[[], None]:
        """A microphone called so, which hears what is played to the sink; the answer pulls it out."""
        module = self.control("load-module", "module-remap-source", f"master={sink}.monitor", f"source_name={name}").strip()
        return lambda: self.control("unload-module", module) and None

    def play(self, frequency: float, sink: str) -> None:
        """A tone on a sink, until the end."""
        self.play_samples(f"{frequency:g}", 0.5 * np.sin(2 * np.pi * frequency * np.arange(RATE_HZ) / RATE_HZ), sink)

    def play_samples(self, name: str, samples: np.ndarray, sink: str) -> None:
        """Mono samples in [-1, 1] on a sink, again and again until the end."""
        path = self._folder / f"{name}.raw"
        path.write_bytes((samples * 32767).astype("<i2").tobytes())
        command = f'while cat "$0"; do :; done | pacat --raw --rate={RATE_HZ} --channels=1 --format=s16le --latency-msec=50 --device={sink}'
        environment = {**os.environ, **self.environment}
        self._players.append(subprocess.Popen(["sh", "-c", command, str(path)], start_new_session=True, env=environment, **QUIET))
        wait_until(lambda: self.control("list", "short", "sink-inputs").count("\n") >= len(self._players), "the tone plays")

    def stop(self) -> None:
        for player in self._players:
            os.killpg(player.pid, signal.SIGKILL)
            player.wait(10)
        self._server.kill()
        self._server.wait(10)


@contextlib.contextmanager
def pulse_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    server = PulseServer(folder)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    try:
        yield server
    finally:
        server.stop()


def loudest_hz(samples: np.ndarray) -> float:
    """The frequency that is heard, 0 for silence."""
    if np.abs(samples).max() < 0.05:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(spectrum.argmax() * RATE_HZ / len(samples))
