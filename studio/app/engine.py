"""The engine process: takes the runtime folder, runs the studio on its loop, and ends cleanly on a signal.

`run` waits for live/start, `run_live` goes live at once; both are the same studio behind the same control API.
"""

import asyncio
import contextlib
import gc
import importlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from studio.app import loyalty_file, preflight, profile, spare
from studio.app.home import Home
from studio.app.log_thread import written_beside
from studio.app.report import write_report
from studio.app.studio import Studio
from studio.engine.health import table
from studio.engine.runtime import EngineAddress, RuntimeFolder, default_folder, read_address
from studio.errors import RuntimeInUse
from studio.model.settings import Settings
from studio.registry import Registry
from studio.store.secrets import Secrets

log = logging.getLogger(__name__)

SWITCH_INTERVAL_S = 0.0005
"""Python's 5 ms let a busy thread hold a tick back: p95 of a frame 33–46 ms, against 20–29 at half a millisecond."""
SPAWN_TIMEOUT_S = 20.0
SOURCE_WAIT_S = 1.5
"""How long going live at the start waits for the first picture, so that a show doesn't begin black, and the fan file for the
first packet, so that its loading doesn't hold that up."""
OK, NEVER_LIVE = 0, 3


class Receiver(Protocol):
    """The rehearsal's server on this machine."""

    def wait_for_end(self, timeout_s: float) -> None:
        """Until it has counted everything."""
        ...

    def counts(self) -> dict[str, Any]:
        """What came."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


OpenReceiver = Callable[[Path, int], Receiver]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one engine process is to do."""

    settings: Settings
    registry: Callable[[], Registry]
    profile: Path | None = None
    rules: Path | None = None
    open_receiver: OpenReceiver | None = None
    is_live_at_once: bool = False
    is_spare: bool = False
    duration_s: float | None = None
    report_path: Path | None = None


def running() -> EngineAddress | None:
    """The engine that runs in this user's runtime folder."""
    return read_address(default_folder())


def taking_over() -> EngineAddress | None:
    """The address of a spare engine that is taking the place of one that has died; None where there is no spare."""
    folder = default_folder()
    deadline = time.monotonic() + SPAWN_TIMEOUT_S
    while spare.is_about(folder) and time.monotonic() < deadline:
        if (address := read_address(folder)) is not None:
            return address
        time.sleep(0.05)
    return None


def spawn(arguments: list[str]) -> EngineAddress:
    """Start an engine in a session of its own, its output in a log file, and wait until it listens. Raises RuntimeInUse."""
    folder = default_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    main = Path(__file__).resolve().parents[2] / "main.py"
    detach: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detach = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    log_path = folder / "engine.log"
    with log_path.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, str(main), "engine", *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output, **detach
        )
    deadline = time.monotonic() + SPAWN_TIMEOUT_S
    while time.monotonic() < deadline:
        address = read_address(folder)
        if address is not None:
            return address
        if child.poll() is not None:
            break
        time.sleep(0.05)
    lines = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise RuntimeInUse("engine.not_started", log=str(log_path), reason=lines[-1] if lines else "")


def run(settings: Settings, path: Path, registry: Callable[[], Registry], open_receiver: OpenReceiver | None) -> int:
    """An engine that waits; the exit code."""
    return _run(Plan(settings, registry, profile=path, rules=loyalty_file.find(settings, path.parent), open_receiver=open_receiver))


def run_spare(read: Callable[[], Settings], path: Path, registry: Callable[[], Registry], open_receiver: OpenReceiver | None) -> int:
    """An engine that waits, loaded, for the one on air to die (`studio.app.spare`); the exit code. `read`: the profile as it is then."""
    _prepare()
    runtime = RuntimeFolder(default_folder())
    if not spare.claim(runtime):
        return OK
    with spare.in_idle_time():
        made = spare.warm(registry, read())
        _load_late()
    log.info("A spare engine waits")
    if not spare.wait_for_turn(runtime, path):
        return OK
    log.info("The engine on air has died: this one takes its place")
    runtime.let_go(spare.LOCK)
    settings = read()
    rules = loyalty_file.find(settings, path.parent)
    return _serve_and_release(Plan(settings, lambda: made, profile=path, rules=rules, open_receiver=open_receiver, is_spare=True), runtime)


def run_live(
    settings: Settings, folder: Path, registry: Callable[[], Registry], *, duration_s: float | None, report_path: Path | None
) -> int:
    """An engine that goes live at once, its profile in `folder`; the exit code. Raises InvalidInput for what is wrong with it here."""
    preflight.check(settings, report_path)
    rules = loyalty_file.find(settings, folder)
    if rules is not None:
        loyalty_file.read(rules)
    return _run(Plan(settings, registry, rules=rules, is_live_at_once=True, duration_s=duration_s, report_path=report_path))


def run_sample(path: Path, registry: Callable[[], Registry], open_receiver: OpenReceiver, *, seconds: float) -> int:
    """The sample show without a window: what was published is printed, the recording stays."""
    settings = profile.read(path)
    return _run(Plan(settings, registry, open_receiver=open_receiver, is_live_at_once=True, duration_s=seconds))


def _run(plan: Plan) -> int:
    _prepare()
    runtime = RuntimeFolder(default_folder())
    runtime.acquire()
    return _serve_and_release(plan, runtime)


def _prepare() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")  # its second thread spins between calls: 1 ms a frame, measured
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def _serve_and_release(plan: Plan, runtime: RuntimeFolder) -> int:
    try:
        if plan.is_live_at_once:
            preflight.check_store(plan.settings.audience.store)
        with written_beside():
            return asyncio.run(_serve(plan, runtime))
    finally:
        runtime.release()


async def _serve(plan: Plan, runtime: RuntimeFolder) -> int:
    """The show, with all libraries loaded before it begins: half a second of importing in its first seconds costs frames."""
    resumed = runtime.was_on_air(plan.profile) if plan.profile is not None else None
    registry = plan.registry()
    gc.freeze()
    gc.disable()  # the program collects between frames
    studio = Studio(plan.settings, registry, Home(runtime, plan.profile, plan.rules), _open_secrets)
    if plan.is_spare:
        studio.report.process.count_from_now()
    _end_on_signals(studio.ended)
    receiver = None
    try:
        async with _stopping(studio):
            receiver = _open_receiver(plan, runtime.folder)
            await studio.start()
            await asyncio.to_thread(_load_late)
            if plan.is_live_at_once or resumed is not None:
                await _within(SOURCE_WAIT_S, studio.first_picture)
                await studio.start_live(only=resumed or ())
                await _within(SOURCE_WAIT_S, studio.first_packet)
            await studio.open_room()
            async with _listening(studio, plan, runtime):
                gc.freeze()
                await _until_the_end(studio, plan)
                if studio.broadcast.is_on_air:
                    await studio.stop_live()
                await studio.report.look()
                report = studio.health()
    finally:
        if receiver is not None:
            if plan.is_live_at_once:
                await asyncio.to_thread(receiver.wait_for_end, 3.0)
            _print_receiver(receiver)
            receiver.stop()
    return _conclude(plan, studio, report)


def _load_late() -> None:
    """The libraries of the control API and of the fan file's migrations, while the sources open."""
    for name in ("studio.app.doors", "alembic.command"):
        importlib.import_module(name)


@contextlib.asynccontextmanager
async def _stopping(studio: Studio) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await studio.stop()


@contextlib.asynccontextmanager
async def _listening(studio: Studio, plan: Plan, runtime: RuntimeFolder) -> AsyncIterator[None]:
    from studio.app.doors import open_doors, token_book

    tokens = token_book(plan.settings.remote, runtime.folder)
    async with open_doors(studio, plan.settings.remote, tokens, runtime.folder) as server:
        runtime.publish(EngineAddress(os.getpid(), server.url, server.host_token, str(runtime.folder / "preview.bin")))
        yield


async def _within(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


async def _until_the_end(studio: Studio, plan: Plan) -> None:
    """Until somebody asks for the end, or the duration is over: it counts from the first encoded frame."""
    if plan.duration_s is None:
        await studio.ended.wait()
        return
    waits = [asyncio.create_task(studio.first_packet.wait()), asyncio.create_task(studio.ended.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED, timeout=plan.duration_s + SPAWN_TIMEOUT_S)
    session = studio.broadcast.session
    since_s = (time.monotonic_ns() - session.first_packet_ns) / 1e9 if session and session.first_packet_ns else 0.0
    if not studio.ended.is_set():
        await asyncio.wait([waits[1]], timeout=max(0.0, plan.duration_s - since_s))
    for wait in waits:
        wait.cancel()


def _open_secrets() -> Secrets:
    """The keyring, which is looked for only where a profile names a secret or a window asks."""
    return Secrets(profile.default_path().parent)


def _end_on_signals(ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows' loop has none
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))


def _open_receiver(plan: Plan, folder: Path) -> Receiver | None:
    servers = [urlsplit(output.target()[0]) for output in plan.settings.output if not output.is_file]
    local = [server.port for server in servers if server.hostname == "127.0.0.1" and server.port]
    return plan.open_receiver(folder, local[0]) if plan.open_receiver is not None and local else None


def _print_receiver(receiver: Receiver) -> None:
    if counts := receiver.counts():
        print("received   " + "  ".join(f"{name} {value}" for name, value in counts.items()))


def _conclude(plan: Plan, studio: Studio, report: dict[str, Any]) -> int:
    write_report(plan.report_path, report)
    if not plan.is_live_at_once:
        return OK
    print(table(report))
    for output in plan.settings.output:
        if output.is_file:
            print(f"recording  {Path(output.path).absolute()}")
    return OK if studio.broadcast.was_live else NEVER_LIVE
