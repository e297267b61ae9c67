"""The overlays of one canvas: cards become layers, and layers that haven't changed stay the same objects.

It refuses to decide what is shown: an `AirView` comes in, pixels go out.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import Final, TypeAlias

from overlays.blend import blend
from overlays.convert import faded, to_layer
from overlays.drop_card import drop_sprites
from overlays.fan_board import board_sprites
from overlays.raster import ensure_gui_app, paint
from overlays.slate import slate_sprites
from overlays.sprite import Look, Sprite, box_around
from overlays.theme import load_theme
from overlays.ticker import ticker_sprites
from overlays.true_skin import true_skin_sprites
from overlays.warm import warm_up
from studio.model.frames import VideoFrame
from studio.model.layout import air_layout
from studio.model.scene import AirView
from studio.model.settings import VideoSettings
from studio.ports import Layer, Layers

_KEPT: Final = 24
"""Painted rectangles kept: two boards and drop cards in all their parts, some 10 MB at 1080p; moving ones push out one another."""

_Placed: TypeAlias = dict[Hashable, Layer]


class AirOverlays:
    """Fulfils `Overlays`. `draw` belongs to the `overlays` thread, which owns the caches; `blend` may be called from another."""

    def __init__(self, video: VideoSettings) -> None:
        ensure_gui_app()
        warm_up()
        self._layout = air_layout(video.width, video.height)
        self._painted: OrderedDict[Hashable, Layer | None] = OrderedDict()
        self._placed: _Placed = {}
        self._last = Layers()

    def draw(self, air: AirView, now_ms: int) -> Layers:
        """The layers of this moment (wall clock in ms), bottom first; the same objects as before where nothing changed."""
        placed, signs = self._all_placed(self._sprites(air, now_ms), air.theme), self._all_placed(self._sign(air), air.theme)
        self._placed = placed | signs
        items, sign, version = tuple(placed.values()), tuple(signs.values()), air.board.version if air.board else 0
        if not (_are_same(items, self._last.items) and _are_same(sign, self._last.sign)):
            self._last = Layers(items, version, sign)
        elif version != self._last.board_version:
            self._last = replace(self._last, board_version=version)
        return self._last

    def blend(self, frame: VideoFrame, layers: Layers) -> None:
        """Put the layers onto the frame in place, touching only their rectangles."""
        blend(frame, layers)

    def _sprites(self, air: AirView, now_ms: int) -> tuple[Sprite, ...]:
        if not self._layout.has_room:
            return ()
        look = Look(self._layout, air.locale, air.theme, air.show_amounts)
        board = board_sprites(air.board, look, now_ms) if air.board else ()
        drop = drop_sprites(air.drop, look, now_ms) if air.drop else ()
        reach = box_around(drop)
        ticker = ticker_sprites(air.ticker, look, now_ms, reach) if air.ticker else ()
        if air.slate is not None:
            room = self._layout.slate_room(box_around(board + ticker), reach)
            return slate_sprites(air.slate, look, now_ms, room) + board + drop + ticker
        return board + drop + ticker

    def _sign(self, air: AirView) -> tuple[Sprite, ...]:
        """Never left out while the canvas has room: the moment at which it is needed waits for no drawing."""
        return true_skin_sprites(Look(self._layout, air.locale, air.theme, air.show_amounts)) if self._layout.has_room else ()

    def _all_placed(self, sprites: tuple[Sprite, ...], theme: str) -> _Placed:
        placed: _Placed = {}
        for sprite in sprites:
            self._place(sprite, theme, placed)
        return placed

    def _place(self, sprite: Sprite, theme: str, placed: _Placed) -> None:
        """Put the sprite's layer where it belongs: the one of the last moment, a painted one moved or faded, or a new one."""
        scale = self._layout.scale
        x, y = (int(edge * scale // 2) * 2 for edge in (sprite.rect.x, sprite.rect.y))
        width, height = (-int(-edge * scale // 2) * 2 for edge in (sprite.rect.width, sprite.rect.height))
        if sprite.opacity == 0 or width <= 0 or height <= 0:
            return
        pixels = (sprite.key, width, height, theme)
        key = (pixels, x, y, sprite.opacity)
        layer = self._placed.get(key)
        if layer is None:
            painted = self._paint(sprite, pixels, theme)
            layer = painted and faded(painted, sprite.opacity, x + painted.x, y + painted.y, key)
        if layer is not None:
            placed[key] = layer

    def _paint(self, sprite: Sprite, pixels: tuple[Hashable, int, int, str], theme: str) -> Layer | None:
        """The sprite's pixels at 0, 0, from the cache where they are in it."""
        if pixels in self._painted:
            self._painted.move_to_end(pixels)
            return self._painted[pixels]
        _, width, height, _ = pixels
        layer = to_layer(paint(width, height, self._layout.scale, load_theme(theme), sprite.paint), 0, 0, pixels)
        self._painted[pixels] = layer
        while len(self._painted) > _KEPT:
            self._painted.popitem(last=False)
        return layer


def _are_same(new: tuple[Layer, ...], old: tuple[Layer, ...]) -> bool:
    return len(new) == len(old) and all(one is other for one, other in zip(new, old, strict=True))
