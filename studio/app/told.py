"""Which news of sources and outputs become notices, and how serious they are.

It speaks of changes only: a state that stays is told once.
"""

from studio.app.notices import Notices
from studio.engine.feed import SourceState
from studio.ports import OutputStats

_LEVELS = {"reconnecting": "bad", "refused": "bad", "failed": "bad"}


def tell_source(notices: Notices, before: SourceState | None, now: SourceState) -> None:
    """A source that went away, or that came back."""
    if now.error is not None:
        if before is None or before.error is None or before.error.code != now.error.code:
            notices.add_error(now.error)
    elif before is not None and before.error is not None:
        kind = "audio" if now.kind.startswith("input:") else now.kind
        notices.add("good", f"source.{kind}_back", name=now.info.name if now.info else now.spec)


def tell_output(notices: Notices, before: OutputStats | None, now: OutputStats) -> None:
    """An output that is in trouble, or out of it again."""
    was_in_trouble = before is not None and before.state in _LEVELS
    if before is not None and (before.state, before.detail) == (now.state, now.detail):
        return
    if now.state in _LEVELS and now.detail:
        notices.add("bad", now.detail, **dict(now.detail_params), name=now.name)
    elif now.state == "live" and now.detail:
        notices.add("warn", now.detail, **dict(now.detail_params), name=now.name)
    elif now.state == "live" and was_in_trouble:
        notices.add("good", "output.back", name=now.name)
