"""Who is named on the picture: the one rule that stands between the fan file and the audience.

It sees no amounts and decides nothing about windows, which show everything to those whose role may see it.
"""

from functools import lru_cache
from typing import Literal, TypeAlias

from studio.model.text import clean_name, graphemes

NamesShown: TypeAlias = Literal["opt_in", "all", "masked"]
OnAir: TypeAlias = Literal["", "named", "hidden"]
"""What the fan said: nothing yet, 亮牌, or 隐身."""

_MASK = "＊"
_NOBODY = "粉丝"


@lru_cache(2_048)
def masked_name(name: str) -> str:
    """小美 as 小＊: the first sign, and nothing that tells how many follow."""
    signs = graphemes(clean_name(name))
    return (signs[0] if signs else _NOBODY[0]) + _MASK


def is_named(consent: OnAir, names: NamesShown) -> bool:
    """Whether the picture shows the nickname."""
    return consent != "hidden" and (names == "all" or (names == "opt_in" and consent == "named"))


def is_shown(consent: OnAir) -> bool:
    """Whether the picture shows the fan at all."""
    return consent != "hidden"


def air_name(name: str, consent: OnAir, names: NamesShown) -> str:
    """The name as it may stand on the picture, cleaned."""
    if not is_named(consent, names):
        return masked_name(name)
    return clean_name(name) or _NOBODY
