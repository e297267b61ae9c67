"""Two microphones by PortAudio: one that is pulled out and plugged in again is taken back while the other one is open."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from capture import device_scout, portaudio
from capture.microphone import Microphone
from studio.engine.feed import Feed, SourceState
from studio.model.frames import AudioBlock
from tests.capture.sound_server import PulseServer, loudest_hz, pulse_server, wait_until

HERTZ = {"anna": 700, "bea": 1500}


class Desk:
    """Two devices of the system: Anna's, always there, and Bea's, on a sound server of its own that is its plug."""

    def __init__(self, folder: Path, anna: PulseServer) -> None:
        self._plug = folder / "plug"
        self._plug.mkdir()
        self._bea: PulseServer | None = None
        with (folder / "asound.conf").open("a") as file:
            file.write("pcm.anna { type pulse device desk.monitor }\n")
            file.write(f'pcm.bea {{ type pulse server "unix:{self._plug}/native" device desk.monitor }}\n')
        anna.play(HERTZ["anna"], "desk")

    def plug_in(self) -> None:
        self._bea = PulseServer(self._plug)
        self._bea.play(HERTZ["bea"], "desk")

    def pull_out(self) -> None:
        if self._bea is not None:
            self._bea.stop()
        self._bea = None


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with pulse_server(tmp_path, monkeypatch) as running:
        made = Desk(tmp_path, running)
        portaudio.look_again()
        yield made
        made.pull_out()
    portaudio.look_again()
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == "device-scout"], "the scout to rest")


class Listener:
    """A microphone as the engine feeds it: opened, read, and opened again when it went away."""

    def __init__(self, name: str) -> None:
        self.hertz = HERTZ[name]
        self.states: list[SourceState] = []
        self.blocks: list[AudioBlock] = []
        self.feed = Feed("microphone", f"device:{name}", Microphone(name), self.blocks.append, self._told, lambda *_: None)
        self.feed.start(0)

    def _told(self, news: object) -> None:
        if isinstance(news, SourceState):
            self.states.append(news)

    @property
    def codes(self) -> list[str]:
        return [state.error.code for state in self.states if state.error]

    def is_heard(self) -> bool:
        """Whether the newest half second is its tone."""
        blocks = self.blocks[-25:]
        return (
            len(blocks) == 25
            and time.monotonic_ns() - blocks[-1].time_ns < 500_000_000
            and abs(loudest_hz(np.concatenate([block.samples for block in blocks])) - self.hertz) < 5
        )


@pytest.fixture
def listen() -> Iterator[Callable[[str], Listener]]:
    made: list[Listener] = []

    def begin(name: str) -> Listener:
        made.append(Listener(name))
        return made[-1]

    yield begin
    for one in made:
        assert one.feed.stop(10)


def test_a_microphone_that_portaudio_knows_comes_back_and_interrupts_nobody(desk, listen):
    desk.plug_in()
    anna, bea = listen("anna"), listen("bea")
    wait_until(lambda: anna.is_heard() and bea.is_heard(), "both")
    desk.pull_out()
    wait_until(lambda: "microphone.lost" in bea.codes, "the loss")
    wait_until(device_scout.seen, "a look from outside")
    assert "bea" not in device_scout.seen()
    desk.plug_in()
    wait_until(lambda: anna.is_heard() and bea.is_heard(), "both again")
    assert set(anna.codes) <= {"microphone.gave_way"}


def test_one_that_portaudio_has_not_seen_at_its_start_is_found_beside_one_that_is_open(desk, listen):
    anna = listen("anna")
    wait_until(anna.is_heard, "the first")
    bea = listen("bea")
    wait_until(lambda: "microphone.missing" in bea.codes, "nobody there")
    wait_until(device_scout.seen, "a look from outside")
    assert "bea" not in device_scout.seen()
    assert anna.codes == [], "a device that isn't there interrupts nobody"
    desk.plug_in()
    wait_until(lambda: anna.is_heard() and bea.is_heard(), "both")
    assert "microphone.gave_way" in anna.codes
    assert anna.states[-1].error is None
    stamps = [block.time_ns for block in anna.blocks]
    assert stamps == sorted(stamps)
