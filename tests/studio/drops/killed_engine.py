"""An engine that is killed at a chosen step: `python killed_engine.py STORE STEP`; prints what the audience saw by then."""

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parents[1])]

from drops.conftest import HOST, start_rig  # noqa: E402
from studio.drops import DropChanged  # noqa: E402
from studio.store import drop_store, rank_store  # noqa: E402


def die(*_arguments, **_names):
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def after(function):
    def both(*arguments, **names):
        function(*arguments, **names)
        die()

    return both


STEPS = {
    "before the close": lambda: setattr(drop_store, "close", die),
    "inside the close's transaction": lambda: setattr(drop_store, "close", after(drop_store.close)),
    "before the list is hashed": lambda: setattr(drop_store, "store_closing", die),
    "inside the hash's transaction": lambda: setattr(drop_store, "store_closing", after(drop_store.store_closing)),
    "before the draw is stored": lambda: setattr(rank_store, "store_draw", die),
    "inside the draw's transaction": lambda: setattr(rank_store, "store_draw", after(rank_store.store_draw)),
    "after the draw": lambda: setattr(rank_store, "load", die),
}


async def main():
    rig = await start_rig(sys.argv[1])
    STEPS[sys.argv[2]]()
    drop_id = await rig.open(early_close=True)
    rig.drops._shelf._bus.subscribe(DropChanged, lambda changed: print(changed.drop["state"], changed.drop["closing"], flush=True))
    for number in range(300):
        rig.say(f"u{number}")
    await rig.drops.settled()
    print("opening", drop_id, rig.drops.drop(drop_id)["opening"], flush=True)
    rig.clocks.go(10)
    await rig.drops.close(drop_id, HOST)
    die()


asyncio.run(main())
