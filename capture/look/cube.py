"""Reads .cube colour tables, 1D and 3D (Adobe Cube LUT Specification 1.0).

It refuses what isn't one by the number of the line at which that shows, and reads no further:
a file of any size costs no more than a table does.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput

MOST_SIGNS = 16 * 1024 * 1024
"""A 65³ table with 12 digits is 13 MB; nothing in use is larger, and comments without end are no table."""
LONGEST_LINE = 1000
"""The specification allows 250 bytes."""
_SIZES = {"LUT_1D_SIZE": (2, 65_536), "LUT_3D_SIZE": (2, 65)}


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """`values` is (N, 3) for a 1D table, (N, N, N, 3) indexed [R][G][B] for a 3D one; input `low`..`high` for each channel."""

    values: NDArray[np.float32]
    low: tuple[float, float, float] = (0.0, 0.0, 0.0)
    high: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def is_3d(self) -> bool:
        """Whether the channels are mixed."""
        return self.values.ndim == 4


def read_cube(path: Path) -> Cube:
    """The table in a file. Raises InvalidInput, for what is no table with the number of the line."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return _table(_lines(file, path.name), path.name)
    except OSError as error:
        raise InvalidInput("look.cube_unreadable", path=path.name, reason=error.strerror or "") from error


def _fault(name: str, line: int, reason: str, **params: str | int) -> InvalidInput:
    return InvalidInput("look.cube_broken", path=name, line=line, reason_code=f"look.cube.{reason}", **params)


def _lines(file: TextIO, name: str) -> Iterator[str]:
    """Line by line, each and all of them bounded."""
    signs, number = 0, 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        signs += len(line)
        if len(line) > LONGEST_LINE:
            raise _fault(name, number, "long", most=LONGEST_LINE)
        if signs > MOST_SIGNS:
            raise _fault(name, number, "endless", most=MOST_SIGNS)
        yield line


class _Reader:
    """The state of one file: its header, and the rows so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = ""
        self.size = 0
        self.low = (0.0, 0.0, 0.0)
        self.high = (1.0, 1.0, 1.0)
        self.values = array("f")

    @property
    def rows(self) -> int:
        return len(self.values) // 3

    @property
    def expected(self) -> int:
        return self.size**3 if self.kind == "LUT_3D_SIZE" else self.size

    def fault(self, line: int, reason: str, **params: str | int) -> InvalidInput:
        return _fault(self.name, line, reason, **params)

    def take(self, number: int, line: str) -> None:
        words = line.split()
        word = words[0].upper()
        if word == "TITLE":
            return
        if word in _SIZES:
            self._take_size(number, word, words[1:])
        elif word in {"DOMAIN_MIN", "DOMAIN_MAX"}:
            red, green, blue = self._numbers(number, words[1:])
            if word == "DOMAIN_MIN":
                self.low = (red, green, blue)
            else:
                self.high = (red, green, blue)
        elif word[0].isalpha() and word not in {"NAN", "INF", "INFINITY"}:
            raise self.fault(number, "word", word=words[0][:32])
        else:
            if not self.kind:
                raise self.fault(number, "size_first")
            if self.rows == self.expected:
                raise self.fault(number, "too_many", rows=self.expected)
            self.values.extend(self._numbers(number, words))

    def _take_size(self, number: int, word: str, words: list[str]) -> None:
        low, high = _SIZES[word]
        if self.kind:
            raise self.fault(number, "second_size")
        if len(words) != 1 or not words[0].isascii() or not words[0].isdecimal() or len(words[0]) > 6 or not low <= int(words[0]) <= high:
            raise self.fault(number, "size", word=word, low=low, high=high)
        self.kind, self.size = word, int(words[0])

    def _numbers(self, number: int, words: list[str]) -> list[float]:
        try:
            values = [float(word) for word in words]
        except ValueError:
            values = []
        if len(values) != 3 or not all(isfinite(value) and abs(value) < 1e6 for value in values):
            raise self.fault(number, "numbers")
        return values


def parse_cube(text: str, name: str) -> Cube:
    """The table in a text; `name` stands in messages. Raises InvalidInput."""
    return _table(text.splitlines(), name)


def _table(lines: Iterable[str], name: str) -> Cube:
    reader = _Reader(name)
    number = 0
    for number, line in enumerate(lines, 1):
        stripped = line.strip("\ufeff\x00").strip()
        if stripped and not stripped.startswith("#"):
            reader.take(number, stripped)
    if not reader.kind:
        raise reader.fault(max(number, 1), "no_size")
    if reader.rows != reader.expected:
        raise reader.fault(number, "too_few", found=reader.rows, rows=reader.expected)
    if not all(low < high for low, high in zip(reader.low, reader.high, strict=True)):
        raise reader.fault(number, "domain")
    values = np.array(reader.values, np.float32).reshape(-1, 3)
    if reader.kind == "LUT_3D_SIZE":
        size = reader.size
        values = np.ascontiguousarray(values.reshape(size, size, size, 3).transpose(2, 1, 0, 3))
    return Cube(values, reader.low, reader.high)
