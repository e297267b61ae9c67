"""AMF0, the notation of RTMP's commands: the values that servers and publishers really exchange.

It refuses to believe what it reads: depth, count and length are bounded, and what doesn't parse is an AmfError.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias

AmfValue: TypeAlias = "bool | float | int | str | Mapping[str, AmfValue] | Sequence[AmfValue] | None"

_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED, _ECMA_ARRAY, _OBJECT_END = 0, 1, 2, 3, 5, 6, 8, 9
_STRICT_ARRAY, _DATE, _LONG_STRING, _XML = 10, 11, 12, 15

_MOST_DEPTH = 16
"""Real answers are 2 deep; a deeper one would only spend our stack."""
_MOST_VALUES = 4096
"""In one message; the largest real one seen holds some 30."""


class AmfError(ValueError):
    """What was received is not AMF0, or more of it than any server has reason to send."""


class EcmaArray(dict[str, AmfValue]):
    """An object that is written as an ECMA array, as `onMetaData` must be."""


def encode(*values: AmfValue) -> bytes:
    """The values one after the other, as a command's body."""
    out = bytearray()
    for value in values:
        _write(out, value)
    return bytes(out)


def _write(out: bytearray, value: AmfValue) -> None:
    if value is None:
        out.append(_NULL)
    elif isinstance(value, bool):
        out += bytes((_BOOLEAN, value))
    elif isinstance(value, int | float):
        out.append(_NUMBER)
        out += struct.pack(">d", value)
    elif isinstance(value, str):
        _write_string(out, value)
    elif isinstance(value, Mapping):
        if isinstance(value, EcmaArray):
            out += struct.pack(">BI", _ECMA_ARRAY, len(value))
        else:
            out.append(_OBJECT)
        for name, member in value.items():
            key = name.encode()
            out += struct.pack(">H", len(key)) + key
            _write(out, member)
        out += bytes((0, 0, _OBJECT_END))
    else:
        out += struct.pack(">BI", _STRICT_ARRAY, len(value))
        for member in value:
            _write(out, member)


def _write_string(out: bytearray, text: str) -> None:
    data = text.encode()
    out += struct.pack(">BH", _STRING, len(data)) if len(data) <= 0xFFFF else struct.pack(">BI", _LONG_STRING, len(data))
    out += data


def decode(data: bytes) -> list[AmfValue]:
    """Every value in a message's body. Raises AmfError."""
    reader = _Reader(data)
    values: list[AmfValue] = []
    try:
        while reader.offset < len(data):
            values.append(reader.value(_MOST_DEPTH))
    except struct.error as error:
        raise AmfError("a value ends beyond its message") from error
    return values


class _Reader:
    """A place in a body, and how many values were read: the bound on work."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.offset = 0
        self._values_left = _MOST_VALUES

    def value(self, depth: int) -> AmfValue:
        """The value at this place; `depth` levels may still follow."""
        self._values_left -= 1
        if depth <= 0 or self._values_left < 0:
            raise AmfError("nested too deep" if depth <= 0 else "too many values")
        (marker,) = self._unpack(">B")
        if marker in {_NULL, _UNDEFINED}:
            return None
        if marker in {_OBJECT, _ECMA_ARRAY, _STRICT_ARRAY}:
            return self._collection(marker, depth)
        return self._scalar(marker)

    def _scalar(self, marker: float) -> AmfValue:
        if marker == _NUMBER:
            return float(self._unpack(">d")[0])
        if marker == _BOOLEAN:
            return bool(self._unpack(">B")[0])
        if marker == _STRING:
            return self._text(int(self._unpack(">H")[0]))
        if marker in {_LONG_STRING, _XML}:
            return self._text(int(self._unpack(">I")[0]))
        if marker == _DATE:  # milliseconds, then a time zone that nobody uses
            return float(self._unpack(">dh")[0])
        raise AmfError(f"unknown type {marker}")

    def _collection(self, marker: float, depth: int) -> AmfValue:
        if marker == _OBJECT:
            return self._members(depth)
        count = int(self._unpack(">I")[0])
        if marker == _ECMA_ARRAY:  # its count is a hint only, the end marker decides
            return EcmaArray(self._members(depth))
        if count > self._values_left:
            raise AmfError("too many values")
        return [self.value(depth - 1) for _ in range(count)]

    def _members(self, depth: int) -> dict[str, AmfValue]:
        members: dict[str, AmfValue] = {}
        while True:
            length = int(self._unpack(">H")[0])
            if not length and self._data[self.offset : self.offset + 1] == bytes((_OBJECT_END,)):
                self.offset += 1
                return members
            name = self._text(length)
            members[name] = self.value(depth - 1)

    def _text(self, length: int) -> str:
        end = self.offset + length
        if end > len(self._data):
            raise AmfError("a text ends beyond its message")
        text = self._data[self.offset : end].decode("utf-8", "replace")
        self.offset = end
        return text

    def _unpack(self, layout: str) -> tuple[float, ...]:
        values = struct.unpack_from(layout, self._data, self.offset)
        self.offset += struct.calcsize(layout)
        return values
