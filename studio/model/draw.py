"""The arithmetic of a fair draw (`encore-draw-1`): rules, opening, entry lines, closing, ranking.

Pure and deterministic: it makes no seed, reads no clock and keeps nothing; the same input gives the same ranking anywhere.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import rfc8785

SCHEME = "encore-draw-1"
MAX_TICKETS = 1000
SEED_BYTES = 32
SALT_BYTES = 16

EntrySource: TypeAlias = Literal["chat", "api", "manual"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: `n` in order of entry, `fan` the salted hash, `tickets` 1 to 1000."""

    n: int
    fan: str
    tickets: int
    source: EntrySource

    def line(self) -> str:
        """As it is hashed."""
        return f"{self.n}|{self.fan}|{self.tickets}|{self.source}\n"


def sha256_hex(text: str) -> str:
    """Lower-case hex SHA-256 over UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(rules: Mapping[str, Any]) -> bytes:
    """The rules as RFC 8785 writes them. Raises ValueError for what that can't write (NaN, lone surrogates, huge integers)."""
    return rfc8785.dumps(dict(rules))


def commit_of(seed: bytes) -> str:
    """What is published of the seed before the draw."""
    return hashlib.sha256(seed).hexdigest()


def opening_hash(rules: Mapping[str, Any], commit: str) -> str:
    """Binds the rules and the seed before the first entry counts."""
    rules_hash = hashlib.sha256(canonical(rules)).hexdigest()
    return sha256_hex(f"{SCHEME}|open|{rules_hash}|{commit}")


def fan_hash(salt: bytes, platform: str, fan_id: str) -> str:
    """Who entered, for nobody to guess who doesn't know the entry's 16 random bytes."""
    return hashlib.sha256(salt + platform.encode() + b"\x00" + fan_id.encode()).hexdigest()


def closing_hash(opening: str, lines: Iterable[str]) -> str:
    """Binds the list of entries, given as their lines in order."""
    digest = hashlib.sha256()
    count = 0
    for line in lines:
        digest.update(line.encode())
        count += 1
    return sha256_hex(f"{SCHEME}|close|{opening}|{digest.hexdigest()}|{count}")


def ranking(seed: bytes, closing: str, randomness: str, tickets: Sequence[int], ranks: int) -> list[int]:
    """The entries' `n` in the order in which they are drawn, at most `ranks` of them.

    `randomness` is a beacon's hex or empty. O(entries + ranks × log entries).
    """
    tree = _TicketTree(tickets)
    order: list[int] = []
    keyed = hmac.new(seed, f"{SCHEME}|{closing}|{randomness}|".encode(), hashlib.sha256)
    for rank in range(min(ranks, len(tickets))):
        n = tree.owner_of(_winning_ticket(keyed, rank, tree.total))
        order.append(n)
        tree.remove(n)
    return order


def _winning_ticket(keyed: hmac.HMAC, rank: int, total: int) -> int:
    """An even choice out of `total`: values above the largest multiple of it are refused and tried again, so no ticket is favoured."""
    limit = 2**256 - 2**256 % total
    attempt = 0
    while True:
        digest = keyed.copy()
        digest.update(f"{rank}|{attempt}".encode())
        value = int.from_bytes(digest.digest(), "big")
        if value < limit:
            return value % total
        attempt += 1


class _TicketTree:
    """A Fenwick tree over the tickets: who owns ticket t of those that remain, and take an entry out, in log time each."""

    def __init__(self, tickets: Sequence[int]) -> None:
        self._tickets = tickets
        self.total = sum(tickets)
        size = len(tickets)
        sums = [0, *tickets]
        for index in range(1, size + 1):
            parent = index + (index & -index)
            if parent <= size:
                sums[parent] += sums[index]
        self._sums = sums
        self._top = 1 << max(size.bit_length() - 1, 0)

    def owner_of(self, ticket: int) -> int:
        """The entry that holds this ticket (from 0), counted through the remaining entries by n."""
        position = 0
        step = self._top
        sums = self._sums
        while step:
            ahead = position + step
            if ahead < len(sums) and sums[ahead] <= ticket:
                position = ahead
                ticket -= sums[ahead]
            step >>= 1
        return position

    def remove(self, n: int) -> None:
        """Take the entry out."""
        count = self._tickets[n]
        self.total -= count
        index = n + 1
        while index < len(self._sums):
            self._sums[index] -= count
            index += index & -index
