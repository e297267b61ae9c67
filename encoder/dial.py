"""From a server's name to a connection: all its addresses raced, TLS checked, and a stop noticed at any moment.

It never goes on with a certificate that doesn't check, and never without one where `rtmps` was asked for.
"""

import contextlib
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from typing import Self

from encoder.link import Link
from encoder.names import Address, Names
from encoder.target import Target
from studio.errors import OutputFailed

_CONNECT_S = 0.8
"""For each address. 40 ms is a usual round trip; a second attempt soon does more than a long wait."""
_STAGGER_S = 0.2
"""Before the next address joins the race: RFC 8305, 5 recommends 250 ms and allows 100; four must fit into 0.8 s."""
_TLS_S = 3.0
_LOOK_S = 0.05
"""Between looks at whether to stop."""


def open_link(target: Target, names: Names, is_stopping: Callable[[], bool]) -> Link:
    """Connect to the first address that answers; the name is resolved anew each time. Raises OutputFailed."""
    addresses = names.addresses(target, is_stopping)
    with _Race(addresses) as race:
        connection = race.run(is_stopping)
    if connection is None:
        raise OutputFailed("output.unreachable", retryable=True, host=target.host, port=target.port)
    try:
        _tune(connection)
        return Link(_secured(connection, target, is_stopping) if target.is_tls else connection, target)
    except OSError as error:
        connection.close()
        raise OutputFailed("output.unreachable", retryable=True, host=target.host, port=target.port) from error


def _tune(connection: socket.socket) -> None:
    """Small packets at once; and where the system lets us, loss not taken for congestion: a mobile uplink loses at any rate.

    At 200 ms and 3 % loss Cubic carries some 0.4 Mbit/s (Mathis et al. 1997), BBR most of the line.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_CONGESTION"):
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"bbr")


class _Race:
    """Connections to several addresses under way, each begun a little after the one before, or at once when that failed."""

    def __init__(self, addresses: list[Address]) -> None:
        self._waiting = list(addresses)
        self._selector = selectors.DefaultSelector()
        self._until_s: dict[socket.socket, float] = {}
        self._next_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for loser in list(self._until_s):
            self._drop(loser)
        self._selector.close()

    def run(self, is_stopping: Callable[[], bool]) -> socket.socket | None:
        """The first connection that stands, non-blocking; None when none does in time."""
        while not is_stopping():
            now_s = time.monotonic()
            for late in [runner for runner, until_s in self._until_s.items() if until_s <= now_s]:
                self._drop(late)
            if self._waiting and now_s >= self._next_s:
                self._begin(*self._waiting.pop(0), now_s)
            if not self._until_s and not self._waiting:
                return None
            winner = self._look(min(_LOOK_S, max(0.0, self._next_s - now_s)) if self._waiting else _LOOK_S)
            if winner is not None:
                return winner
        return None

    def _begin(self, family: socket.AddressFamily, address: tuple, now_s: float) -> None:
        self._next_s = now_s
        try:
            runner = socket.socket(family, socket.SOCK_STREAM)
        except OSError:  # a family that this machine doesn't have
            return
        runner.setblocking(False)
        try:
            runner.connect(address)
        except BlockingIOError:
            pass
        except OSError:  # no way there: known at once
            runner.close()
            return
        self._next_s, self._until_s[runner] = now_s + _STAGGER_S, now_s + _CONNECT_S
        self._selector.register(runner, selectors.EVENT_WRITE)

    def _look(self, timeout_s: float) -> socket.socket | None:
        if not self._until_s:
            return None
        for key, _ in self._selector.select(timeout_s):
            runner = key.fileobj
            if not isinstance(runner, socket.socket):
                continue
            if not runner.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._selector.unregister(runner)
                del self._until_s[runner]
                return runner
            self._drop(runner)
            self._next_s = 0.0
        return None

    def _drop(self, runner: socket.socket) -> None:
        self._selector.unregister(runner)
        del self._until_s[runner]
        runner.close()


def _secured(connection: socket.socket, target: Target, is_stopping: Callable[[], bool]) -> socket.socket:
    """TLS over it, with the server's name told (SNI) and checked. Raises OutputFailed, with the connection closed."""
    secure = ssl.create_default_context().wrap_socket(connection, server_hostname=target.host, do_handshake_on_connect=False)
    deadline_s = time.monotonic() + _TLS_S
    try:
        while time.monotonic() < deadline_s and not is_stopping():
            try:
                secure.do_handshake()
            except ssl.SSLWantReadError:
                _wait(secure, selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                _wait(secure, selectors.EVENT_WRITE)
            else:
                return secure
    except ssl.SSLCertVerificationError as error:
        secure.close()
        raise OutputFailed("output.bad_certificate", host=target.host) from error
    except (ssl.SSLError, OSError) as error:
        secure.close()
        raise OutputFailed("output.tls_failed", retryable=True, host=target.host) from error
    secure.close()
    raise OutputFailed("output.tls_failed", retryable=True, host=target.host)


def _wait(connection: socket.socket, events: int) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(connection, events)
        selector.select(_LOOK_S)
