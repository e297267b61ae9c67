"""Pulls a stream that isn't there yet: ffmpeg gives up where nothing is published, so it is started again until something comes."""

import contextlib
import subprocess
import threading
from pathlib import Path
from typing import Self

from tests.servers import pulling


class PullingWhenLive:
    """A context manager: records the stream from its first moment until the publisher ends or the `with` does."""

    def __init__(self, url: str, path: Path) -> None:
        self._url, self._path = url, path
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._pull, name="puller")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(60)

    def _pull(self) -> None:
        while not self._is_over.is_set() and not self._has_something():
            with pulling(self._url, self._path) as process:
                while process.poll() is None and not self._is_over.wait(0.05):
                    pass
                with contextlib.suppress(subprocess.TimeoutExpired):  # the `with` then ends it
                    process.wait(5)

    def _has_something(self) -> bool:
        return self._path.exists() and self._path.stat().st_size > 50_000
