"""The ticker: one answer to a fan's question, by masked name, for three seconds.

It refuses to stand over the drop card, and to know what was asked: it draws the answer that it is given.
"""

from overlays import motion
from overlays.phrases import Piece, pieces, shown
from overlays.raster import Pen, text_width
from overlays.sprite import Look, Sprite, card, sentence, sentence_width
from studio.model.layout import Rect
from studio.model.scene import AirTicker

_TEXT, _TALL_TEXT, _NARROW_TEXT = 28, 44, 24
_BADGE, _TALL_BADGE = 32, 48
_PADDING, _GAP = 20, 12
_NARROW = 560
"""Under this width a line says only the figure."""


def ticker_sprites(ticker: AirTicker, look: Look, now_ms: int, drop: Rect | None) -> tuple[Sprite, ...]:
    """The answer of this moment, none when its time is over or the drop card (`drop`) stands where it would be."""
    place = look.layout.ticker
    seen = min(motion.eased(now_ms - ticker.starts_at_ms, motion.CARD_IN_MS), motion.eased(ticker.ends_at_ms - now_ms, motion.CARD_IN_MS))
    if seen <= 0 or (drop is not None and place.meets(drop)):
        return ()
    is_narrow = place.width < _NARROW
    size = _TALL_TEXT if look.layout.is_tall else _NARROW_TEXT if is_narrow else _TEXT
    badge = _TALL_BADGE if look.layout.is_tall else _BADGE
    parts, more = _parts(ticker, look, is_short=is_narrow or look.layout.is_tall), f"+{ticker.waiting}" if ticker.waiting else ""
    more_width = text_width(more, size, 400) + _GAP if more else 0.0
    room = place.width - 2 * _PADDING - badge - _GAP - more_width
    taken = min(room, sentence_width(parts, size, 500, 700))
    width = round(taken + 2 * _PADDING + badge + _GAP + more_width)

    def content(pen: Pen) -> None:
        middle = place.height / 2
        pen.badge(ticker.tier, _PADDING, middle - badge / 2, badge, is_devoted=ticker.is_devoted)
        left = _PADDING + badge + _GAP
        sentence(pen, left, middle, parts, size, words=(500, "air-text"), values=(700, "air-text"), width=room)
        if more:
            pen.text(width - _PADDING, middle, more, size, 400, "air-muted", align="right")

    left = place.x if look.layout.is_tall or is_narrow else place.x + (place.width - width) / 2
    key = ("ticker", ticker.kind, ticker.name, ticker.tier, ticker.is_devoted, ticker.points, ticker.streak, ticker.waiting, look.locale)
    rect = Rect(left, place.y, width, place.height)
    return (Sprite(key, rect, lambda pen: card(pen, width, place.height, content), motion.opacity(seen)),)


def _parts(ticker: AirTicker, look: Look, *, is_short: bool) -> tuple[Piece, ...]:
    msgid = f"ticker.{ticker.kind}" + (".short" if is_short else "")
    return pieces(look.locale, msgid, name=shown(ticker.name), points=f"{ticker.points:,}", days=ticker.streak)
