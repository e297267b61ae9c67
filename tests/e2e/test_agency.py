"""Two studios of an agency, two processes on one PostgreSQL: what one changes the other shows, and one balance is never spent twice."""

import asyncio
import hashlib
import json
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from studio.errors import Conflict
from studio.remote.client import StudioClient
from tests.e2e.show import engine

CONNECTOR = "token-of-a-connector"
SMALL = {
    "video": {"width": 320, "height": 180, "fps": 10, "source": "testcard"},
    "encoder": {"preset": "ultrafast"},
    "output": [{"name": "archive", "path": "show.mkv"}],
}
LONG_AGO = "2026-01-05T12:00:00Z"
POINTS, CALLS, AT_ONCE = 300, 800, 24
PATIENCE_S = 40


@pytest.fixture
def studios(tmp_path, postgres_url):
    """Rooms r1 and r2."""
    with ExitStack() as both:
        made = []
        for room in ("r1", "r2"):
            folder = tmp_path / room
            folder.mkdir()
            tokens = folder / "tokens.toml"
            digest = hashlib.sha256(CONNECTOR.encode()).hexdigest()
            tokens.write_text(f'[[token]]\nsha256 = "{digest}"\nrole = "connector"\nname = "bridge"\n')
            tokens.chmod(0o600)
            tables = {**SMALL, "audience": {"store": postgres_url, "room": room}, "remote": {"tokens": str(tokens)}}
            running = both.enter_context(engine(folder, tables))
            running.wait_for("/v1/board", lambda board: "rows" in board, PATIENCE_S)
            made.append(running)
        yield made


def say(running, room, kind, at="", **more):
    at = at or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = {
        "id": uuid.uuid4().hex,
        "type": kind,
        "at": at,
        "platform": "douyin",
        "room": room,
        "fan": {"id": "u1", "name": "小美"},
        **more,
    }
    status, answer = running.call("POST", "/v1/events", json.dumps(event).encode(), CONNECTOR, "application/x-ndjson")
    assert (status, answer["accepted"]) == (200, 1), answer


def order(running, room, number, amount_minor, at=""):
    say(running, room, "order", at, order=f"o{number}", amount_minor=amount_minor, currency="CNY")


def seen_after(running, is_so) -> float:
    """Milliseconds until the board shows it."""
    start = time.monotonic()
    running.wait_for("/v1/board", lambda board: any(row["id"] == "u1" and is_so(row) for row in board["rows"]), PATIENCE_S)
    return (time.monotonic() - start) * 1000


@pytest.mark.timeout(240)
def test_what_one_studio_changes_the_other_shows(studios):
    one, other = studios
    for running, room in ((one, "r1"), (other, "r2")):
        say(running, room, "enter")
    order(one, "r1", 1, 600_00, LONG_AGO)
    took = [seen_after(other, lambda row: row["spent_minor"] == 600_00)]
    order(other, "r2", 2, 500_00)
    took.append(seen_after(one, lambda row: row["spent_minor"] == 1_100_00))
    status, answer = one.call("POST", "/v1/fans/douyin/u1/redeem", {"click_id": "c1", "item": "sample", "points": 40})
    assert status == 200, answer
    took.append(seen_after(other, lambda row: row["points"] == 1_060))
    rules = one.call("GET", "/v1/rules")[1]
    tiers = [{**tier, "name": f"{tier['name']}会员"} for tier in rules["rules"]["tier"]]
    assert one.call("PUT", "/v1/rules", {"rules": rules["rules"] | {"tier": tiers}, "seen": 0})[0] == 200
    took.append(seen_after(other, lambda row: row["tier"] == "中级会员"))
    assert other.call("PUT", "/v1/rules", {"rules": rules["rules"], "seen": 0})[0] == 409
    print(f"until the other studio's board showed it: {', '.join(f'{ms:.0f} ms' for ms in took)}")
    one.process.kill()
    one.process.wait()
    order(other, "r2", 3, 100_00)
    assert seen_after(other, lambda row: row["spent_minor"] == 1_200_00) > 0


async def race(studios) -> list[int]:
    """How many redeems each studio took."""
    gate = asyncio.Semaphore(AT_ONCE)
    taken = [0, 0]

    async def redeem(number, client):
        async with gate:
            try:
                await client.redeem("douyin", "u1", {"click_id": f"c{number}", "item": "sample", "points": 1})
            except Conflict as error:
                assert error.code == "fans.not_enough"
            else:
                taken[number % 2] += 1

    clients = [StudioClient(studio.address["url"], studio.address["token"]) for studio in studios]
    async with clients[0], clients[1]:
        await asyncio.gather(*(redeem(number, clients[number % 2]) for number in range(CALLS)))
    return taken


@pytest.mark.timeout(240)
def test_one_balance_is_never_spent_twice_by_two_studios(studios):
    order(studios[0], "r1", 1, POINTS * 100, LONG_AGO)
    taken = asyncio.run(race(studios))
    assert sum(taken) == POINTS
    assert min(taken) > 0, "both took their share"
    for running in studios:
        fan = running.call("GET", "/v1/fans/douyin/u1")[1]
        assert (fan["points"], fan["redeemable"]) == (0, 0)
    handouts = [running.call("GET", "/v1/handouts?limit=1000")[1]["rows"] for running in studios]
    assert [len(rows) for rows in handouts] == taken
