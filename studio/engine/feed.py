"""Brings a source's frames or blocks into a hand-off, and the source back when it went away.

It decides nothing about what is shown meanwhile; it tells upward what happened.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from studio.engine.stage import Stage, StageMeter
from studio.errors import KnownError, SourceUnavailable
from studio.ports import SourceInfo

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)

READ_TIMEOUT_S = 0.2
_BACK_OFF_S = (0.25, 0.5, 1.0)
"""A device that is plugged in again shows within two seconds: one of waiting, one of opening. Asking for one that isn't there costs
next to nothing."""
_AT_ONCE = frozenset({"microphone.gave_way"})
"""What a source says that isn't lost and wants to be opened again without waiting."""
_SETTLING_NS = 3_000_000_000
"""How long a device that was just opened is left alone: slow cameras take 2 s to their first picture."""


SourceKind: TypeAlias = str
"""video, second (the close-up's camera), audio (the microphone), or input:NAME."""
_KINDS: dict[str, SourceKind] = {"camera": "video", "close-up": "second", "microphone": "audio"}


class _Source(Protocol[Item_co]):
    def open(self, epoch_ns: int) -> SourceInfo: ...
    def read(self, timeout_s: float) -> Item_co | None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SourceState:
    """News of a source; `error` is why it isn't open."""

    kind: SourceKind
    spec: str
    info: SourceInfo | None
    error: KnownError | None


@dataclass(frozen=True, slots=True)
class FirstItem:
    """A source gave its first frame or block since it was opened."""

    kind: SourceKind


class Feed(Generic[Item]):
    """One thread that opens a source, reads it into `put`, and opens it again with back-off (0.25, 0.5, then every second)."""

    def __init__(
        self,
        name: str,
        spec: str,
        source: _Source[Item],
        put: Callable[[Item], object],
        post: Callable[[object], None],
        on_failed: Callable[[str, Exception], None],
        kind: SourceKind = "",
    ) -> None:
        self.spec = spec
        self.meter = StageMeter()
        self.captured = 0
        self.info: SourceInfo | None = None
        self._kind = kind or _KINDS[name]
        self._source = source
        self._put = put
        self._post = post
        self._epoch_ns = 0
        self._opened_ns = 0
        self._reopen = threading.Event()
        self._stage = Stage(name, self._run, on_failed)

    def start(self, epoch_ns: int) -> None:
        """Start the thread; a clip begins at `epoch_ns`."""
        self._epoch_ns = epoch_ns
        self._stage.start()

    def ask_to_stop(self) -> None:
        """Without waiting."""
        self._stage.ask_to_stop()

    def reopen(self) -> None:
        """Close and open the source anew, which hangs or repeats itself; nothing while it is being opened, or was a moment ago."""
        if self.info is not None and time.monotonic_ns() - self._opened_ns > _SETTLING_NS:
            log.info("Opening %s anew", self.spec)
            self._reopen.set()

    def stop(self, deadline_s: float = 2.0) -> bool:
        """End and join; the source is closed by its own thread."""
        return self._stage.stop(deadline_s)

    def _run(self, stopping: threading.Event) -> None:
        attempt = 0
        try:
            while not stopping.is_set():
                try:
                    self._open()
                    attempt = 0
                    self._read_until_lost(stopping)
                    if self._reopen.is_set():
                        self._source.close()
                except SourceUnavailable as error:
                    self._tell(error)
                    self._source.close()
                    if not error.retryable:
                        stopping.wait()
                    if error.code in _AT_ONCE:
                        continue
                    stopping.wait(_BACK_OFF_S[min(attempt, len(_BACK_OFF_S) - 1)])
                    attempt += 1
        finally:
            self._source.close()

    def _open(self) -> None:
        if self._epoch_ns == 0 or self.captured:
            self._epoch_ns = time.monotonic_ns()
        self.info = self._source.open(self._epoch_ns)
        self._opened_ns = time.monotonic_ns()
        self._reopen.clear()
        self._post(SourceState(self._kind, self.spec, self.info, None))

    def _read_until_lost(self, stopping: threading.Event) -> None:
        is_first = True
        while not (stopping.is_set() or self._reopen.is_set()):
            item = self._source.read(READ_TIMEOUT_S)
            if item is None:
                continue
            self.meter.begin()
            self.captured += 1
            self._put(item)
            self.meter.end()
            if is_first:
                self._post(FirstItem(self._kind))
                is_first = False

    def _tell(self, error: KnownError) -> None:
        self.info = None
        self._post(SourceState(self._kind, self.spec, None, error))
