"""What the hub needs from the satellites, stated as Protocols; satellites fulfil them, `main.py` plugs them in.

Which thread calls what is part of each contract. Nothing here is implemented here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from studio.model.colour_profile import ChartReading
from studio.model.frames import AudioBlock, EncodedPacket, Plane, ProgramFrame, StreamHeader, VideoFrame
from studio.model.scene import AirView
from studio.model.settings import LookSettings, OutputSettings, VideoSettings
from studio.model.shot import ShotSettings

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What was really opened: its name for people, and its native size and rate (0 where it has none)."""

    name: str
    width: int = 0
    height: int = 0
    fps: float = 0.0
    is_live: bool = False
    """True for a device with a clock of its own, to which the program's tick may lock."""


class VideoSource(Protocol):
    """A camera, clip, screen or test card, scaled and cropped to the canvas ("cover"). All calls come from the `camera` thread."""

    def open(self, epoch_ns: int) -> SourceInfo:
        """Open it; a clip's first frame is due at `epoch_ns` (monotonic). Raises SourceUnavailable."""
        ...

    def read(self, timeout_s: float) -> VideoFrame | None:
        """The next frame at its due time, or None when none came in time. Raises SourceUnavailable when it went away."""
        ...

    def close(self) -> None:
        """Release the device; idempotent, from any state."""
        ...


class AudioSource(Protocol):
    """A microphone, clip or tone, resampled to 48 kHz stereo. All calls come from the `microphone` thread."""

    def open(self, epoch_ns: int) -> SourceInfo:
        """Open it; a clip's first sample is due at `epoch_ns`. Raises SourceUnavailable."""
        ...

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, (N, 2) float32, or None when none came in time. Raises SourceUnavailable when it went away."""
        ...

    def close(self) -> None:
        """Release the device; idempotent, from any state."""
        ...


class FaceTrack(Protocol):
    """The newest faces, opaque to the hub: made by `Look.track`, used by `Look.apply`."""

    @property
    def count(self) -> int:
        """How many faces."""
        ...


class FaceSample(Protocol):
    """A small picture taken from a frame for the tracker; opaque to the hub, holds no view of the frame."""

    @property
    def time_ns(self) -> int:
        """The stamp of the frame that it was taken from."""
        ...


class Look(Protocol):
    """Beauty and colour on I420 planes."""

    def configure(self, settings: LookSettings) -> None:
        """Bake tables for new settings and swap them in by one assignment; a few ms, never on the frame's path.

        Raises InvalidInput for a .cube file that can't be used; the old look then stays.
        """
        ...

    def ease(self, level: int) -> None:
        """Be cheaper: 0 is all there is, 1 looks for faces half as often, 2 smooths at a coarser scale too. One assignment, any thread."""
        ...

    def sample(self, frame: VideoFrame, shot: ShotSettings) -> FaceSample | None:
        """The tracker's small picture, or None when this frame isn't wanted (`program` thread, under 1 ms)."""
        ...

    def track(self, sample: FaceSample) -> FaceTrack:
        """Find the faces (`look` thread, several ms)."""
        ...

    def frame(self, source: VideoFrame, faces: FaceTrack | None, shot: ShotSettings) -> VideoFrame:
        """A new picture of the canvas' size that shows the shot's part of the source (`program` thread); the source is only read."""
        ...

    def apply(self, frame: VideoFrame, faces: FaceTrack | None, shot: ShotSettings) -> None:
        """Apply the look in place to what `frame` made (`program` thread). Off, or without faces where it needs them, changes no bit.

        A bare shot has no skin, shape or make-up; a close-up from the second camera is left as it came.
        """
        ...

    def to_source(self, place: tuple[float, float]) -> tuple[float, float]:
        """A place of the published picture (shares of it) in pixels of the upright source."""
        ...

    def state(self) -> Mapping[str, str]:
        """What works: {"faces": "on" | "off: reason"}, for health."""
        ...


@dataclass(frozen=True, slots=True)
class Layer:
    """A drawn rectangle, premultiplied, as I420 in BT.709 limited range, at even `x`, `y` with even size.

    `luma` (h, w) and `chroma_u`, `chroma_v` (h/2, w/2) hold colour × coverage, `alpha` (h, w) and `alpha_half` (h/2, w/2) the
    coverage 0..255: out = in × (255 − alpha) / 255 + layer. `key` is equal only for equal pixels.
    """

    x: int
    y: int
    luma: Plane
    chroma_u: Plane
    chroma_v: Plane
    alpha: Plane
    alpha_half: Plane
    key: object


@dataclass(frozen=True, slots=True)
class Layers:
    """All layers of one moment, bottom first, and the version of the fan board that they show.

    `sign` says that the picture shows true skin. It is drawn at all times, so that the frame that loses its beauty can carry it; only
    `signed` layers show it.
    """

    items: tuple[Layer, ...] = ()
    board_version: int = 0
    sign: tuple[Layer, ...] = ()

    @property
    def signed(self) -> "Layers":
        """The same with the sign over them."""
        return Layers(self.items + self.sign, self.board_version, self.sign)


class Overlays(Protocol):
    """The overlays of one canvas."""

    def draw(self, air: AirView, now_ms: int) -> Layers:
        """Layers for this moment (wall clock in ms), unchanged layers reused (`overlays` thread; owns its caches)."""
        ...

    def blend(self, frame: VideoFrame, layers: Layers) -> None:
        """Put the layers onto the frame in place, touching only their rectangles (`program` thread)."""
        ...


class PictureTools(Protocol):
    """Pixel work that the hub needs but has no library for."""

    def shrink_bgrx(self, frame: VideoFrame, out: NDArray[np.uint8]) -> None:
        """Shrink to `out` (h, w, 4) as BGRX from BT.709 limited range."""
        ...

    def jpeg(self, frame: VideoFrame, width: int) -> bytes:
        """The frame as JPEG, `width` pixels wide."""
        ...

    def dimmed(self, frame: VideoFrame, share: float) -> VideoFrame:
        """A new picture, `share` (0..1) of the way from the frame to what stands behind a slate: out of focus and dark."""
        ...

    def thumbnail(self, data: bytes) -> bytes:
        """A picture file made anew: its first frame, at most 1024 pixels a side, nothing else of the file. Raises InvalidInput.

        Its header has been checked before (`studio.model.picture_header`). Any thread.
        """
        ...


class ColourTools(Protocol):
    """Measuring on the camera's own frames; worker threads."""

    def white(self, frame: VideoFrame, place: tuple[float, float]) -> tuple[float, float, float]:
        """Gains of linear R, G, B that make what stands at a place (pixels) grey. Raises InvalidInput."""
        ...

    def chart(self, frame: VideoFrame) -> ChartReading:
        """Find and read the 24-patch chart. Raises InvalidInput."""
        ...

    def drift(self, frame: VideoFrame, profile: Path) -> tuple[float, bool]:
        """(ΔE2000 of a grey since the profile was made, whether the camera sees the same scene). Raises InvalidInput."""
        ...


OutputState: TypeAlias = Literal["idle", "connecting", "live", "reconnecting", "refused", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class OutputStats:
    """One output's counters, as the report prints them; `detail` is a KnownError's code and never holds a key."""

    name: str
    kind: Literal["rtmp", "rtmps", "file", "camera"]
    state: OutputState
    frames: int = 0
    dropped: int = 0
    missed: int = 0
    bytes: int = 0
    connects: int = 0
    backlog_ms: float = 0.0
    backlog_ms_max: float = 0.0
    detail: str = ""
    detail_params: tuple[tuple[str, str], ...] = ()
    wanted_kbps: int = 0
    """The video rate that this output's network can take now, by its own measure; 0 where there is no limit to speak of (files).

    With `adaptive` the hub encodes at the least of all outputs'.
    """
    floor_kbps: int = 0
    ceiling_kbps: int = 0
    """Between which `wanted_kbps` moves."""
    lowest_kbps: int = 0
    """The least that `wanted_kbps` has been."""
    offset_ms: float = 0.0
    """A virtual camera's: how much later its sound is than its picture; 0 until it is known."""


class Output(Protocol):
    """A server or a recording, with a thread, a queue and a fate of its own."""

    def start(self, header: StreamHeader) -> None:
        """Start its thread; returns at once."""
        ...

    def put(self, packet: EncodedPacket) -> None:
        """Hand it a packet; never blocks (`encode` and `mixer` threads). What doesn't fit is dropped and counted."""
        ...

    def mark(self, at_ms: float, title: str) -> None:
        """A moment worth finding again, on the session's clock: recordings keep it as a chapter, servers have no use for it."""
        ...

    def stats(self) -> OutputStats:
        """Counters, from any thread."""
        ...

    def retry_now(self) -> None:
        """Cut short a wait before reconnecting."""
        ...

    def stop(self, deadline_s: float) -> None:
        """Write or send what waits, end cleanly within the deadline, join; idempotent."""
        ...


@runtime_checkable
class RawTaker(Protocol):
    """An output that takes the program before it is encoded, beside `Output`."""

    def put_frame(self, frame: ProgramFrame, index: int) -> None:
        """A finished picture, only to be read; `index` counts from the session's zero. Never blocks (`program` thread)."""
        ...

    def put_sound(self, samples: NDArray[np.float32], time_ns: int) -> None:
        """(N, 2) float32 from `time_ns` (monotonic) on; never blocks (`mixer` thread)."""
        ...


OpenVideoSource: TypeAlias = Callable[[str, VideoSettings], VideoSource]
"""(what follows the scheme's colon, canvas) → source. Raises InvalidInput for a word that can't be one."""
OpenAudioSource: TypeAlias = Callable[[str], AudioSource]
OpenOutput: TypeAlias = Callable[[OutputSettings, Callable[[OutputStats], None]], Output]
"""(settings, told at each change of state from the output's thread) → output."""
