"""How a key of the profile is declared: its default, beside it what its value may be and what a change of it touches.

Pure values; the keys themselves stand in `studio.model.settings` and `studio.model.look`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from studio.errors import InvalidInput

Touched: TypeAlias = Literal["hot", "capture", "encoder", "output"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong value: where it is, what was given, what is allowed (in English, short, as printed by the commands).

    With a `code` the catalogue `errors` says what is allowed in other languages too, filled with `params`.
    """

    key: str
    value: str
    allowed: str
    code: str = ""
    params: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.key} = {self.value}: {self.allowed}"


class InvalidSettings(InvalidInput):
    """One or more wrong values; nothing was applied."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("settings.invalid", count=len(faults), first=str(faults[0]) if faults else "")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Rule:
    """How one key is checked: `check` returns what is allowed when the value is wrong, else an empty text."""

    kind: type
    check: Callable[[Any], str]
    touches: Touched


def key(default: Any, rule: Rule) -> Any:
    """A key with its rule."""
    return field(default=default, metadata={"rule": rule})


def number(low: float, high: float, default: float, touches: Touched = "hot") -> Any:
    """A number from `low` to `high`."""

    def check(value: float) -> str:
        return "" if low <= value <= high else f"a number from {low:g} to {high:g}"

    return key(default, Rule(float, check, touches))


def integer(low: int, high: int, default: int, touches: Touched, *, even: bool = False) -> Any:
    """A whole number from `low` to `high`."""
    allowed = f"{'an even' if even else 'a'} whole number from {low} to {high}"

    def check(value: int) -> str:
        return "" if low <= value <= high and not (even and value % 2) else allowed

    return key(default, Rule(int, check, touches))


def choice(*choices: str, touches: Touched = "hot") -> Any:
    """One of the words; the first is the default."""

    def check(value: str) -> str:
        return "" if value in choices else "one of " + ", ".join(repr(choice) for choice in choices)

    return key(choices[0], Rule(str, check, touches))


def text(default: str, touches: Touched, check: Callable[[str], str] = lambda _: "") -> Any:
    """A text; `check` returns what is allowed when it is wrong."""
    return key(default, Rule(str, check, touches))


def flag(default: bool, touches: Touched = "hot") -> Any:  # noqa: FBT001 - it is the default's value, not a mode
    """True or false."""
    return key(default, Rule(bool, lambda _: "", touches))


def check_shade(shade: str) -> str:
    """What is allowed where a colour isn't #rrggbb."""
    is_shade = len(shade) == 7 and shade[0] == "#" and all(digit in "0123456789abcdefABCDEF" for digit in shade[1:])
    return "" if is_shade else "a colour as #rrggbb"


def scheme(*schemes: str) -> Callable[[str], str]:
    """A check: a bare word, or one with a colon and something behind it; cameras and screens are numbered."""
    allowed = "one of " + ", ".join(f'"{scheme}"' for scheme in schemes)

    def check(value: str) -> str:
        for scheme in schemes:
            head, colon, _ = scheme.partition(":")
            if value == head and not colon:
                return ""
            if colon and value.startswith(head + ":") and len(value) > len(head) + 1:
                rest = value[len(head) + 1 :]
                return "" if head not in {"camera", "screen"} or rest.isdecimal() else f"{head}: and a number, as {head}:0"
        return allowed

    return check
