"""When to try a server again.

Pure: it counts attempts and gives times between them; it never gives up, and never tries in a rush what was refused.
"""

import random

_FIRST_S = 0.5
_SOON_S = 1.0
_SOON_FOR_S = 30.0
_LATER_S = 2.0
_LAST_S = 4.0
_LEAST_S = 0.2
"""After an attempt that took longer than its turn: 5 s of silence, say."""
_REFUSED_S = (2.0, 5.0, 10.0, 15.0)
"""A wrong key doesn't become right by itself; but a platform that opens the room late does, and nobody should have to click."""


class RetryWaits:
    """After a loss 0.5 s, then each second for half a minute, then 2 and 4 s for ever, from one attempt's begin to the next one's.

    ±20 % so that many studios don't knock at once; of the 4 s only less, so that a link that is back is used within 5 s.
    """

    def __init__(self, jitter: random.Random | None = None) -> None:
        self._random = jitter or random.Random()
        self._attempts = 0
        self._passed_s = 0.0
        self._refusals = 0

    def reset(self) -> None:
        """A session stood."""
        self._attempts = self._refusals = 0
        self._passed_s = 0.0

    def after_loss(self, tried_s: float = 0.0) -> float:
        """Seconds to wait after a connection that broke, or after an attempt that failed after `tried_s`."""
        self._attempts += 1
        if self._attempts == 1:
            return _FIRST_S
        if self._passed_s < _SOON_FOR_S:
            turn_s = _SOON_S * self._random.uniform(0.8, 1.2)
        elif self._passed_s < _SOON_FOR_S + _LATER_S:
            turn_s = _LATER_S * self._random.uniform(0.8, 1.2)
        else:
            turn_s = _LAST_S * self._random.uniform(0.8, 1.0)
        self._passed_s += max(turn_s, tried_s)
        return max(_LEAST_S, turn_s - tried_s)

    def after_ghost(self, tried_s: float = 0.0) -> float:
        """Seconds to wait after a server that is there, and still holds our name for the connection that we lost."""
        return max(_LEAST_S, _SOON_S * self._random.uniform(0.8, 1.2) - tried_s)

    def after_refusal(self) -> float:
        """Seconds to wait after a server that said no."""
        wait = _REFUSED_S[min(self._refusals, len(_REFUSED_S) - 1)]
        self._refusals += 1
        return wait
