"""The functions that expressions may call beyond CEL's own, and the allowance that bounds what one evaluation makes.

All are pure and give the same result in every process. CEL stops at the first error, except where `||`, `&&` and
`exists` may swallow one; so the allowance remembers that it was exceeded.
"""

import math
from collections.abc import Callable
from typing import Any

from contracts.cel_syntax import CHUNKS, EACH, FLAT, WEIGH

MAX_ITEMS = 20_000
"""Items that all macros of one evaluation may visit together."""

MAX_MADE = 4_000_000
"""Characters, plus eight for every other value, that one evaluation may make."""


class Allowance:
    """What one evaluation may still visit and make."""

    def __init__(self) -> None:
        self.items = MAX_ITEMS
        self.made = MAX_MADE
        self.refusal = ""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Every function an expression may call, by name, bounded by this allowance."""
        bounded = {name: self._bounded(function) for name, function in FUNCTIONS.items()}
        return {**bounded, EACH: self.each, CHUNKS: self.chunks, FLAT: flat, WEIGH: self.weigh}

    def each(self, collection: Any) -> list[Any]:
        """What a macro visits: a list as it is, a map's keys in sorted order."""
        if not isinstance(collection, dict | list):
            raise TypeError("only a list or a map has items to visit")
        self.items -= len(collection)
        if self.items < 0:
            self._refuse(f"visits more than {MAX_ITEMS:,} items")
        return keys(collection) if isinstance(collection, dict) else collection

    def chunks(self, collection: Any) -> list[list[Any]]:
        """What a macro visits, in order, in about as many parts as each part has items."""
        items = self.each(collection)
        size = max(1, math.isqrt(len(items)))
        return [items[start : start + size] for start in range(0, len(items), size)]

    def weigh(self, value: Any) -> Any:
        """The value as it is, once its size is taken from the allowance."""
        pending = [value]
        while pending:
            current = pending.pop()
            if isinstance(current, dict):
                pending += [*current.keys(), *current.values()]
            elif isinstance(current, list):
                pending += current
            self.take(8 + (len(current) if isinstance(current, str | bytes) else 0))
        return value

    def take(self, size: int) -> None:
        self.made -= size
        if self.made < 0:
            self._refuse(f"makes a value of more than {MAX_MADE:,} characters")

    def _bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if function is replace:
                self.take(replaced_length(*arguments))
            elif function is join:
                self.take(joined_length(*arguments))
            return self.weigh(function(*arguments))

        return call

    def _refuse(self, reason: str) -> None:
        self.refusal = self.refusal or reason
        raise ValueError(reason)


def flat(parts: list[list[Any]]) -> list[Any]:
    """The items of all parts, in order."""
    return [item for part in parts for item in part]


def keys(mapping: dict[str, Any]) -> list[str]:
    """A map's keys in sorted order. Keys are text; others have no order that all could share."""
    names = list(_typed(mapping, dict, "a map"))
    if not all(isinstance(name, str) for name in names):
        raise TypeError("keys must be text")
    return sorted(names)


def values(mapping: dict[str, Any]) -> list[Any]:
    """A map's values in the sorted order of their keys."""
    return [mapping[name] for name in keys(mapping)]


def lower(text: str) -> str:
    """The text in lower case."""
    return str(_typed(text, str, "text")).lower()


def upper(text: str) -> str:
    """The text in upper case."""
    return str(_typed(text, str, "text")).upper()


def trim(text: str) -> str:
    """The text without white space around it."""
    return str(_typed(text, str, "text")).strip()


def split(text: str, separator: str) -> list[str]:
    """The parts between separators; an empty separator splits into characters."""
    _typed(separator, str, "text")
    return str(_typed(text, str, "text")).split(separator) if separator else list(text)


def join(parts: list[str], separator: str = "") -> str:
    """The texts as one, with the separator between them."""
    return str(_typed(separator, str, "text")).join(
        [_typed(part, str, "text") for part in _typed(parts, list, "a list")]
    )


def joined_length(parts: list[str], separator: str = "") -> int:
    """An upper bound of the separators' length in what `join` makes."""
    return len(parts) * len(separator)


def replace(text: str, old: str, new: str) -> str:
    """The text with every `old` replaced by `new`."""
    return str(_typed(text, str, "text")).replace(_typed(old, str, "text"), _typed(new, str, "text"))


def replaced_length(text: str, old: str, new: str) -> int:
    """The length of what `replace` makes, without making it."""
    return len(text) + text.count(old) * max(0, len(new) - len(old))


def substring(text: str, start: int, end: int | None = None) -> str:
    """The characters from `start` up to, not including, `end`; both are cut to the text's length."""
    first, last = _typed(start, int, "a whole number"), len(text) if end is None else _typed(end, int, "a whole number")
    return str(_typed(text, str, "text"))[max(0, first) : max(0, last)]


def lowest(items: list[Any]) -> Any:
    """The smallest of a list of numbers or of texts."""
    return min(_comparable(items))


def highest(items: list[Any]) -> Any:
    """The largest of a list of numbers or of texts."""
    return max(_comparable(items))


def total(items: list[Any]) -> Any:
    """The sum of numbers; 0 for none. A sum of doubles does not depend on their order."""
    numbers = [_number(item) for item in _typed(items, list, "a list")]
    return sum(numbers) if all(isinstance(number, int) for number in numbers) else math.fsum(numbers)


def ordered(items: list[Any]) -> list[Any]:
    """A list of numbers or a list of texts in ascending order."""
    return sorted(_comparable(items)) if items else []


def distinct(items: list[Any]) -> list[Any]:
    """The list of texts or numbers without repetitions, in the order of first sight."""
    return list(dict.fromkeys(_comparable(items))) if items else []


def rounded(number: float, digits: int = 0) -> float:
    """To so many decimal digits; halves go to the even neighbour."""
    return float(round(float(_number(number)), _typed(digits, int, "a whole number")))


def _typed(value: Any, kind: type, expected: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"expected {expected}, got {type(value).__name__}")
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return value


def _comparable(items: Any) -> list[Any]:
    if not _typed(items, list, "a list"):
        raise ValueError("the list is empty")
    if all(isinstance(item, str) for item in items):
        return list(items)
    return [_number(item) for item in items]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "distinct": distinct,
    "join": join,
    "keys": keys,
    "lower": lower,
    "max": highest,
    "min": lowest,
    "replace": replace,
    "round": rounded,
    "sort": ordered,
    "split": split,
    "substring": substring,
    "sum": total,
    "trim": trim,
    "upper": upper,
    "values": values,
}
"""Called as `keys(m)` or `m.keys()`: for CEL both are the same."""

NATIVE = frozenset(
    """
    bytes contains double duration dyn endsWith has int matches size startsWith string timestamp type uint
    getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds
    """.split()  # noqa: SIM905
)
"""The functions that the CEL library brings."""
