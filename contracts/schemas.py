"""JSON Schema: is a value what its schema asks for?"""

from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from contracts.errors import InvalidInput
from contracts.values import canonical

MAX_REPORTED = 5


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Any:
    return jsonschema_rs.Draft202012Validator(orjson.loads(schema))


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


def _describe(error: Any) -> str:
    place = ".".join(str(part) for part in error.instance_path)
    message = error.message if len(error.message) <= 200 else error.message[:200] + "..."
    return f"{place}: {message}" if place else message
