"""Beauty and colour on I420 planes: faces, skin, colour, and the look on one picture or clip.

It refuses to know where frames come from or go to.
"""

from collections.abc import Callable
from pathlib import Path

from capture.look.pipeline import BeautyLook
from studio.model.settings import LookSettings

__all__ = ["BeautyLook", "run_picture"]


def run_picture(in_path: Path, out_path: Path, look: LookSettings, progress: Callable[[int, int], None] | None = None) -> tuple[str, ...]:
    """The look on one picture (PNG out) or clip (FFV1 in mkv out), as on air; see `capture.look.picture`. Raises InvalidInput."""
    from capture.look import picture

    return picture.run_picture(in_path, out_path, look, progress)
