"""What the hub needs of the encoders: picture and sound opened as a pair, beside `studio.ports`."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.model.frames import EncodedPacket, ProgramFrame, StreamHeader
from studio.model.settings import EncoderSettings, VideoSettings


class PictureEncoder(Protocol):
    """Pictures in, packets out, on one thread."""

    def encode(self, frame: ProgramFrame, index: int) -> Sequence[EncodedPacket]:
        """Encode; `index` counts frames from the session's zero, gaps allowed. Raises EncoderUnavailable."""
        ...

    def flush(self) -> Sequence[EncodedPacket]:
        """The packets still inside; the encoder takes nothing more."""
        ...


class VideoEncoder(PictureEncoder, Protocol):
    """The show's video encoder (`encode` thread)."""

    def set_bitrate_kbps(self, bitrate_kbps: int) -> None:
        """Ask for another rate, at or below the opening one, with unchanged headers."""
        ...

    def ease(self, *, is_quick: bool) -> None:
        """From the next keyframe on encode in a quicker way that has the same headers, or in full again; nothing where there is none."""
        ...

    @property
    def is_quick(self) -> bool:
        """Whether it encodes in the quicker way now."""
        ...


class AudioEncoder(Protocol):
    """One audio encoder (`mixer` thread)."""

    def encode(self, samples: NDArray[np.float32], first_sample: int) -> Sequence[EncodedPacket]:
        """Encode (N, 2) float32; `first_sample` counts samples from the session's zero."""
        ...

    def flush(self) -> Sequence[EncodedPacket]:
        """The packets still inside."""
        ...


class Encoders(Protocol):
    """Opens a matching pair, and more for further tracks of sound."""

    def open(self, video: VideoSettings, encoder: EncoderSettings) -> tuple[VideoEncoder, AudioEncoder, StreamHeader]:
        """Open both. Raises EncoderUnavailable."""
        ...

    def open_dense(self, codec: str, video: VideoSettings, encoder: EncoderSettings) -> PictureEncoder:
        """The first encoder of "hevc" or "av1" that works here, as recordings use it. Raises EncoderUnavailable."""
        ...

    def open_sound(self, track: int) -> AudioEncoder:
        """One more for sound, like the first; its packets bear the track. Raises EncoderUnavailable."""
        ...
