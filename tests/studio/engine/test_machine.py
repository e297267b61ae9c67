"""What is read of the machine, and what is held off: on a private bus, in folders of the test's own, with real processes."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.app.machine_watch import MachineWatch
from studio.app.notices import Notices
from studio.app.watchers import Watchers
from studio.engine.feed import SourceState
from studio.engine.keep_awake import KeepAwake
from studio.engine.machine import Machine, camera_user, holder_of, look, restart_waits, throttle_count, user_of
from studio.errors import SourceUnavailable

linux = pytest.mark.skipif(sys.platform != "linux", reason="D-Bus and /proc are Linux'")


class Desktop:
    """logind and a screen saver on a bus of their own: answer `Inhibit`, and see when what they gave is let go."""

    def __init__(self, address, read_end, write_end):
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import open_dbus_connection

        self.asked, self.read_end, self.write_end = [], read_end, write_end
        self.connection = open_dbus_connection(bus=address, enable_fds=True)
        for name in ("org.freedesktop.login1", "org.freedesktop.ScreenSaver"):
            self.connection.send_and_get_reply(message_bus.RequestName(name))
        self.thread = threading.Thread(target=self.serve, name="desktop")
        self.thread.start()

    def serve(self):
        from jeepney import HeaderFields, new_method_return

        for _ in range(2):
            try:
                message = self.connection.receive(timeout=30)
            except (OSError, TimeoutError):
                return
            interface = message.header.fields[HeaderFields.interface]
            self.asked.append((interface.rpartition(".")[2], message.body))
            body = ("h", (self.write_end,)) if "login1" in interface else ("u", (7,))
            self.connection.send(new_method_return(message, *body))
            if "login1" in interface:
                self.write_end.close()  # only the asker's copy is left: its end is seen at the other end of the pipe

    def close(self):
        self.thread.join(60)
        self.connection.close()


@pytest.fixture
def bus(tmp_path, monkeypatch):
    config = tmp_path / "bus.conf"
    config.write_text(
        f'<busconfig><type>session</type><listen>unix:path={tmp_path}/bus</listen><policy context="default"><allow send_destination="*"/>'
        '<allow own="*"/><allow eavesdrop="false"/></policy></busconfig>'
    )
    daemon = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True)
    address = daemon.stdout.readline().strip()
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        monkeypatch.setenv(name, address)
    yield address
    daemon.terminate()
    daemon.wait()
    daemon.stdout.close()


@linux
def test_sleep_and_screen_are_held_off_until_the_release(bus):
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as read_end, os.fdopen(writing, "wb") as write_end:
        desktop = Desktop(bus, read_end, write_end)
        awake = KeepAwake()
        assert awake.hold() == ("sleep", "screen")
        assert awake.hold() == ("sleep", "screen"), "a second time changes nothing"
        desktop.close()
        assert desktop.asked == [("Manager", ("sleep:idle", "Encore Studio", "Live", "block")), ("ScreenSaver", ("Encore Studio", "Live"))]
        os.set_blocking(reading, False)
        assert read_end.read() is None, "the lock is open"
        awake.release()
        assert awake.held == ()
        assert read_end.read() == b"", "the lock is closed: logind lets the machine sleep"


@linux
def test_without_a_desktop_nothing_is_held_and_nothing_fails(bus, monkeypatch):
    awake = KeepAwake()
    assert awake.hold() == (), "a bus on which nobody answers"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    assert awake.hold() == ()
    awake.release()


@linux
def test_the_program_that_holds_a_camera_is_named(tmp_path):
    device = tmp_path / "video7"
    device.touch()
    assert holder_of(device) == ""
    with device.open("rb") as handle:
        other = subprocess.Popen(["sleep", "30"], stdin=handle)
    with other:
        try:
            assert holder_of(device) == "sleep"
        finally:
            other.kill()
    assert holder_of(device) == ""


OURS = r"C:\Program Files\Encore\python.exe"


@pytest.mark.parametrize(
    ("book", "name"),
    [
        ([("Microsoft.WindowsCamera_8wekyb3d8bbwe", 133_000_000_000_000_000), (r"C:#Program Files#obs-studio#bin#obs64.exe", 0)], "obs64"),
        ([("Microsoft.WindowsCamera_8wekyb3d8bbwe", 0)], "Microsoft.WindowsCamera"),
        ([(r"c:#program files#encore#PYTHON.exe", 0)], ""),
        ([(r"C:#直播#直播伴侣.exe", 0)], "直播伴侣"),
        ([], ""),
    ],
)
def test_the_program_in_windows_book_of_cameras_is_named_and_we_are_not(book, name):
    assert user_of(book, {OURS}) == name
    assert sys.platform == "win32" or camera_user() == ""


def test_heat_and_a_waiting_restart_are_read_from_the_systems_marks(tmp_path):
    for cpu, count in (("cpu0", "3"), ("cpu1", "4"), ("cpu2", "nonsense")):
        folder = tmp_path / cpu / "thermal_throttle"
        folder.mkdir(parents=True)
        (folder / "core_throttle_count").write_text(count + "\n")
    assert throttle_count(tmp_path) == 7
    assert throttle_count(tmp_path / "nothing") == 0
    mark = tmp_path / "reboot-required"
    assert not restart_waits((mark,)) or sys.platform == "win32"
    mark.touch()
    assert restart_waits((mark,)) or sys.platform == "win32"
    assert isinstance(look(), Machine), "on this machine as it is"


def watch():
    notices = Notices(lambda *_: None)
    watchers = Watchers(notices)
    return MachineWatch(notices, watchers), watchers


def codes(watchers):
    return {row["code"] for row in watchers.report()}


def test_each_danger_stands_as_long_as_it_lasts():
    machine, watchers = watch()
    machine.judge(Machine(None, 5, restart_waits=False))
    assert codes(watchers) == set(), "what throttled before the engine began is past"
    machine.judge(Machine(61, 6, restart_waits=True))
    assert codes(watchers) == {"machine.battery", "machine.hot", "machine.restart"}
    assert "61%" in next(row for row in watchers.report() if row["code"] == "machine.battery")["text"]["en"]
    for _ in range(2):
        machine.judge(Machine(None, 6, restart_waits=False))
    assert codes(watchers) == {"machine.hot"}, "heat comes in bursts"
    machine.judge(Machine(None, 6, restart_waits=False))
    assert codes(watchers) == set()


@linux
async def test_a_camera_that_cannot_be_opened_is_told_with_its_holder_and_settled_when_it_opens(monkeypatch):
    machine, watchers = watch()
    asked = []
    monkeypatch.setattr("studio.engine.machine.holder_of", lambda device: asked.append(device) or "obs")
    lost = SourceState("video", "camera:3", None, SourceUnavailable("camera.missing", retryable=True, number=3))
    await machine.name_holder(lost)
    assert asked == [Path("/dev/video3")]
    assert "obs" in watchers.report()[0]["text"]["zh_CN"]
    await machine.name_holder(SourceState("video", "camera:3", None, None))
    assert codes(watchers) == set()
    await machine.name_holder(SourceState("video", "file:a.mp4", None, None))


@linux
async def test_another_source_in_a_held_cameras_place_ends_what_was_told_of_it_and_a_microphone_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.app.machine_watch._holder", lambda number: f"zoom {number}")
    watchers = Watchers(Notices(lambda *_: None))
    machine = MachineWatch(Notices(lambda *_: None), watchers)
    lost = SourceUnavailable("camera.missing", number="3")

    async def hear(kind, spec, error=None):
        await machine.name_holder(SourceState(kind, spec, None, error))
        return [row["code"] for row in watchers.report()]

    assert await hear("video", "camera:3", lost) == ["camera.held"]
    assert await hear("audio", "tone") == ["camera.held"]
    assert await hear("video", "testcard") == []
    assert await hear("video", "camera:3", lost) == ["camera.held"]
    assert await hear("video", "camera:4", lost) == ["camera.held"]
    assert "zoom 4" in watchers.report()[0]["text"]["en"]
    assert await hear("video", "camera:4") == []
