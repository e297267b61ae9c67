import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from room import Room


@pytest.fixture
async def room(tmp_path):
    async with Room(tmp_path) as room:
        yield room
