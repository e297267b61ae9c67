"""What the hub needs from a source that is a camera, stated as a Protocol; a video source may fulfil it, and none has to.

Nothing here is implemented here.
"""

from typing import Protocol, runtime_checkable

from studio.model.camera import CameraOrder, CameraReport


@runtime_checkable
class ControlledCamera(Protocol):
    """A `VideoSource` whose exposure, white balance, focus and flicker can be asked for. Both calls return at once, on any thread."""

    def order(self, wanted: CameraOrder) -> None:
        """Ask for it from now on, across losses of the device too; carried out by the thread that owns the device."""
        ...

    def report(self) -> CameraReport | None:
        """What became of the newest order that was carried out; None while the device is closed or the order is still to come."""
        ...
