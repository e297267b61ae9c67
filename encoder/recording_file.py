"""A recording's file on the disk: made under a free name, written through by FFmpeg, and what the disk says when it can't.

It knows no packets.
"""

import contextlib
import errno
import os
import shutil
from io import FileIO
from pathlib import Path

from av.error import FFmpegError

from studio.errors import OutputFailed

_MOST_NAMES = 1000
_COPY_BYTES = 1 << 20
_CODES = {
    errno.ENOSPC: "recording.disk_full",
    errno.EDQUOT: "recording.disk_full",
    errno.EACCES: "recording.not_allowed",
    errno.EPERM: "recording.not_allowed",
    errno.EROFS: "recording.not_allowed",
}


class RecordingFile:
    """A file that FFmpeg writes through. Once a write failed all later ones fail too.

    So a closing muxer can't overwrite the head of a file whose tail it couldn't write. Owned by one thread.
    """

    def __init__(self, path: Path) -> None:
        self._file = FileIO(path, "xb+")
        self.failure: OSError | None = None
        """What the disk said first; FFmpeg turns it into something else on its way."""
        self.size = 0

    def write(self, data: bytes) -> int:
        """All of it. Raises OSError."""
        if self.failure is not None:
            raise self.failure
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.failure = error
            raise
        self.size = max(self.size, self._file.tell())
        return len(data)

    def read(self, size: int) -> bytes:
        """For muxers that look back."""
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As files do."""
        return self._file.tell()

    def sync(self) -> None:
        """Put it onto the disk. Raises OSError."""
        os.fsync(self._file.fileno())

    @property
    def is_unlinked(self) -> bool:
        """Whether it was deleted while it was written, which all systems but Windows allow: it lives until it is closed."""
        return os.fstat(self._file.fileno()).st_nlink == 0

    def put_back(self, wanted: Path) -> Path:
        """Write all of it once more under a free name; where. Raises OutputFailed and OSError, and leaves nothing half done."""
        copy, path = create_file(wanted)
        try:
            self._file.seek(0)
            shutil.copyfileobj(self._file, copy, _COPY_BYTES)  # pyright: ignore[reportArgumentType] - `read` and `write` are all it takes
            copy.sync()
        except OSError:
            path.unlink()
            raise
        finally:
            copy.close()
        return path

    def close(self) -> None:
        """Idempotent; what a full disk says here it has said before."""
        with contextlib.suppress(OSError):
            self._file.close()


def create_file(wanted: Path) -> tuple[RecordingFile, Path]:
    """A new file under the wanted name, or the next free one: show.mp4, show-2.mp4 … Raises OutputFailed."""
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_NAMES):
            path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}") if number > 1 else wanted
            with contextlib.suppress(FileExistsError):
                return RecordingFile(path), path
    except OSError as error:
        raise as_failure(error, wanted) from error
    raise OutputFailed("recording.no_name", path=str(wanted))


def whereabouts(file: RecordingFile, path: Path) -> str:
    """The code of what became of a file that isn't under its name any more; empty while it is, or while nobody can tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return "recording.removed" if file.is_unlinked else "recording.moved"
    except OSError:  # no answer, or none for us: what can't be written will say so itself
        return ""
    return ""


def as_failure(error: OSError | FFmpegError, path: Path) -> OutputFailed:
    """What the disk said, in our words."""
    number = getattr(error, "errno", None) or 0
    return OutputFailed(_CODES.get(number, "recording.failed"), path=str(path), reason=errno.errorcode.get(number, ""))
