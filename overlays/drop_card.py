"""The drop card: a lottery or a coupon from its opening to its winners, in the parts that change on their own.

It refuses to hold a countdown of its own: every figure comes from the drop and the wall clock.
"""

from dataclasses import replace

from overlays import motion
from overlays.drop_moment import Moment, moment_of
from overlays.drop_parts import Block
from overlays.drop_tall import tall_blocks
from overlays.drop_wide import wide_blocks
from overlays.raster import Pen
from overlays.sprite import CARD_LINE, Look, Sprite, card
from studio.model.layout import Rect
from studio.model.scene import AirDrop


def drop_sprites(drop: AirDrop, look: Look, now_ms: int) -> tuple[Sprite, ...]:
    """The card of one moment: one rectangle that stays, and small ones for what runs (countdown, entries, reel)."""
    moment = moment_of(drop, now_ms)
    if moment is None:
        return ()
    blocks = _blocks(drop, moment, look)
    height = _height(blocks)
    if moment.fold < 1:
        earlier = _height(_blocks(drop, replace(moment, phase=moment.before), look))
        height = round(motion.between(earlier, height, moment.fold))
    place = _sliding(look.layout.drop_rect(height), moment, look)
    line = "air-accent" if moment.is_last or moment.phase in {"reel", "winners"} else "air-line"
    still = _still(blocks, place, line, motion.opacity(moment.seen))
    return (still, *_live(blocks, place, motion.opacity(moment.seen)))


def _blocks(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
    return tall_blocks(drop, moment, look) if look.layout.is_tall else wide_blocks(drop, moment, look)


def _height(blocks: tuple[Block, ...]) -> float:
    return sum(block.height for block in blocks) + 2 * CARD_LINE


def _sliding(rect: Rect, moment: Moment, look: Look) -> Rect:
    """On its way in or out: from the right edge on a wide canvas, from below on a tall one."""
    away = motion.SLIDE * (1 - moment.seen)
    return replace(rect, y=rect.y + away) if look.layout.is_tall else replace(rect, x=rect.x + away)


def _still(blocks: tuple[Block, ...], place: Rect, line: str, opacity: int) -> Sprite:
    def content(pen: Pen) -> None:
        top = CARD_LINE
        for block in blocks:
            if block.draw:
                own = Rect(CARD_LINE, top, place.width - 2 * CARD_LINE, block.height)
                with pen.saved(clip=own):
                    block.draw(pen, own)
            top += block.height

    key = ("drop", tuple((block.key, block.height) for block in blocks), line, place.width, place.height)
    return Sprite(key, place, lambda pen: card(pen, place.width, place.height, content, line=line), opacity)


def _live(blocks: tuple[Block, ...], place: Rect, opacity: int) -> tuple[Sprite, ...]:
    found: list[Sprite] = []
    top = place.y + CARD_LINE
    for block in blocks:
        if block.live and top + block.height <= place.bottom:
            own = Rect(0, 0, place.width - 2 * CARD_LINE, block.height)
            at = replace(own, x=place.x + CARD_LINE, y=top)
            found.append(Sprite(("drop part", block.live_key), at, lambda pen, draw=block.live, own=own: draw(pen, own), opacity))
        top += block.height
    return tuple(found)
