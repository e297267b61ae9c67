"""Opens the control API for a studio: tokens of this run, of `tokens.toml` and of paired devices, and the audit file.

Nothing listens before it and nothing is left listening after it.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from studio.app.studio import Studio, within
from studio.model.settings import RemoteSettings
from studio.remote.audit import AuditFile
from studio.remote.gate import wall_clock_ms
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook, read_paired, read_tokens_toml


def token_book(remote: RemoteSettings, folder: Path) -> TokenBook:
    """The tokens that are good besides this run's. Raises InvalidInput for a tokens file that can't be trusted."""
    paired_path = folder / "paired.json"
    entries = [*read_paired(paired_path)] if paired_path.exists() else []
    if remote.tokens:
        entries += read_tokens_toml(Path(remote.tokens))
    return TokenBook(entries, now_ms=wall_clock_ms, path=paired_path)


@contextlib.asynccontextmanager
async def open_doors(studio: Studio, remote: RemoteSettings, tokens: TokenBook, folder: Path) -> AsyncIterator[ControlServer]:
    """The control API, listening. Raises Conflict when `[remote] listen` is taken, InvalidInput when it is no address."""
    server = ControlServer(studio, tokens, AuditFile(folder / "audit.jsonl"), listen=remote.listen)
    await server.start()
    try:
        yield server
    finally:
        await within(10, "the control API", server.stop())
