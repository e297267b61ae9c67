"""Colour: the table against the formulas in float, a chart made true and read from the encoded stream, noise in time."""

import io
import json
import tempfile
from pathlib import Path

import av
import numpy as np

from benchmarks.results import Figure, at_least, at_most, exactly
from capture.look import colour
from capture.look.chart import patch_colours, read_chart
from capture.look.denoise import Denoiser
from capture.look.picture import from_av, to_frame
from studio.model.colour_profile import ColourProfile, to_document
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings
from tests.capture.look.charts import apart, frame_of
from tests.capture.look.pictures import FRAME_NS, face
from tests.capture.look.test_chart import LIGHTS
from tests.capture.look.test_colour import LOOKS, delta, ideal, natural_picture


def table() -> list[Figure]:
    """Every look of the tests, on a natural picture."""
    picture = natural_picture()
    means, tails = [], []
    for settings in LOOKS.values():
        look = LookSettings(**settings)
        frame = to_frame(np.rint(picture * 255).astype(np.uint8))
        colour.apply(frame, colour.bake(look))
        change = delta(frame, ideal(picture, look))
        means.append(float(change.mean()))
        tails.append(float(np.percentile(change, 95)))
    return [
        at_most("colour against float, worst look, mean ΔE2000", max(means), 0.6, ""),
        at_most("colour against float, worst look, p95 ΔE2000", max(tails), 1.6, ""),
        exactly("tables of neutral settings", float(colour.bake(LookSettings()) is not None), 0, ""),
    ]


def encoded(source: VideoFrame) -> VideoFrame:
    """The last of 30 frames of a still picture at 4 Mbit/s, decoded."""
    content = io.BytesIO()
    with av.open(content, "w", format="matroska") as target:
        video = target.add_stream("libx264", rate=30, options={"preset": "veryfast", "threads": "1"})
        video.width, video.height, video.pix_fmt, video.bit_rate = source.width, source.height, "yuv420p", 4_000_000
        video.codec_context.color_range, video.codec_context.colorspace = 1, 1
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(source.planes, format="yuv420p")
            frame.pts = number
            target.mux(video.encode(frame))
        target.mux(video.encode())
    content.seek(0)
    with av.open(content) as reader:
        return from_av(list(reader.decode(video=0))[-1], 0, 0)


def chart() -> list[Figure]:
    """Each wrong light: read from the camera's frame, made true, encoded, decoded, read again at the same places."""
    before, mean, worst = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chart.json"
        for light in LIGHTS.values():
            frame, corners = frame_of(noise=2.0, **light)
            reading = read_chart(frame)
            figures = (reading.mean_before, reading.mean_after, reading.max_after)
            path.write_text(json.dumps(to_document(ColourProfile("c", "l", "", reading.matrix, *figures, reading.scene))))
            colour.apply(frame, colour.bake(LookSettings(colour_profile=str(path))))
            shown = apart(patch_colours(encoded(frame), corners))
            before.append(reading.mean_before)
            mean.append(float(shown.mean()))
            worst.append(float(shown.max()))
            path.unlink()
    return [
        at_least("chart under wrong light, least mean ΔE2000 before", min(before), 6, ""),
        at_most("chart made true, decoded, worst mean ΔE2000", max(mean), 2, ""),
        at_most("chart made true, decoded, worst patch ΔE2000", max(worst), 5, ""),
    ]


def noise() -> list[Figure]:
    """A still scene with a camera's noise through the denoiser: deviation in time, out over in."""
    scene, denoiser, seen, shown = face("astronaut"), Denoiser(), [], []
    for number in range(30):
        random = np.random.default_rng(number)
        planes = np.clip(np.rint(scene.planes + random.normal(0, 4, scene.planes.shape)), 0, 255).astype(np.uint8)
        seen.append(planes[: scene.height])
        shown.append(denoiser.clean(VideoFrame(planes, number * FRAME_NS, number), 0.5).y)
    out, into = (float(np.stack(frames[12:]).astype(np.float32).std(axis=0).mean()) for frames in (shown, seen))
    return [at_most("noise in time with denoise at .5, out over in", out / into, 1.0, "×")]
