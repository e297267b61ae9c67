"""A set of days as bits of one integer: a year of visits in 46 bytes, counted and cut by a few machine operations.

Days are numbers (days since 1970-01-01); it knows nothing of time zones or show days.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DaySet:
    """Bit i stands for day `first + i`; an empty set has no bits, any other has bit 0 set."""

    first: int = 0
    bits: int = 0

    def __contains__(self, day: int) -> bool:
        return day >= self.first and bool(self.bits >> (day - self.first) & 1)

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __iter__(self) -> Iterator[int]:
        bits = self.bits
        while bits:
            low = bits & -bits
            yield self.first + low.bit_length() - 1
            bits ^= low

    @property
    def last(self) -> int:
        """The latest day; of an empty set, the day before the first."""
        return self.first + self.bits.bit_length() - 1

    def last_before(self, day: int) -> int | None:
        """The latest day of the set before `day`."""
        earlier = self.bits & (1 << max(0, day - self.first)) - 1
        return self.first + earlier.bit_length() - 1 if earlier else None

    def with_day(self, day: int) -> "DaySet":
        """The set with one more day."""
        if not self.bits:
            return DaySet(day, 1)
        if day >= self.first:
            return DaySet(self.first, self.bits | 1 << (day - self.first))
        return DaySet(day, self.bits << (self.first - day) | 1)

    def without_day(self, day: int) -> "DaySet":
        """The set less one day."""
        return self if day not in self else DaySet.of(other for other in self if other != day)

    def between(self, first: int, last: int) -> int:
        """How many days of the set lie in `first` … `last`, both included."""
        if last < first or last < self.first:
            return 0
        low = max(0, first - self.first)
        return (self.bits >> low & (1 << (last - self.first - low + 1)) - 1).bit_count()

    def to_bytes(self) -> bytes:
        """For the store: four bytes of the first day, then the bits, all little-endian; empty for the empty set."""
        if not self.bits:
            return b""
        return self.first.to_bytes(4, "little") + self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little")

    @classmethod
    def from_bytes(cls, stored: bytes | None) -> "DaySet":
        """The opposite of `to_bytes`."""
        if not stored:
            return EMPTY
        return cls(int.from_bytes(stored[:4], "little"), int.from_bytes(stored[4:], "little"))

    @classmethod
    def of(cls, days: "Iterator[int] | list[int] | tuple[int, ...]") -> "DaySet":
        """The set of these days."""
        result = EMPTY
        for day in days:
            result = result.with_day(day)
        return result


EMPTY = DaySet()
