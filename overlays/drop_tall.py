"""The drop card of a tall canvas: 880 units wide and low, so that the face above it stays free; no text below 44.

It refuses to decide what moment it is; it lays out the blocks of the moment that it is given.
"""

from overlays.drop_moment import Moment, clock_text
from overlays.drop_parts import Block, ReelSizes, bar, draw_reel, ending, hash_line, join_line, qr_code, short_hash, wrapped
from overlays.phrases import entitled, people, shown, words
from overlays.raster import Pen, text_width
from overlays.shapes import GIFT, LOCK, SHIELD, TICKET, Shape
from overlays.sprite import Look
from studio.model.layout import Rect
from studio.model.scene import AirDrop, AirWinner

_PAD = 22
_QR = 205
"""33 modules and the quiet zone of 4 on each side, 5 pixels each at 1080 wide."""
_LINE = 54
_SIZE = 44
_REEL = ReelSizes(window=88, step=76, large=56, small=44, inset=28)
_PAGE_ROWS = 4


def tall_blocks(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
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
    blocks = (_head(GIFT, shown(drop.title), note), _clock(drop, moment, look), _entries(drop, look))
    return (*blocks, _codes((("opening", drop.opening),), look, has_beacon=drop.has_beacon)) if drop.opening else blocks


def _coupon(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
    clock = clock_text(moment.seconds_left) if drop.closes_at_ms else ""
    token = "air-accent" if moment.is_last else "air-muted"

    def time_left(pen: Pen, rect: Rect) -> None:
        pen.text(rect.right - _PAD, rect.height / 2, clock, 46, 500, token, align="right")

    def left(pen: Pen, rect: Rect) -> None:
        if drop.left:
            taken = pen.text(rect.x + _PAD - 4, 66, f"{drop.left:,}", 120, 700, "air-text") + 16
            text = words(look.locale, "coupon.left", stock=f"{drop.stock:,}")
            pen.text(rect.x + _PAD + taken, 94, text, _SIZE, 400, "air-muted", width=rect.width * 0.62 - taken)
        else:
            text = words(look.locale, "coupon.gone", stock=f"{drop.stock:,}")
            pen.text(rect.x + _PAD, 66, text, 64, 700, "air-accent", width=rect.width - 2 * _PAD)
        bar(pen, Rect(rect.x + _PAD, 136, rect.width - 2 * _PAD, 12), drop.left / max(1, drop.stock), "air-bar")

    def how(pen: Pen, rect: Rect) -> None:
        line = Rect(rect.right - _PAD - 320, rect.y, 320, 132)
        join_line(pen, line, look.locale, "join.short", drop.keyword, 48, pill=76, at_right=True)

    who = entitled(look.locale, "coupon", drop.who)
    title = shown(drop.title) if drop.who == "all" else f"{who} · {shown(drop.title)}"
    head = _head(TICKET, title, "0" * len(clock) if clock else who, is_hidden=bool(clock))
    key = ("left", drop.left, drop.stock, look.locale)
    return (
        Block(head.height, head.key, head.draw, ("time", clock, token), time_left if clock else None),
        Block(170, ("join", drop.keyword, look.locale), how if drop.left else None, key, left),
    )


def _closing(drop: AirDrop, look: Look) -> tuple[Block, ...]:
    text = words(look.locale, "waiting_beacon" if drop.has_beacon else "drawing")

    def status(pen: Pen, rect: Rect) -> None:
        pen.text(rect.x + _PAD, rect.y + 30, text, 48, 700, "air-accent", width=rect.width - 2 * _PAD)

    head = _head(LOCK, words(look.locale, "drop.closing"), people(look.locale, drop.entries))
    codes = [_codes((("closing", drop.closing),), look)] if drop.closing else []
    codes += [_codes((("opening", drop.opening),), look, has_beacon=drop.has_beacon)] if drop.opening else []
    return (head, Block(76, text, status), *codes)


def _drawn(drop: AirDrop, moment: Moment, look: Look) -> tuple[Block, ...]:
    total = words(look.locale, "entries.total", count=f"{drop.entries:,}")
    blocks = [_head(GIFT, words(look.locale, "drop.drawn"), total)]
    if moment.phase == "reel":
        turned = round(moment.turned, 2)
        key = ("tall reel", drop.id, moment.reel, turned, drop.reel, drop.winners)
        blocks.append(Block(160, live_key=key, live=lambda pen, rect: draw_reel(pen, rect, drop, moment.reel, turned, _REEL)))
    pages = -(-len(drop.winners) // _PAGE_ROWS)
    first = moment.page % pages * _PAGE_ROWS if moment.phase == "winners" else 0
    rows = drop.winners[first : first + _PAGE_ROWS]
    newest = moment.revealed - 1 if moment.phase == "reel" and moment.revealed <= 3 else -1
    for start in range(0, len(rows), 2):
        seen = [
            (first + start + side, winner, first + start + side < moment.revealed) for side, winner in enumerate(rows[start : start + 2])
        ]
        blocks.append(_winners(tuple(seen), newest))
    codes = [("closing", drop.closing), ("opening", drop.opening)]
    known = tuple((name, code) for name, code in codes if code)
    return (*blocks, *((_codes(known, look),) if known else ()), _proof(drop, look))


def _note(drop: AirDrop, look: Look) -> tuple[Block, ...]:
    """How a drop ended without winners."""
    icon, title, line = ending(drop)
    text = words(look.locale, line)

    def draw(pen: Pen, rect: Rect) -> None:
        pen.text(rect.x + _PAD, rect.y + 34, text, 48, 500, "air-text", width=rect.width - 2 * _PAD)

    note = people(look.locale, drop.entries) if drop.kind == "lottery" else ""
    blocks = (_head(icon, words(look.locale, title), note), Block(84, text, draw))
    known = tuple((name, code) for name, code in (("closing", drop.closing), ("opening", drop.opening)) if code)
    return (*blocks, _codes(known, look)) if known else blocks


def _head(icon: Shape, title: str, note: str, *, is_hidden: bool = False) -> Block:
    """Icon, title, and a note at the right; a hidden note keeps its room for what runs there."""

    def draw(pen: Pen, rect: Rect) -> None:
        middle, right = rect.y + rect.height / 2, rect.right - _PAD
        pen.shape(icon, rect.x + _PAD, middle - 24, 48, "air-accent")
        if is_hidden:
            right -= text_width(note, 46, 500) + 40
        else:
            right -= pen.text(right, middle, note, _SIZE, 400, "air-muted", width=rect.width * 0.5, align="right") + 24
        left = rect.x + _PAD + 64
        pen.text(left, middle, title, 46, 700, "air-text", width=right - left)

    return Block(84, ("head", icon, title, note, is_hidden), draw)


def _clock(drop: AirDrop, moment: Moment, look: Look) -> Block:
    text, share = clock_text(moment.seconds_left), moment.share_left
    digits, fill = ("air-accent", "air-accent") if moment.is_last else ("air-text", "air-bar")

    def how(pen: Pen, rect: Rect) -> None:
        line = Rect(rect.right - _PAD - 420, rect.y, 420, 132)
        join_line(pen, line, look.locale, "join.short", drop.keyword, 48, pill=76, at_right=True)

    def running(pen: Pen, rect: Rect) -> None:
        pen.text(rect.x + _PAD - 4, 66, text, 132 if len(text) < 7 else 104, 700, digits, spacing=-1, width=420)
        bar(pen, Rect(rect.x + _PAD, 140, rect.width - 2 * _PAD, 12), share, fill)

    return Block(164, ("join", drop.keyword, look.locale), how, ("tall clock", text, share, digits), running)


def _entries(drop: AirDrop, look: Look) -> Block:
    def ground(pen: Pen, rect: Rect) -> None:
        pen.box(rect, "air-row")

    def count(pen: Pen, rect: Rect) -> None:
        middle = rect.height / 2
        taken = pen.text(rect.x + _PAD, middle, people(look.locale, drop.entries), _SIZE, 700, "air-text") + 14
        pen.text(rect.x + _PAD + taken, middle, words(look.locale, "entries.after"), _SIZE, 400, "air-muted")

    return Block(72, "entries", ground, ("tall entries", drop.entries, look.locale), count)


def _codes(codes: tuple[tuple[str, str], ...], look: Look, *, has_beacon: bool = True) -> Block:
    """One or two hashes, each with its label before its two lines, and the QR of the first."""
    left_width = 880 - 4 - _QR - 8 - _PAD - 16
    worth = () if has_beacon else wrapped(words(look.locale, "no_beacon"), _SIZE, 400, left_width, 3)
    labels = {name: words(look.locale, f"code.{name}.short") for name in ("opening", "closing")}
    indent = max(text_width(label, _SIZE, 400) for label in labels.values()) + 18
    height = max(_QR + 16, (2 * len(codes) + len(worth)) * _LINE + 10)

    def draw(pen: Pen, rect: Rect) -> None:
        pen.box(rect, "air-row")
        qr_code(pen, codes[0][1], rect.right - 8 - _QR, rect.y + (rect.height - _QR) / 2, _QR)
        middle = rect.y + rect.height / 2 - (2 * len(codes) + len(worth) - 1) * _LINE / 2
        for name, code in codes:
            pen.text(rect.x + _PAD, middle, labels[name], _SIZE, 400, "air-muted")
            for signs in short_hash(code):
                hash_line(pen, rect.x + _PAD + indent, middle, signs, _SIZE, left_width - indent)
                middle += _LINE
        for line in worth:
            pen.text(rect.x + _PAD, middle, line, _SIZE, 400, "air-muted", width=left_width)
            middle += _LINE

    return Block(height, ("tall codes", codes, look.locale, worth), draw)


def _winners(rows: tuple[tuple[int, AirWinner, bool], ...], newest: int) -> Block:
    """Two winners side by side; a rank that isn't shown yet has its number only."""

    def draw(pen: Pen, rect: Rect) -> None:
        half = rect.width / 2
        for side, (number, winner, is_shown) in enumerate(rows):
            cell = Rect(rect.x + side * half, rect.y, half, rect.height)
            is_newest = number == newest
            if is_newest:
                pen.gradient(cell, "air-hello-start", "air-hello-end")
                pen.box(Rect(cell.x, cell.y, 8, cell.height), "air-hello-edge")
            middle, left = cell.y + cell.height / 2, cell.x + _PAD
            disc, sign = ("air-number-new", "air-on-number-new") if is_newest else ("air-number", "air-on-number")
            pen.box(Rect(left, middle - 28, 56, 56), disc, 28)
            pen.text(left + 28, middle, str(number + 1), _SIZE, 700, sign, align="centre")
            if is_shown:
                pen.badge(winner.tier, left + 70, middle - 26, 52, is_devoted=winner.is_devoted)
                token = "air-hello-text" if is_newest else "air-text"
                pen.text(left + 136, middle, shown(winner.name), _SIZE, 700, token, width=cell.right - 16 - left - 136)

    return Block(80, ("tall winners", rows, newest), draw)


def _proof(drop: AirDrop, look: Look) -> Block:
    """What the result is worth, in words."""
    text = words(look.locale, "proof" if drop.has_beacon else "no_beacon")
    icon = 60 if drop.has_beacon else 0
    lines = wrapped(text, _SIZE, 400, 832 - icon, 2)

    def draw(pen: Pen, rect: Rect) -> None:
        pen.box(rect, "air-row")
        if icon:
            pen.shape(SHIELD, rect.x + _PAD, rect.y + rect.height / 2 - 24, 48, "air-proof")
        for index, line in enumerate(lines):
            pen.text(rect.x + _PAD + icon, rect.y + 36 + _LINE * index, line, _SIZE, 400, "air-text", width=832 - icon)

    return Block(18 + _LINE * len(lines), ("tall proof", lines, icon), draw)
