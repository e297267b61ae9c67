"""What an ingest may hold against a publisher's media, as sentences. It shares no line with the client that it tests."""

from dataclasses import dataclass, field

SCRIPT, SOUND, PICTURE = 18, 8, 9
FURTHEST_APART_MS = 500
_IDR = 5


@dataclass
class MediaRules:
    """One publication. `check` raises AssertionError with what is wrong; `begin_ms` is the stamp that its clock begins at."""

    begin_ms: int = 0
    newest_ms: dict[int, int] = field(default_factory=dict)
    headers: set[int] = field(default_factory=set)
    has_metadata: bool = False

    def check(self, kind: int, timestamp_ms: int, body: bytes) -> None:
        if kind == SCRIPT:
            assert body.startswith(b"\x02\x00\x0d@setDataFrame\x02\x00\x0aonMetaData\x08"), "metadata is not @setDataFrame onMetaData {…}"
            self.has_metadata = True
        elif kind in {SOUND, PICTURE}:
            assert self.has_metadata, "media before its metadata"
            assert body[0] in ({0x17, 0x27} if kind == PICTURE else {0xAF}), "neither AVC nor AAC"
            if body[1] == 0:
                self._header(kind, timestamp_ms, body)
            else:
                self._media(kind, timestamp_ms, body)

    def _header(self, kind: int, timestamp_ms: int, body: bytes) -> None:
        assert timestamp_ms == 0, "a decoder's header with a time"
        assert kind not in self.headers, "a decoder's header twice in a session"
        assert len(body) > 3, "an empty decoder's header"
        self.headers.add(kind)

    def _media(self, kind: int, timestamp_ms: int, body: bytes) -> None:
        assert self.headers == {SOUND, PICTURE}, "media before both decoders' headers"
        if PICTURE not in self.newest_ms:
            assert kind == PICTURE, "sound before the first picture"
            assert timestamp_ms == self.begin_ms, f"the first picture is at {timestamp_ms}, not at {self.begin_ms}"
            assert body[0] == 0x17, "the first picture is no keyframe"
        if kind == PICTURE:
            assert (body[0] == 0x17) == (_IDR in _units(body[5:])), "flagged as keyframe and no IDR, or the other way round"
            assert timestamp_ms > self.newest_ms.get(PICTURE, -1), "the pictures' time doesn't rise"
        assert timestamp_ms >= self.newest_ms.get(kind, 0), "the time goes back"
        other = self.newest_ms.get(SOUND if kind == PICTURE else PICTURE, 0)
        assert timestamp_ms >= other - FURTHEST_APART_MS, f"interleaved {other - timestamp_ms} ms apart"
        self.newest_ms[kind] = timestamp_ms


def _units(data: bytes) -> set[int]:
    """The kinds of NAL units in a picture with lengths of four bytes."""
    kinds, place = set(), 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        assert 0 < size <= len(data) - place - 4, "a NAL unit beyond its picture"
        kinds.add(data[place + 4] & 0x1F)
        place += 4 + size
    return kinds
