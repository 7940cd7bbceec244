"""Errors as people and programs see them: problem+json (RFC 9457) over HTTP, `Problem` members in GraphQL."""

import logging
from dataclasses import asdict
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.errors import AssentError, InvalidDefinition, InvalidInput

logger = logging.getLogger("assent.api")

MEDIA_TYPE = "application/problem+json"


def problem(status: int, code: str, message: str, hint: str = "", **more: Any) -> Response:
    """One problem as a response."""
    content = {"type": f"urn:assent:{code}", "status": status, "code": code, "message": message, "hint": hint, **more}
    return JSONResponse(content, status, media_type=MEDIA_TYPE)


def render(error: AssentError) -> Response:
    """Any of Assent's own errors as a response; a definition's carries every place."""
    more: dict[str, Any] = {}
    if isinstance(error, InvalidDefinition):
        more["problems"] = [asdict(found) for found in error.problems]
    return problem(error.status, error.code, error.message, error.hint, **more)


async def render_assent_error(request: Request, error: Exception) -> Response:
    """Exception handler for AssentError."""
    assert isinstance(error, AssentError)
    return render(error)


async def render_http_error(request: Request, error: Exception) -> Response:
    """Exception handler for addresses and methods that do not exist."""
    assert isinstance(error, HTTPException)
    message = {404: "there is no such address", 405: "this address does not take that method"}
    text = message.get(error.status_code, str(error.detail))
    codes = {404: "not_found", 405: "method_not_allowed"}
    response = problem(
        error.status_code, codes.get(error.status_code, "refused"), text, "see /api/v1/openapi.json for what there is"
    )
    response.headers.update(error.headers or {})
    return response


async def render_invalid_request(request: Request, error: Exception) -> Response:
    """Exception handler for parameters of an address that do not fit."""
    assert isinstance(error, RequestValidationError)
    found = [f"{item['loc'][-1]}: {item['msg']}" for item in error.errors()[:5]]
    return render(InvalidInput("the request does not fit: " + "; ".join(found)))


async def render_unexpected(request: Request, error: Exception) -> Response:
    """Exception handler for bugs: logged whole, shown without detail."""
    logger.exception("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    return problem(500, "error", "something went wrong on our side", "try again; the log has the details")
