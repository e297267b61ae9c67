"""The log, written by a thread of its own: a disk that takes its time holds up neither the loop nor a media thread that says something.

It refuses to wait: of more lines than can be kept the newest are lost, and counted.
"""

import contextlib
import logging
import queue
from collections.abc import Iterator
from logging.handlers import QueueHandler, QueueListener

_MOST_LINES = 10_000
"""A few MB; a show says some lines a minute, so that a disk that hangs for hours loses none."""


class _Beside(QueueHandler):
    def __init__(self, lines: queue.Queue[logging.LogRecord]) -> None:
        super().__init__(lines)
        self.lost = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.lost += 1


@contextlib.contextmanager
def written_beside() -> Iterator[None]:
    """Whatever is logged in here is written beside whoever logs it; all of it is written when this ends."""
    root = logging.getLogger()
    writers = root.handlers[:]
    lines: queue.Queue[logging.LogRecord] = queue.Queue(_MOST_LINES)
    beside, listener = _Beside(lines), QueueListener(lines, *writers, respect_handler_level=True)
    root.handlers = [beside]
    listener.start()
    try:
        yield
    finally:
        root.handlers = writers
        lines.join()
        listener.stop()
        if beside.lost:
            logging.getLogger(__name__).warning("%d lines of the log were lost: the disk was too slow for them", beside.lost)
