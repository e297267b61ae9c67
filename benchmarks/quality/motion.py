"""The figures in time: noise, mask and landmarks on still faces before a camera with noise, and lips after an encoder at 2 Mbit/s."""

import io
from itertools import pairwise

import av
import cv2
import numpy as np

from benchmarks.quality import measures
from benchmarks.quality.faces import FULL, SMOOTH, WHITENED
from benchmarks.quality.portraits import DARK, FRAME_NS, NAMES, Mask, Rgb, portrait
from benchmarks.results import Figure, at_most
from capture.look import skin
from capture.look.picture import Booth, from_av, to_frame, to_rgb
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings

NOISE = 2.0
"""Levels, standard deviation: a webcam in a lit room."""
SETTLED, COUNT = 75, 30
LIPS = ("joe", "erik", "kaci", "bob")


def noisy(source: VideoFrame, number: int) -> VideoFrame:
    """The still picture as a camera gives it at frame `number`: noise of its own on all planes."""
    random = np.random.default_rng(number)
    planes = source.planes + random.normal(0, NOISE, source.planes.shape)
    return VideoFrame(np.rint(planes).clip(0, 255).astype(np.uint8), number * FRAME_NS, number)


def still(rgb: Rgb, look: LookSettings, where: Mask) -> tuple[float, float, float]:
    """(noise in time on skin out over in, change of the mask a frame, landmark jitter in pixels rms) on a still face."""
    source = to_frame(rgb)
    booth = Booth(source.width, source.height, look)
    given, shown, masks, places = [], [], [], []
    for number in range(SETTLED + COUNT):
        frame = noisy(source, number)
        picture = booth.show(frame)
        if number < SETTLED:
            continue
        given.append(frame.y[where].astype(np.float32))
        shown.append(picture.y[where].astype(np.float32))
        item = next(iter(booth._look._presence._shown.values()))  # noqa: SLF001 - the benchmark looks inside
        places.append(item.face.points)
        masks.append(_whole(item.quarter, frame))
    noise = float(np.std(shown, axis=0).mean() / np.std(given, axis=0).mean())
    change = float(np.mean([np.abs(one - other).sum() / max(one.sum(), 1) for one, other in pairwise(masks)]))
    jitter = float(np.sqrt(np.var(places, axis=0).sum(axis=1).mean()))
    return noise, change, jitter


def _whole(quarter: skin.Quarter, frame: VideoFrame) -> np.ndarray:
    region, whole = quarter.region, np.zeros((frame.height // 4, frame.width // 4), np.float32)
    whole[region.top // 4 : region.bottom // 4, region.left // 4 : region.right // 4] = quarter.mask
    return whole


def on_still_faces() -> list[Figure]:
    """Each the worst of all portraits."""
    smooth = [still(portrait(name).rgb, SMOOTH, portrait(name).mask("skin")) for name in NAMES]
    full = [still(portrait(name).rgb, FULL, portrait(name).mask("skin")) for name in DARK]
    return [
        at_most("noise in time on skin, out over in", max(values[0] for values in smooth + full), 1.0, ""),
        at_most("skin mask's mean change a frame on a still face", 100 * max(values[1] for values in smooth), 1.0, "%"),
        at_most("landmark jitter on a still face", max(values[2] for values in smooth), 0.1, "px rms"),
        Figure("the same, median", round(float(np.median([values[2] for values in smooth])), 3), "px rms"),
    ]


def after_the_encoder() -> list[Figure]:
    """Lips worn in five shades under full smoothing and whitening, at 720p 2 Mbit/s, decoded.

    Against the same stream without the look, both blurred by 2 pixels, so that the codec's noise isn't counted as colour.
    """
    changes, hues, means = [], [], []
    for name in LIPS:
        one = portrait(name)
        where = cv2.erode(one.mask("lips").astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        for shade in measures.SHADES.values():
            rgb = measures.with_lips(one.rgb, one.mask("lips"), shade)
            decoded = [_decoded(rgb, look) for look in (LookSettings(), WHITENED)]
            means.append(measures.colours_apart(*decoded, where))
            plain, worn = (cv2.GaussianBlur(picture, (0, 0), 2) for picture in decoded)
            changes.append(measures.delta_e(plain, worn, where))
            hues.append(measures.hue_turn(plain, worn, where))
    return [
        at_most("the same lips at 720p 2 Mbit/s, decoded, worst ΔE2000 of the mean colour, not blurred", max(means), 1.5, ""),
        at_most("the same lips at 720p 2 Mbit/s, decoded, worst mean ΔE2000", max(changes), 1.5, ""),
        at_most("the same lips at 720p 2 Mbit/s, decoded, worst turn of hue", max(hues), 1.0, "°"),
    ]


def _decoded(rgb: Rgb, look: LookSettings) -> Rgb:
    """The 640 × 640 crop in the middle of a 720p stream, the last of 45 frames."""
    canvas = np.full((720, 1280, 3), 110, np.uint8)
    canvas[40:680, 320:960] = rgb
    source, content = to_frame(canvas), io.BytesIO()
    booth = Booth(1280, 720, look)
    with av.open(content, "w", format="matroska") as target:
        video = target.add_stream("libx264", rate=30, options={"preset": "veryfast", "threads": "1"})
        video.width, video.height, video.pix_fmt, video.bit_rate = 1280, 720, "yuv420p", 2_000_000
        video.codec_context.color_range, video.codec_context.colorspace = 1, 1
        for number in range(45):
            shown = booth.show(noisy(source, number))
            frame = av.VideoFrame.from_ndarray(shown.planes, format="yuv420p")
            frame.pts = number
            target.mux(video.encode(frame))
        target.mux(video.encode())
    content.seek(0)
    with av.open(content) as reader:
        last = list(reader.decode(video=0))[-1]
    return to_rgb(from_av(last, 0, 0))[40:680, 320:960]
