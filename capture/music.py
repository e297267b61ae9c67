"""Music from a file or a folder at 48 kHz in stereo: one track after the other, in order or shuffled, with next and pause.

It keeps time by the clock alone; a track that can't be played is passed over. It opens no device.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import av
import numpy as np
from av.error import InvalidDataError
from numpy.typing import NDArray

from capture.clip_clock import clip_errors, open_clip, sound_stream
from capture.pacing import NS, deadline_ns, sleep_until
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from studio.model.music import NowPlaying, PlayOrder, next_track
from studio.ports import SourceInfo

log = logging.getLogger(__name__)

SUFFIXES = frozenset({".mp3", ".m4a", ".aac", ".flac", ".ogg", ".opus", ".wav", ".wma", ".aiff", ".aif"})
MOST_TRACKS = 5_000
"""A whole music library fits; a wrong folder with a million files doesn't hold the thread for minutes."""
BLOCK_SAMPLES = 960
AHEAD_NS = 80_000_000
"""As a clip's sound: handed over early, the stamp carries the truth."""
_BEHIND_NS = 200_000_000
"""Later than this it has been paused, or the machine has slept: go on at the present."""


class Music:
    """Fulfils `AudioSource` and `MusicPlayer`. One thread, the caller's, but for `order` and `now_playing`."""

    def __init__(self, path: str, chance: Random | None = None) -> None:
        if not path:
            raise InvalidInput("source.unknown", source="music:")
        self._path = Path(path)
        self._chance = chance or Random()
        self._order = PlayOrder()
        self._playing = NowPlaying()
        self._tracks: list[Path] = []
        self._skips = 0
        self._pieces: Iterator[NDArray[np.float32]] | None = None

    def order(self, wanted: PlayOrder) -> None:
        """Play so from the next block on."""
        self._order = wanted

    def now_playing(self) -> NowPlaying:
        """What it plays."""
        return replace(self._playing, is_paused=self._order.is_paused)

    def open(self, epoch_ns: int) -> SourceInfo:
        """Look which tracks there are and begin. Raises SourceUnavailable."""
        self.close()
        self._tracks = _tracks(self._path)
        self._due_ns = epoch_ns
        self._skips = self._order.skips
        self._level = 0.0
        self._played: frozenset[int] = frozenset()
        self._number = -1
        self._has_played = False
        self._rest = np.zeros((0, 2), np.float32)
        self._begin(self._chance.randrange(len(self._tracks)) if self._order.shuffle else 0)
        return SourceInfo(self._path.name)

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, up to 80 ms early; None while paused, after the end, or when none is due in time. Raises SourceUnavailable."""
        limit_ns = deadline_ns(timeout_s)
        if self._order.skips != self._skips and self._pieces is not None:
            self._skips = self._order.skips
            self._advance()
        is_silent = self._order.is_paused and not self._level
        if is_silent or self._pieces is None:
            sleep_until(limit_ns, limit_ns)
            return None
        now_ns = time.monotonic_ns()
        if now_ns - self._due_ns > _BEHIND_NS:
            self._due_ns = now_ns
        if not sleep_until(self._due_ns - AHEAD_NS, limit_ns):
            return None
        block = AudioBlock(self._ramped(self._block()), self._due_ns)
        self._due_ns += BLOCK_SAMPLES * NS // AUDIO_RATE_HZ
        return block

    def close(self) -> None:
        """Let the file go; idempotent."""
        self._pieces = None
        self._playing = NowPlaying()

    def _ramped(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The last block before a pause fades out, the first after it fades in."""
        before, self._level = self._level, 0.0 if self._order.is_paused else 1.0
        if before == self._level:
            return samples
        return samples * np.linspace(before, self._level, len(samples), dtype=np.float32)[:, None]

    def _block(self) -> NDArray[np.float32]:
        parts, missing = [self._rest], BLOCK_SAMPLES - len(self._rest)
        while missing > 0 and self._pieces is not None:
            try:
                piece = next(self._pieces, None)
            except SourceUnavailable as error:
                log.info("The track %s ends early: %s", self._playing.name, error)
                piece = None
            if piece is None:
                self._advance()
                continue
            parts.append(piece)
            missing -= len(piece)
        line = np.concatenate(parts)
        self._rest = line[BLOCK_SAMPLES:]
        block = line[:BLOCK_SAMPLES]
        return block if len(block) == BLOCK_SAMPLES else np.concatenate([block, np.zeros((BLOCK_SAMPLES - len(block), 2), np.float32)])

    def _advance(self) -> None:
        """To the next track of the list, or to its end."""
        self._rest = np.zeros((0, 2), np.float32)
        following = next_track(self._number, self._played, len(self._tracks), self._order, self._chance)
        if following is None:
            self.close()
        else:
            self._begin(following)

    def _begin(self, number: int) -> None:
        """Open a track; those that can't be played are passed over, until all have been tried. Raises SourceUnavailable."""
        following: int | None = number
        for _ in range(2 * len(self._tracks)):
            track, self._number = self._tracks[number], number
            self._played = (frozenset() if len(self._played) >= len(self._tracks) else self._played) | {number}
            try:
                self._pieces = decoded(str(track))
            except SourceUnavailable as error:
                log.info("The track %s is passed over: %s", track.name, error)
            else:
                self._playing = NowPlaying(track.stem, number + 1, len(self._tracks))
                self._has_played = True
                return
            following = next_track(number, self._played, len(self._tracks), self._order, self._chance)
            if following is None:
                break
            number = following
        self.close()
        if not (self._has_played and following is None):
            raise SourceUnavailable("music.unplayable", retryable=self._has_played, path=str(self._path))


def _tracks(path: Path) -> list[Path]:
    """The file itself, or the music of a folder and those within it, by name. Raises SourceUnavailable."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceUnavailable("clip.missing", path=str(path))
    found: list[Path] = []
    for child in path.rglob("*"):
        if child.suffix.lower() in SUFFIXES and child.is_file():
            found.append(child)
            if len(found) == MOST_TRACKS:
                break
    if not found:
        raise SourceUnavailable("music.none", path=str(path))
    return sorted(found)


def decoded(path: str) -> Iterator[NDArray[np.float32]]:
    """The track's sound, piece by piece, its first one decoded already. Raises SourceUnavailable at once, and while it is iterated."""
    pieces = _pieces(path)
    first = next(pieces, None)
    if first is None:
        raise SourceUnavailable("clip.no_sound", path=path)

    def all_pieces() -> Iterator[NDArray[np.float32]]:
        yield first
        yield from pieces

    return all_pieces()


def _pieces(path: str) -> Iterator[NDArray[np.float32]]:
    with open_clip(path) as container, clip_errors(path):
        stream = sound_stream(container)
        if stream is None:
            return
        is_mono = stream.codec_context.layout.nb_channels == 1
        # A mono sound keeps its level on both sides; libswresample would lower it by 3 dB.
        resampler = av.AudioResampler("fltp", "mono" if is_mono else "stereo", AUDIO_RATE_HZ)
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except InvalidDataError:
                continue
            for frame in [*frames, None] if packet.dts is None else frames:
                for resampled in resampler.resample(frame):
                    samples = np.clip(resampled.to_ndarray().T, -1, 1).astype(np.float32)
                    yield np.repeat(samples, 2, axis=1) if is_mono else samples
