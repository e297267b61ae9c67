"""What the look costs at 1080p, as ratios to the copy of one I420 frame and to OpenCV's bilateral filter, all in one run on one thread.

It refuses to print milliseconds as the result: machines differ, ratios carry over. `python -m benchmarks.look [CLIP]`.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.results import Figure, at_least, at_most, publish
from capture.look import BeautyLook, colour, sampler, skin
from capture.look.picture import from_av, to_rgb
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "resources" / "sample" / "presenter.mp4"
SHOT = ShotSettings()
RING, ROUNDS, PERIOD_NS = 12, 5, 33_333_333
LOOK = LookSettings(smooth=0.6, whiten=0.3, rosy=0.2, exposure=0.1, contrast=0.2, saturation=0.1, temperature=0.1)


def least_median_ms(step: Callable[[int], object], count: int = RING) -> float:
    """CPU ms of this thread for one call: the least of 5 medians over a ring of frames."""
    medians = []
    for _ in range(ROUNDS):
        times = []
        for index in range(count):
            start = time.thread_time_ns()
            step(index)
            times.append((time.thread_time_ns() - start) / 1e6)
        medians.append(statistics.median(times))
    return min(medians)


def frames(path: Path) -> list[VideoFrame]:
    result = []
    with av.open(str(path)) as container:
        for number, decoded in enumerate(container.decode(video=0)):
            result.append(from_av(decoded, number * PERIOD_NS, number))
            if len(result) == RING:
                return result
    return result


class Show:
    """A look that has settled on the clip, and its clock."""

    def __init__(self, ring: list[VideoFrame]) -> None:
        self.look = BeautyLook(VideoSettings(width=ring[0].width, height=ring[0].height))
        if not self.look.wait_ready(60):
            sys.exit("the look wasn't ready within 60 s")
        self.look.configure(LOOK)
        self.ring = ring
        self.number = 0
        self.faces = None
        for _ in range(24):
            self.tick(0)
        if self.faces is None or not self.faces.count:
            sys.exit("no face was found: nothing to measure")

    def tick(self, _index: int) -> None:
        """One frame as on air, with tracking on the same thread."""
        source = self.ring[self.number % RING]
        frame = VideoFrame(source.planes.copy(), self.number * PERIOD_NS, self.number)
        self.number += 1
        sample = self.look.sample(frame, SHOT)
        if sample is not None:
            self.faces = self.look.track(sample)
        self.look.apply(frame, self.faces, SHOT)


def steps(show: Show) -> dict[str, float]:
    """CPU ms for each step alone; what runs every 2nd or 30th frame is given for one run of it."""
    ring = [VideoFrame(frame.planes.copy(), frame.time_ns, frame.seq) for frame in show.ring]
    tracker = show.look._tracker  # noqa: SLF001 - the benchmark looks inside
    face = show.faces.items[0]
    strengths, table = skin.strengths(LOOK), colour.bake(LOOK)
    smooth = skin.SkinStrengths(LOOK.smooth, 0.0, 0.0)
    wanted = sampler.Wanted(tracker.wanted.targets, overview=False)
    whole = sampler.Wanted((), overview=True)
    samples = [sampler.cut(frame, wanted) for frame in ring]
    mesh, detector = tracker._mesh, tracker._detector  # noqa: SLF001
    patch, small = tracker._picture, np.zeros((1, 192, 192, 3), np.float32)  # noqa: SLF001

    def beautify(strength: skin.SkinStrengths) -> Callable[[int], None]:
        return lambda index: skin.beautify(ring[index], face.points, face.width, face.skin, strength, 1.0)

    return {
        "smoothing": least_median_ms(beautify(smooth)),
        "smoothing, whitening, rosy": least_median_ms(beautify(strengths)),
        "colour table": least_median_ms(lambda index: colour.apply(ring[index], table)),
        "sample with one patch": least_median_ms(lambda index: sampler.cut(ring[index], wanted)),
        "sample with overview": least_median_ms(lambda index: sampler.cut(ring[index], whole)),
        "mesh network": least_median_ms(lambda index: mesh.fit(patch, samples[index].patches[0].rectangle)),
        "detector network": least_median_ms(lambda _index: detector.find(small, 1)),
        "track with one patch": least_median_ms(lambda index: tracker.track(samples[index])),
        "baking the table": least_median_ms(lambda _index: colour.bake(LOOK)),
    }


def main() -> int:
    cv2.setNumThreads(1)
    ring = frames(Path(sys.argv[1]) if len(sys.argv) > 1 else CLIP)
    copies = [np.empty_like(frame.planes) for frame in ring]
    copy_ms = least_median_ms(lambda index: np.copyto(copies[index], ring[index].planes))
    show = Show(ring)
    both_ms = []
    for _ in range(ROUNDS):
        start, count = time.thread_time_ns(), 60
        for index in range(count):
            show.tick(index)
        both_ms.append((time.thread_time_ns() - start) / 1e6 / count)
    look_ms = min(both_ms) - copy_ms
    bgr = np.ascontiguousarray(to_rgb(ring[0])[..., ::-1])
    bilateral_ms = least_median_ms(lambda _index: cv2.bilateralFilter(bgr, 9, 75, 75), 2)
    figures = [
        at_most("the whole look, a frame (copy of an I420 frame = 1)", look_ms / copy_ms, 35, "× copy"),
        at_least("cv2.bilateralFilter 9, 75, 75 alone over the look", bilateral_ms / look_ms, 15, "×"),
        *(Figure(name, round(value / copy_ms, 3), "× copy") for name, value in steps(show).items()),
        Figure("copy of an I420 frame, here", round(copy_ms, 3), "ms"),
    ]
    return 0 if publish("look", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
