"""A face that tracking has found once, under any look, without tracking again."""

from dataclasses import replace
from functools import cache

from capture.look import beauty
from capture.look.presence import Shown
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings
from tests.capture.look.pictures import face, settled


@cache
def found(name):
    """The face of a picture of `pictures.face`, at rest."""
    return replace(settled(face(name), smooth=0.01)[1].faces.items[0], speed=(0.0, 0.0), time_ns=0)


def worn(frame, person, weight=1.0, **look):
    """A new frame: `frame` with the look on `person`."""
    shown = VideoFrame(frame.planes.copy(), 0, 0)
    beauty.beautify(shown, Shown(person, weight), beauty.of(LookSettings(**look)), person.points)
    return shown
