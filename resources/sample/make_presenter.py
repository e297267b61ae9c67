"""Makes the sample presenter's clips: `python resources/sample/make_presenter.py [landscape|portrait]`.

It refuses to look better than a camera: she sways, the camera drifts, the light changes, the sensor has noise, nothing is smoothed.
"""  # noqa: INP001 - scripts beside the pictures that they make

import sys
from dataclasses import dataclass
from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from presenter_goods import counter
from presenter_still import Person, Picture, cut_out, wall

FPS, SECONDS, RATE_HZ, SEED = 30, 24, 48_000, 20261122
MARGIN = 1.06
"""How much larger than the canvas the still is: room for the camera's drift."""
SOURCE_MIDDLE, SOURCE_TOP, SOURCE_WAIST = 220.0, 14.0, 253.0
"""On the portrait: the presenter's middle column, the top of her hair, and the row where the counter cuts her."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip: its canvas, the portrait's enlargement, where the hair begins, x264's quality, and the goods' size and place."""

    name: str
    width: int
    height: int
    scale: float
    top: float
    crf: int
    goods_size: float = 1.0
    goods_down: float = 0.0


SHOTS = {
    "landscape": Shot("presenter.mp4", 1920, 1080, 3.3, 92, 21),
    "portrait": Shot("presenter-portrait.mp4", 1080, 1920, 3.3, 615, 24, 0.94, 190),
}


class Stage:
    """The still parts of one shot, and the picture that the camera takes of them at a moment."""

    def __init__(self, shot: Shot) -> None:
        self._shot = shot
        self._size = (round(shot.width * MARGIN), round(shot.height * MARGIN))
        width, height = self._size
        self._person: Person = cut_out(shot.scale * MARGIN, SEED)
        self._shade = cv2.GaussianBlur(self._person.coverage, (0, 0), 40)
        self._middle = width / 2
        self._top = shot.top * MARGIN
        self._waist = self._top + (SOURCE_WAIST - SOURCE_TOP) * shot.scale * MARGIN
        glow = (self._middle, self._top + 300 * MARGIN)
        self._wall = wall(width, height, glow, SEED + 1)
        self._counter, cover = counter((width, height), self._waist - 6, self._middle, shot.goods_size, shot.goods_down)
        self._cover = cover[..., None]
        rows, columns = np.mgrid[0 : shot.height, 0 : shot.width].astype(np.float32)
        radius = np.hypot(columns / shot.width - 0.5, rows / shot.height - 0.5)
        self._vignette = (1 - 0.16 * radius**2)[..., None].astype(np.float32)

    def picture(self, turn: float) -> Picture:
        """RGB 0..255 at `turn` (0..1 through the loop), without noise."""
        still = self._composed(turn)
        zoom = 1 + 0.018 * sin(2 * pi * turn)
        drift = (14 * sin(2 * pi * turn + 0.6), 8 * sin(4 * pi * turn))
        matrix = _centred(self._size, (self._shot.width, self._shot.height), zoom, drift)
        view = cv2.warpAffine(still, matrix, (self._shot.width, self._shot.height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        light = 1 + 0.035 * sin(2 * pi * turn + 2.0) + 0.012 * sin(2 * pi * 5 * turn)
        warmth = 0.012 * sin(2 * pi * 2 * turn)
        return view * self._vignette * np.array([light + warmth, light, light - warmth], np.float32)

    def _composed(self, turn: float) -> Picture:
        """The wall, the person swaying about her waist, the counter."""
        tilt = 0.9 * sin(2 * pi * 3 * turn) + 0.5 * sin(2 * pi * 5 * turn + 1)
        nod = 1 + 0.006 * sin(2 * pi * 6 * turn) + 0.004 * sin(2 * pi * turn)
        scale = self._shot.scale * MARGIN
        matrix = cv2.getRotationMatrix2D((SOURCE_MIDDLE * scale, SOURCE_WAIST * scale), tilt, nod)
        matrix[:, 2] += (self._middle - SOURCE_MIDDLE * scale + 9 * sin(4 * pi * turn), self._waist - SOURCE_WAIST * scale)
        colour = cv2.warpAffine(self._person.colour, matrix, self._size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.warpAffine(self._person.coverage, matrix, self._size, flags=cv2.INTER_LINEAR)[..., None]
        shade = cv2.warpAffine(self._shade, matrix, self._size, flags=cv2.INTER_LINEAR)[..., None]
        picture = self._wall * (1 - 0.10 * shade)
        picture += (colour - picture) * cover
        picture += (self._counter - picture) * self._cover
        return picture


def _centred(inner: tuple[int, int], outer: tuple[int, int], zoom: float, drift: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(
        [
            [zoom, 0, outer[0] / 2 - zoom * (inner[0] / 2) + drift[0]],
            [0, zoom, outer[1] / 2 - zoom * (inner[1] / 2) + drift[1]],
        ]
    )


def to_i420(picture: Picture, random: np.random.Generator) -> NDArray[np.uint8]:
    """RGB 0..255 to I420 BT.709 limited, with a sensor's noise (luma sigma 1.7, chroma 1.0 at half size; ITU-R BT.709-6, item 3)."""
    luma = picture @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half_luma = half @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    u, v = (half[..., 2] - half_luma) / 1.8556, (half[..., 0] - half_luma) / 1.5748
    planes = np.concatenate(
        [
            (16 + luma * 219 / 255 + _noise(random, luma.shape, 1.7)).ravel(),
            (128 + u * 224 / 255 + _noise(random, u.shape, 0.8)).ravel(),
            (128 + v * 224 / 255 + _noise(random, v.shape, 0.8)).ravel(),
        ]
    )
    return np.rint(planes).clip(1, 254).astype(np.uint8).reshape(luma.shape[0] * 3 // 2, luma.shape[1])


def _noise(random: np.random.Generator, shape: tuple[int, ...], sigma: float) -> NDArray[np.float32]:
    return cv2.GaussianBlur(random.standard_normal(shape, dtype=np.float32) * (sigma * 1.45), (0, 0), 0.55)


def room_tone() -> NDArray[np.float32]:
    """Soft chords over quiet room noise, (2, N), about -26 dBFS, periodic over the clip."""
    count = SECONDS * RATE_HZ
    time_s = np.arange(count) / RATE_HZ
    sound = np.zeros((2, count))
    chords = ((220.0, 277.2, 329.6, 415.3), (185.0, 220.0, 277.2, 329.6), (146.8, 220.0, 293.7, 370.0), (164.8, 246.9, 329.6, 415.3))
    bar = SECONDS // 8
    for number in range(8):
        for voice, pitch_hz in enumerate(chords[number % 4]):
            start = number * bar + voice * 0.5
            age = (time_s - start) % SECONDS
            envelope = np.minimum(age / 0.06, 1) * np.exp(-age / 1.1)
            cycles_hz = round(pitch_hz * SECONDS) / SECONDS
            tone = sum(np.sin(2 * pi * cycles_hz * part * time_s) / part**2.2 for part in (1, 2, 3))
            pan = 0.5 + 0.3 * cos(voice * 2.1)
            sound += np.outer((1 - pan, pan), envelope * tone)
    sound += np.random.default_rng(SEED).standard_normal((2, count)) * 0.012
    level = 10 ** (-26 / 20)
    return (sound * (level / np.sqrt(np.mean(sound**2)))).astype(np.float32)


def make(shot: Shot, folder: Path) -> Path:
    """Draw and encode one clip; returns its path."""
    stage, random = Stage(shot), np.random.default_rng(SEED)
    path = folder / shot.name
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": str(shot.crf), "preset": "medium", "g": "60", "bf": "2"})
        video.width, video.height, video.pix_fmt = shot.width, shot.height, "yuv420p"
        context = video.codec_context
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1
        audio = container.add_stream("aac", rate=RATE_HZ, layout="stereo")
        audio.bit_rate = 96_000
        for index in range(FPS * SECONDS):
            planes = to_i420(stage.picture(index / (FPS * SECONDS)), random)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            frame.colorspace, frame.color_range = 1, 1
            container.mux(video.encode(frame))
        container.mux(video.encode())
        _mux_sound(container, audio)
    return path


def _mux_sound(container: av.container.OutputContainer, stream: av.AudioStream) -> None:
    sound, block = room_tone(), 1024
    for start in range(0, sound.shape[1] - block + 1, block):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[:, start : start + block]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


if __name__ == "__main__":
    for name in sys.argv[1:] or SHOTS:
        print(make(SHOTS[name], Path(__file__).parent))  # noqa: T201 - a command's answer
