#!/usr/bin/env python3
"""Encore Studio's commands: arguments in, parts plugged together, an exit code out. It decides nothing.

Heavy libraries are imported where a command needs them: the first picture within three seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import InvalidInput, KnownError, RuntimeInUse, StoreUnavailable

if TYPE_CHECKING:
    from studio.engine.runtime import EngineAddress
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
        new_look=_new_look,
        colour_tools=_colour_meter(),
        new_overlays=overlays.AirOverlays,
        new_sound_chain=_new_sound_chain,
        new_master=_new_master,
        load_effect=_load_effect,
        open_monitor=_open_monitor,
        sound_devices=_sound_devices,
        video_sources=capture.video_sources,
        audio_sources=capture.audio_sources,
    )


def _colour_meter():  # noqa: ANN202 - the registry's signature
    from capture.look.measure import ColourMeter

    return ColourMeter()


def _new_look(video):  # noqa: ANN001, ANN202 - the registry's signature
    from capture.look import BeautyLook

    return BeautyLook(video)


def _new_sound_chain():  # noqa: ANN202 - likewise
    from capture.sound import VoiceChain

    return VoiceChain()


def _new_master():  # noqa: ANN202 - likewise
    from capture.sound import Master

    return Master()


def _load_effect(path):  # noqa: ANN001, ANN202 - likewise
    from capture.effect import load_effect

    return load_effect(path)


def _open_monitor(device, on_state):  # noqa: ANN001, ANN202 - likewise
    from capture.monitor import MonitorOutput

    return MonitorOutput(device, on_state)


def _sound_devices():  # noqa: ANN202 - likewise
    from capture import devices

    found = {
        "microphones": [*devices.microphones(), *devices.pulse_microphones()],
        "system": devices.system_sounds(),
        "speakers": devices.speakers(),
    }
    return {kind: [dict(row._asdict()) for row in rows] for kind, rows in found.items()}


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
        return known or engine.spawn(words)

    return run_host(find(), find, lambda: spare.keep_spare(words))


def run_engine(arguments: argparse.Namespace) -> int:
    """An engine that waits for `live/start`."""
    from studio.app import engine

    settings, path = read_profile(arguments.profile, may_make=True)
    receiver = _loopback if arguments.loopback else None
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
    from studio.app import engine, sample

    folder = sample.folder(is_portrait=arguments.portrait)
    path = sample.write_profile(folder, is_portrait=arguments.portrait, choose=encoder.fitting_preset)
    has_display = sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if has_display and not arguments.headless:
        return run_window(argparse.Namespace(profile=str(path), loopback=True))
    return engine.run_sample(path, registry, _loopback, seconds=arguments.seconds)


def _loopback(folder: Path, port: int):  # noqa: ANN202 - the engine's protocol
    from encoder.loopback import LoopbackReceiver

    return LoopbackReceiver(folder, port)


def run_assistant(arguments: argparse.Namespace) -> int:
    """The assistant's window, here or on another PC."""
    from ui.app import run_assistant as show

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

    found = {
        "cameras": devices.cameras(),
        "microphones": [*devices.microphones(), *devices.pulse_microphones()],
        "system_sounds": devices.system_sounds(),
        "speakers": devices.speakers(),
        "screens": devices.screens(),
        "encoders": encoder.probe(),
        "recording_encoders": encoder.probe(encoder.DENSE),
    }
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

    return files_cli.run_products(arguments.rest, _thumbnail)


def _thumbnail():  # noqa: ANN202 - a function on bytes
    import overlays

    return overlays.ConvertTools().thumbnail


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


REST = {
    "recordings": (run_recordings, "clips of marked moments, plain files from what a crash left behind"),
    "fans": (run_fans, "the fan file"),
    "products": (run_products, "the room's products"),
    "draw": (run_draw, "check a draw"),
    "outputs": (run_outputs, "the running engine's outputs: add, change, start, stop, retry, test"),
    "secret": (run_secret, "keys by name, in the keyring"),
}
"""Commands that read their own arguments, and what they are for."""


def _profile_argument(arguments: argparse.Namespace) -> list[str]:
    return [str(Path(arguments.profile).absolute())] if arguments.profile else []


def _positive(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 10**7:
        raise argparse.ArgumentTypeError("a number of seconds above 0")
    return seconds


def parser() -> argparse.ArgumentParser:
    """The commands; a wrong argument ends with exit code 2 and one line."""
    top = argparse.ArgumentParser(prog="main.py", description="Encore Studio: live commerce that turns traffic into regulars.")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    engine = commands.add_parser("engine", help="an engine that waits for live/start")
    engine.add_argument("profile", nargs="?")
    engine.add_argument("--loopback", action="store_true", help="with a receiver on this machine, for the rehearsal")
    engine.add_argument("--spare", action="store_true", help="wait, loaded, to take the place of an engine that dies on air")
    engine.set_defaults(run=run_engine)

    live = commands.add_parser("live", help="an engine that goes live at once")
    live.add_argument("profile")
    live.add_argument("--duration", type=_positive, metavar="S", help="seconds from the first encoded frame")
    live.add_argument("--report", type=Path, metavar="R.json")
    live.set_defaults(run=run_live)

    sample = commands.add_parser("sample", help="the sample show: window, or 20 s headless without a display")
    sample.add_argument("--portrait", action="store_true")
    sample.add_argument("--headless", action="store_true")
    sample.add_argument("--seconds", type=_positive, default=20.0)
    sample.set_defaults(run=run_sample)

    assistant = commands.add_parser("assistant", help="the assistant's window")
    assistant.add_argument("url")
    assistant.add_argument("--token", default="", help="else ENCORE_TOKEN, else the window asks for a pairing code")
    assistant.set_defaults(run=run_assistant)

    pair = commands.add_parser("pair", help="a one-time pairing code")
    pair.add_argument("--role", required=True, choices=["host", "assistant", "moderator", "connector"])
    pair.add_argument("--platform", default="", help="the one platform that a connector may speak for")
    pair.add_argument("--room", default="", help="the one room that a connector may speak for")
    pair.set_defaults(run=run_pair)

    devices = commands.add_parser("devices", help="cameras, microphones, encoders that really work here")
    devices.add_argument("--json", action="store_true")
    devices.set_defaults(run=run_devices)

    measure = commands.add_parser("measure", help="how fast this machine is, preset by preset, and what fits it")
    measure.add_argument("profile", nargs="?")
    measure.add_argument("--lines", action="store_true", help="a JSON object a line, for programs")
    measure.set_defaults(run=run_measure)

    picture = commands.add_parser("picture", help="the look on one picture (PNG) or clip (FFV1 in mkv, its sound copied), 8 bits a channel")
    picture.add_argument("input")
    picture.add_argument("output")
    picture.add_argument("--look", required=True, metavar="LOOK.toml")
    picture.set_defaults(run=run_picture)

    for name, (run, what) in REST.items():
        rest = commands.add_parser(name, add_help=False, help=what)
        rest.add_argument("rest", nargs=argparse.REMAINDER)
        rest.set_defaults(run=run)
    return top


def main(words: list[str]) -> int:
    """Run a command; the exit code says what became of it, and nothing a user did ends in a traceback."""
    commands = {"engine", "live", "sample", "assistant", "pair", "devices", "measure", "picture", *REST, "-h", "--help"}
    if words and words[0] in REST:
        return _guarded(REST[words[0]][0], argparse.Namespace(rest=words[1:]))
    if not words or words[0] not in commands:
        if len(words) > 1 or (words and words[0].startswith("-")):
            parser().error(f"no such command: {words[0]}")
        return _guarded(run_window, argparse.Namespace(profile=words[0] if words else None, loopback=False))
    arguments = parser().parse_args(words)
    return _guarded(arguments.run, arguments)


def _guarded(run, arguments: argparse.Namespace) -> int:  # noqa: ANN001 - any of the commands
    from studio.app.profile import faults_of
    from studio.words import say_error

    try:
        return run(arguments)
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
    sys.exit(main(sys.argv[1:]))
