"""Keeps off the terminal the line that LiteRT writes there when its first network is loaded: no setting of it does (ai-edge-litert 2.3).

It refuses to hide anything else: what else came is written afterwards.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_STDERR = 2
_GREETING = b"INFO: Created TensorFlow Lite"


@contextmanager
def without_greeting() -> Iterator[TextIO | None]:
    """Yields where to write meanwhile. For a command that is all of its process: file descriptor 2 is everybody's."""
    if sys.stderr is None:
        yield None
        return
    sys.stderr.flush()
    with os.fdopen(os.dup(_STDERR), "w") as told, tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), _STDERR)
        try:
            yield told
        finally:
            sys.stderr.flush()
            os.dup2(told.fileno(), _STDERR)
            held.seek(0)
            for line in held:
                if not line.startswith(_GREETING):
                    os.write(_STDERR, line)
