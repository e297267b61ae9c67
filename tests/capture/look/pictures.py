"""Faces with masks drawn by hand, and what is measured on them."""

import json
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from capture.look.picture import Booth, from_av, to_frame
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings

ROOT = Path(__file__).resolve().parents[3]
MASKS = json.loads((ROOT / "tests" / "pictures" / "masks.json").read_text(encoding="utf-8"))
FRAME_NS = 33_333_333
SETTLE = 15


@cache
def rgb(name):
    if name == "astronaut":
        from skimage import data

        return data.astronaut()
    import matplotlib as mpl

    path = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


@cache
def clip(count):
    frames = []
    with av.open(str(ROOT / "resources" / "sample" / "presenter.mp4")) as container:
        for number, decoded in enumerate(container.decode(video=0)):
            if number == count:
                break
            frames.append(from_av(decoded, number * FRAME_NS, number))
    return tuple(frames)


@cache
def face(name):
    """A frame with a face."""
    return clip(1)[0] if name == "presenter" else to_frame(rgb(name))


def mask(name, kind, shape=None):
    """True inside the hand-drawn polygons, (H, W)."""
    width, height = MASKS[name]["size"]
    drawn = np.zeros((height, width), np.uint8)
    for polygon in MASKS[name][kind]:
        cv2.fillPoly(drawn, [np.array(polygon, np.int32)], 1)
    return drawn.astype(bool)


def again(frame, number):
    """The same picture as the clip's or camera's frame `number`."""
    return VideoFrame(frame.planes, number * FRAME_NS, number)


def copy(frame):
    return VideoFrame(frame.planes.copy(), frame.time_ns, frame.seq)


def settled(frame, **look):
    """The frame as it looks once the face is found and faded in; also the booth."""
    booth = Booth(frame.width, frame.height, LookSettings(**look))
    shown = frame
    for number in range(SETTLE):
        shown = booth.show(again(frame, number))
    return shown, booth


def detail(y, where):
    """Fine detail: how far Y is from its own blur (sigma 3 pixels), as a standard deviation inside the mask."""
    luma = y.astype(np.float32)
    return float((luma - cv2.GaussianBlur(luma, (0, 0), 3))[where].std())


def toned(name, tone):
    """The picture with the Lab of the face's oval moved so that the median of the hand-drawn skin gets a Monk tone, the darkest as a camera exposes it (L* 22)."""
    lab = cv2.cvtColor(rgb(name).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    own = np.median(lab[mask(name, "skin")], axis=0)
    share = np.zeros(lab.shape[:2], np.float32)
    cv2.ellipse(share, *MASKS[name]["oval"], 0, 0, 360, 1, -1)
    share = cv2.GaussianBlur(share, (0, 0), 4)[..., None]
    moved = lab * np.array([max(tone[0], 22) / own[0], 1, 1], np.float32)
    moved[..., 1:] += np.array(tone[1:], np.float32) - own[1:]
    mixed = (lab + share * (moved - lab)).astype(np.float32)
    return np.rint(cv2.cvtColor(mixed, cv2.COLOR_LAB2RGB).clip(0, 1) * 255).astype(np.uint8)
