"""A second reader of AMF0, so that what the client writes isn't judged by what wrote it."""

import struct


def read_amf(data: bytes) -> list:
    """Enough of AMF0 to read a publisher's commands."""
    values, place = [], 0

    def text(length_bytes: int) -> str:
        nonlocal place
        length = int.from_bytes(data[place : place + length_bytes], "big")
        place += length_bytes + length
        return data[place - length : place].decode()

    def value():
        nonlocal place
        marker = data[place]
        place += 1
        if marker == 0:
            place += 8
            return struct.unpack(">d", data[place - 8 : place])[0]
        if marker == 1:
            place += 1
            return bool(data[place - 1])
        if marker == 2:
            return text(2)
        if marker == 5:
            return None
        assert marker in {3, 8}, f"a command holds AMF type {marker}"
        place += 4 if marker == 8 else 0
        members = {}
        while data[place : place + 3] != b"\0\0\x09":
            name = text(2)
            members[name] = value()
        place += 3
        return members

    while place < len(data):
        values.append(value())
    return values
