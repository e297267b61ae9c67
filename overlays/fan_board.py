"""The fan board: how many regulars are here, up to six rows, and the greeting of an arrival.

It refuses to choose, mask or order fans: it draws the board that it is given, and moves rows between two such orders.
"""

from dataclasses import dataclass

from overlays import motion
from overlays.phrases import fact, greeting_line, greeting_title, shown, words
from overlays.raster import Pen, Weight, text_width
from overlays.shapes import MARK
from overlays.sprite import Look, Sprite, card, sentence, sentence_width
from studio.model.layout import Rect
from studio.model.scene import AirBoard, AirFan

MOST_ROWS = 6
GREETING_MS = 4000
_TITLE, _ROW, _HELLO, _FOOT, _LINE = 64, 56, 104, 12, 2
_TALL_TITLE, _TALL_ROW, _TALL_HELLO, _TALL_FOOT = 76, 76, 104, 4
_PAGE_MS = 4000
_VALUE_GAP = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """One fan on the board at this moment: `hello` and `row` say how much of each form is seen, 0..1."""

    fan: AirFan
    y: float
    height: float
    hello: float
    row: float


def placed_rows(board: AirBoard, now_ms: int) -> tuple[tuple[Placed, ...], float]:
    """Where every row stands, in units below the title, and how high all of them are: a pure function of board and time."""
    greeting = board.greeting
    settled = _stack(board.rows[:MOST_ROWS], None)
    if greeting is None or now_ms >= greeting.starts_at_ms + GREETING_MS + motion.HEIGHT_MS:
        return tuple(settled.values()), _height(settled)
    others = tuple(row for row in board.rows if row.key != greeting.fan.key)
    greeted = _stack(others[: MOST_ROWS - 1], greeting.fan)
    elapsed = now_ms - greeting.starts_at_ms
    if elapsed < GREETING_MS:
        before = _stack(others[:MOST_ROWS], None)
        return _mixed(before, greeted, motion.eased(elapsed, motion.HEIGHT_MS), motion.eased(elapsed, motion.CARD_IN_MS))
    share = motion.eased(elapsed - GREETING_MS, motion.HEIGHT_MS)
    return _mixed(greeted, settled, share, share)


def _stack(rows: tuple[AirFan, ...], greeted: AirFan | None) -> dict[str, Placed]:
    top = _HELLO if greeted else 0
    found = {greeted.key: Placed(greeted, 0, _HELLO, 1, 0)} if greeted else {}
    for index, fan in enumerate(rows):
        found[fan.key] = Placed(fan, top + _ROW * index, _ROW, 0, 1)
    return found


def _height(rows: dict[str, Placed]) -> float:
    return sum(row.height for row in rows.values())


def _mixed(start: dict[str, Placed], end: dict[str, Placed], share: float, seen: float) -> tuple[tuple[Placed, ...], float]:
    """Rows on their way from one order to another; who is in only one of the two fades, an arrival also slides down.

    A greeting whose row belongs further down folds where it is while the row comes in at its place: rows never cross.
    """
    if share >= 1 and seen >= 1:
        return tuple(end.values()), _height(end)
    moving = {key for key, row in start.items() if key in end and not (row.hello and end[key].y > row.y)}
    found: list[Placed] = []
    for key, row in start.items():
        if key in moving:
            other = end[key]
            y, height = motion.between(row.y, other.y, share), motion.between(row.height, other.height, share)
            hello, plain = motion.between(row.hello, other.hello, share), motion.between(row.row, other.row, share)
            found.append(Placed(row.fan, y, height, hello, plain))
        else:
            height = row.height * (1 - share) if row.hello else row.height
            found.append(Placed(row.fan, row.y, height, row.hello * (1 - seen), row.row * (1 - seen)))
    for key, row in end.items():
        if key not in moving:
            slide = motion.SLIDE * (1 - seen) if row.hello else 0
            found.append(Placed(row.fan, row.y - slide, row.height, row.hello * seen, row.row * seen))
    return tuple(found), motion.between(_height(start), _height(end), share)


def board_sprites(board: AirBoard, look: Look, now_ms: int) -> tuple[Sprite, ...]:
    """The board of one moment."""
    return _tall_board(board, look, now_ms) if look.layout.is_tall else _wide_board(board, look, now_ms)


def _wide_board(board: AirBoard, look: Look, now_ms: int) -> tuple[Sprite, ...]:
    place = look.layout.board
    rows, rows_height = placed_rows(board, now_ms)
    height = _TITLE + 2 * _LINE + rows_height + min(_FOOT, rows_height)

    def content(pen: Pen) -> None:
        _title(pen, board, look, Rect(22, _LINE, place.width - 44, _TITLE), size=26, mark=26)
        with pen.saved(down=_LINE + _TITLE):
            for row in rows:
                _placed(pen, row, board, look, place.width)

    key = ("board", board.present, rows, board.greeting, look.locale, look.with_amounts)
    return (Sprite(key, Rect(place.x, place.y, place.width, height), lambda pen: card(pen, place.width, height, content)),)


def _title(pen: Pen, board: AirBoard, look: Look, rect: Rect, size: float, mark: float) -> None:
    middle = rect.y + rect.height / 2
    small = max(24, size - 2) if size < 44 else size
    count = words(look.locale, "board.count", count=f"{board.present:,}")
    taken = pen.text(rect.right, middle, count, small, 500 if size < 44 else 400, "air-muted", align="right")
    pen.shape(MARK, rect.x, middle - mark / 2, mark, "air-mark")
    left = rect.x + mark + _VALUE_GAP
    pen.text(left, middle, words(look.locale, "board.title"), size, 700, "air-text", width=rect.right - taken - _VALUE_GAP - left)


def _placed(pen: Pen, row: Placed, board: AirBoard, look: Look, width: float) -> None:
    rect = Rect(_LINE, row.y, width - 2 * _LINE, row.height)
    if row.hello > 0:
        with pen.saved(clip=rect, opacity=row.hello):
            _hello(pen, board, look, rect)
    if row.row > 0:
        with pen.saved(clip=rect, opacity=row.row):
            _fan(pen, row.fan, look, rect)


def _fan(pen: Pen, fan: AirFan, look: Look, rect: Rect) -> None:
    middle, badge = rect.y + rect.height / 2, 36
    left, right = rect.x + 18, rect.right - 20
    parts = fact(look.locale, fan, with_amounts=look.with_amounts)
    fact_width = min(sentence_width(parts, 24, 400, 500), (right - left) * 0.6)
    pen.badge(fan.tier, left, middle - badge / 2, badge, is_devoted=fan.is_devoted)
    left += badge + 12
    pen.text(left, middle, shown(fan.name), 26, 500, "air-text", width=right - fact_width - _VALUE_GAP - left)
    sentence(pen, right - fact_width, middle, parts, 24, words=(400, "air-muted"), values=(500, "air-text"), width=fact_width)


def _hello(pen: Pen, board: AirBoard, look: Look, rect: Rect) -> None:
    if board.greeting is None:
        return
    fan, badge, middle = board.greeting.fan, 56, rect.y + _HELLO / 2
    pen.gradient(Rect(rect.x, rect.y, rect.width, _HELLO), "air-hello-start", "air-hello-end")
    pen.box(Rect(rect.x, rect.y, 6, _HELLO), "air-hello-edge")
    pen.badge(fan.tier, rect.x + 18, middle - badge / 2, badge, is_devoted=fan.is_devoted)
    left = rect.x + 18 + badge + 14
    room = rect.right - 20 - left
    title, line = greeting_title(look.locale, board.greeting), greeting_line(look.locale, board.greeting, with_amounts=look.with_amounts)
    large: tuple[Weight, str] = (700, "air-hello-text")
    small: tuple[Weight, str] = (400, "air-hello-fact")
    sentence(pen, left, middle - 19 if line else middle, title, 30, words=large, values=large, width=room)
    sentence(pen, left, middle + 20, line, 24, words=small, values=small, width=room)


def _tall_board(board: AirBoard, look: Look, now_ms: int) -> tuple[Sprite, ...]:
    """Title, greeting, then two regulars side by side that change every four seconds."""
    place, greeting = look.layout.board, board.greeting
    hello, seen = _tall_hello(board, now_ms)
    others = tuple(fan for fan in board.rows[:MOST_ROWS] if not (hello and greeting and fan.key == greeting.fan.key))
    pages = max(1, (len(others) + 1) // 2)
    page = now_ms // _PAGE_MS % pages
    pair = others[2 * page : 2 * page + 2]
    turned = motion.eased(now_ms % _PAGE_MS, motion.HEIGHT_MS) if pages > 1 else 1.0
    below = _TALL_TITLE + _LINE + _TALL_HELLO * hello
    height = below + _LINE + (_TALL_ROW + 2 * _TALL_FOOT if others else 0)

    def content(pen: Pen) -> None:
        _title(pen, board, look, Rect(24 + _LINE, _LINE, place.width - 48 - 2 * _LINE, _TALL_TITLE), size=44, mark=42)
        if hello:
            strip = Rect(_LINE, _LINE + _TALL_TITLE, place.width - 2 * _LINE, _TALL_HELLO * hello)
            with pen.saved(clip=strip, opacity=seen):
                _tall_hello_strip(pen, board, look, strip)
        for index, fan in enumerate(pair):
            cell = Rect(index * place.width / 2, below + _TALL_FOOT, place.width / 2, _TALL_ROW)
            with pen.saved(clip=cell, opacity=turned):
                _tall_fan(pen, fan, look, cell)

    key = ("tall board", board.present, pair, greeting if hello else None, hello, seen, turned, look.locale, look.with_amounts)
    return (Sprite(key, Rect(place.x, place.y, place.width, height), lambda pen: card(pen, place.width, height, content)),)


def _tall_hello(board: AirBoard, now_ms: int) -> tuple[float, float]:
    """How much of the greeting strip is open, and how much of it is seen, 0..1."""
    if board.greeting is None:
        return 0.0, 0.0
    elapsed = now_ms - board.greeting.starts_at_ms
    if elapsed < GREETING_MS:
        return motion.eased(elapsed, motion.HEIGHT_MS), motion.eased(elapsed, motion.CARD_IN_MS)
    left = 1 - motion.eased(elapsed - GREETING_MS, motion.HEIGHT_MS)
    return left, left


def _tall_hello_strip(pen: Pen, board: AirBoard, look: Look, rect: Rect) -> None:
    if board.greeting is None:
        return
    fan, badge = board.greeting.fan, 72
    middle = rect.bottom - _TALL_HELLO / 2
    pen.gradient(rect, "air-hello-start", "air-hello-end")
    pen.box(Rect(rect.x, rect.y, 8, rect.height), "air-hello-edge")
    pen.badge(fan.tier, rect.x + 24, middle - badge / 2, badge, is_devoted=fan.is_devoted)
    left, right = rect.x + 24 + badge + 18, rect.right - 24
    line = "".join(part.text for part in greeting_line(look.locale, board.greeting, is_short=True, with_amounts=look.with_amounts))
    large: tuple[Weight, str] = (700, "air-hello-text")
    if not board.greeting.others:
        right -= pen.text(right, middle, line, 44, 400, "air-hello-fact", align="right") + 24
    sentence(pen, left, middle, greeting_title(look.locale, board.greeting), 52, words=large, values=large, width=right - left)


def _tall_fan(pen: Pen, fan: AirFan, look: Look, rect: Rect) -> None:
    middle, badge = rect.y + rect.height / 2, 52
    text = "".join(part.text for part in fact(look.locale, fan, is_short=True, with_amounts=look.with_amounts))
    right = rect.right - 24
    taken = min(text_width(text, 44, 400), rect.width * 0.5)
    pen.badge(fan.tier, rect.x + 24, middle - badge / 2, badge, is_devoted=fan.is_devoted)
    left = rect.x + 24 + badge + 14
    pen.text(left, middle, shown(fan.name), 44, 500, "air-text", width=right - taken - 14 - left)
    pen.text(right, middle, text, 44, 400, "air-muted", width=taken, align="right")
