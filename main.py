#!/usr/bin/env python3
"""Encore Studio's commands: arguments in, parts plugged together, an exit code out. It decides nothing.

Heavy libraries are imported where a command needs them: the first picture within three seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studio import command_line
from studio.errors import Conflict, InvalidInput, KnownError, RuntimeInUse, StoreUnavailable

if TYPE_CHECKING:
    from studio.engine.runtime import EngineAddress
    from studio.files_cli import Thumbnail
    from studio.model.settings import Settings
    from studio.registry import Registry

OK, NO, WRONG, NEVER_LIVE, IN_USE = range(5)


def registry() -> Registry:
    """Every source, filter, overlay, encoder and output there is, by the profile's words."""
    import capture
    import encoder
    import overlays
    from overlays.raster import ensure_gui_app
    from studio.registry import Registry

    ensure_gui_app()
    overlays.warm_up()
    return Registry(
        encoders=encoder.FfmpegEncoders(),
        open_output=encoder.open_output,
        open_replay=encoder.ReplayBuffer,
        cut_clips=encoder.cut_marked,
        open_test_output=encoder.open_test_output,
        picture_tools=overlays.ConvertTools(),
        new_look=capture.new_look,
        colour_tools=capture.colour_tools(),
        new_overlays=overlays.AirOverlays,
        new_sound_chain=capture.new_sound_chain,
        new_master=capture.new_master,
        load_effect=capture.load_effect,
        open_monitor=capture.open_monitor,
        sound_devices=capture.sound_devices,
        video_sources=capture.video_sources,
        audio_sources=capture.audio_sources,
    )


def read_profile(path: str | None, *, may_make: bool) -> tuple[Settings, Path]:
    """The profile's settings and its path; the user's own is made on the first run. Raises InvalidInput."""
    from studio.app import profile, sample

    chosen = Path(path).absolute() if path else profile.default_path()
    if path is None and may_make and not chosen.exists():
        profile.write(chosen, sample.first_profile(profile.data_folder()))
    return profile.read(chosen), chosen


def run_window(arguments: argparse.Namespace) -> int:
    """The host's window, on the running engine or a new one."""
    from studio.app import engine, spare
    from ui.app import run_host

    words = [*_profile_argument(arguments), *(["--loopback"] if arguments.loopback else [])]

    def find() -> EngineAddress:
        known = engine.running() or engine.taking_over()
        if known is None:
            read_profile(arguments.profile, may_make=True)  # its faults in words here, not in the engine's log
        _need_display()
        return known or engine.spawn(words)

    return run_host(find(), find, lambda: spare.keep_spare(words))


def run_engine(arguments: argparse.Namespace) -> int:
    """An engine that waits for `live/start`."""
    from encoder.loopback import LoopbackReceiver
    from studio.app import engine

    settings, path = read_profile(arguments.profile, may_make=True)
    receiver = LoopbackReceiver if arguments.loopback else None
    if arguments.spare:
        return engine.run_spare(lambda: read_profile(str(path), may_make=False)[0], path, registry, receiver)
    return engine.run(settings, path, registry, receiver)


def run_live(arguments: argparse.Namespace) -> int:
    """An engine that goes live at once."""
    from studio.app import engine

    settings, path = read_profile(arguments.profile, may_make=False)
    return engine.run_live(settings, path.parent, registry, duration_s=arguments.duration, report_path=arguments.report)


def run_sample(arguments: argparse.Namespace) -> int:
    """The sample show: in a window, or headless for 20 s where there is no display."""
    import encoder
    from encoder.loopback import LoopbackReceiver
    from studio.app import engine, sample

    folder = sample.folder(is_portrait=arguments.portrait)
    path = sample.write_profile(folder, is_portrait=arguments.portrait, choose=encoder.fitting_preset)
    if _has_display() and not arguments.headless:
        return run_window(argparse.Namespace(profile=str(path), loopback=True))
    return engine.run_sample(path, registry, LoopbackReceiver, seconds=arguments.seconds)


def run_assistant(arguments: argparse.Namespace) -> int:
    """The assistant's window, here or on another PC."""
    from ui.app import run_assistant as show

    _need_display()
    return show(arguments.url, arguments.token or os.environ.get("ENCORE_TOKEN", ""))


def run_pair(arguments: argparse.Namespace) -> int:
    """A one-time pairing code from the running engine."""
    from studio.pair_cli import pair

    return pair(arguments.role, platform=arguments.platform, room=arguments.room)


def run_devices(arguments: argparse.Namespace) -> int:
    """Cameras, microphones, screens, and encoders that really work here."""
    import json

    import encoder
    from capture import devices

    found = {**devices.every_kind(), "encoders": encoder.probe(), "recording_encoders": encoder.probe(encoder.DENSE)}
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return OK
    for kind, rows in found.items():
        print(f"{kind}:" + ("" if rows else " none"))
        for row in rows:
            works = {True: "works", False: "doesn't work on this machine", None: ""}[row.get("works")]
            print(f"  {row['name']}  {row.get('spec', '')}{works}")
    return OK


def run_measure(arguments: argparse.Namespace) -> int:
    """How fast this machine is with the look on, preset by preset, and what fits it."""
    import encoder
    from studio import measure_cli
    from studio.app.sample import RESOURCES

    settings, _ = read_profile(arguments.profile, may_make=True)
    works = [row["name"] for row in encoder.probe() if row["works"]]
    return measure_cli.run(registry(), settings, works, RESOURCES / "presenter.mp4", as_lines=arguments.lines)


def run_picture(arguments: argparse.Namespace) -> int:
    """The look on one picture or clip."""
    from capture.look.greeting import without_greeting
    from capture.look.picture import run_picture as show
    from studio.app import profile
    from studio.model.profile_tables import parse_look

    look = parse_look(profile.read_toml(Path(arguments.look)))

    has_told = False
    with without_greeting() as screen:

        def tell(done: int, total: int) -> None:
            nonlocal has_told
            has_told = True
            print(f"\r{done} / {total}" if total else f"\r{done}", end="", file=screen, flush=True)

        try:
            troubles = show(Path(arguments.input), Path(arguments.output), look, tell)
        finally:
            print(end="\n" if has_told else "", file=screen, flush=True)
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return OK


def run_fans(arguments: argparse.Namespace) -> int:
    """The fan file."""
    from studio import fans_cli

    return fans_cli.run(arguments.rest)


def run_products(arguments: argparse.Namespace) -> int:
    """The room's products."""
    from studio import files_cli

    def thumbnail() -> Thumbnail:
        import overlays

        return overlays.ConvertTools().thumbnail

    return files_cli.run_products(arguments.rest, thumbnail)


def run_secret(arguments: argparse.Namespace) -> int:
    """Keys by name, in the keyring."""
    from studio import secret_cli
    from studio.app import profile

    return secret_cli.run(arguments.rest, profile.default_path().parent)


def run_outputs(arguments: argparse.Namespace) -> int:
    """The running engine's outputs."""
    from studio import outputs_cli

    return outputs_cli.run(arguments.rest)


def run_draw(arguments: argparse.Namespace) -> int:
    """Check a draw."""
    from studio import draw_cli

    return draw_cli.run(arguments.rest)


def run_recordings(arguments: argparse.Namespace) -> int:
    """Recordings, after the show."""
    from encoder import clips_cli

    return clips_cli.run(arguments.rest)


def _has_display() -> bool:
    return sys.platform in {"win32", "darwin"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _need_display() -> None:
    """Before an engine is started for a window that can't open: there Qt itself ends the process by a signal. Raises Conflict."""
    if not _has_display() and not os.environ.get("QT_QPA_PLATFORM"):
        raise Conflict("window.no_display")


def _profile_argument(arguments: argparse.Namespace) -> list[str]:
    return [str(Path(arguments.profile).absolute())] if arguments.profile else []


COMMANDS = {
    "": run_window,
    "engine": run_engine,
    "live": run_live,
    "sample": run_sample,
    "assistant": run_assistant,
    "pair": run_pair,
    "devices": run_devices,
    "measure": run_measure,
    "picture": run_picture,
    "recordings": run_recordings,
    "fans": run_fans,
    "products": run_products,
    "draw": run_draw,
    "outputs": run_outputs,
    "secret": run_secret,
}
"""What runs each command of `studio.command_line`."""


def main(words: list[str]) -> int:
    """Run a command; the exit code says what became of it, and nothing a user did ends in a traceback."""
    from studio.app.profile import faults_of
    from studio.words import say_error

    arguments = command_line.parse(words)
    try:
        return COMMANDS[arguments.command](arguments)
    except InvalidInput as error:
        for line in faults_of(error) if hasattr(error, "faults") else [say_error(error, "en")]:
            print(line, file=sys.stderr)
        return WRONG
    except (StoreUnavailable, RuntimeInUse) as error:
        print(say_error(error, "en"), file=sys.stderr)
        return IN_USE
    except KnownError as error:
        print(say_error(error, "en"), file=sys.stderr)
        return NO
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return NO


if __name__ == "__main__":
    if importlib.util.find_spec("platformdirs") is None:
        sys.exit("Encore's packages aren't installed for this Python: README.md says how, and which Python then has them.")
    sys.exit(main(sys.argv[1:]))
