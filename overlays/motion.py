"""How things move: plain functions of the wall clock, the same for every frame that asks about one moment.

It refuses to remember anything, so that a restarted engine shows the same picture.
"""

CARD_IN_MS = 180
HEIGHT_MS = 160
SLATE_IN_MS = 240
SLIDE = 24
"""Units that a card or an arriving row travels."""


def eased(elapsed_ms: float, duration_ms: float) -> float:
    """From 0 to 1, fast at first (cubic ease-out), 0 before the start and 1 after the end."""
    if elapsed_ms >= duration_ms:
        return 1.0
    return 1 - (1 - max(0.0, elapsed_ms) / duration_ms) ** 3


def between(start: float, end: float, share: float) -> float:
    """The value `share` of the way."""
    return start + (end - start) * share


def opacity(share: float) -> int:
    """A share of visibility as 0..255."""
    return round(255 * min(1.0, max(0.0, share)))
