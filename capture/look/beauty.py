"""All that a face gets, in the order in which it gets it: neck, skin, single features, make-up, shape.

It refuses to know where faces come from: landmarks, skin and a weight are given.
"""

from dataclasses import dataclass, field

from capture.look import makeup, retouch, shape, skin, skin_tone
from capture.look.body import Body
from capture.look.makeup import MakeUp
from capture.look.one_euro import Points
from capture.look.presence import Shown
from capture.look.retouch import RetouchStrengths
from capture.look.shape import ShapeStrengths
from capture.look.skin_tone import SkinStrengths
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings


@dataclass(frozen=True, slots=True)
class Beauty:
    """What the sliders ask for."""

    skin: SkinStrengths = field(default_factory=SkinStrengths)
    retouch: RetouchStrengths = field(default_factory=RetouchStrengths)
    makeup: MakeUp = field(default_factory=MakeUp)
    shape: ShapeStrengths = field(default_factory=ShapeStrengths)

    @property
    def is_off(self) -> bool:
        """No face is needed."""
        return self.skin.is_off and self.retouch.is_off and self.makeup.is_off and self.shape.is_off


def of(look: LookSettings) -> Beauty:
    """The sliders that concern faces."""
    return Beauty(skin_tone.strengths(look), retouch.strengths(look), makeup.make_up(look), shape.strengths(look))


def beautify(frame: VideoFrame, shown: Shown, wanted: Beauty, points: Points, scale: float = 1.0) -> None:
    """One face, in place; `points` are its landmarks on this frame, `scale` pixels of which are one of the source's.

    Landmarks that can't be a face's change nothing. Colour comes first, while the landmarks are where the picture shows them;
    shape moves the finished face.
    """
    face, weight, width = shown.face, shown.weight, shown.face.width * scale
    if not skin.is_plausible(frame, points, width):
        return
    if not (wanted.skin.is_off and wanted.retouch.is_off and wanted.makeup.is_off):
        quarter = shown.find(frame, points, width)
        if quarter is None:
            return
        if wanted.skin.whiten or wanted.skin.rosy:
            shown.body = shown.body or Body()
            shown.body.whiten(frame, points, quarter, face.skin, wanted.skin, weight)
        if not wanted.skin.is_off:
            skin.beautify(frame, quarter, face.skin, wanted.skin, weight)
        retouch.retouch(frame, quarter, points, face.skin, wanted.retouch, weight)
        makeup.paint(frame, quarter, points, width, wanted.makeup, weight)
    shown.form = shape.reshape(frame, points, width, wanted.shape, weight, shown.form)
