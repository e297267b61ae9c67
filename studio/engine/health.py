"""The report: what was captured, shown, encoded and sent, how long it took and what it cost.

It reads counters that others write; it changes nothing.
"""

import asyncio
import os
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from studio.engine.feed import Feed
from studio.engine.mixer import Mixer
from studio.engine.program import Program
from studio.engine.session import Session
from studio.model.frames import AudioBlock, VideoFrame
from studio.model.readings import Readings
from studio.model.settings import VideoSettings
from studio.ports import OutputStats

HEARTBEAT_S = 0.02
_RECENT_BEATS = 500
"""Ten seconds of them."""


class Heartbeat:
    """How late the loop wakes: the gap between two beats less what was asked for."""

    def __init__(self) -> None:
        self.gaps = Readings()
        self._recent: deque[float] = deque(maxlen=_RECENT_BEATS)

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(HEARTBEAT_S)
            gap_ms = max(0.0, (time.perf_counter() - before - HEARTBEAT_S) * 1000)
            self.gaps.add(gap_ms)
            self._recent.append(gap_ms)

    def report(self) -> dict[str, float]:
        """{gap_ms_p99, gap_ms_max, gap_ms_recent}: of the last eleven minutes, ever, of the last ten seconds."""
        return {
            "gap_ms_p99": self.gaps.percentile(99),
            "gap_ms_max": round(self.gaps.max, 3),
            "gap_ms_recent": round(max(self._recent, default=0.0), 3),
        }


class ProcessFigures:
    """The engine's own costs since its creation."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._created_s = time.monotonic() - _age_s(self._process)
        self._rss_start = self._rss_mb()
        self._children_s = 0.0
        self.first_frame_s = 0.0

    def count_from_now(self) -> None:
        """The engine's time begins now: as a spare it only waited."""
        self._created_s = time.monotonic()

    def note_first_frame(self, time_ns: int) -> None:
        """The first packet of all was handed to an output, at `time_ns` (monotonic)."""
        if not self.first_frame_s:
            self.first_frame_s = round(time_ns / 1e9 - self._created_s, 3)

    def look_at_children(self) -> None:
        """Read what the processes cost that run now. Blocks for some ms: the system tells by a file for each process that there is."""
        seconds = 0.0
        for child in self._process.children(recursive=True):
            try:
                spent = child.cpu_times()
            except psutil.Error:
                continue
            seconds += spent.user + spent.system
        self._children_s = seconds

    def report(self) -> dict[str, float]:
        """{wall_s, cpu_s, children_cpu_s, rss_mb_start, rss_mb_end, first_frame_s}; children that still run are as of the last look."""
        ended = os.times()
        return {
            "wall_s": round(time.monotonic() - self._created_s, 3),
            "cpu_s": round(time.process_time(), 3),
            "children_cpu_s": round(self._children_s + ended.children_user + ended.children_system, 3),
            "rss_mb_start": self._rss_start,
            "rss_mb_end": self._rss_mb(),
            "first_frame_s": self.first_frame_s,
        }

    def _rss_mb(self) -> float:
        return round(self._process.memory_info().rss / 2**20, 1)


def _age_s(process: psutil.Process) -> float:
    """How long the process has existed. Linux tells it in hundredths since the boot, where psutil adds a boot time in whole seconds."""
    if sys.platform != "linux":
        return time.time() - process.create_time()
    started = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(started) / os.sysconf("SC_CLK_TCK")


class Baseline:
    """The counters at one moment, so that a report speaks of the show and not of the hour before it."""

    def __init__(self, program: Program, camera: Feed[VideoFrame] | None) -> None:
        self.captured = camera.captured if camera else 0
        self.late = program.source.overwritten
        self.repeated = program.counters.repeated
        self.skipped = program.counters.skipped
        self.slated = program.counters.slated


def video_report(video: VideoSettings, since: Baseline, until: Baseline, session: Session | None) -> dict[str, int]:
    """{width, height, fps, captured, late, repeated, skipped, slated, encoded} between two moments; *slated* are ticks under a slate."""
    return {
        "width": video.width,
        "height": video.height,
        "fps": video.fps,
        "captured": max(0, until.captured - since.captured),
        "late": until.late - since.late,
        "repeated": until.repeated - since.repeated,
        "skipped": until.skipped - since.skipped + (session.skipped if session else 0),
        "slated": until.slated - since.slated,
        "encoded": session.encoded if session else 0,
    }


def audio_report(mixer: Mixer) -> dict[str, float]:
    """{blocks, overruns, drift_ms}."""
    return {"blocks": mixer.blocks, "overruns": mixer.overruns, "drift_ms": mixer.drift_ms}


def output_report(stats: OutputStats) -> dict[str, Any]:
    """One output's row; it holds no key."""
    row = asdict(stats)
    row["detail_params"] = dict(stats.detail_params)
    row["backlog_ms"] = round(stats.backlog_ms, 1)
    row["backlog_ms_max"] = round(stats.backlog_ms_max, 1)
    return row


def latency_report(session: Session | None) -> dict[str, float]:
    """{p50, p95, p99, max} of the source's stamp to the encoded packet."""
    if session is None:
        return {"p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
    readings = session.latency
    return {**{f"p{percent}": readings.percentile(percent) for percent in (50, 95, 99)}, "max": round(readings.max, 3)}


def encoder_report(session: Session | None) -> dict[str, int]:
    """{bitrate_kbps, bitrate_kbps_min}: what the encoder is asked for now, and the least it was asked for since the start."""
    if session is None:
        return {"bitrate_kbps": 0, "bitrate_kbps_min": 0}
    return {"bitrate_kbps": session.bitrate_kbps, "bitrate_kbps_min": session.lowest_kbps}


def stages_report(
    program: Program, camera: Feed[VideoFrame] | None, microphone: Feed[AudioBlock] | None, mixer: Mixer, session: Session | None
) -> dict[str, Any]:
    """{name: {p50_ms, p95_ms, cpu_ms_per_frame}} for each stage; `program` includes `look`, which is shown again by itself."""
    ticks = program.counters.ticks
    rows = {name: meter.report(ticks) for name, meter in program.meters.items()}
    rows["look"]["cpu_ms_per_frame"] = rows["look"]["p50_ms"]
    rows["mixer"] = mixer.meter.report(ticks)
    if camera is not None:
        rows["camera"] = camera.meter.report(camera.captured)
    if microphone is not None:
        rows["microphone"] = microphone.meter.report(ticks)
    if session is not None:
        rows["encode"] = session.encode_report()
    return rows


def table(report: Mapping[str, Any]) -> str:
    """The report as people read it: a line a figure, outputs one below another."""
    lines: list[str] = []
    for part, value in report.items():
        if isinstance(value, Mapping) and all(not isinstance(item, Mapping) for item in value.values()):
            lines.append(f"{part:<10} " + "  ".join(f"{name} {item}" for name, item in value.items()))
        elif isinstance(value, Mapping):
            lines.extend(_rows(part, value))
        elif isinstance(value, Sequence) and not isinstance(value, str):
            lines.extend(f"{part:<10} {_output_line(item)}" for item in value)
        else:
            lines.append(f"{part:<10} {value}")
    return "\n".join(lines)


def _rows(part: str, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [f"{part:<10} {name:<10} " + "  ".join(f"{key} {value}" for key, value in row.items()) for name, row in rows.items()]


def _output_line(output: Mapping[str, Any]) -> str:
    shown = {key: value for key, value in output.items() if value not in ("", {}) and key != "detail_params"}
    return "  ".join(f"{key} {value}" for key, value in shown.items())
