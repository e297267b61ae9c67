"""What a profile says that only this machine can tell wrong: a file that isn't there, tokens that can't be trusted, an address.

`live` asks before it goes on air: a show never begins as something else than its profile says. An engine that serves a window
begins all the same, for there a notice tells each and it can be put right. Devices are left out: they come and go.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from studio.errors import InvalidInput
from studio.model.rules import Fault, InvalidSettings
from studio.model.settings import SECRET_MASK, Settings
from studio.remote.tokens import read_tokens_toml
from studio.store import engines, sqlite_file
from studio.words import say_error


def check(settings: Settings, report_path: Path | None = None) -> None:
    """Raises InvalidSettings with every fault; `report_path` is where the report is to be written. Reads files: not for the loop thread."""
    faults = [*_missing_files(settings), *_missing_keys(settings)]
    faults += _refused("audience.store", settings.audience.store, engines.parse)
    if settings.remote.tokens:
        faults += _refused("remote.tokens", settings.remote.tokens, lambda path: read_tokens_toml(Path(path)))
    if report_path is not None and (report_path.is_dir() or not report_path.absolute().parent.is_dir()):
        faults.append(Fault("--report", repr(str(report_path)), "a file in a folder that is there"))
    if faults:
        raise InvalidSettings(tuple(faults))


def check_store(url: str) -> None:
    """Raises StoreUnavailable for a SQLite file that another copy of the program has open, or that is no fan file.

    Else this one would be on air for a moment, and take the platform's stream away from the copy that has the file.
    """
    address = engines.parse(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return
    path = Path(address.database)
    lock = sqlite_file.FileLock(path)
    if path.parent.is_dir():
        lock.take()
    try:
        sqlite_file.check(path)
    finally:
        lock.release()


def _missing_files(settings: Settings) -> Iterator[Fault]:
    named = [
        ("video.source", settings.video.source, "file:"),
        ("audio.source", settings.audio.source, "file:"),
        ("shot.second", settings.shot.second, "file:"),
        ("audience.events", settings.audience.events, "file:"),
        ("look.background", settings.look.background, "image:"),
        ("look.lut", settings.look.lut, ""),
        ("look.key_image", settings.look.key_image, ""),
        ("look.colour_profile", settings.look.colour_profile, ""),
        *((f"input[{index}].source", row.source, scheme) for index, row in enumerate(settings.input) for scheme in ("file:", "music:")),
        *((f"effect[{index}].path", effect.path, "") for index, effect in enumerate(settings.effect)),
    ]
    for key, value, scheme in named:
        if not value or not value.startswith(scheme):
            continue
        path = Path(value[len(scheme) :])
        if not (path.is_file() or (scheme == "music:" and path.is_dir())):
            yield Fault(key, repr(value), "there is no such file")


def _missing_keys(settings: Settings) -> Iterator[Fault]:
    for index, output in enumerate(settings.output):
        if output.enabled and output.is_server and not (output.target()[1] or output.key_secret):
            yield Fault(
                f"output[{index}].key", '""', "the stream key of the platform's live page, or key_secret with its name in the keyring"
            )


def _refused(key: str, value: str, call: Callable[[str], object]) -> Iterator[Fault]:
    try:
        call(value)
    except InvalidInput as error:
        yield Fault(key, SECRET_MASK if "@" in value else repr(value), say_error(error, "en"))
