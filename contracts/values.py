"""JSON values: what may be stored, and one canonical form for hashing."""

import hashlib
import json
import math
from collections.abc import Iterator
from typing import TypeAlias

from contracts.errors import InvalidInput

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

MAX_DEPTH = 64
MAX_INTEGER = 2**63 - 1


def canonical(value: object) -> bytes:
    """The one byte string for a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def content_hash(value: object) -> str:
    """SHA-256 of the canonical form, in hex (64 characters)."""
    return hashlib.sha256(canonical(value)).hexdigest()


def check_storable(value: object, what: str = "value") -> None:
    """Refuse what parses as JSON but cannot be stored or compared.

    That is: NUL and lone surrogates in text, NaN and infinities, integers beyond 64 bits, nesting beyond 64 levels.
    Iterative, so that depth cannot exhaust the stack.

    Raises:
        InvalidInput: naming the path of the first offending value.
    """
    pending: list[tuple[str, object, int]] = [(what, value, 0)]
    while pending:
        path, current, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise InvalidInput(f"{what} is nested deeper than {MAX_DEPTH} levels", hint="flatten it")
        problem = _unstorable(current)
        if problem:
            raise InvalidInput(f"{path} {problem}")
        pending.extend((child_path, child, depth + 1) for child_path, child in _children(path, current))


def _unstorable(value: object) -> str:
    if isinstance(value, str):
        if "\x00" in value:
            return "contains a NUL character, which cannot be stored"
        if any("\ud800" <= character <= "\udfff" for character in value):
            return "contains a lone surrogate, which is not valid Unicode text"
    elif isinstance(value, float) and not math.isfinite(value):
        return "is not a finite number"
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        return "is an integer beyond 64 bits"
    elif not isinstance(value, str | float | int | dict | list | tuple | None):
        return f"is of type {type(value).__name__}, which JSON does not have"
    return ""


def _children(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield f"{path} key", key
            yield f"{path}.{str(key)[:40]}", child
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield f"{path}[{index}]", child
