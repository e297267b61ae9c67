"""What the look costs at 1080p, as ratios to the copy of one I420 frame, beside what others need for less; all in one run on one thread.

It refuses to print milliseconds as the result: machines differ, ratios carry over.

720p is to cost half of what 1080p does, though the mesh's network sees 256 × 256 pixels of a face whatever the frame's size is: the work
on pixels falls to 4/9 and a little more, and so a face at rest is given the mesh as many times less often as there are fewer pixels (see
`capture.look.pace`). What looking for faces takes of each stands below the ratio.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.results import Figure, at_least, at_most, publish
from capture.look import BeautyLook, beauty, colour, pace, sampler
from capture.look.picture import from_av, to_rgb
from capture.look.presence import Shown
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "resources" / "sample" / "presenter.mp4"
SHOT = ShotSettings()
RING, ROUNDS, PERIOD_NS = 12, 5, 33_333_333
COLOUR = LookSettings(exposure=0.1, contrast=0.2, saturation=0.1, temperature=0.1)
SKIN = LookSettings(smooth=0.6, whiten=0.3, rosy=0.2)
SHAPE = LookSettings(slim=0.4, narrow=0.2, chin=0.2, forehead=0.2, eyes=0.3, nose=0.3, mouth=0.2)
MAKE_UP = LookSettings(lips=0.6, blush=0.4, brows=0.4)
LOOK = replace(COLOUR, smooth=0.6, whiten=0.3, rosy=0.2, slim=0.4, narrow=0.2, chin=0.2, forehead=0.2, eyes=0.3, nose=0.3, mouth=0.2)


def least_ms(step: Callable[[int], object], count: int = RING, middle: Callable[[list[float]], float] = statistics.median) -> float:
    """CPU ms of this thread for one call: the least of 5 medians (or means, where frames differ) over a ring of frames."""
    results = []
    for _ in range(ROUNDS):
        times = []
        for index in range(count):
            start = time.thread_time_ns()
            step(index)
            times.append((time.thread_time_ns() - start) / 1e6)
        results.append(middle(times))
    return min(results)


def frames(path: Path) -> list[VideoFrame]:
    result = []
    with av.open(str(path)) as container:
        for number, decoded in enumerate(container.decode(video=0)):
            result.append(from_av(decoded, number * PERIOD_NS, number))
            if len(result) == RING:
                return result
    return result


def crowd(ring: list[VideoFrame], count: int) -> list[VideoFrame]:
    """The clip's head and shoulders beside each other, `count` times, each two thirds as large."""
    result = []
    for frame in ring:
        picture = VideoFrame.black(frame.width, frame.height, frame.time_ns, frame.seq)
        for plane, out, shrink in ((frame.y, picture.y, 1), (frame.u, picture.u, 2), (frame.v, picture.v, 2)):
            head = plane[100 // shrink : 820 // shrink, 640 // shrink : 1330 // shrink]
            small = cv2.resize(head, (460 // shrink, 480 // shrink), interpolation=cv2.INTER_AREA)
            for number in range(count):
                out[200 // shrink : 680 // shrink, (20 + 475 * number) // shrink :][:, : 460 // shrink] = small
        result.append(picture)
    return result


def smaller(ring: list[VideoFrame]) -> list[VideoFrame]:
    """The same at 720p."""
    result = []
    for frame in ring:
        picture = VideoFrame.black(1280, 720, frame.time_ns, frame.seq)
        for plane, out in ((frame.y, picture.y), (frame.u, picture.u), (frame.v, picture.v)):
            out[:] = cv2.resize(plane, (out.shape[1], out.shape[0]), interpolation=cv2.INTER_AREA)
        result.append(picture)
    return result


class Show:
    """A look that has settled on a ring of frames, and its clock."""

    def __init__(self, ring: list[VideoFrame], settings: LookSettings, faces: int = 1) -> None:
        self.look = BeautyLook(VideoSettings(width=ring[0].width, height=ring[0].height))
        if not self.look.wait_ready(60):
            sys.exit("the look wasn't ready within 60 s")
        self.look.configure(settings)
        self.ring = ring
        self.buffers = [np.empty_like(frame.planes) for frame in ring]
        self.number = 0
        self.faces = None
        self.looking_ms = 0.0
        for _ in range(48):
            self.tick(0)
        if self.faces is None or self.faces.count != faces:
            sys.exit(f"{self.faces.count if self.faces else 0} faces were found instead of {faces}: nothing to measure")

    def tick(self, _index: int) -> None:
        """One frame as on air, with tracking on the same thread; its copy is the caller's to take off."""
        source, buffer = self.ring[self.number % RING], self.buffers[self.number % RING]
        np.copyto(buffer, source.planes)
        frame = VideoFrame(buffer, self.number * PERIOD_NS, self.number)
        self.number += 1
        start = time.thread_time_ns()
        sample = self.look.sample(frame, SHOT)
        if sample is not None:
            self.faces = self.look.track(sample)
        self.looking_ms += (time.thread_time_ns() - start) / 1e6
        self.look.apply(frame, self.faces, SHOT)

    def mean_ms(self) -> float:
        """CPU ms of a frame, its copy included; `looking_ms` is then what finding faces is of it."""
        self.looking_ms = 0.0
        mean = least_ms(self.tick, 60, statistics.fmean)
        self.looking_ms /= 60 * ROUNDS
        return mean


def at_half_rate(ring: list[VideoFrame]) -> float:
    """CPU ms of a frame, its copy included, as for a face that moves so much that every second frame has its mesh."""
    rarely = pace.CALM, pace.AT_REST
    pace.CALM = pace.AT_REST = pace.OFTEN
    try:
        return Show(ring, LOOK).mean_ms()
    finally:
        pace.CALM, pace.AT_REST = rarely


def worn(show: Show, settings: LookSettings) -> float:
    """CPU ms of one face's parts alone, tracking apart: the mean of frames, for some do more than others."""
    ring = [VideoFrame(frame.planes.copy(), frame.time_ns, frame.seq) for frame in show.ring]
    face, wanted = show.faces.items[0], beauty.of(settings)
    shown = Shown(face, 1.0)
    return least_ms(lambda index: beauty.beautify(ring[index], shown, wanted, face.points), RING, statistics.fmean)


def steps(show: Show) -> dict[str, float]:
    """CPU ms for steps that run every 2nd or 30th frame, for one run of each."""
    ring = show.ring
    tracker = show.look._tracker  # noqa: SLF001 - the benchmark looks inside
    wanted, whole = sampler.Wanted(tracker.wanted.targets, overview=False), sampler.Wanted((), overview=True)
    samples = [sampler.cut(frame, wanted) for frame in ring]
    mesh, detector = tracker._mesh, tracker._detector  # noqa: SLF001
    patch, small = tracker._picture, np.zeros((1, 192, 192, 3), np.float32)  # noqa: SLF001
    return {
        "smoothing alone": worn(show, LookSettings(smooth=0.6)),
        "all of retouching": worn(show, LookSettings(sharpen=0.3, even_tone=0.3, eye_bags=0.5, smile_lines=0.5, teeth=0.3, eye_light=0.3)),
        "sample with one patch": least_ms(lambda index: sampler.cut(ring[index], wanted)),
        "sample with overview": least_ms(lambda index: sampler.cut(ring[index], whole)),
        "track with one patch": least_ms(lambda index: tracker.track(samples[index])),
        "mesh network": least_ms(lambda index: mesh.fit(patch, samples[index].patches[0].rectangle)),
        "detector network": least_ms(lambda _index: detector.find(small, 1)),
        "baking the table": least_ms(lambda _index: colour.bake(LOOK)),
    }


def others(ring: list[VideoFrame], copy_ms: float) -> list[Figure]:
    """What others need for less, on the same frames; what isn't installed is left out."""
    bgr = np.ascontiguousarray(to_rgb(ring[0])[..., ::-1])
    found = {"cv2.bilateralFilter 9, 75, 75 on BGR": least_ms(lambda _index: cv2.bilateralFilter(bgr, 9, 75, 75), 2)}
    with tempfile.NamedTemporaryFile("w", suffix=".cube") as cube:
        levels = np.linspace(0, 1, 33)
        cube.write("LUT_3D_SIZE 33\n" + "\n".join(f"{r**0.9:.6f} {g:.6f} {b**1.1:.6f}" for b in levels for g in levels for r in levels))
        cube.flush()
        for name, options in (("bilateral", "sigmaS=5:sigmaR=0.1"), ("lut3d", f"file={cube.name}")):
            if name in av.filter.filters_available:
                found[f"PyAV {name}"] = _filtered(ring[0], name, options)
        try:
            import PyOpenColorIO as ocio  # noqa: N813
        except ImportError:
            ocio = None
        if ocio is not None:
            transform = ocio.FileTransform(cube.name, interpolation=ocio.INTERP_LINEAR)
            processor = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
            picture = to_rgb(ring[0]).astype(np.float32) / 255
            found["OpenColorIO, a 33³ table on float RGB"] = least_ms(lambda _index: processor.applyRGB(picture), 2)
    return [Figure(name, round(value / copy_ms, 1), "× copy") for name, value in found.items()]


def _filtered(frame: VideoFrame, name: str, options: str) -> float:
    """CPU ms of the whole process, for FFmpeg may use threads of its own."""
    source = av.VideoFrame.from_ndarray(frame.planes, format="yuv420p")
    if name == "lut3d":
        source = source.reformat(format="rgb24")
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_buffer(width=frame.width, height=frame.height, format=source.format, time_base=1),
        graph.add(name, options),
        graph.add("buffersink"),
    ).configure()
    times = []
    for number in range(4):
        source.pts = number
        start = time.process_time_ns()
        graph.push(source)
        graph.pull()
        times.append((time.process_time_ns() - start) / 1e6)
    return min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", nargs="?", type=Path, default=CLIP, help="one face, 1080p")
    clip = parser.parse_args().clip
    cv2.setNumThreads(1)
    ring = frames(clip)
    copies = [np.empty_like(frame.planes) for frame in ring]
    copy_ms = least_ms(lambda index: np.copyto(copies[index], ring[index].planes))
    table = colour.bake(LOOK)
    painted = [VideoFrame(frame.planes.copy(), frame.time_ns, frame.seq) for frame in ring]
    show = Show(ring, LOOK)
    parts = {"smoothing with whitening and rosy": (SKIN, 6), "shape, all sliders": (SHAPE, 8), "make-up: lips, blush, brows": (MAKE_UP, 8)}
    figures = [at_most(name, worn(show, settings) / copy_ms, bound, "× copy") for name, (settings, bound) in parts.items()]
    figures.append(at_most("colour", least_ms(lambda index: colour.apply(painted[index], table)) / copy_ms, 8, "× copy"))
    restless = at_half_rate(ring) - copy_ms
    figures.append(at_most("skin, shape, colour, faces at half rate", restless / copy_ms, 35, "× copy"))
    whole = show.mean_ms() - copy_ms
    figures.append(at_most("the same, faces as often as their motion asks for", whole / copy_ms, 35, "× copy"))
    blurred = Show(ring, replace(LOOK, background="blur")).mean_ms() - copy_ms
    figures.append(at_most("background blur, more", (blurred - whole) / copy_ms, 35, "× copy"))
    one, four = (Show(crowd(ring, count), LOOK, count).mean_ms() - copy_ms for count in (1, 4))
    figures.append(at_most("four faces over one of the same size", four / one, 2.2, "×"))
    shrunk = Show(smaller(ring), LOOK)
    small = shrunk.mean_ms() - copy_ms * 4 / 9
    figures.append(at_most("720p, to half of what 1080p may take", small / copy_ms, 17.5, "× copy"))
    figures.append(at_most("720p over 1080p", small / whole, 0.5, "×"))
    figures.append(Figure("looking for faces, of all at 1080p", round(show.looking_ms / whole, 3), "×"))
    figures.append(Figure("looking for faces, of all at 720p", round(shrunk.looking_ms / small, 3), "×"))
    figures += others(ring, copy_ms)
    bilateral = next(figure.value for figure in figures if figure.name.startswith("cv2.bilateral"))
    figures.append(at_least("cv2.bilateralFilter alone over all of the look", bilateral / (whole / copy_ms), 15, "×"))
    figures += [Figure(name, round(value / copy_ms, 3), "× copy") for name, value in steps(show).items()]
    figures.append(Figure("copy of an I420 frame, here", round(copy_ms, 3), "ms"))
    return 0 if publish("look", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
