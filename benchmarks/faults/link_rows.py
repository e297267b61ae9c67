"""Links that die, shrink or lose packets, by a link emulator of our own; Linux with root only."""

import contextlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.stage import Stage, on_air, until
from benchmarks.results import Figure, at_least, at_most, exactly
from tests import decode
from tests.network import Network, network
from tests.servers import nginx, pulling

KEY = "k-f4ults"
SETTLED_S = 3.5


@contextlib.contextmanager
def behind_a_link(folder: Path, slack: float, *, bitrate_kbps: int = 2000) -> Iterator[tuple[Stage, Network]]:
    """Publishing to an nginx at the far end of a link of 20 Mbit/s and 40 ms there and back."""
    with network() as link, nginx(host=link.far_ip, prefix=link.prefix) as server:
        link.set(rate_kbps=20_000, delay_ms=20)
        with on_air(folder, {"server": server.server, "key": KEY}, bitrate_kbps=bitrate_kbps, slack=slack) as stage:
            until(stage.is_live)
            time.sleep(SETTLED_S)
            yield stage, link


def _sound_gap_ms(path: Path) -> float:
    """The longest distance between two frames of sound in what a player at the far end got."""
    times = decode.packet_times(path, "a")
    return max((after - before) * 1000 for before, after in itertools.pairwise(times))


def black_hole(folder: Path, times: int, slack: float, *, seconds: float = 10.0, bound_s: float = 3.0) -> list[Figure]:
    """Nothing comes through, and nobody says so.

    In a checkout whose kernels aren't compiled yet the engine compiles them meanwhile: 150 MB in the first minute and a half, and flat from
    then on, which no queue holds. `make faults` compiles them before; started by hand, run it twice.
    """
    name = f"black hole {seconds:g} s"
    with behind_a_link(folder, slack) as (stage, link):
        seen, back = [], []
        memory_mb = stage.health()["process"]["rss_mb_end"]
        for _ in range(times):
            stage.watch(SETTLED_S)
            link.cut()
            begun = time.monotonic()
            seen.append(until(lambda: not stage.is_live()))
            stage.watch(seconds - (time.monotonic() - begun))
            link.mend()
            back.append(until(stage.is_live))
        more_mb = stage.health()["process"]["rss_mb_end"] - memory_mb
        return [
            Figure(f"{name}: seen after, worst", round(max(seen), 2), "s"),
            *stage.all_within(f"{name}: back after", back, bound_s),
            at_most(f"{name}: memory", more_mb, 50, "MB more"),
            *stage.bystanders(name),
        ]


def long_black_hole(folder: Path, slack: float) -> list[Figure]:
    """A quarter of an hour; where the suite has no time for it, long enough for the last step of the waits."""
    return black_hole(folder, 1, slack, seconds=900.0 if slack == 1 else 36.0, bound_s=5.0)


def stop_in_black_hole(folder: Path, slack: float) -> list[Figure]:
    """The host stops while nothing comes through: at once, and before the loss was even seen."""
    took = []
    for wait_s in (0.5, 6.0):
        with behind_a_link(folder, slack) as (stage, link):
            link.cut()
            time.sleep(wait_s)
            begun = time.monotonic()
            stage.running.call("POST", "/v1/live/stop")
            took.append(time.monotonic() - begun)
        (folder / "show.mkv").unlink()
    return [stage.within("stop in a black hole: done after, worst", max(took), 1)]


@dataclass
class _Seen:
    """What an observer reads ten times a second."""

    rates: list[tuple[float, int]] = field(default_factory=list)
    backlogs_ms: list[float] = field(default_factory=list)

    def look(self, stage: Stage) -> None:
        report = stage.health()
        main = next(output for output in report["outputs"] if output["name"] == "main")
        self.rates.append((time.monotonic(), report["encoder"]["bitrate_kbps"]))
        self.backlogs_ms.append(main["backlog_ms"])

    def first(self, holds) -> float:
        return next((at for at, rate in self.rates if holds(rate)), float("inf"))


def narrow_uplink(folder: Path, slack: float) -> list[Figure]:
    """8 Mbit/s, then 2 for a minute (in the suite a third of it), then 8 again, for a stream of 6."""
    ceiling = 6000
    pulled = folder / "pulled.flv"
    with behind_a_link(folder, slack, bitrate_kbps=ceiling) as (stage, link), contextlib.ExitStack() as player:
        player.enter_context(pulling(f"{stage.running.tables['output'][0]['server']}/{KEY}", pulled, prefix=link.prefix))
        link.set(rate_kbps=8000)
        stage.watch(3)
        before = stage.output()
        seen = _Seen()
        link.set("up", rate_kbps=2000)
        narrowed = time.monotonic()
        stage.watch(60 if slack == 1 else 20, lambda: seen.look(stage))
        narrow = [rate for _, rate in seen.rates]
        link.set("up", rate_kbps=8000)
        widened = time.monotonic()
        wide = _Seen()
        while time.monotonic() - widened < min(25 * slack, 120) and wide.first(lambda rate: rate >= 0.9 * ceiling) == float("inf"):
            stage.watch(0.2, lambda: wide.look(stage))
        after = stage.output()
        player.close()
        return [
            at_most("uplink 8 → 2 → 8: longest gap of the sound at a player", _sound_gap_ms(pulled), 43, "ms"),
            stage.within("uplink 8 → 2: first step down after", seen.first(lambda rate: rate < ceiling) - narrowed, 1.5),
            stage.within("uplink 8 → 2: rate under the link's after", seen.first(lambda rate: rate <= 1900) - narrowed, 1.5),
            at_most("uplink 8 → 2: backlog, worst", max(seen.backlogs_ms + wide.backlogs_ms), 1000 * min(slack, 3), "ms"),
            Figure("uplink 8 → 2: rate meanwhile, mean", round(sum(narrow[20:]) / len(narrow[20:])), "kbit/s"),
            Figure("uplink 8 → 2: pictures dropped", after["dropped"] - before["dropped"], "frames"),
            stage.within("uplink 2 → 8: back to 90 % after", wide.first(lambda rate: rate >= 0.9 * ceiling) - widened, 20),
            exactly("uplink 8 → 2 → 8: connections lost", after["connects"] - before["connects"], 0, ""),
            *stage.bystanders("uplink 8 → 2 → 8"),
        ]


def lossy_link(folder: Path, slack: float) -> list[Figure]:
    """3 % of all packets lost and 200 ms there and back, for ten minutes (in the suite twenty seconds)."""
    with behind_a_link(folder, slack, bitrate_kbps=2000) as (stage, link):
        link.set(rate_kbps=20_000, delay_ms=100, loss=0.03)
        before = stage.output()
        seen = _Seen()
        stage.watch(600 if slack == 1 else 20, lambda: seen.look(stage))
        after = stage.output()
        sent = after["frames"] - before["frames"]
        dropped = after["dropped"] - before["dropped"]
        return [
            exactly("3 % loss, 200 ms: connections lost", after["connects"] - before["connects"], 0, ""),
            at_most("3 % loss, 200 ms: pictures dropped", 100 * dropped / max(1, sent + dropped), 1, "%"),
            at_least("3 % loss, 200 ms: rate, mean", sum(rate for _, rate in seen.rates) / len(seen.rates), 300, "kbit/s"),
            *stage.bystanders("3 % loss, 200 ms"),
        ]
