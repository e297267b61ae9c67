"""Which Output a profile's `[[output]]` is.

It opens nothing itself: an output begins with `start`.
"""

from collections.abc import Callable

from encoder.dense_recording import DenseRecording
from encoder.filled import FilledOutput
from encoder.recording import RecordingOutput
from encoder.sender import RtmpOutput
from encoder.virtual_camera import VirtualCameraOutput
from studio.model.settings import OutputSettings
from studio.ports import Output, OutputStats


def open_test_output(settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> Output:
    """A publication at its full rate, for the connection test."""
    return FilledOutput(settings, on_state)


def open_output(settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> Output:
    """A recording for a path, a virtual camera, a publication for a server."""
    if settings.camera:
        return VirtualCameraOutput(settings, on_state)
    if settings.is_file:
        return (RecordingOutput if settings.codec == "h264" else DenseRecording)(settings, on_state)
    return RtmpOutput(settings, on_state)
