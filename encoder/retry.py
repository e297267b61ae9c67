"""When to try a server again.

Pure: it counts attempts and gives waits; it never gives up, and never tries in a rush what was refused.
"""

import random

_FIRST_S = 0.5
_SOON_S = 1.0
_SOON_FOR_S = 30.0
_LATER_S = 2.0
_LAST_S = 4.0
_REFUSED_S = (2.0, 5.0, 10.0, 15.0)
"""A wrong key doesn't become right by itself; but a platform that opens the room late does, and nobody should have to click."""


class RetryWaits:
    """After a loss 0.5 s, then each second for half a minute, then 2 and 4 s for ever; ±20 % so that many studios don't knock at once."""

    def __init__(self, jitter: random.Random | None = None) -> None:
        self._random = jitter or random.Random()
        self._attempts = 0
        self._waited_s = 0.0
        self._refusals = 0

    def reset(self) -> None:
        """A session stood."""
        self._attempts = self._refusals = 0
        self._waited_s = 0.0

    def after_loss(self) -> float:
        """Seconds to wait after a connection that failed or broke."""
        self._attempts += 1
        if self._attempts == 1:
            return _FIRST_S
        if self._waited_s < _SOON_FOR_S:
            wait = _SOON_S * self._random.uniform(0.8, 1.2)
        else:
            wait = (_LATER_S if self._waited_s < _SOON_FOR_S + _LATER_S else _LAST_S) * self._random.uniform(0.8, 1.2)
        self._waited_s += wait
        return wait

    def after_refusal(self) -> float:
        """Seconds to wait after a server that said no."""
        wait = _REFUSED_S[min(self._refusals, len(_REFUSED_S) - 1)]
        self._refusals += 1
        return wait
