"""Files on their way into the room: they come in pieces, can be gone on with after a break, and are kept for a while at most.

It opens nothing that it holds; what a file is, whoever takes it finds out.
"""

import asyncio
import re
import secrets
import shutil
import time
from pathlib import Path
from typing import Any, Final

from studio.errors import Conflict, InvalidInput, NotFound, TooLarge, os_code

MAX_BYTES: Final = 8 * 2**30
"""Ten million fans in a table are some 2 GB."""
_MAX_FILES: Final = 20
_KEPT_S: Final = 7 * 86_400.0
"""Strangers' phones and names are in them: a forgotten one goes after a week."""
_SPARE_BYTES: Final = 2**30
"""What stays free on the disk for the show's recording and the fan file."""
_NUMBER: Final = re.compile("[0-9a-f]{32}")
_NAME_SIGNS: Final = 100


class UploadShelf:
    """One folder for each file, in a folder that only this user reads; loop thread, the disk on worker threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[str, int] = {}

    async def begin(self, name: str, size: int) -> dict[str, Any]:
        """Make room for a file. Raises TooLarge, InvalidInput when the disk has no room for it."""
        if size > MAX_BYTES:
            raise TooLarge("upload.too_large", limit_mb=MAX_BYTES >> 20)
        number = secrets.token_hex(16)
        await asyncio.to_thread(self._make, number, _file_name(name), size)
        self._sizes[number] = size
        return {"upload": number, "received": 0, "bytes": size}

    async def append(self, upload: str, at: int, data: bytes) -> dict[str, Any]:
        """Its next piece, on the disk when this answers. Raises NotFound, Conflict, InvalidInput."""
        path, size = self.find(upload), self._sizes.get(upload, MAX_BYTES)
        if at + len(data) > size:
            raise InvalidInput("upload.too_long", bytes=size)
        received = await asyncio.to_thread(_append, path, at, data)
        return {"upload": upload, "received": received, "bytes": size}

    async def drop(self, upload: str) -> dict[str, Any]:
        """Forget a file; one that isn't there is forgotten already."""
        self._sizes.pop(upload, None)
        if _NUMBER.fullmatch(upload):
            await asyncio.to_thread(shutil.rmtree, self._folder / upload, ignore_errors=True)
        return {"dropped": True}

    def find(self, upload: str) -> Path:
        """The file of a number. Raises NotFound."""
        if _NUMBER.fullmatch(upload):
            for path in (self._folder / upload).glob("*"):
                return path
        raise NotFound("upload.unknown")

    def has(self, upload: str) -> bool:
        """Whether the file of a number is still here."""
        return bool(_NUMBER.fullmatch(upload)) and any((self._folder / upload).glob("*"))

    def whole(self, upload: str) -> Path:
        """The same, once all of it is there. Raises NotFound, Conflict."""
        path = self.find(upload)
        received, size = path.stat().st_size, self._sizes.get(upload)
        if size is not None and received != size:
            raise Conflict("upload.position", received=received)
        return path

    def rename(self, upload: str, number: str) -> Path:
        """Keep a file under another number, in the place of what had that: the same file, brought twice."""
        if upload != number:
            shutil.rmtree(self._folder / number, ignore_errors=True)
            (self._folder / upload).rename(self._folder / number)
            self._sizes.pop(upload, None)
        return self.find(number)

    def tidy(self) -> None:
        """Delete what is older than a week."""
        old_s = time.time() - _KEPT_S
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path.is_dir() and _NUMBER.fullmatch(path.name) and path.stat().st_mtime < old_s:
                shutil.rmtree(path, ignore_errors=True)

    def _make(self, number: str, name: str, size: int) -> None:
        self.tidy()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if len(list(self._folder.iterdir())) >= _MAX_FILES:
                raise Conflict("upload.too_many", limit=_MAX_FILES)
            if shutil.disk_usage(self._folder).free < size + _SPARE_BYTES:
                raise InvalidInput("upload.no_room", needed_mb=(size + _SPARE_BYTES) >> 20)
            (self._folder / number).mkdir(mode=0o700)
            (self._folder / number / name).touch(mode=0o600)
        except OSError as error:
            raise InvalidInput("upload.failed", reason=error.strerror or str(error), reason_code=os_code(error)) from error


def _append(path: Path, at: int, data: bytes) -> int:
    try:
        with path.open("r+b") as file:
            received = file.seek(0, 2)
            if received != at:
                raise Conflict("upload.position", received=received)
            file.write(data)
            return file.tell()
    except OSError as error:
        raise InvalidInput("upload.failed", reason=error.strerror or str(error), reason_code=os_code(error)) from error


def _file_name(name: str) -> str:
    """What the file is called, without any way out of its folder."""
    bare = re.split(r"[/\\]", name)[-1]
    kept = "".join(sign if sign.isprintable() else "_" for sign in bare).strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    limit = _NAME_SIGNS - len(suffix) - 1
    short = f"{stem[:limit]}.{suffix}" if dot and len(suffix) < 10 else kept[:_NAME_SIGNS]
    while len(short.encode()) > 240:
        short = short[1:]
    return short or "file"
