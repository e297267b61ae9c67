"""The same drops on PostgreSQL, and PostgreSQL gone in the middle of one: the drop pauses, nothing is acknowledged that isn't kept."""

import asyncio
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from studio.errors import StoreUnavailable
from studio.model.proof import verify

from .conftest import HOST, start_rig, stop_rig

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
pytestmark = pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL isn't installed here")


class Cluster:
    """A server of its own on loopback, run by the user postgres when the tests are root's (it refuses root)."""

    def __init__(self, folder):
        self.folder = folder
        self.user = {"user": "postgres"} if os.geteuid() == 0 else {}
        if self.user:
            for parent in (folder, *folder.parents):
                if parent != Path("/tmp") and parent.owner() == "root" and len(parent.parts) > 2:
                    parent.chmod(0o755)
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.run("initdb", "-D", folder / "data", "-A", "trust", "-U", "encore", "--no-sync")
        self.start()
        self.run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "encore", "encore")

    @property
    def url(self):
        return f"postgresql://encore@127.0.0.1:{self.port}/encore"

    def run(self, program, *arguments):
        words = [str(PROGRAMS[-1] / program), *map(str, arguments)]
        subprocess.run(words, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, **self.user)

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self.run("pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self, how="fast"):
        self.run("pg_ctl", "-D", self.folder / "data", "-m", how, "-w", "stop")


@pytest.fixture
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("postgres"))
    yield cluster
    cluster.stop("immediate")


def wish(fan):
    return {"platform": "douyin", "id": fan, "claim_id": f"claim-{fan}"}


async def test_a_lottery_and_a_coupon_survive_the_server_going_away(cluster):
    rig = await start_rig(cluster.url)
    try:
        lottery_id, coupon_id = await rig.open(), await rig.open_coupon(stock=50)
        rig.say("u1")
        await rig.drops.settled()
        answers = await asyncio.gather(
            *(rig.drops.claim(coupon_id, wish(f"u{number}"), HOST) for number in range(300)), return_exceptions=True
        )
        codes = {number: answer["code"] for number, answer in enumerate(answers) if isinstance(answer, dict)}
        assert (len(codes), len(set(codes.values())), rig.drops.drop(coupon_id)["issued"]) == (50, 50, 50)

        await asyncio.to_thread(cluster.stop, "immediate")
        rig.say("u2")
        with pytest.raises(StoreUnavailable):
            await rig.drops.settled()
        with pytest.raises(StoreUnavailable):
            await rig.drops.claim(coupon_id, wish("u1"), HOST)
        assert rig.drops.drop(lottery_id)["entries"] == 1

        rig.clocks.go(60)
        await rig.drops.tick()
        assert rig.drops.drop(lottery_id)["state"] == "open"
        await asyncio.to_thread(cluster.start)
        await rig.until(lambda: rig.drops.drop(lottery_id)["state"] == "drawn")
        drop = rig.drops.drop(lottery_id)
        assert drop["entries"] == 2
        assert verify(await rig.proof(lottery_id), drop["opening"], drop["closing"]).outcome == "valid"
        number, code = next(iter(codes.items()))
        assert await rig.drops.claim(coupon_id, wish(f"u{number}"), HOST) == {"code": code}
    finally:
        await stop_rig(rig)
