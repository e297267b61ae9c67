"""Where a stream goes: a server's address taken apart, with the key kept out of sight.

It resolves nothing and never turns rtmps into rtmp.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from studio.errors import InvalidInput
from studio.model.settings import OutputSettings

_DEFAULT_PORTS = {"rtmp": 1935, "rtmps": 443}


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """A server, an app and a key. Its repr shows the server only: app paths carry secrets too on some platforms."""

    is_tls: bool
    host: str
    port: int
    app: str
    key: str
    tc_url: str

    def __repr__(self) -> str:
        return f"Target({'rtmps' if self.is_tls else 'rtmp'}://{self.host}:{self.port})"


def parse_target(settings: OutputSettings) -> Target:
    """The settings' server and key. Raises InvalidInput, without either in it, when they can't be one."""
    server, key = settings.target()
    server, key = server.strip(), key.strip()
    try:
        parts = urlsplit(server)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in _DEFAULT_PORTS or not host or not parts.path.strip("/") or not _is_clean(server):
        raise InvalidInput("output.bad_address", output=settings.name)
    if not key:
        raise InvalidInput("output.no_key", output=settings.name)
    if not _is_clean(key):
        raise InvalidInput("output.bad_key", output=settings.name)
    # The app is the whole path of the server, with its query; Adobe's multi-part app names have slashes.
    app = parts.path.strip("/") + (f"?{parts.query}" if parts.query else "")
    bracketed = f"[{host}]" if ":" in host else host
    shown_port = f":{port}" if port else ""
    return Target(
        is_tls=parts.scheme == "rtmps",
        host=host,
        port=port or _DEFAULT_PORTS[parts.scheme],
        app=app,
        key=key,
        tc_url=f"{parts.scheme}://{bracketed}{shown_port}/{app}",
    )


def _is_clean(text: str) -> bool:
    """No blanks, control signs or lone surrogates inside: what was pasted with them is half a key, or two."""
    return text.isprintable() and not any(sign.isspace() for sign in text)
