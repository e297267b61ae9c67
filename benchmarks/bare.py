"""Decoding and encoding a clip alone, with the show's encoder options: what the show's cost is compared with.

python -m benchmarks.bare CLIP FRAMES WIDTH HEIGHT KBPS
"""

import json
import sys
import time

import av

from encoder import FfmpegEncoders
from studio.model.frames import ProgramFrame, VideoFrame
from studio.model.settings import EncoderSettings, VideoSettings


def main(clip: str, frames: int, width: int, height: int, bitrate_kbps: int) -> None:
    """Print {cpu_ms_per_frame}."""
    video = VideoSettings(width=width, height=height, fps=30)
    picture, _, _ = FfmpegEncoders().open(video, EncoderSettings(codec="libx264", bitrate_kbps=bitrate_kbps))
    before = time.process_time()
    count = 0
    while count < frames:
        with av.open(clip) as container:
            container.streams.video[0].thread_type = "AUTO"
            for decoded in container.decode(video=0):
                planes = decoded.to_ndarray()
                picture.encode(ProgramFrame(VideoFrame(planes, count, count), count, count, repeated=False, board_version=0), count)
                count += 1
                if count == frames:
                    break
    picture.flush()
    print(json.dumps({"cpu_ms_per_frame": (time.process_time() - before) * 1000 / count}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
