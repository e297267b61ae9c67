"""How fast this machine encodes: the x264 preset that leaves room for the rest of the show, by encoding a few frames.

It chooses for the sample show, where nobody has chosen yet; a profile's preset is never changed.
"""

import time
from dataclasses import replace

import numpy as np

from encoder.encoders import FfmpegEncoders
from studio.model.frames import ProgramFrame, VideoFrame
from studio.model.settings import EncoderSettings, VideoSettings

PRESETS = ("veryfast", "superfast", "ultrafast")
SHARE = 0.5
"""Of a frame's time on all cores, for the encoder: look, decoding and overlays take a third, the rest is air for other programs."""
FRAMES = 8


def fitting_preset(video: VideoSettings, encoder: EncoderSettings) -> str:
    """The slowest of veryfast, superfast and ultrafast that takes at most half of a frame's time; ultrafast when none does."""
    pictures = _pictures(video)
    for preset in PRESETS[:-1]:
        if _seconds_a_frame(pictures, video, replace(encoder, preset=preset)) <= SHARE / video.fps:
            return preset
    return PRESETS[-1]


def _seconds_a_frame(pictures: list[VideoFrame], video: VideoSettings, encoder: EncoderSettings) -> float:
    picture, _, _ = FfmpegEncoders().open(video, encoder)
    picture.encode(ProgramFrame(pictures[0], 0, 0, repeated=False, board_version=0), 0)
    started = time.perf_counter()
    for index, frame in enumerate(pictures[1:], 1):
        picture.encode(ProgramFrame(frame, index, 0, repeated=False, board_version=0), index)
    picture.flush()
    return (time.perf_counter() - started) / (len(pictures) - 1)


def _pictures(video: VideoSettings) -> list[VideoFrame]:
    """A soft picture that pans under sensor noise, as a camera's does."""
    random = np.random.default_rng(1)
    height, width = video.height, video.width
    rows, columns = np.mgrid[0:height, 0 : width + FRAMES * 4].astype(np.float32)
    wide = 120 + 50 * np.sin(columns / 37) * np.cos(rows / 23) + 20 * np.sin((rows + columns) / 5)
    noise = random.normal(0, 3, (height, width)).astype(np.float32)
    frames = []
    for index in range(FRAMES):
        frame = VideoFrame.black(width, height, index, index)
        shaken = np.roll(noise, (index * 17, index * 31), (0, 1))
        frame.y[:] = np.clip(wide[:, index * 4 : index * 4 + width] + shaken, 16, 235)
        frames.append(frame)
    return frames
