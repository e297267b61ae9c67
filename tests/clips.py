"""Clips for end-to-end tests and benchmarks: a picture with a frame counter burned in, and flash and beep in step.

The counter is 16 black or white squares along the bottom edge, where no overlay is drawn; it is read back from decoded luma.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 16
SAMPLE = Path(__file__).resolve().parents[1] / "resources" / "sample" / "presenter.mp4"


def counter_geometry(width: int, height: int) -> tuple[int, int, int]:
    """(x, y, side) of the first square; the others follow to the right."""
    side = max(8, min(width // (BITS + 8) // 2 * 2, 40))
    return (width - BITS * side) // 2 // 2 * 2, height - side - side // 2 * 2, side


def write_counter(luma: np.ndarray, number: int) -> None:
    """Burn `number` into an (H, W) luma plane."""
    height, width = luma.shape
    x, y, side = counter_geometry(width, height)
    for bit in range(BITS):
        luma[y : y + side, x + bit * side : x + (bit + 1) * side] = 235 if number >> bit & 1 else 16


def read_counter(luma: np.ndarray) -> int:
    """The number burned into a decoded (H, W) luma plane."""
    height, width = luma.shape
    x, y, side = counter_geometry(width, height)
    quarter = side // 4
    number = 0
    for bit in range(BITS):
        square = luma[y + quarter : y + side - quarter, x + bit * side + quarter : x + (bit + 1) * side - quarter]
        number |= int(square.mean() > 125) << bit
    return number


def make_counter_clip(path: Path, *, width: int, height: int, fps: int, seconds: int) -> Path:
    """The sample presenter with a counter, and a flash of the counter's row with a beep at each full second."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "20", "tune": "fastdecode"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        context = video.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 1, 1, 1, 1
        audio = container.add_stream("aac", rate=48_000)
        audio.layout = "stereo"
        pictures = _presenter(width, height)
        for index in range(seconds * fps):
            planes = next(pictures).copy()
            write_counter(planes[:height], index)
            flash(planes[:height], is_on=index % fps < 3)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(video.encode(frame))
        for first in range(0, seconds * 48_000, 1024):
            samples = beep(first, min(1024, seconds * 48_000 - first))
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
            block.sample_rate, block.pts, block.time_base = 48_000, first, Fraction(1, 48_000)
            container.mux(audio.encode(block))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def make_noise_clip(path: Path, *, width: int, height: int, fps: int, seconds: int) -> Path:
    """Grain that no two pictures share, with a counter: an encoder fills whatever rate it is given."""
    random = np.random.default_rng(11)
    grain = random.integers(70, 170, (height * 2, width * 2), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "24", "tune": "fastdecode"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        for index in range(seconds * fps):
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            down, right = random.integers(0, height), random.integers(0, width)
            planes[:height] = grain[down : down + height, right : right + width]
            write_counter(planes[:height], index)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def flash_area(width: int, height: int) -> tuple[slice, slice]:
    """Where the flash is: a square left of the counter."""
    x, y, side = counter_geometry(width, height)
    return slice(y, y + side), slice(x - 3 * side, x - side)


def flash(luma: np.ndarray, *, is_on: bool) -> None:
    """Light or darken the flash's square."""
    height, width = luma.shape
    luma[flash_area(width, height)] = 235 if is_on else 16


def beep(first: int, count: int) -> np.ndarray:
    """(count, 2) float32 from sample `first`: 1 kHz for the first 100 ms of each second."""
    place = np.arange(first, first + count)
    tone = np.sin(2 * np.pi * 1000 * place / 48_000) * (place % 48_000 < 4_800) * 0.5
    return np.stack([tone, tone], axis=1).astype(np.float32)


def _presenter(width: int, height: int) -> Iterator[np.ndarray]:
    """The presenter's pictures, covering the canvas, again and again."""
    while True:
        with av.open(str(SAMPLE)) as container:
            for frame in container.decode(video=0):
                scale = max(width / frame.width, height / frame.height)
                wide, high = round(frame.width * scale / 2) * 2, round(frame.height * scale / 2) * 2
                whole = frame.reformat(width=wide, height=high, format="yuv420p").to_ndarray()
                yield _cropped(whole, wide, high, width, height)


def _cropped(whole: np.ndarray, wide: int, high: int, width: int, height: int) -> np.ndarray:
    x, y = (wide - width) // 4 * 2, (high - height) // 4 * 2
    flat = whole.reshape(-1)
    luma = flat[: wide * high].reshape(high, wide)[y : y + height, x : x + width]
    chroma = flat[wide * high :].reshape(2, high // 2, wide // 2)[:, y // 2 : (y + height) // 2, x // 2 : (x + width) // 2]
    return np.concatenate([luma.reshape(-1), chroma.reshape(-1)]).reshape(height * 3 // 2, width)
