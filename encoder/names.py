"""A server's name turned into addresses, anew for each attempt, without ever waiting longer than a host would.

The system's resolver can't be interrupted and may take half a minute: it is asked on a thread of its own.
"""

import socket
import threading
import time
from collections.abc import Callable
from itertools import zip_longest
from typing import TypeAlias

from encoder.target import Target
from studio.engine.handoff import Fifo
from studio.errors import OutputFailed

_LONGEST_S = 4.0
"""glibc asks a second server after 5 s; a host should read "the name can't be found" well within ten."""
_LOOK_S = 0.05
_MOST_ADDRESSES = 6
"""Each has 0.8 s, 0.2 s apart: more would keep a dead network from being tried again."""

Address: TypeAlias = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]


class Names:
    """Asks for one server's addresses. Owned by the output's thread; a question that hangs is waited for, not asked twice."""

    def __init__(self) -> None:
        self._asked: Fifo[list[Address] | OSError] | None = None

    def addresses(self, target: Target, is_stopping: Callable[[], bool]) -> list[Address]:
        """Both families in turn, the system's favourite first (RFC 8305, 4). Raises OutputFailed when there are none in time."""
        if self._asked is None:
            self._asked = Fifo(1)
            threading.Thread(target=_ask, args=(target.host, target.port, self._asked), name=f"resolve:{target.host}", daemon=True).start()
        deadline_s = time.monotonic() + _LONGEST_S
        found: list[Address] | OSError | None = None
        while found is None and time.monotonic() < deadline_s and not is_stopping():
            found = self._asked.take(_LOOK_S)
        if found is None:
            raise OutputFailed("output.no_address", retryable=True, host=target.host)
        self._asked = None
        if isinstance(found, OSError):
            raise OutputFailed("output.no_address", retryable=True, host=target.host) from found
        return found


def _ask(host: str, port: int, answer: Fifo[list[Address] | OSError]) -> None:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that IDNA can't write
        answer.put(OSError(str(error)))
    except OSError as error:
        answer.put(error)
    else:
        answer.put(in_turn([(row[0], row[4]) for row in rows if row[0] in {socket.AF_INET, socket.AF_INET6}]))


def in_turn(addresses: list[Address]) -> list[Address]:
    """The families alternating, beginning with that of the first; at most six."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    others = [address for address in addresses if address[0] != addresses[0][0]]
    return [address for pair in zip_longest(first, others) for address in pair if address is not None][:_MOST_ADDRESSES]
