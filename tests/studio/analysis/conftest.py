import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parent))

from file_on_disk import File


@pytest.fixture
def file(tmp_path):
    file = File(tmp_path / "fans.db")
    yield file
    file.engine.dispose()
