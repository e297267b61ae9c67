"""A camera that is gone, repeats itself, or falls silent."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.faults.stage import FPS, HEIGHT, STALL_FRAMES, WIDTH, on_air, until
from benchmarks.results import Figure, at_most
from tests.e2e.show import engine
from tests.mjpeg_camera import MjpegCamera
from tests.servers import nginx

KEY = "k-f4ults"


def camera_gone(folder: Path, slack: float) -> list[Figure]:
    """The source is replaced by one that isn't there, and brought back."""
    with nginx() as server, on_air(folder, {"server": server.server, "key": KEY}, slack=slack) as stage:
        source = stage.running.call("GET", "/v1/settings")[1]["video"]["source"]

        def video() -> str:
            sources = stage.running.call("GET", "/v1/live")[1]["sources"]
            return next((row["state"] for row in sources if row["kind"] == "video"), "")

        stage.running.call("PATCH", "/v1/settings", {"video": {"source": "camera:9"}})
        seen = until(lambda: video() == "lost")
        stage.running.call("PATCH", "/v1/settings", {"video": {"source": source}})
        back = until(lambda: video() == "open")
        return [
            Figure("camera gone: seen after", round(seen, 2), "s"),
            stage.within("camera gone: back after", back, 2),
            *stage.bystanders("camera gone"),
        ]


def camera_fails(mode: str) -> Callable[[Path, float], list[Figure]]:
    """The camera itself repeats a picture ("frozen"), gives none ("silent"), or hangs up ("gone")."""

    def fault(folder: Path, slack: float) -> list[Figure]:
        camera = MjpegCamera()
        tables = {
            "video": {"width": WIDTH, "height": HEIGHT, "fps": FPS, "source": "camera:0"},
            "audio": {"source": "tone"},
            "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
            "output": [{"name": "archive", "path": str(folder / "show.mkv")}],
        }
        try:
            with engine(folder, tables, script="tests/e2e/with_camera.py", more={"TEST_CAMERA": camera.url}) as running:

                def slate() -> Any:
                    return running.call("GET", "/v1/live")[1]["slate"]

                running.call("POST", "/v1/live/start")
                time.sleep(4)
                until(lambda: not slate()["on"])
                skipped, began = running.call("GET", "/v1/health")[1]["video"]["skipped"], time.time()
                camera.mode = mode
                until(lambda: slate()["on"])
                seen = slate()["since"] - began
                time.sleep(4)
                camera.mode = "fine"
                back = until(lambda: not slate()["on"])
                lost = running.call("GET", "/v1/health")[1]["video"]["skipped"] - skipped
                return [
                    at_most(f"camera {mode}: slate after", seen, 0.5 * slack, "s"),
                    at_most(f"camera {mode}: back after", back, 2 * slack, "s"),
                    at_most(f"camera {mode}: skipped", lost, 0 if slack == 1 else STALL_FRAMES, "frames"),
                ]
        finally:
            camera.close()

    return fault
