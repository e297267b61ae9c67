"""What another program sees in a stream or file: Debian's ffmpeg and ffprobe, and nothing of ours."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Seen:
    """A container as ffprobe describes it: `video` and `audio` are its stream tables (empty where there is none)."""

    video: dict
    audio: dict
    format: dict


def _probe(*arguments: str) -> dict:
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *arguments], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def describe(path: Path | str) -> Seen:
    """Codecs, sizes, rates and tags."""
    found = _probe("-show_streams", "-show_format", str(path))
    of_kind = {stream["codec_type"]: stream for stream in found["streams"]}
    return Seen(of_kind.get("video", {}), of_kind.get("audio", {}), found["format"])


def packet_times(path: Path | str, kind: str = "v") -> list[float]:
    """Presentation times in seconds, in the order of the file."""
    found = _probe("-select_streams", kind, "-show_entries", "packet=pts_time", str(path))
    return [float(packet["pts_time"]) for packet in found["packets"]]


def keyframe_times(path: Path | str) -> list[float]:
    """Presentation times of the keyframes in seconds."""
    found = _probe("-select_streams", "v", "-show_entries", "packet=pts_time,flags", str(path))
    return [float(packet["pts_time"]) for packet in found["packets"] if packet["flags"].startswith("K")]


def x264_options(path: Path | str) -> dict[str, str]:
    """What x264 wrote of itself into the session's first picture; empty for a reader who came later."""
    written = re.search(rb"x264 - core .*? - options: ([ -~]+)", Path(path).read_bytes())
    return dict(word.split("=", 1) for word in written[1].decode().split() if "=" in word) if written else {}


def decode_errors(path: Path | str) -> list[str]:
    """Every line that a decoder complains with."""
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "warning", "-err_detect", "explode", "-i", str(path), "-map", "0", "-f", "null", "-"],
        capture_output=True,
        timeout=120,
        check=False,
    )
    lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines if lines or not done.returncode else [f"exit {done.returncode}"]


def luma_frames(path: Path | str, width: int, height: int) -> np.ndarray:
    """Every picture's luma as decoded by ffmpeg, (N, height, width), with the range left as it is."""
    raw = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-pix_fmt", "gray", "-vf",
         "extractplanes=y", "-f", "rawvideo", "-"],
        capture_output=True,
        timeout=120,
        check=True,
    ).stdout  # fmt: skip
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width)


def sound(path: Path | str, track: int = 0) -> np.ndarray:
    """One track of the decoded sound, (N, 2) float32 at 48 kHz, its first sample at the stream's own start time."""
    raw = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", f"0:a:{track}", "-f", "f32le", "-ar", "48000", "-ac", "2", "-"],
        capture_output=True,
        timeout=120,
        check=True,
    ).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2)


def beep_times(path: Path | str, threshold: float = 0.15) -> list[float]:
    """When the sound rises out of 100 ms of quiet, in seconds of the stream's own time."""
    begun = packet_times(path, "a")[0]
    loud = np.abs(sound(path)[:, 0]) > threshold
    return [begun + int(at) / 48_000 for at in np.flatnonzero(loud) if not loud[max(0, at - 4_800) : at].any()]


def flash_times(path: Path | str, width: int, height: int, threshold: float = 220.0) -> list[float]:
    """When a picture's lower half is white and the one before wasn't, in seconds of the stream's own time."""
    bright = [bool(luma[height // 2 + 10 :].mean() > threshold) for luma in luma_frames(path, width, height)]
    times = sorted(packet_times(path))
    return [times[at] for at, is_bright in enumerate(bright) if is_bright and not (at and bright[at - 1])]


def offsets_ms(path: Path | str, width: int, height: int) -> list[float]:
    """For each flash how far its beep is behind it (negative: before it). The first and last are left out: a cut-off has none."""
    beeps = beep_times(path)
    return [min(((beep - flash) * 1000 for beep in beeps), key=abs) for flash in flash_times(path, width, height)[1:-1]]
