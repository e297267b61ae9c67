"""The sign that says that no beauty is on the picture: cosmetics must be shown on true skin, and the audience must know that it is.

It refuses to be covered, or to be late: it is drawn last and ahead of time, and laid on each picture that is without beauty.
"""

from overlays.phrases import words
from overlays.raster import Pen, text_width
from overlays.sprite import Look, Sprite, card

_HEIGHT, _TALL_HEIGHT = 64, 84
_TEXT, _TALL_TEXT = 34, 48
_PADDING = 30


def true_skin_sprites(look: Look) -> tuple[Sprite, ...]:
    """The sign in the middle of the picture's foot; under the board where the canvas is tall."""
    is_tall = look.layout.is_tall
    height, size = (_TALL_HEIGHT, _TALL_TEXT) if is_tall else (_HEIGHT, _TEXT)
    text = words(look.locale, "true_skin")
    width = round(text_width(text, size, 700)) + 2 * _PADDING
    place = look.layout.sign_rect(width, height)

    def content(pen: Pen) -> None:
        pen.text(width / 2, height / 2, text, size, 700, "air-text", align="centre")

    return (Sprite(("true skin", look.locale), place, lambda pen: card(pen, width, height, content)),)
