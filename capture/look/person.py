"""Where the person is: a small mask from MediaPipe's selfie segmentation, steady from frame to frame.

It refuses to draw edges: the mask is as coarse as its network; `background` fits it to the frame that is shown.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.shrink import enlarged, halved
from capture.look.weights import Network
from studio.model.frames import VideoFrame

WIDTH, HEIGHT = 256, 144
"""The network's picture, lying."""
Mask = NDArray[np.float32]
_CALM, _QUICK = 0.15, 0.6
"""How much the mask must have changed at a place to be taken over whole, and how little is taken for the network's own unrest."""
_LEAST_SHARE = 0.25
"""Share of the new mask where it hardly differs: at .5 edges crawl on a still person, at .1 they trail behind a slow one."""


def small_picture(frame: VideoFrame) -> NDArray[np.uint8]:
    """(3, h, w) Y U V of the whole frame, fitted into the network's picture (`program` thread)."""
    width, height = inside(frame.width, frame.height)
    picture = np.empty((3, height, width), np.uint8)
    times = max((frame.width // width).bit_length() - 1, 0)
    for plane, halves, out in ((frame.y, times, picture[0]), (frame.u, times - 1, picture[1]), (frame.v, times - 1, picture[2])):
        out[:] = enlarged(halved(plane, max(halves, 0)), out)
    return picture


def inside(width: int, height: int) -> tuple[int, int]:
    """The size at which a frame of that size stands in the network's picture; its shape is kept."""
    scale = min(WIDTH / width, HEIGHT / height)
    return max(round(width * scale), 1), max(round(height * scale), 1)


class PersonMask:
    """Runs on the `look` thread."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._picture = np.empty((1, HEIGHT, WIDTH, 3), np.float32)
        self._last: Mask | None = None

    def find(self, small: NDArray[np.uint8]) -> Mask:
        """(h, w) 0..1 for a `small_picture`: 1 is the person."""
        from capture.look import kernels

        _, height, width = small.shape
        top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
        around = (top, HEIGHT - height - top, left, WIDTH - width - left)
        planes = [cv2.copyMakeBorder(plane, *around, cv2.BORDER_REPLICATE) for plane in small]
        kernels.to_rgb(*planes, self._picture[0], np.float32(1), np.float32(0))
        found = self._network.run(self._picture)[0].reshape(HEIGHT, WIDTH)[top : top + height, left : left + width]
        mask = np.clip(found, 0, 1).astype(np.float32)
        if self._last is not None and self._last.shape == mask.shape:
            mask = steadied(self._last, mask)
        self._last = mask
        return mask


def steadied(before: Mask, now: Mask) -> Mask:
    """The new mask where it really changed, mostly the old one where only its noise did."""
    change = cv2.blur(np.abs(now - before), (5, 5))
    share = np.clip((change - _CALM) / (_QUICK - _CALM), 0, 1) * (1 - _LEAST_SHARE) + _LEAST_SHARE
    return before + share * (now - before)
