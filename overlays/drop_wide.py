"""The drop card of a wide canvas: 420 units, one thing under the other.

It refuses to decide what moment it is; it lays out the blocks of the moment that it is given.
"""

from overlays.drop_moment import Moment, clock_text
from overlays.drop_parts import Block, ReelSizes, bar, draw_reel, ending, grouped_hash, hash_line, join_line, qr_code, wrapped
from overlays.phrases import entitled, people, shown, words
from overlays.raster import Pen, text_width
from overlays.shapes import GIFT, LOCK, SHIELD, TICKET, Shape
from overlays.sprite import Look
from studio.model.layout import Rect
from studio.model.scene import AirDrop, AirWinner, Tier

_PAD = 18
"""From the inside of the card's line; 20 from its edge."""
_QR = 184.5
"""33 modules and the quiet zone of 4 on each side: 4 and 5 pixels each at 1080p, 3 at 720p. At 164 (4, and 2 or 3) OpenCV's detector
found 5 of 12 codes at 1080p and 2 of 12 at 720p, now all."""
_QR_EDGE, _QR_GAP = 4, 4
_LINE = 33
_CODE_WIDTH = 416 - _PAD - _QR_GAP - _QR - _QR_EDGE
_PAGE_ROWS, _REEL_ROWS = 5, 3
_REEL = ReelSizes(window=76, step=62, large=36, small=26, inset=22)


def wide_blocks(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
    """The card's blocks from top to bottom."""
    if moment.phase == "open":
        return _coupon(drop, moment, look) if drop.kind == "coupon" else _open(drop, moment, look)
    if moment.phase == "closing":
        return _closing(drop, look)
    if moment.phase in {"reel", "winners"}:
        return _drawn(drop, moment, look)
    return _note(drop, look)


def _open(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
    note = words(look.locale, "drop.last_seconds") if moment.is_last else entitled(look.locale, "lottery", drop.who)
    blocks = [
        _head(GIFT, words(look.locale, "drop.lottery"), note),
        _title(drop),
        _clock(moment),
        _join(drop, look),
        _entries(drop, look),
    ]
    if any(tickets > 1 for _, tickets in drop.weights):
        blocks.append(_chances(drop, look))
    if drop.opening:
        blocks += [Block(8), _code(drop.opening, "opening", look, has_beacon=drop.has_beacon)]
    return tuple(blocks)


def _coupon(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
    who = entitled(look.locale, "coupon", drop.who)
    is_for_all = drop.who == "all"
    title = words(look.locale, "drop.coupon") if is_for_all else who
    head = _head(TICKET, title, who if is_for_all and not drop.closes_at_ms else "")
    clock = clock_text(moment.seconds_left)
    token = "air-accent" if moment.is_last else "air-muted"

    def time_left(pen: Pen, rect: Rect) -> None:
        pen.text(rect.right - _PAD, rect.height / 2, clock, 26, 500, token, align="right")

    if drop.closes_at_ms:
        head = Block(head.height, head.key, head.draw, (clock, token), time_left)
    blocks = (head, _title(drop), _left(drop, look))
    return (*blocks, _join(drop, look)) if drop.left else (*blocks, Block(16))


def _left(drop: AirDrop, look: Look) -> Block:
    def draw(pen: Pen, rect: Rect) -> None:
        if drop.left:
            taken = pen.text(rect.x + _PAD - 3, rect.y + 52, f"{drop.left:,}", 84, 700, "air-text")
            text = words(look.locale, "coupon.left", stock=f"{drop.stock:,}")
            left = rect.x + _PAD + taken + 12
            pen.text(left, rect.y + 72, text, 28, 400, "air-muted", width=rect.right - _PAD - left)
        else:
            text = words(look.locale, "coupon.gone", stock=f"{drop.stock:,}")
            pen.text(rect.x + _PAD, rect.y + 52, text, 36, 700, "air-accent", width=rect.width - 2 * _PAD)
        track = Rect(rect.x + _PAD, rect.y + 108, rect.width - 2 * _PAD, 8)
        bar(pen, track, drop.left / max(1, drop.stock), "air-bar")

    return Block(116, live_key=("left", drop.left, drop.stock, look.locale), live=draw)


def _closing(drop: AirDrop, look: Look) -> tuple[Block, ...]:
    text = words(look.locale, "waiting_beacon" if drop.has_beacon else "drawing")

    def status(pen: Pen, rect: Rect) -> None:
        pen.text(rect.x + _PAD, rect.y + 24, text, 28, 700, "air-accent", width=rect.width - 2 * _PAD)

    blocks = [_head(LOCK, words(look.locale, "drop.closing"), people(look.locale, drop.entries)), _title(drop), Block(56, text, status)]
    if drop.closing:
        blocks.append(_code(drop.closing, "closing", look))
    if drop.opening:
        blocks.append(_code(drop.opening, "opening", look, has_beacon=drop.has_beacon))
    return tuple(blocks)


def _drawn(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
    blocks = [_head(GIFT, words(look.locale, "drop.drawn"), words(look.locale, "entries.total", count=f"{drop.entries:,}"))]
    if moment.phase == "reel":
        turned = round(moment.turned, 2)
        key = ("reel", drop.id, moment.reel, turned, drop.reel, drop.winners)
        blocks.append(Block(172, live_key=key, live=lambda pen, rect: draw_reel(pen, rect, drop, moment.reel, turned, _REEL)))
    size = _PAGE_ROWS if moment.phase == "winners" else _REEL_ROWS
    pages = -(-len(drop.winners) // _PAGE_ROWS)
    first = moment.page % pages * size if moment.phase == "winners" else 0
    rows = drop.winners[first : first + size]
    blocks.append(_prize(drop, rows, first if pages > 1 and size == _PAGE_ROWS else None, look))
    newest = moment.revealed - 1 if moment.phase == "reel" and moment.revealed <= _REEL_ROWS else -1
    for number, winner in enumerate(rows, first):
        blocks.append(_winner(number, winner if number < moment.revealed else None, look, is_newest=number == newest))
    return (*blocks, *_codes(drop, look), _proof(drop, look))


def _note(drop: AirDrop, look: Look) -> tuple[Block, ...]:
    """How a drop ended without winners."""
    icon, title, line = ending(drop)
    note = people(look.locale, drop.entries) if drop.kind == "lottery" else ""
    text = wrapped(words(look.locale, line), 26, 500, 380, 2)

    def draw(pen: Pen, rect: Rect) -> None:
        for index, part in enumerate(text):
            pen.text(rect.x + _PAD, rect.y + 24 + 36 * index, part, 26, 500, "air-text", width=rect.width - 2 * _PAD)

    blocks = (_head(icon, words(look.locale, title), note), _title(drop), Block(24 + 36 * len(text), text, draw))
    return (*blocks, *_codes(drop, look)) if drop.kind == "lottery" else blocks


def _head(icon: Shape, title: str, note: str) -> Block:
    def draw(pen: Pen, rect: Rect) -> None:
        middle = rect.y + rect.height / 2
        pen.shape(icon, rect.x + _PAD, middle - 15, 30, "air-accent")
        left = rect.x + _PAD + 42
        taken = pen.text(left, middle, title, 26, 700, "air-text", width=200)
        pen.text(rect.right - _PAD, middle, note, 24, 500, "air-muted", width=rect.right - _PAD - left - taken - 12, align="right")

    return Block(64, ("head", icon, title, note), draw)


def _title(drop: AirDrop) -> Block:
    def draw(pen: Pen, rect: Rect) -> None:
        pen.text(rect.x + _PAD, rect.y + 22, shown(drop.title), 32, 700, "air-text", width=rect.width - 2 * _PAD)

    return Block(44, ("title", drop.title), draw)


def _clock(moment: Moment) -> Block:
    text, share = clock_text(moment.seconds_left), moment.share_left
    digits, fill = ("air-accent", "air-accent") if moment.is_last else ("air-text", "air-bar")

    def draw(pen: Pen, rect: Rect) -> None:
        size = 112 if len(text) < 7 else 96
        pen.text(rect.x + _PAD - 3, rect.y + 66, text, size, 700, digits, width=rect.width - _PAD, spacing=-1)
        bar(pen, Rect(rect.x + _PAD, rect.y + 136, rect.width - 2 * _PAD, 8), share, fill)

    return Block(144, live_key=("clock", text, share, digits), live=draw)


def _join(drop: AirDrop, look: Look) -> Block:
    def draw(pen: Pen, rect: Rect) -> None:
        line = Rect(rect.x + _PAD, rect.y, rect.width - 2 * _PAD, rect.height)
        join_line(pen, line, look.locale, f"join.{drop.kind}", drop.keyword, 30, pill=48)

    return Block(84, ("join", drop.kind, drop.keyword, look.locale), draw)


def _entries(drop: AirDrop, look: Look) -> Block:
    def rule(pen: Pen, rect: Rect) -> None:
        pen.box(Rect(rect.x + _PAD, rect.y, rect.width - 2 * _PAD, 2), "air-line")
        pen.text(rect.x + _PAD, rect.y + 32, words(look.locale, "entries.label"), 26, 500, "air-muted")

    def count(pen: Pen, rect: Rect) -> None:
        pen.text(rect.right - _PAD, rect.y + 32, people(look.locale, drop.entries), 30, 700, "air-text", align="right")

    return Block(62, ("entries", look.locale), rule, ("entries", drop.entries, look.locale), count)


def _chances(drop: AirDrop, look: Look) -> Block:
    def draw(pen: Pen, rect: Rect) -> None:
        middle = rect.y + 20
        pen.text(rect.x + _PAD, middle, words(look.locale, "chance.label"), 24, 400, "air-muted")
        right = rect.right - _PAD
        right -= pen.text(right, middle, words(look.locale, "chance.others"), 24, 400, "air-muted", align="right") + 12
        more = sorted((tier, tickets) for tier, tickets in drop.weights if tickets > 1)
        for tier, tickets in more[-2:]:
            text = words(look.locale, "chance.tickets", count=tickets)
            right -= pen.text(right, middle, text, 24, 400, "air-text", align="right") + 28 + 6
            pen.badge(Tier(tier), right, middle - 14, 28, is_devoted=False)
            right -= 12

    return Block(44, ("chances", drop.weights, look.locale), draw)


def _code(code: str, name: str, look: Look, *, has_beacon: bool = True) -> Block:
    """One hash: label, three lines of signs, what it is worth, and the QR of all of it."""
    worth = () if has_beacon else wrapped(words(look.locale, "no_beacon"), 24, 400, _CODE_WIDTH, 3)

    def draw(pen: Pen, rect: Rect) -> None:
        pen.box(rect, "air-row")
        qr_code(pen, code, rect.right - _QR_EDGE - _QR, rect.y + (rect.height - _QR) / 2, _QR)
        width = _CODE_WIDTH
        middle = rect.y + rect.height / 2 - (3 + len(worth)) * _LINE / 2
        _code_label(pen, rect.x + _PAD, middle, words(look.locale, f"code.{name}"), width)
        for index, signs in enumerate(grouped_hash(code), 1):
            hash_line(pen, rect.x + _PAD, middle + index * _LINE, signs, 24, width)
        for index, line in enumerate(worth, 4):
            pen.text(rect.x + _PAD, middle + index * _LINE, line, 24, 400, "air-muted", width=width + 12)

    return Block(max(_QR + 2 * _QR_EDGE, (4 + len(worth)) * _LINE + 14), ("code", code, name, look.locale, worth), draw)


def _code_label(pen: Pen, x: float, middle: float, text: str, width: float) -> None:
    pen.shape(LOCK, x - 2, middle - 13, 26, "air-quiet-icon")
    pen.text(x + 32, middle, text, 24, 400, "air-muted", width=width - 32)


def _codes(drop: AirDrop, look: Look) -> tuple[Block, ...]:
    """Both hashes after the closing, with the QR of the later one."""
    codes = [(name, code) for name, code in (("closing", drop.closing), ("opening", drop.opening)) if code]
    if not codes:
        return ()

    def draw(pen: Pen, rect: Rect) -> None:
        pen.box(rect, "air-row")
        qr_code(pen, codes[0][1], rect.right - _QR_EDGE - _QR, rect.y + (rect.height - _QR) / 2, _QR)
        width = _CODE_WIDTH
        middle = rect.y + rect.height / 2 - (4 * len(codes) - 1) * _LINE / 2
        for name, code in codes:
            _code_label(pen, rect.x + _PAD, middle, words(look.locale, f"code.{name}"), width)
            for index, signs in enumerate(grouped_hash(code), 1):
                hash_line(pen, rect.x + _PAD, middle + index * _LINE, signs, 24, width)
            middle += 4 * _LINE

    return (Block(max(_QR + 2 * _QR_EDGE, 8 * _LINE + 14 if len(codes) > 1 else 0), ("codes", tuple(codes), look.locale), draw),)


def _prize(drop: AirDrop, rows: tuple[AirWinner, ...], first: int | None, look: Look) -> Block:
    """What was won and by how many; `first` is the first rank of a page of a longer list."""
    prizes = {winner.prize for winner in rows}
    text = shown((prizes.pop() if len(prizes) == 1 else "") or drop.title)
    count = len(drop.winners)
    note = words(look.locale, "winners.count", count=count)
    if first is not None:
        note = words(look.locale, "winners.page", first=first + 1, last=first + len(rows), count=count)

    def draw(pen: Pen, rect: Rect) -> None:
        middle = rect.y + rect.height / 2
        taken = pen.text(rect.right - _PAD, middle, note, 24, 400, "air-muted", align="right")
        pen.text(rect.x + _PAD, middle, text, 26, 500, "air-text", width=rect.width - 2 * _PAD - taken - 16)

    return Block(60, ("prize", text, note), draw)


def _winner(number: int, winner: AirWinner | None, look: Look, *, is_newest: bool) -> Block:
    """One row; a rank that isn't shown yet has its number only."""

    def draw(pen: Pen, rect: Rect) -> None:
        middle, left = rect.y + rect.height / 2, rect.x + _PAD
        if is_newest:
            pen.gradient(rect, "air-hello-start", "air-hello-end")
            pen.box(Rect(rect.x, rect.y, 6, rect.height), "air-hello-edge")
        disc, sign = ("air-number-new", "air-on-number-new") if is_newest else ("air-number", "air-on-number")
        pen.box(Rect(left, middle - 18, 36, 36), disc, 18)
        pen.text(left + 18, middle, str(number + 1), 24, 700, sign, align="centre")
        if winner is None:
            return
        pen.badge(winner.tier, left + 48, middle - 20, 40, is_devoted=winner.is_devoted)
        right = rect.right - _PAD
        if is_newest:
            right -= pen.text(right, middle, words(look.locale, "winner.now"), 24, 400, "air-hello-fact", align="right") + 12
        name = shown(winner.name)
        pen.text(left + 100, middle, name, 30, 700, "air-hello-text" if is_newest else "air-text", width=right - left - 100)

    return Block(64, ("winner", number, winner, is_newest, look.locale), draw)


def _proof(drop: AirDrop, look: Look) -> Block:
    """What the result is worth, in words."""
    text = words(look.locale, "proof" if drop.has_beacon else "no_beacon")
    icon, room = (36, 344) if drop.has_beacon else (0, 388)
    lines = wrapped(text, 24, 400, room, 2)

    def draw(pen: Pen, rect: Rect) -> None:
        pen.box(rect, "air-row")
        widest = max(text_width(line, 24, 400) for line in lines)
        left = rect.x + (rect.width - widest - icon) / 2
        if icon:
            pen.shape(SHIELD, left, rect.y + rect.height / 2 - 14, 28, "air-proof")
        for index, line in enumerate(lines):
            pen.text(left + icon, rect.y + 30 + _LINE * index, line, 24, 400, "air-text", width=room)

    return Block(27 + _LINE * len(lines), ("proof", lines, icon), draw)
