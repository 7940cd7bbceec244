"""Request bodies: bounded before they are parsed, and checked to be storable after."""

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from contracts.errors import InvalidInput
from contracts.values import check_storable

M = TypeVar("M", bound=BaseModel)


def parse_json(data: bytes | str, what: str = "body") -> Any:
    """JSON that can be stored.

    Raises:
        InvalidInput: not JSON, not UTF-8, or with values that cannot be stored.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the {what} is not valid JSON: {error}") from None
    check_storable(value, what)
    return value


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
