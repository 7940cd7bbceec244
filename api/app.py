"""Composition root of the API: opens what it needs, starts relay and event stream, and mounts everything.

`python -m api` serves it with uvicorn.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.graphql.router import build_router
from api.metrics import Metrics, RequestMetrics
from api.operations import Operations
from api.problems import problem, render_assent_error, render_unexpected
from api.relay import OutboxRelay
from api.rest.routes import router as rest_router
from api.security import OuterWall
from api.services import Services, services
from contracts.errors import AssentError, Unavailable
from settings import Settings, load_settings
from store.database import Database, open_database
from store.events import EventStream

APP_FILES = Path(__file__).parents[1] / "frontend" / "dist"
"""The built app. Absent in a checkout that has not built it; the API works without."""

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API. DATABASE_URL and TEMPORAL_ADDRESS must be set."""
    settings = settings or load_settings()
    app = FastAPI(
        title="Assent",
        summary="Durable workflows that act when they are sure and ask when they are not.",
        version="0.1.0",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.add_middleware(RequestMetrics, metrics=app.state.metrics)
    app.add_middleware(OuterWall, hosts=LOCAL_NAMES, max_body_bytes=settings.max_body_bytes)
    app.add_exception_handler(AssentError, render_assent_error)
    app.add_exception_handler(Exception, render_unexpected)
    app.include_router(rest_router)
    app.include_router(build_router(), include_in_schema=False)
    app.router.routes.extend(
        [Route("/healthz", _healthz), Route("/readyz", _readyz), Route("/metrics", _metrics), *_pages()]
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    assert settings.database_url is not None
    assert settings.temporal_address is not None
    url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        database = await _open(stack, url, settings)
        read = database
        if settings.database_read_url is not None:
            read = await _open(stack, settings.database_read_url.get_secret_value(), settings)
        temporal = await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            data_converter=pydantic_data_converter,
            lazy=True,
        )
        relay, events = OutboxRelay(database, temporal), EventStream(lambda: asyncpg.connect(url, timeout=5))
        app.state.services = Services(settings, database, read, temporal, events, Operations(database, temporal, relay))
        for work in (relay.run(), events.run()):
            stack.push_async_callback(_stop, asyncio.create_task(work))
        yield


async def _open(stack: AsyncExitStack, url: str, settings: Settings) -> Database:
    database = await open_database(url, size=settings.database_pool_size)
    stack.push_async_callback(database.close)
    return database


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _healthz(request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> Response:
    """Everything that a request needs answers."""
    serving = services(request)
    checks: dict[str, str] = {}
    try:
        async with serving.database.connection() as connection:
            await connection.fetchval("SELECT 1")
        checks["database"] = "ok"
    except Unavailable as error:
        checks["database"] = error.message
    try:
        alive = await asyncio.wait_for(serving.temporal.service_client.check_health(), 2)
        checks["temporal"] = "ok" if alive else "does not answer"
    except (RuntimeError, TimeoutError, OSError):
        checks["temporal"] = "does not answer"
    ready = all(value == "ok" for value in checks.values())
    return JSONResponse({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


async def _metrics(request: Request) -> Response:
    metrics: Metrics = request.app.state.metrics
    body = await metrics.render(services(request).database)
    return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")


def _pages() -> list[Any]:
    """The app: its files under /assets, and its one page for every other path outside of the API."""
    if not (APP_FILES / "index.html").is_file():
        return []

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path.startswith(("api/", "graphql")):
            return problem(404, "not_found", "there is no such address", "see /api/v1/openapi.json")
        file = (APP_FILES / path).resolve()
        if path and file.is_relative_to(APP_FILES.resolve()) and file.is_file():
            return FileResponse(file)
        return FileResponse(APP_FILES / "index.html", headers={"cache-control": "no-cache"})

    assets = StaticFiles(directory=APP_FILES / "assets", check_dir=False)
    from starlette.routing import Mount

    return [Mount("/assets", assets), Route("/{path:path}", page)]
