"""All benchmarks, one after another: `make bench`."""

import subprocess
import sys

BENCHMARKS = (
    ["benchmarks.look"],
    ["benchmarks.quality"],
    ["benchmarks.sliders"],
    ["benchmarks.overlays"],
    ["benchmarks.sound"],
    ["benchmarks.drops"],
    ["benchmarks.fan_file"],
    ["benchmarks.name_search"],
    ["benchmarks.agency"],
    ["benchmarks.analysis"],
    ["benchmarks.crowd"],
    ["benchmarks.latency"],
    ["benchmarks.show"],
    ["benchmarks.show", "--portrait"],
)

codes = [subprocess.run([sys.executable, "-m", *words], check=False).returncode for words in BENCHMARKS]
sys.exit(1 if any(codes) else 0)
