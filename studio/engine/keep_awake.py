"""Holds off sleep and the screen's lock while a show is live, by the means of each system; what couldn't be had is said, never ignored.

On Linux by D-Bus (logind and the desktop's screen saver), tried on a private bus; on Windows and macOS by their own calls, written by
their documentation and not tried on such machines. It changes no setting: what is held ends with the process.
"""

import ctypes
import os
import subprocess
import sys
from contextlib import suppress
from typing import Any, Final

WHO: Final = "Encore Studio"
WHY: Final = "Live"
_TIMEOUT_S = 2.0
_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED, _ES_DISPLAY_REQUIRED = 0x80000000, 0x00000001, 0x00000002
"""SetThreadExecutionState, Win32 (winbase.h)."""


class KeepAwake:
    """`hold` and `release` may block for some seconds: on a worker thread; on Windows both on the same thread that lives on."""

    def __init__(self) -> None:
        self.held: tuple[str, ...] = ()
        self._releases: list[Any] = []

    def hold(self) -> tuple[str, ...]:
        """What is held off from now on, of "sleep" and "screen"; empty where the system offers nothing. Idempotent."""
        if not self.held:
            self.held = {"linux": self._hold_linux, "win32": self._hold_windows, "darwin": self._hold_mac}.get(sys.platform, tuple)()
        return self.held

    def release(self) -> None:
        """As it was; idempotent."""
        for release in self._releases:
            with suppress(OSError):
                release()
        self._releases = []
        self.held = ()

    def _hold_linux(self) -> tuple[str, ...]:
        try:
            import jeepney  # noqa: F401 - comes with keyring; a desktop without it has no bus to ask either
        except ImportError:
            return ()
        held = [name for name, hold in (("sleep", self._inhibit_sleep), ("screen", self._inhibit_screen)) if hold()]
        return tuple(held)

    def _inhibit_sleep(self) -> bool:
        """A lock of logind's (systemd, Inhibitor Locks): a file descriptor that holds as long as it is open."""
        answer = self._ask(
            "SYSTEM", "/org/freedesktop/login1", "org.freedesktop.login1", "org.freedesktop.login1.Manager", "ssss",
            ("sleep:idle", WHO, WHY, "block"),
        )  # fmt: skip
        if answer is None:
            return False
        (lock,) = answer
        self._releases.append(lock.close)
        return True

    def _inhibit_screen(self) -> bool:
        """The desktop's idle and lock (freedesktop.org, Idle Inhibition Service): holds as long as our connection does."""
        name = "org.freedesktop.ScreenSaver"
        return self._ask("SESSION", "/org/freedesktop/ScreenSaver", name, name, "ss", (WHO, WHY)) is not None

    def _ask(self, bus: str, path: str, name: str, interface: str, signature: str, body: tuple[str, ...]) -> tuple[Any, ...] | None:
        """The answer of `Inhibit`, or None where nobody is there to give one; the connection stays open until the release."""
        from jeepney import DBusAddress, MessageType, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        try:
            connection = open_dbus_connection(bus=bus, enable_fds=bus == "SYSTEM")
        except (OSError, KeyError, ValueError, RuntimeError):  # no bus, no address of one, an address of another kind
            return None
        address = DBusAddress(path, bus_name=name, interface=interface)
        try:
            reply = connection.send_and_get_reply(new_method_call(address, "Inhibit", signature, body), timeout=_TIMEOUT_S)
        except (OSError, TimeoutError):
            connection.close()
            return None
        if reply.header.message_type is not MessageType.method_return:
            connection.close()
            return None
        self._releases.append(connection.close)
        return reply.body

    def _hold_windows(self) -> tuple[str, ...]:
        kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute is Windows' alone
        if not kernel.SetThreadExecutionState(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED | _ES_DISPLAY_REQUIRED):
            return ()
        self._releases.append(lambda: kernel.SetThreadExecutionState(_ES_CONTINUOUS))
        return ("sleep", "screen")

    def _hold_mac(self) -> tuple[str, ...]:
        """`caffeinate` asserts for us: no display sleep, no idle sleep, no App Nap by idleness; `-w` ends it with this process."""
        try:
            helper = subprocess.Popen(["/usr/bin/caffeinate", "-d", "-i", "-m", "-s", "-w", str(os.getpid())])
        except OSError:
            return ()

        def end() -> None:
            helper.terminate()
            helper.wait(_TIMEOUT_S)

        self._releases.append(end)
        return ("sleep", "screen")
