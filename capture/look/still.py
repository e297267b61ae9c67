"""Still pictures: reading one that can be trusted, and RGB to I420 and back.

It refuses what claims to be larger than a canvas can be before anything is decoded.
"""

import io
import struct
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput, TooLarge
from studio.model.frames import VideoFrame

Rgb = NDArray[np.uint8]
MOST_PIXELS = 3840 * 3840
LEAST_SIDE = 16
_MOST_BYTES = 200 * 1024 * 1024
_SIGNS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def is_picture(path: Path) -> bool:
    """Whether a file is a PNG, JPEG or WebP by its first bytes. Raises InvalidInput for one that can't be read."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise InvalidInput("look.picture_unreadable", path=path.name, reason=error.strerror or "") from error
    return head.startswith(_SIGNS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def read_picture(path: Path) -> Rgb:
    """A picture as RGB (H, W, 3), turned as its EXIF says. Raises InvalidInput, TooLarge."""
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise TooLarge("look.picture_too_large", path=path.name, most=MOST_PIXELS)
    content = path.read_bytes()
    _check_size(content, path)
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise InvalidInput("look.picture_unreadable", path=path.name, reason="")
    return np.ascontiguousarray(picture[..., ::-1])


def read_alpha(path: Path) -> NDArray[np.uint8] | None:
    """How opaque each pixel of a picture is, (H, W), None where it doesn't say; for one that `read_picture` took."""
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        return None
    alpha = picture[..., 3]
    return np.asarray(alpha >> 8, np.uint8) if alpha.dtype == np.uint16 else np.asarray(alpha, np.uint8)


def _check_size(content: bytes, path: Path) -> None:
    """The size that the header claims, before anything is decoded (FFmpeg stops at `max_pixels` and then knows no size)."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))
    else:
        try:
            with av.open(io.BytesIO(content), stream_options=[{"max_pixels": str(MOST_PIXELS)}]) as container:
                context = container.streams.video[0].codec_context
                width, height = context.width, context.height
        except (av.error.FFmpegError, IndexError) as error:
            raise InvalidInput("look.picture_unreadable", path=path.name, reason="") from error
    if width * height > MOST_PIXELS:
        raise TooLarge("look.picture_too_large", path=path.name, most=MOST_PIXELS)
    if not (width and height):
        raise InvalidInput("look.picture_unreadable", path=path.name, reason="")
    if min(width, height) < LEAST_SIDE:
        raise InvalidInput("look.picture_too_small", path=path.name, least=LEAST_SIDE)


def to_frame(rgb: Rgb, time_ns: int = 0) -> VideoFrame:
    """RGB (H, W, 3) full range to I420 BT.709 limited (ITU-R BT.709-6, item 3); an odd size is padded by its last row and column."""
    padded = np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge").astype(np.float32)
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    frame = VideoFrame.empty(padded.shape[1], padded.shape[0], time_ns)
    frame.y[:] = np.rint(16 + (padded @ weights) * np.float32(219 / 255))
    half = cv2.resize(padded, (padded.shape[1] // 2, padded.shape[0] // 2), interpolation=cv2.INTER_AREA)
    grey = half @ weights
    frame.u[:] = np.rint(128 + (half[..., 2] - grey) * np.float32(224 / 255 / 1.8556))
    frame.v[:] = np.rint(128 + (half[..., 0] - grey) * np.float32(224 / 255 / 1.5748))
    return frame


def to_rgb(frame: VideoFrame) -> Rgb:
    """I420 BT.709 limited to RGB (H, W, 3) full range, chroma enlarged bilinearly."""
    size = (frame.width, frame.height)
    luma = (frame.y.astype(np.float32) - 16) * np.float32(255 / 219)
    blue = cv2.resize(frame.u.astype(np.float32) - 128, size, interpolation=cv2.INTER_LINEAR) * np.float32(255 / 224)
    red = cv2.resize(frame.v.astype(np.float32) - 128, size, interpolation=cv2.INTER_LINEAR) * np.float32(255 / 224)
    green = luma - np.float32(0.187324) * blue - np.float32(0.468124) * red
    channels = np.stack([luma + np.float32(1.5748) * red, green, luma + np.float32(1.8556) * blue], axis=-1)
    return np.rint(channels.clip(0, 255)).astype(np.uint8)
