"""Request bodies: bounded before they are parsed, and checked to be storable after."""

import json
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from contracts.errors import InvalidInput
from contracts.values import MAX_DEPTH, check_storable

MAX_DIGITS = 20
"""Of an integer of 64 bits, its sign included."""

M = TypeVar("M", bound=BaseModel)


def parse_json(data: bytes | str, what: str = "body") -> Any:
    """JSON that can be stored. Integers are kept exactly or refused, never rounded to floats.

    Raises:
        InvalidInput: not JSON, not UTF-8, or with values that cannot be stored.
    """
    try:
        text = data.decode() if isinstance(data, bytes) else data
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except UnicodeDecodeError:
        raise InvalidInput(f"the {what} is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(f"the {what} is not valid JSON: {error}") from None
    except RecursionError:
        raise InvalidInput(f"the {what} is nested deeper than {MAX_DEPTH} levels", hint="flatten it") from None
    check_storable(value, what)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a JSON value", hint="send null or leave it out")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise InvalidInput(f"the number {digits[:20]}... is an integer beyond 64 bits", hint="send it as text")
    return int(digits)


async def read_body(request: Request, model: type[M]) -> M:
    """The request's JSON body as a model.

    Raises:
        InvalidInput: naming each field that does not fit.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise InvalidInput("the body must be JSON", hint="send the header Content-Type: application/json")
    return validated(model, parse_json(await request.body()))


def validated(model: type[M], value: Any) -> M:
    """The value as a model.

    Raises:
        InvalidInput: naming each field that does not fit.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()[:5]]
        raise InvalidInput("the body does not fit: " + "; ".join(found)) from None
