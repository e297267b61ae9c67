"""A tracker gone mad, through the real stages: whatever it says of a face, each tick has its picture and no stage ends."""

import time
from dataclasses import replace

import cv2
import numpy as np

from capture.look import BeautyLook
from capture.look.picture import to_frame
from overlays import AirOverlays, ConvertTools
from studio.engine.program import Program
from studio.model.frames import VideoFrame
from studio.model.scene import Scene
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings
from tests.capture.look.pictures import rgb
from tests.studio.engine.test_program import Sink

VIDEO = VideoSettings(width=640, height=360, fps=30)
JUMPS = (0.0, 40.0, -400.0, 1e4, -1e9, 1e30, float("inf"), float("nan"))
BEAUTY = dict.fromkeys(
    ("smooth", "whiten", "even_tone", "eye_bags", "teeth", "slim", "eyes", "nose", "mouth", "lips", "blush", "brows"), 1.0
)


class MadTracker:
    """The product's tracker, each answer of which has jumped, grown, or is no number at all."""

    def __init__(self, tracker):
        self._tracker = tracker
        self.answers = 0

    @property
    def wanted(self):
        return self._tracker.wanted

    def track(self, sample):
        faces = self._tracker.track(sample)
        if not faces.items:
            return faces
        jump = JUMPS[self.answers % len(JUMPS)]
        self.answers += 1
        [face, *_] = faces.items
        points = face.points.copy()
        points[:: 1 + self.answers % 3] += np.float32(min(max(jump, -3e38), 3e38))
        wild = replace(face, points=points, speed=(jump, -jump), width=abs(jump) if self.answers % 2 else face.width)
        return replace(faces, items=(wild, replace(face, id=face.id + self.answers)))


def test_landmarks_that_jump_cost_no_frame_and_end_no_stage(qapp):
    look, failures, sink = BeautyLook(VIDEO), [], Sink()
    assert look.wait_ready(180)
    mad = look._tracker = MadTracker(look._tracker)
    look.configure(LookSettings(**BEAUTY))
    scene = Scene(LookSettings(**BEAUTY), shot=ShotSettings(follow=True))
    program = Program(VIDEO, look, AirOverlays(VIDEO), ConvertTools(), scene, None, lambda *fault: failures.append(fault))
    picture = np.full((VIDEO.height, VIDEO.width, 3), 120, np.uint8)
    picture[20:320, 170:470] = cv2.resize(rgb("astronaut")[:260, 90:350], (300, 300))
    portrait = to_frame(picture)
    program.sink = sink
    program.start()
    deadline = time.monotonic() + 120
    seq = 0
    while mad.answers < 3 * len(JUMPS) and time.monotonic() < deadline:
        seq += 1
        program.source.put(VideoFrame(portrait.planes, time.monotonic_ns(), seq))
        sink.wait(1)
    program.stop()
    assert failures == []
    assert mad.answers >= 3 * len(JUMPS), "the tracker went on being asked"
    assert len(sink.frames) == program.counters.ticks
    assert all(frame.frame.planes.shape == (540, 640) for frame in sink.frames)
