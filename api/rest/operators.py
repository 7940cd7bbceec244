"""What operators and supervisors ask: does it live, can it serve, and its figures. Without a session."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse
from temporalio.service import RPCError

from api.services import Services, services
from contracts.errors import Unavailable

router = APIRouter()

TEMPORAL_SECONDS = 2.0
NO_ANSWER = "does not answer"

_TEXT: dict[str, Any] = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_CHECKS = {"type": "object", "additionalProperties": {"type": "string"}}
_READINESS: dict[str, Any] = {
    "application/json": {
        "schema": {"type": "object", "properties": {"status": {"type": "string"}, "checks": _CHECKS}},
    }
}


@router.get("/healthz", tags=["Operators"], summary="Whether the process lives")
async def get_health() -> dict[str, str]:
    return {"status": "ok"}


@router.get(
    "/readyz",
    tags=["Operators"],
    summary="Whether everything that a request needs answers",
    response_class=JSONResponse,
    responses={200: {"content": _READINESS}, 503: {"description": "Something does not.", "content": _READINESS}},
)
async def get_readiness(request: Request) -> Response:
    serving = services(request)
    database, temporal = await asyncio.gather(_database(serving), _temporal(serving))
    checks = {"database": database, "temporal": temporal}
    ready = all(value == "ok" for value in checks.values())
    return JSONResponse({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


@router.get(
    "/metrics", tags=["Operators"], summary="Figures for Prometheus", response_class=Response, responses={200: _TEXT}
)
async def get_metrics(request: Request) -> Response:
    body = await request.app.state.metrics.render(services(request).database)
    return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _database(serving: Services) -> str:
    try:
        async with serving.database.connection() as connection:
            await connection.fetchval("SELECT 1")
    except Unavailable as error:
        return error.message
    return "ok"


async def _temporal(serving: Services) -> str:
    try:
        alive = await asyncio.wait_for(serving.temporal.service_client.check_health(), TEMPORAL_SECONDS)
    except (RPCError, RuntimeError, TimeoutError, OSError):
        return NO_ANSWER
    return "ok" if alive else NO_ANSWER
