"""`main.py`, with `camera:0` at the address in TEST_CAMERA: the product's own camera source on a camera that does what a test tells it."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import capture
import main
from capture.camera import Camera

capture.video_sources["camera"] = lambda _, settings: Camera(os.environ["TEST_CAMERA"], settings)

if __name__ == "__main__":
    sys.exit(main.main(sys.argv[1:]))
