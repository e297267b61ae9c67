"""The two networks: files verified by checksum, run by ai-edge-litert on one thread.

It refuses a file that isn't the one that was shipped, and it never downloads one.
"""

import hashlib
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.errors import KnownError

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "models"

Tensor = NDArray[np.float32]


class Network(Protocol):
    """One picture in, a few arrays out."""

    def run(self, picture: Tensor) -> list[Tensor]:
        """Outputs in the order of the file; they are valid until the next run (one thread)."""
        ...


class FacesUnavailable(KnownError):
    """The parts of the look that need a face are off; colour still works."""


def load(name: str, folder: Path = FOLDER) -> Network:
    """The network of `resources/models/<name>`. Raises FacesUnavailable."""
    weights = _verified(name, folder)
    try:
        from ai_edge_litert.interpreter import Interpreter
    except (ImportError, OSError) as error:
        raise FacesUnavailable("look.no_runtime") from error
    try:
        interpreter = Interpreter(model_content=weights, num_threads=1)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise FacesUnavailable("look.weights_unusable", file=name) from error
    return _LiteRt(interpreter)


def _verified(name: str, folder: Path) -> bytes:
    try:
        weights = (folder / name).read_bytes()
        sums = (folder / "SHA256SUMS").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise FacesUnavailable("look.weights_missing", file=name) from error
    expected = {words[1]: words[0] for line in sums.splitlines() if len(words := line.split()) == 2}
    if expected.get(name) != hashlib.sha256(weights).hexdigest():
        raise FacesUnavailable("look.weights_damaged", file=name)
    return weights


class _LiteRt:
    """The only place that knows ai-edge-litert."""

    def __init__(self, interpreter: object) -> None:
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]["index"]  # pyright: ignore[reportAttributeAccessIssue]
        self._outputs = [detail["index"] for detail in interpreter.get_output_details()]  # pyright: ignore[reportAttributeAccessIssue]

    def run(self, picture: Tensor) -> list[Tensor]:
        interpreter = self._interpreter
        interpreter.set_tensor(self._input, picture)  # pyright: ignore[reportAttributeAccessIssue]
        interpreter.invoke()  # pyright: ignore[reportAttributeAccessIssue]
        return [interpreter.get_tensor(index) for index in self._outputs]  # pyright: ignore[reportAttributeAccessIssue]
