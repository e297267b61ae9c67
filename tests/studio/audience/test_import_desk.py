"""An import as it is told while it ends: it runs until its end is written, and a stop that comes too late changes nothing."""

import asyncio
import threading

import pytest

from studio.audience import UploadShelf
from studio.errors import Conflict
from studio.store import import_jobs

TABLE = b"id,points\nu1,1\nu2,2\n"


@pytest.fixture
async def imports(room, tmp_path):
    room.audience.imports.use(UploadShelf(tmp_path / "uploads"), None)
    return room.audience.imports


@pytest.fixture
def ending(monkeypatch):
    """Holds the last transaction of each import until it is let go: (it has begun, let it go)."""
    begun, go_on, end = threading.Event(), threading.Event(), import_jobs.end

    def held(*given, **named):
        begun.set()
        assert go_on.wait(60)
        return end(*given, **named)

    monkeypatch.setattr(import_jobs, "end", held)
    yield begun, go_on
    go_on.set()


async def uploaded(imports, data=TABLE):
    upload = (await imports._files.begin("fans.csv", len(data)))["upload"]
    await imports._files.append(upload, 0, data)
    return {"upload": upload, "platform": "douyin"}


async def test_it_runs_until_its_end_is_written_and_no_other_begins_meanwhile(imports, ending):
    begun, go_on = ending
    body = await uploaded(imports)
    other = await uploaded(imports, TABLE + b"u3,3\n")
    number = (await imports.start(body, "host"))["id"]
    await asyncio.to_thread(begun.wait, 60)
    [row] = (await imports.listing())["rows"]
    assert (row["state"], row["rows"], row["accepted"], row["can_resume"]) == ("running", 2, 2, False)
    with pytest.raises(Conflict):
        await imports.start(other, "host")
    go_on.set()
    assert (await imports.step(number, "stop"))["state"] == "done", "a stop that comes too late"
    [row] = (await imports.listing())["rows"]
    assert (row["state"], row["rows"], row["can_resume"]) == ("done", 2, False)
