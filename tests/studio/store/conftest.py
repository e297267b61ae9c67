import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fan_file
from fan_file import FanFile

from studio.store import engines


@pytest.fixture(scope="session")
def server_file(postgres):
    """The one connection to PostgreSQL that fan files of the tests live on, each in a transaction that is undone."""
    engine = engines.make(engines.parse(postgres.new("laid")), "fan file", is_read_only=False)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request):
    """On which store a `FanFile()` of this test is."""
    fan_file.use(request.getfixturevalue("server_file") if request.param == "postgresql" else None)
    yield request.param
    fan_file.use(None)


@pytest.fixture
def file(kind):
    file = FanFile()
    yield file
    file.close()
