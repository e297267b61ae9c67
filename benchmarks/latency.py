"""How late the audience's server has a picture: from its stamp to its decoding by a reader of nginx-rtmp that isn't ours.

    python -m benchmarks.latency [--seconds 60] [--cost]

The picture carries its stamp; Debian's ffmpeg pulls and decodes the stream, and what it writes is read against the same clock. Beside
it what a second, third and fourth server cost, and the report's own way from the stamp to the packet at random phases and at 29.97.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from benchmarks.clock_camera import ClockCamera
from benchmarks.results import Figure, at_most, exactly, publish
from encoder.video import FfmpegVideoEncoder, open_video_context
from studio.model.frames import ProgramFrame, VideoFrame
from studio.model.settings import EncoderSettings, VideoSettings
from tests.clips import BITS, counter_geometry
from tests.e2e.show import Engine, engine
from tests.servers import end, nginx

WIDTH, HEIGHT = 1280, 720
SETTLE_S = 5.0


def tables(servers: list[str], source: str, *, height: int = HEIGHT) -> dict[str, Any]:
    """A show without a look, to several servers."""
    return {
        "video": {"width": height * 16 // 9, "height": height, "fps": 30, "source": source},
        "audio": {"source": "tone"},
        "look": {"enabled": False},
        "encoder": {"codec": "libx264", "bitrate_kbps": 4000, "preset": "superfast", "latency": "low"},
        "output": [{"name": f"server {number}", "server": server, "key": "bench"} for number, server in enumerate(servers)],
    }


@contextlib.contextmanager
def show(folder: str, servers: list[str], source: str, *, height: int = HEIGHT) -> Iterator[Engine]:
    """On air from a camera whose pictures carry their stamp."""
    with engine(Path(folder), tables(servers, source, height=height), script="benchmarks/clock_camera.py") as running:
        running.call("POST", "/v1/live/start")
        yield running


@contextlib.contextmanager
def reader(url: str) -> Iterator[subprocess.Popen]:
    """Ffmpeg writing the counter's 16 squares of each picture, as soon as it is decoded."""
    x, y, side = counter_geometry(WIDTH, HEIGHT)
    crop = f"crop={BITS * side}:{side}:{x}:{y},scale={BITS}:1:flags=area,format=gray"
    words = ["ffmpeg", "-nostdin", "-v", "error", "-fflags", "nobuffer", "-flags", "low_delay", "-threads", "1", "-probesize", "32768",
             "-analyzeduration", "0", "-i", url, "-map", "0:v", "-fps_mode", "passthrough", "-vf", crop, "-f", "rawvideo", "-flush_packets", "1", "-"]  # fmt: skip
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
    try:
        yield process
    finally:
        end(process)
        process.stdout.close()


def delays_ms(process: subprocess.Popen, seconds: float) -> list[float]:
    """Of each picture that comes in so many seconds, after the reader has settled."""
    found: list[float] = []
    begun = time.monotonic()
    while (now_s := time.monotonic()) - begun < SETTLE_S + seconds:
        row = process.stdout.read(BITS)
        if not row:
            break
        now_ms = time.monotonic_ns() // 1_000_000 & 0xFFFF
        stamp_ms = sum((value > 125) << bit for bit, value in enumerate(row))
        if now_s - begun > SETTLE_S:
            found.append((now_ms - stamp_ms) & 0xFFFF)
    return found


def percentile(values: list[float], percent: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else -1.0


def at_the_reader(seconds: float) -> list[Figure]:
    """720p30 through nginx."""
    with tempfile.TemporaryDirectory() as folder, nginx() as server, show(folder, [server.server], "camera:11") as running:
        running.wait_for("/v1/live", lambda live: live["state"] == "live")
        time.sleep(3)
        with reader(server.url("bench")) as process:
            found = delays_ms(process, seconds)
        report = running.call("GET", "/v1/health")[1]
    return [
        at_most("stamp to decoded by a reader of nginx-rtmp, 720p30: p50", percentile(found, 50), 60, "ms"),
        at_most("stamp to decoded by a reader of nginx-rtmp, 720p30: p99", percentile(found, 99), 120, "ms"),
        Figure("pictures read", len(found), "frames"),
        exactly("skipped", report["video"]["skipped"], 0, "frames"),
    ]


def to_the_packet(seconds: float, *, height: int) -> list[Figure]:
    """From the stamp to the encoded packet, with sources that come at any moment of a tick, and one at 29.97."""
    figures = []
    for word, name in (("camera:5", "a phase of 5 ms"), ("camera:23", "a phase of 23 ms"), ("camera:29970", "29.97 a second")):
        with tempfile.TemporaryDirectory() as folder, nginx() as server, show(folder, [server.server], word, height=height) as running:
            time.sleep(SETTLE_S + seconds)
            latency = running.call("GET", "/v1/health")[1]["latency_ms"]
        figures.append(at_most(f"stamp to packet, {height}p30, {name}: p95", latency["p95"], 50, "ms"))
    return figures


def further_outputs(seconds: float) -> list[Figure]:
    """What three servers more cost, as the share of a core of each."""
    cost = {}
    for count in (1, 4):
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as left:
            servers = [left.enter_context(nginx()).server for _ in range(count)]
            running = left.enter_context(show(folder, servers, "camera:11"))
            running.wait_for("/v1/live", lambda live: all(row["state"] == "live" for row in live["outputs"]))
            time.sleep(SETTLE_S)
            before, began = running.call("GET", "/v1/health")[1]["process"]["cpu_s"], time.monotonic()
            time.sleep(seconds)
            cost[count] = (running.call("GET", "/v1/health")[1]["process"]["cpu_s"] - before) / (time.monotonic() - began)
    return [
        Figure("the show to one server", round(100 * cost[1], 1), "% of a core"),
        at_most("each further server", 100 * (cost[4] - cost[1]) / 3, 2, "% of a core"),
    ]


def encode_overhead() -> list[Figure]:
    """Our encoder against PyAV's alone on the same frames, turn about: processor time of all threads, median of the rounds."""
    video, settings = VideoSettings(width=WIDTH, height=HEIGHT, fps=30), EncoderSettings(codec="libx264", bitrate_kbps=4000)
    camera = ClockCamera("0", video)
    camera.open(0)
    frames = [frame for frame in (camera.read(1.0) for _ in range(90)) if frame is not None]
    spent: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(5):
        spent["bare"].append(_bare(frames, video, settings))
        spent["ours"].append(_ours(frames, video, settings))
    bare, ours = (percentile(spent[name], 50) for name in ("bare", "ours"))
    return [
        Figure("bare PyAV encoding, 720p30 veryfast", round(bare * 1000 / len(frames), 2), "ms/frame"),
        at_most("encode overhead over it", 100 * (ours / bare - 1), 5, "%"),
    ]


def _bare(frames: list[VideoFrame], video: VideoSettings, settings: EncoderSettings) -> float:
    context = open_video_context("libx264", video, settings)
    begun = time.process_time()
    for index, frame in enumerate(frames):
        picture = av.VideoFrame.from_numpy_buffer(frame.planes, format="yuv420p")
        picture.pts, picture.time_base = index, context.time_base
        for packet in context.encode(picture):
            bytes(packet)
    context.encode(None)
    return time.process_time() - begun


def _ours(frames: list[VideoFrame], video: VideoSettings, settings: EncoderSettings) -> float:
    encoder = FfmpegVideoEncoder("libx264", video, settings)
    begun = time.process_time()
    for index, frame in enumerate(frames):
        encoder.encode(ProgramFrame(frame, index, 0, repeated=False, board_version=0), index)
    encoder.flush()
    return time.process_time() - begun


def main() -> int:
    """Command line."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--lines", type=int, default=1080, help="of the picture whose way to the packet is measured")
    arguments.add_argument("--cost", action="store_true", help="only what encoding and further servers cost")
    chosen = arguments.parse_args()
    if chosen.cost:
        return 0 if publish("cost of encoding and servers", [*encode_overhead(), *further_outputs(chosen.seconds)]) else 1
    figures = [
        *encode_overhead(),
        *at_the_reader(chosen.seconds),
        *further_outputs(chosen.seconds),
        *to_the_packet(chosen.seconds, height=chosen.lines),
    ]
    return 0 if publish("latency", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
