"""Measuring colour on the camera's own frames, for the hub (fulfils `ColourTools`).

Each library is loaded when it is first asked for.
"""

from pathlib import Path

from studio.model.colour_profile import ChartReading
from studio.model.frames import VideoFrame


class ColourMeter:
    """No state; any worker thread."""

    def white(self, frame: VideoFrame, place: tuple[float, float]) -> tuple[float, float, float]:
        """See `capture.look.white.white_gains`."""
        from capture.look.white import white_gains

        return white_gains(frame, place)

    def chart(self, frame: VideoFrame) -> ChartReading:
        """See `capture.look.chart.read_chart`."""
        from capture.look.chart import read_chart

        return read_chart(frame)

    def drift(self, frame: VideoFrame, profile: Path) -> tuple[float, bool]:
        """See `capture.look.white.drift`. Raises InvalidInput for a profile that can't be read."""
        from capture.look.chart import small_scene
        from capture.look.profile_file import read_profile
        from capture.look.white import drift

        return drift(read_profile(profile).scene, small_scene(frame))
