"""Errors as people and programs see them: problem+json (RFC 9457) over HTTP, `Problem` members in GraphQL."""

import logging
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.errors import AssentError, InvalidDefinition

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


async def render_unexpected(request: Request, error: Exception) -> Response:
    """Exception handler for bugs: logged whole, shown without detail."""
    logger.exception("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    return problem(500, "error", "something went wrong on our side", "try again; the log has the details")
