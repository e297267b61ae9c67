"""The errors that are the world's fault, each with a code that one catalogue turns into words.

It refuses to format text: every surface (picture, window, report) does that itself, in its own language.

    KnownError                   shown, recovered from; anything else that is raised is our bug
    ├── InvalidInput             what was given can't be used                    HTTP 422, exit 2
    │   └── TooLarge             more than this door takes                       HTTP 413
    ├── Unauthenticated          no token, or one that isn't known               HTTP 401
    ├── Forbidden                known, but not for this role                    HTTP 403
    ├── NotFound                 nothing by that name                            HTTP 404, exit 1
    ├── Conflict                 not in this state, sold out, already done       HTTP 409, exit 1
    ├── TooManyRequests          come back later                                 HTTP 429
    ├── StoreUnavailable         the fan file can't be read or written           HTTP 503, exit 4
    ├── RuntimeInUse             another engine holds the runtime folder         exit 4
    ├── EngineUnreachable        no engine answers a window or a script           HTTP 503, exit 1
    ├── SourceUnavailable        a camera, microphone, clip or screen            retried where retryable
    ├── EncoderUnavailable       no encoder does what the profile asks
    └── OutputFailed             a server or a file that refuses us              retried where retryable
"""

import errno
from collections.abc import Mapping
from types import MappingProxyType

Param = str | int | float | None

_WORDED = {
    errno.ENOENT: "os.missing",
    errno.ENOTDIR: "os.missing",
    errno.EACCES: "os.not_allowed",
    errno.EPERM: "os.not_allowed",
    errno.EROFS: "os.read_only",
    errno.ENOSPC: "os.full",
    errno.EDQUOT: "os.full",
    errno.EFBIG: "os.too_large",
    errno.EISDIR: "os.is_folder",
    errno.ENAMETOOLONG: "os.long_name",
    errno.EIO: "os.broken",
    errno.EBUSY: "os.in_use",
    errno.EADDRINUSE: "os.in_use",
}
"""What a host may meet; the operating system says it in English, or in a language that isn't the window's."""


class KnownError(Exception):
    """The world's fault: `code` names the sentence in the catalogue, `params` fill it.

    `retryable` tells whether trying the same again may work. No secret ever goes into `params`.
    """

    def __init__(self, code: str, *, retryable: bool = False, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Param] = MappingProxyType(params)
        self.retryable = retryable

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code


def os_code(error: OSError) -> str | None:
    """What stands as `reason_code` beside the operating system's own words: None where only those say it."""
    return _WORDED.get(error.errno or 0)


class InvalidInput(KnownError):
    """What was given can't be used."""


class TooLarge(InvalidInput):
    """More bytes, rows or pixels than this door takes."""


class Unauthenticated(KnownError):
    """No token, or one that nobody issued."""


class Forbidden(KnownError):
    """The token is good, its role is not enough."""


class NotFound(KnownError):
    """Nothing by that name."""


class Conflict(KnownError):
    """The thing exists, but is not in a state that allows the step."""


class TooManyRequests(KnownError):
    """A limit of rate; `retry_after_s` is among the params."""


class StoreUnavailable(KnownError):
    """The fan file can't be read or written."""


class RuntimeInUse(KnownError):
    """Another engine holds the runtime folder."""


class EngineUnreachable(KnownError):
    """No engine answers: it isn't running, ended, or the way to it is broken."""


class SourceUnavailable(KnownError):
    """A camera, microphone, clip or screen can't be opened, or went away."""


class EncoderUnavailable(KnownError):
    """No encoder on this machine does what the profile asks."""


class OutputFailed(KnownError):
    """A server or a file refuses what we send."""
