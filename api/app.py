"""Composition root of the API: opens what it needs, starts relay, reconciler and event stream, mounts everything.

`python -m api` serves it with uvicorn.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.graphql.router import build_router
from api.metrics import Metrics, RequestMetrics
from api.openapi import described
from api.operations import Operations
from api.problems import (
    problem,
    render_assent_error,
    render_http_error,
    render_invalid_request,
    render_unexpected,
)
from api.reconcile import Reconciler
from api.relay import OutboxRelay
from api.rest.operators import router as operators_router
from api.rest.routes import router as rest_router
from api.security import OuterWall
from api.services import Services
from contracts.errors import AssentError
from settings import Settings, load_settings
from store.database import Database, open_database
from store.events import EventStream

logger = logging.getLogger("assent.api")

APP_FILES = Path(__file__).parents[1] / "frontend" / "dist"
"""The built app. Absent in a checkout that has not built it; the API works without."""

PAUSE_SECONDS = 1.0
"""Before work in the background that failed starts again."""

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API. DATABASE_URL and TEMPORAL_ADDRESS must be set."""
    settings = settings or load_settings()
    app = FastAPI(
        title="Assent",
        summary="Durable workflows that act when they are sure and ask when they are not.",
        version=version("assent"),
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
    app.add_exception_handler(HTTPException, render_http_error)
    app.add_exception_handler(RequestValidationError, render_invalid_request)
    app.add_exception_handler(Exception, render_unexpected)
    app.include_router(rest_router)
    app.include_router(operators_router)
    app.include_router(build_router(), include_in_schema=False)
    app.router.routes.extend(_pages())
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
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
        for work in (relay.run, events.run, Reconciler(database, temporal).run):
            stack.push_async_callback(_stop, asyncio.create_task(_keep(work)))
        yield


async def _open(stack: AsyncExitStack, url: str, settings: Settings) -> Database:
    database = await open_database(url, size=settings.database_pool_size, lazy=True)
    stack.push_async_callback(database.close)
    return database


async def _keep(work: Callable[[], Awaitable[None]]) -> None:
    """Do work that never ends, whatever happens to it: the tables may not be there yet."""
    while True:
        try:
            await work()
        except Exception:
            logger.exception("work in the background failed; it starts again")
        await asyncio.sleep(PAUSE_SECONDS)


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _pages() -> list[Any]:
    """The app: its files under /assets, its one page for every other path outside of the API, and the API's docs."""
    if not (APP_FILES / "index.html").is_file():
        return []
    files = frozenset(str(path.relative_to(APP_FILES)) for path in APP_FILES.rglob("*") if path.is_file())

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path.startswith(("api/", "graphql")):
            return problem(404, "not_found", "there is no such address", "see /api/v1/openapi.json")
        if path in files:
            return FileResponse(APP_FILES / path)
        return FileResponse(APP_FILES / "index.html", headers={"cache-control": "no-cache"})

    async def api_docs(request: Request) -> Response:
        return FileResponse(APP_FILES / "api-docs" / "index.html", headers={"cache-control": "no-cache"})

    assets = StaticFiles(directory=APP_FILES / "assets", check_dir=False)
    return [Mount("/assets", assets), Route("/api/v1/docs", api_docs), Route("/{path:path}", page)]
