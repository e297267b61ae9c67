"""Beauty and colour on I420 planes: faces, skin, colour, and the look on one picture or clip.

It refuses to know where frames come from or go to.
"""

from capture.look.picture import run_picture
from capture.look.pipeline import BeautyLook

__all__ = ["BeautyLook", "run_picture"]
