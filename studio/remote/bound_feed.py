"""What a connector that is bound to a platform or room may bring: lines of others are taken out before the studio sees them.

It judges nothing else about a line; one that can't be read is taken out too, for nobody can tell whose it is.
"""

import json
from typing import Any

Rejected = dict[str, Any]


def keep_own(lines: bytes, platform: str, room: str) -> tuple[bytes, list[Rejected]]:
    """(The lines with those of others blanked, so that numbers stay what they were, and a {line, error} for each of these)."""
    own = {name: wanted for name, wanted in (("platform", platform), ("room", room)) if wanted}
    kept: list[bytes] = []
    rejected: list[Rejected] = []
    for number, line in enumerate(lines.split(b"\n"), 1):
        error = _fault(line, own) if line.strip() else ""
        kept.append(b"" if error else line)
        if error:
            rejected.append({"line": number, "error": error})
    return b"\n".join(kept), rejected


def _fault(line: bytes, own: dict[str, str]) -> str:
    try:
        event = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return "not JSON"
    if not isinstance(event, dict):
        return "not an object"
    wrong = next((name for name, wanted in own.items() if event.get(name) != wanted), "")
    return f"{wrong}: this connector is bound to {own[wrong]}" if wrong else ""
