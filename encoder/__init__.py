"""Sends out: encodes a show once, publishes it to servers and records it to files.

It refuses to decide anything about the show; it knows the hub's seams and nothing of capture, overlays or windows.
"""

from encoder.clips import cut_marked
from encoder.encoders import FfmpegEncoders
from encoder.outputs import open_output, open_test_output
from encoder.pace import fitting_preset
from encoder.probe import DENSE, probe
from encoder.replay import ReplayBuffer

__all__ = ["DENSE", "FfmpegEncoders", "ReplayBuffer", "cut_marked", "fitting_preset", "open_output", "open_test_output", "probe"]
