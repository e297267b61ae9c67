import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "remote"))
sys.path.insert(0, str(Path(__file__).parent))

from shop_room import ShopRoom


@pytest.fixture
async def shop(tmp_path):
    async with ShopRoom(tmp_path) as room:
        yield room
