"""The sample show: a presenter clip, a rehearsal audience, a recording and a publication that stays on this machine.

It needs no camera, no key and no account.
"""

import socket
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.app import profile
from studio.model.settings import (
    AudienceSettings,
    AudioSettings,
    EncoderSettings,
    LookSettings,
    OutputSettings,
    Settings,
    VideoSettings,
)

RESOURCES = Path(__file__).resolve().parents[2] / "resources" / "sample"
LOOPBACK_PORT = 19350
REHEARSAL_SEED = 7

ChoosePreset = Callable[[VideoSettings, EncoderSettings], str]


def folder(*, is_portrait: bool) -> Path:
    """Where the sample show keeps its files: the user's data folder, one for each canvas."""
    return profile.data_folder() / ("sample-portrait" if is_portrait else "sample")


def settings(target: Path, *, is_portrait: bool = False, port: int = LOOPBACK_PORT, choose: ChoosePreset | None = None) -> Settings:
    """The show's profile, its files below `target`; `choose` names the x264 preset that this machine can keep up with."""
    clip = f"file:{RESOURCES / ('presenter-portrait.mp4' if is_portrait else 'presenter.mp4')}"
    width, height = (1080, 1920) if is_portrait else (1920, 1080)
    video, encoder = VideoSettings(width=width, height=height, source=clip), EncoderSettings()
    return Settings(
        video=video,
        audio=AudioSettings(source=clip),
        look=LookSettings(smooth=0.6, whiten=0.3, rosy=0.1),
        encoder=replace(encoder, preset=choose(video, encoder)) if choose else encoder,
        output=(
            OutputSettings(name="rehearsal", server=f"rtmp://127.0.0.1:{port}/live", key="show"),
            OutputSettings(name="recording", path=str(target / "show.mp4")),
        ),
        audience=AudienceSettings(store=f"sqlite:///{(target / 'rehearsal.db').as_posix()}", events=f"simulated:{REHEARSAL_SEED}"),
    )


def first_profile(target: Path) -> Settings:
    """What a new user's profile holds: the sample show, recorded and published nowhere, until they name a camera and a server."""
    target.mkdir(parents=True, exist_ok=True)
    show = settings(target)
    return replace(show, output=tuple(output for output in show.output if output.is_file))


def write_profile(target: Path, *, is_portrait: bool, choose: ChoosePreset | None = None) -> Path:
    """Write the profile, with a port that is free now; its path. A folder that can't be written gives way to a temporary one."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        _touch(target)
    except OSError:
        target = Path(tempfile.mkdtemp(prefix="encore-sample-"))
    path = target / "profile.toml"
    profile.write(path, settings(target, is_portrait=is_portrait, port=_free_port(), choose=choose))
    return path


def _touch(target: Path) -> None:
    probe = target / ".writable"
    probe.write_bytes(b"")
    probe.unlink()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
