"""JSON Schemas that people write (draft 2020-12): is one usable, and is a value what its schema asks for?

Nothing is ever fetched, and patterns run in linear time: both schema and value may come from strangers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from contracts.errors import InvalidInput
from contracts.values import canonical

MAX_REPORTED = 5

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_META = jsonschema_rs.Draft202012Validator({"$ref": _DRAFT}, offline=True)
_LINEAR = jsonschema_rs.RegexOptions()


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """What is wrong with a schema, and where in it."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""


def check_against_schema(value: object, schema: dict[str, Any], what: str) -> None:
    """Check `value` against a JSON Schema (draft 2020-12).

    Raises:
        InvalidInput: naming `what`, and the place and reason of up to five mismatches.
    """
    errors = list(_validator(canonical(schema)).iter_errors(value))
    if not errors:
        return
    found = [_describe(error) for error in errors[:MAX_REPORTED]]
    more = f" (and {len(errors) - MAX_REPORTED} more)" if len(errors) > MAX_REPORTED else ""
    raise InvalidInput(f"{what} does not fit its schema: {'; '.join(found)}{more}")


def schema_problems(schema: dict[str, Any]) -> list[SchemaProblem]:
    """Everything that keeps a mapping from being a JSON Schema that Assent can use; empty when it can."""
    found = list(_foreign(schema)) or [
        _described(tuple(error.instance_path), error.message) for error in _META.iter_errors(schema)
    ]
    if found:
        return found
    try:
        _compiled(schema)
    except ValueError as error:
        path = tuple(getattr(error, "instance_path", ()))
        return [SchemaProblem(path, _shortened(getattr(error, "message", str(error))))]
    return []


def _described(path: tuple[str | int, ...], message: str) -> SchemaProblem:
    if path[-1:] == ("type",):
        return SchemaProblem(path, "unknown type", "array, boolean, integer, null, number, object or string")
    return SchemaProblem(path, _shortened(message))


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    return _compiled(orjson.loads(schema))


def _compiled(schema: Any) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=_LINEAR, offline=True)


def _describe(error: Any) -> str:
    place = ".".join(str(part) for part in error.instance_path)
    message = _shortened(error.message)
    return f"{place}: {message}" if place else message


def _shortened(message: str) -> str:
    return message if len(message) <= 200 else message[:200] + "..."


def _foreign(schema: dict[str, Any]) -> Iterator[SchemaProblem]:
    """What would lead outside the schema. Iterative, so that depth cannot exhaust the stack."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), schema)]
    while pending:
        path, current = pending.pop()
        if isinstance(current, dict):
            yield from _leading_out(current, path)
            pending += [((*path, key), child) for key, child in current.items()]
        elif isinstance(current, list):
            pending += [((*path, index), child) for index, child in enumerate(current)]


def _leading_out(schema: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[SchemaProblem]:
    for key in ("$ref", "$dynamicRef"):
        reference = schema.get(key)
        if isinstance(reference, str) and not reference.startswith("#"):
            hint = 'put the schema under "$defs" and refer to "#/$defs/..."'
            yield SchemaProblem((*path, key), "a reference must stay inside the schema", hint)
    dialect = schema.get("$schema")
    if isinstance(dialect, str) and dialect.removesuffix("#") != _DRAFT:
        yield SchemaProblem((*path, "$schema"), "only draft 2020-12 is supported", 'remove "$schema"')
