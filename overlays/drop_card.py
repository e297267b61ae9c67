"""The drop card of one moment. This first form shows nothing yet and refuses nothing."""

from overlays.sprite import Look, Sprite
from studio.model.scene import AirDrop


def drop_sprites(drop: AirDrop, look: Look, now_ms: int) -> tuple[Sprite, ...]:  # noqa: ARG001
    """No sprites."""
    return ()
