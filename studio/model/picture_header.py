"""What a picture file says of itself, told from its first bytes: its kind by content, never by name, and its size.

It decodes nothing: a file that is refused here has cost no more memory than its bytes.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from studio.errors import InvalidInput, TooLarge

PictureKind: TypeAlias = Literal["png", "jpeg", "webp", "gif"]

MAX_BYTES: Final = 5 * 2**20
MAX_PIXELS: Final = 16_000_000
"""Decoded, 48 MB: what the engine can spare beside a show. Half would refuse a phone's own photos (12 megapixels)."""

MEDIA_TYPES: Final[dict[PictureKind, str]] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers (ITU-T T.81, table B.1); the three left out are tables."""
_JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """Kind and size in pixels."""

    kind: PictureKind
    width: int
    height: int


def read_header(data: bytes) -> PictureHeader:
    """The header of a PNG, JPEG, WebP or GIF within the limits. Raises InvalidInput for anything else, TooLarge beyond them."""
    if len(data) > MAX_BYTES:
        raise TooLarge("picture.too_large", max_mb=MAX_BYTES >> 20)
    header = _header(data)
    if header.width < 1 or header.height < 1:
        raise InvalidInput("picture.broken")
    if header.width * header.height > MAX_PIXELS:
        raise TooLarge("picture.too_many_pixels", width=header.width, height=header.height, limit=MAX_PIXELS // 1_000_000)
    return header


def _header(data: bytes) -> PictureHeader:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        if data[12:16] != b"IHDR" or len(data) < 24:
            raise InvalidInput("picture.broken")
        return PictureHeader("png", _big(data, 16, 4), _big(data, 20, 4))
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return PictureHeader("gif", _little(data, 6, 2), _little(data, 8, 2))
    raise InvalidInput("picture.kind")


def _jpeg(data: bytes) -> PictureHeader:
    """Marker by marker to the start of the frame; every step goes forward, so that no file can hold this up."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _JPEG_BARE:
            place += 2
        elif marker in _JPEG_SIZES:
            return PictureHeader("jpeg", _big(data, place + 7, 2), _big(data, place + 5, 2))
        else:
            place += 2 + max(2, _big(data, place + 2, 2))
    raise InvalidInput("picture.broken")


def _webp(data: bytes) -> PictureHeader:
    """The three forms of RFC 9649: VP8 (lossy), VP8L (lossless), VP8X (extended)."""
    form = data[12:16]
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return PictureHeader("webp", _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF)
    if form == b"VP8L" and data[20:21] == b"\x2f":
        bits = _little(data, 21, 4)
        return PictureHeader("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if form == b"VP8X":
        return PictureHeader("webp", _little(data, 24, 3) + 1, _little(data, 27, 3) + 1)
    raise InvalidInput("picture.broken")


def _big(data: bytes, place: int, size: int) -> int:
    return int.from_bytes(data[place : place + size], "big")


def _little(data: bytes, place: int, size: int) -> int:
    return int.from_bytes(data[place : place + size], "little")
