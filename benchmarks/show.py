"""The whole show against bare decoding and encoding of the same clip in the same run: pictures, cost, latency, rate.

    python -m benchmarks.show [--seconds 300] [--portrait] [--short-side 1080]

nginx takes the stream, Debian's ffmpeg pulls it; the clip carries a frame counter that is read back from the decoded pictures.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.results import Figure, at_least, at_most, exactly, publish
from tests import decode
from tests.clips import BITS, counter_geometry, make_counter_clip
from tests.e2e.pull import PullingWhenLive
from tests.e2e.show import Show, run_live
from tests.servers import nginx

CLIP_SECONDS = 20
BITRATE_KBPS = 6000


def tables(clip: Path, server: str, width: int, height: int) -> dict:
    """The profile of the measured show."""
    source = f"file:{clip}"
    return {
        "video": {"width": width, "height": height, "fps": 30, "source": source},
        "audio": {"source": source},
        "look": {"smooth": 0.5, "whiten": 0.3, "rosy": 0.1, "contrast": 0.05, "temperature": 0.05},
        "encoder": {"codec": "libx264", "bitrate_kbps": BITRATE_KBPS, "preset": "veryfast", "latency": "low"},
        "output": [{"name": "main", "server": server, "key": "bench"}, {"name": "archive", "path": "show.mp4"}],
        "audience": {"events": "simulated:7"},
    }


def read_numbers(path: Path, width: int, height: int) -> list[int]:
    """The counter of every decoded picture."""
    x, y, side = counter_geometry(width, height)
    raw = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-vf",
         f"crop={BITS * side}:{side}:{x}:{y},scale={BITS}:1:flags=area,format=gray", "-f", "rawvideo", "-"],
        capture_output=True, check=True, timeout=1200,
    ).stdout  # fmt: skip
    rows = (raw[start : start + BITS] for start in range(0, len(raw), BITS))
    return [sum((value > 125) << bit for bit, value in enumerate(row)) for row in rows]


def bare(clip: Path, frames: int, width: int, height: int) -> float:
    """CPU ms a frame of decoding and encoding alone, with the same options, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare", str(clip), str(frames), str(width), str(height), str(BITRATE_KBPS)],
        capture_output=True, check=True, text=True, timeout=1200,
    )  # fmt: skip
    return json.loads(done.stdout)["cpu_ms_per_frame"]


def run(seconds: int, width: int, height: int) -> bool:
    """Run the show and the bare path, print the figures."""
    with tempfile.TemporaryDirectory() as temporary, nginx() as server:
        folder = Path(temporary)
        clip = make_counter_clip(folder / "clip.mp4", width=width, height=height, fps=30, seconds=CLIP_SECONDS)
        alone_ms = bare(clip, min(seconds, 60) * 30, width, height)
        with PullingWhenLive(server.url("bench"), folder / "pulled.flv"):
            show = run_live(folder, tables(clip, server.server, width, height), seconds)
        if show.code:
            print(show.errors[-3000:])
        numbers = read_numbers(folder / "pulled.flv", width, height)
        return publish(f"show {width}×{height} {seconds} s", figures(show, numbers, alone_ms, folder / "pulled.flv"))


def figures(show: Show, numbers: list[int], alone_ms: float, pulled: Path) -> list[Figure]:
    """What issue and contract ask, from the report and from the pulled stream."""
    video, process = show.report["video"], show.report["process"]
    ticks = video["encoded"] + video["skipped"]
    engine_ms = (process["cpu_s"] + process["children_cpu_s"]) * 1000 / max(1, video["encoded"])
    steps = [(after - before) % (CLIP_SECONDS * 30) for before, after in itertools.pairwise(numbers)]
    seen = decode.describe(pulled)
    times = decode.packet_times(pulled)
    sizes = pulled.stat().st_size * 8 / 1000 / max(0.1, max(times) - min(times))
    sound_kbps = 160
    return [
        exactly("skipped", video["skipped"], 0, "frames"),
        exactly("dropped", sum(output["dropped"] for output in show.report["outputs"]), 0, "frames"),
        at_most("late + repeated", 100 * (video["late"] + video["repeated"]) / max(1, ticks), 0.2, "% of ticks"),
        at_least("different pictures in the pulled stream", 100 * sum(map(bool, steps)) / max(1, len(steps)), 99.5, "%"),
        exactly("decoder errors", len(decode.decode_errors(pulled)), 0, "lines"),
        Figure("bare decode and encode", round(alone_ms, 2), "ms/frame"),
        Figure("engine and children", round(engine_ms, 2), "ms/frame"),
        at_most("the show above bare", engine_ms - alone_ms, 12, "ms/frame"),
        Figure("the show over bare", round(engine_ms / alone_ms, 3), "×"),
        exactly("least rate asked of the encoder", show.report["encoder"]["bitrate_kbps_min"], BITRATE_KBPS, "kbit/s"),
        exactly("x264's subme in the stream, 2 is veryfast", int(decode.x264_options(pulled.with_name("show.mp4"))["subme"]), 2, ""),
        at_most("rate off the profile's", 100 * abs((sizes - sound_kbps) / BITRATE_KBPS - 1), 5, "%"),
        at_most("latency p95", show.report["latency_ms"]["p95"], 66, "ms"),
        at_most("first packet", process["first_frame_s"], 3, "s"),
        at_most("loop gap p99", show.report["loop"]["gap_ms_p99"], 50, "ms"),
        at_most("board p99", show.report["events"].get("board_ms_p99", 0), 400, "ms"),
        Figure("memory growth", process["rss_mb_end"] - process["rss_mb_start"], "MB"),
        Figure("frame rate seen", eval(seen.video["avg_frame_rate"]), "fps"),
    ] + [Figure(f"stage {name}", row["cpu_ms_per_frame"], "ms/frame") for name, row in show.report["stages"].items()]


def main() -> int:
    """Command line."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=300)
    arguments.add_argument("--portrait", action="store_true")
    arguments.add_argument("--short-side", type=int, default=1080, help="720 where 1080p30 is more than the machine can encode")
    chosen = arguments.parse_args()
    width, height = chosen.short_side * 16 // 9, chosen.short_side
    if chosen.portrait:
        width, height = height, width
    return 0 if run(chosen.seconds, width, height) else 1


if __name__ == "__main__":
    sys.exit(main())
