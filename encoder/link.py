"""A socket to a server that never blocks its thread, and knows what it hasn't sent yet.

It never closes in a way that leaves the server with a ghost.
"""

import array
import contextlib
import socket
import ssl
import struct
import sys

from encoder.target import Target
from studio.errors import OutputFailed

_RECEIVE_BYTES = 65536

_IS_LINUX = sys.platform == "linux"
_TIOCOUTQ = 0x5411
"""Linux: bytes written but not acknowledged by the other side's kernel (tcp(7))."""
_SIOCOUTQNSD = 0x894B
"""Linux: bytes written but not sent once yet."""
_SO_NWRITE = 0x1024
"""macOS: bytes not acknowledged yet."""


class Link:
    """One TCP or TLS connection, non-blocking once open. Owned by one thread."""

    def __init__(self, connection: socket.socket, target: Target) -> None:
        self._socket = connection
        self._target = target
        self.host = target.host

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def send(self, data: bytes) -> int:
        """How many bytes the kernel took, 0 when it is full. Raises OutputFailed when the connection is gone.

        After a 0 the same bytes must come again: TLS may have begun to send them.
        """
        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError as error:
            raise OutputFailed("output.closed", retryable=True, host=self._target.host) from error

    def receive(self) -> bytes | None:
        """What came, or None when nothing waits. Raises OutputFailed when the other side ended it."""
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except OSError as error:
            raise OutputFailed("output.closed", retryable=True, host=self._target.host) from error
        if not data:
            raise OutputFailed("output.closed", retryable=True, host=self._target.host)
        return data

    def unacknowledged_bytes(self) -> int | None:
        """Bytes that haven't reached the other side's kernel; None where the system doesn't tell."""
        if _IS_LINUX:
            return self._ask(_TIOCOUTQ)
        if sys.platform == "darwin":
            with contextlib.suppress(OSError):
                return self._socket.getsockopt(socket.SOL_SOCKET, _SO_NWRITE)
        return None

    def unsent_bytes(self) -> int:
        """Bytes that never left this machine; 0 where the system doesn't tell."""
        return (self._ask(_SIOCOUTQNSD) or 0) if _IS_LINUX else 0

    def _ask(self, request: int) -> int | None:
        import fcntl

        answer = array.array("i", [0])
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._socket.fileno(), request, answer)
            return answer[0]
        return None

    def limit_unsent(self, size: int) -> None:
        """Have the kernel take no more than about `size` bytes ahead of the network, so that what waits can still be dropped."""
        option = getattr(socket, "TCP_NOTSENT_LOWAT", 25 if _IS_LINUX else 0x201 if sys.platform == "darwin" else None)
        if option is not None:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, option, size)

    def close(self) -> None:
        """End in order: what the kernel holds is still delivered."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def reset(self) -> None:
        """End by a reset: a server that missed our goodbye in a black hole gives the key free at once."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0))
        self.close()
