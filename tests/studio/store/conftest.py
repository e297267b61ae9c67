import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fan_file import FanFile


@pytest.fixture
def file():
    file = FanFile()
    yield file
    file.close()
