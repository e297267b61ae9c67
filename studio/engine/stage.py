"""A media thread with a name, a measured life and an end that is joined with a deadline.

It knows nothing of what the body does, and never kills a thread.
"""

import logging
import threading
import time
from collections.abc import Callable

from studio.model.readings import Readings

log = logging.getLogger(__name__)


class StageMeter:
    """How long a stage's steps take and what they cost. Written by the stage's thread, read by anyone."""

    def __init__(self) -> None:
        self.steps = Readings()
        self.cpu_ns = 0
        self._started_ns = 0

    @property
    def stuck_ms(self) -> float:
        """How long the step that is under way has taken, 0 between steps."""
        started_ns = self._started_ns
        return (time.perf_counter_ns() - started_ns) / 1e6 if started_ns else 0.0

    def begin(self) -> None:
        """A step starts."""
        self._started_ns = time.perf_counter_ns()

    def end(self) -> None:
        """The step is done."""
        self.steps.add((time.perf_counter_ns() - self._started_ns) / 1e6)
        self.cpu_ns = time.thread_time_ns()
        self._started_ns = 0

    def report(self, frames: int | None = None) -> dict[str, float]:
        """{p50_ms, p95_ms, cpu_ms_per_frame}; `frames` divides the thread's processor time, its own steps by default."""
        divisor = max(1, self.steps.count if frames is None else frames)
        return {
            "p50_ms": self.steps.percentile(50),
            "p95_ms": self.steps.percentile(95),
            "cpu_ms_per_frame": round(self.cpu_ns / 1e6 / divisor, 3),
        }


class Stage:
    """One named thread running `body(stopping)`; what it raises is our bug: logged, reported, and the rest goes on."""

    def __init__(
        self, name: str, body: Callable[[threading.Event], None], on_failed: Callable[[str, Exception], None] | None = None
    ) -> None:
        self.name = name
        self._body = body
        self._on_failed = on_failed
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def ask_to_stop(self) -> None:
        """Tell the body to end, without waiting."""
        self._stopping.set()

    def stop(self, deadline_s: float = 2.0) -> bool:
        """Ask it to end and wait; False, with a warning that names it, when it didn't within the deadline. Idempotent."""
        self._stopping.set()
        return self._has_ended(deadline_s)

    def finish(self, deadline_s: float) -> bool:
        """Wait for the body to end by itself, its input being closed; asked to stop when it doesn't. Idempotent."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(deadline_s)
        return self.stop(deadline_s)

    def _has_ended(self, deadline_s: float) -> bool:
        if self._thread is None or self._thread is threading.current_thread():
            return True
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            log.warning("The stage %s did not end within %.1f s", self.name, deadline_s)
            return False
        return True

    @property
    def is_running(self) -> bool:
        """Started and not ended."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._body(self._stopping)
        except Exception as error:
            log.exception("The stage %s failed", self.name)
            if self._on_failed is not None:
                self._on_failed(self.name, error)
