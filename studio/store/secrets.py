"""Stream keys and tokens: in the operating system's keyring, or in a file of mode 0600 where there is none, which it says.

It never shows a secret: not in a repr, not in an error, not in a log.
"""

import json
import os
import stat
from pathlib import Path
from typing import Final

from studio.errors import InvalidInput, KnownError, NotFound

_SERVICE: Final = "encore-studio"
_FILE_MODE: Final = 0o600


class Secrets:
    """Secrets by name. `folder` is where the file goes when the system has no keyring. Calls may block: not for the loop thread."""

    def __init__(self, folder: Path, *, may_use_keyring: bool = True) -> None:
        self._path = folder / "secrets.json"
        self._has_keyring = may_use_keyring and _has_keyring()

    @property
    def place(self) -> str:
        """Where secrets are kept, for people: "keyring", or the file's path."""
        return "keyring" if self._has_keyring else str(self._path)

    @property
    def is_in_file(self) -> bool:
        """Whether there is no keyring here: the window and the log say so."""
        return not self._has_keyring

    def get(self, name: str) -> str:
        """Raises NotFound, or KnownError when the place can't be read."""
        value = self._read_keyring(name) if self._has_keyring else self._read_file().get(name)
        if value is None:
            raise NotFound("secret.missing", name=name)
        return value

    def put(self, name: str, value: str) -> None:
        """Keep a secret, trimmed. Raises InvalidInput for one that is empty or has blanks inside, KnownError when it can't be kept."""
        value = value.strip()
        if not value or any(sign.isspace() or not sign.isprintable() for sign in value):
            raise InvalidInput("secret.blank", name=name)
        if self._has_keyring:
            self._write_keyring(name, value)
        else:
            self._write_file({**self._read_file(), name: value})

    def forget(self, name: str) -> None:
        """Idempotent."""
        if not self._has_keyring:
            kept = {other: value for other, value in self._read_file().items() if other != name}
            self._write_file(kept)
            return
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            keyring.delete_password(_SERVICE, name)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise KnownError("secret.unavailable", place=self.place) from error

    def _read_keyring(self, name: str) -> str | None:
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(_SERVICE, name)
        except KeyringError as error:
            raise KnownError("secret.unavailable", place=self.place) from error

    def _write_keyring(self, name: str, value: str) -> None:
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(_SERVICE, name, value)
        except KeyringError as error:
            raise KnownError("secret.unavailable", place=self.place) from error

    def _read_file(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        try:
            if os.name == "posix" and stat.S_IMODE(self._path.stat().st_mode) & 0o077:
                raise KnownError("secret.mode", place=self.place)
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise KnownError("secret.unavailable", place=self.place) from error
        if not isinstance(content, dict):
            raise KnownError("secret.unavailable", place=self.place)
        return {str(name): value for name, value in content.items() if isinstance(value, str)}

    def _write_file(self, content: dict[str, str]) -> None:
        partial = self._path.with_name(self._path.name + ".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
        except OSError as error:
            raise KnownError("secret.unavailable", place=self.place) from error

    def __repr__(self) -> str:
        return f"Secrets({self.place!r})"


def _has_keyring() -> bool:
    import keyring
    from keyring.errors import KeyringError

    try:
        backend = keyring.get_keyring()
        # A back-end of priority 0 or less is a stand-in that fails or keeps plain text.
        return float(getattr(backend, "priority", 0)) > 0
    except (KeyringError, RuntimeError, ValueError):
        return False
