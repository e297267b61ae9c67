"""What the look does to real faces and to what is held before them: each figure of quality beside its bound. `python -m benchmarks.quality`."""

import argparse
import sys

import cv2

from benchmarks.quality import colours, faces, motion
from benchmarks.results import publish

GROUPS = (
    faces.spots,
    faces.edges,
    faces.tones,
    faces.goods,
    faces.lips,
    faces.neck,
    motion.on_still_faces,
    motion.after_the_encoder,
    colours.table,
    colours.chart,
    colours.noise,
)


def main() -> int:
    cv2.setNumThreads(1)
    figures = [figure for group in GROUPS for figure in group()]
    return 0 if publish("quality", figures) else 1


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
