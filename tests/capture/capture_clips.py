"""Small clips for the tests of capture, made when asked; a clip's pictures carry their number as the test card does."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from capture.testcard import CardLayout

MATRICES = {"bt709": (0.2126, 0.0722, 1), "bt601": (0.299, 0.114, 6), "bt2020": (0.2627, 0.0593, 9)}
"""Kr, Kb and the number of ITU-T H.273."""


@dataclass(frozen=True)
class Clip:
    """What a clip is made of; `beep_s` gives it a sound with a beep of 50 ms at its start."""

    width: int = 320
    height: int = 180
    fps: int = 50
    frames: int = 20
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    matrix: str | None = "bt709"
    is_full_range: bool = False
    sound_s: float = 0.0
    keyframe: int = 250
    times_ms: tuple[int, ...] = ()


def make_clip(path: Path, clip: Clip, planes: tuple[int, int, int] | None = None) -> Path:
    """Write the clip: numbered pictures, or one flat colour where `planes` gives its Y, U, V."""
    with av.open(str(path), "w") as container:
        options = {"qp": "0", "preset": "ultrafast"} if clip.codec == "libx264" else {}
        video = container.add_stream(clip.codec, rate=clip.fps, options=options)
        video.width, video.height, video.pix_fmt = clip.width, clip.height, clip.pix_fmt
        video.codec_context.gop_size = clip.keyframe
        if clip.times_ms:
            video.codec_context.time_base = Fraction(1, 1000)
        if clip.matrix:
            video.codec_context.colorspace = MATRICES[clip.matrix][2]
            video.codec_context.color_range = 2 if clip.is_full_range else 1
        audio = container.add_stream("aac", rate=44_100) if clip.sound_s else None
        for number in range(clip.frames):
            frame = _picture(clip, number, planes)
            frame.time_base = Fraction(1, 1000) if clip.times_ms else Fraction(1, clip.fps)
            frame.pts = clip.times_ms[number] if clip.times_ms else number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _write_sound(container, audio, clip.sound_s)
    return path


def _picture(clip: Clip, number: int, planes: tuple[int, int, int] | None) -> av.VideoFrame:
    frame = av.VideoFrame(clip.width, clip.height, clip.pix_fmt)
    for plane, value in zip(frame.planes, planes or (16, 128, 128), strict=False):
        plane.update(bytes([value]) * plane.buffer_size)
    if planes is None:
        plane = frame.planes[0]
        luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: clip.height, : clip.width].copy()
        card = CardLayout(clip.width // 2 * 2, clip.height // 2 * 2)
        card.draw_counter(luma, number)
        if number == 0:
            luma[card.flash] = 235
        rows = np.zeros((plane.buffer_size // plane.line_size, plane.line_size), np.uint8)
        rows[: clip.height, : clip.width] = luma
        plane.update(rows.tobytes())
    return frame


def _write_sound(container: av.container.OutputContainer, audio: av.AudioStream, seconds: float) -> None:
    """A beep of 1 kHz for the first 50 ms, stereo at 44.1 kHz, then silence."""
    rate = 44_100
    count = round(rate * seconds)
    samples = (np.sin(2 * np.pi * 1000 * np.arange(count) / rate) * 0.5).astype(np.float32)
    samples[rate // 20 :] = 0
    for first in range(0, count, 1024):
        block = np.ascontiguousarray(np.stack([samples[first : first + 1024]] * 2))
        frame = av.AudioFrame.from_ndarray(block, "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def as_yuv(rgb: np.ndarray, matrix: str, *, is_full_range: bool = False) -> np.ndarray:
    """R'G'B' of 0..1 as Y, U, V in 8 bits, not rounded: ITU-R BT.709-6 items 3.2 to 3.4 with the matrix' Kr and Kb."""
    kr, kb, _ = MATRICES[matrix]
    red, green, blue = rgb
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    differences = np.array([(blue - luma) / (2 * (1 - kb)), (red - luma) / (2 * (1 - kr))])
    if is_full_range:
        return np.array([luma * 255, *(differences * 255 + 128)])
    return np.array([16 + 219 * luma, *(128 + 224 * differences)])


PATCHES_SRGB = (
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
)  # fmt: skip
"""The 24 patches of the colour chart, sRGB, as its maker's published averages."""
