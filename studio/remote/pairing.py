"""Pairing: a code of eight digits, told by the host, becomes a token once within five minutes.

It keeps codes in memory only, and never says whether a wrong code was close.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from studio.errors import TooManyRequests, Unauthenticated
from studio.remote.roles import Role

CODE_SECONDS = 300
WRONG_TRIES = 5
"""Wrong tries that a code survives; the sixth try finds it locked. Five guesses at 10^8 codes: one chance in twenty million."""

_MAX_CODES = 8
"""Codes that wait at the same time: more guests than a show has, and each one makes guessing a little easier."""


@dataclass(frozen=True, slots=True)
class PairingGrant:
    """What a code stands for."""

    role: Role
    platform: str = ""
    room: str = ""


@dataclass(slots=True)
class _Code:
    digits: str
    grant: PairingGrant
    expires_s: float
    wrong: int = 0


class PairingDesk:
    """The codes that wait. A wrong try counts against every one of them, since it could have been meant for any."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._codes: list[_Code] = []

    def issue(self, grant: PairingGrant) -> str:
        """A new code. Raises TooManyRequests when eight are waiting."""
        self._forget_old()
        waiting = [code for code in self._codes if code.wrong < WRONG_TRIES]
        if len(waiting) >= _MAX_CODES:
            raise TooManyRequests("pair.too_many", retry_after_s=int(waiting[0].expires_s - self._clock_s()) + 1)
        digits = f"{secrets.randbelow(10**8):08d}"
        self._codes = [*waiting, _Code(digits, grant, self._clock_s() + CODE_SECONDS)]
        return digits

    def redeem(self, digits: str) -> PairingGrant:
        """What the code stands for; it is spent by this. Raises Unauthenticated: wrong, too old, used, or locked."""
        self._forget_old()
        found: _Code | None = None
        for code in self._codes:
            if hmac.compare_digest(code.digits.encode(), digits.encode("utf-8", "replace")):
                found = code
        if self._codes and all(code.wrong >= WRONG_TRIES for code in self._codes):
            raise Unauthenticated("pair.locked")
        if found is None or found.wrong >= WRONG_TRIES:
            for code in self._codes:
                code.wrong += 1
            raise Unauthenticated("pair.wrong")
        self._codes.remove(found)
        return found.grant

    def _forget_old(self) -> None:
        now_s = self._clock_s()
        self._codes = [code for code in self._codes if now_s < code.expires_s]
