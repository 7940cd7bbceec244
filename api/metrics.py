"""What Prometheus scrapes: requests by route, and the state of queue and outbox at the time of the scrape."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store.database import Database
from store.outbox import outbox_state
from store.runs import overview

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Methods with series of their own: clients may send any word."""


class Metrics:
    """One registry per app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter(
            "assent_http_requests_total", "Requests answered.", (*labels, "status"), registry=self.registry
        )
        self.seconds = Histogram("assent_http_seconds", "Time to answer.", labels, registry=self.registry)
        self.pending_tasks = Gauge("assent_pending_tasks", "Tasks that wait for people.", registry=self.registry)
        self.open_runs = Gauge("assent_open_runs", "Runs that have not ended.", registry=self.registry)
        self.outbox = Gauge("assent_outbox_messages", "Messages Temporal has yet to be told.", registry=self.registry)

    async def render(self, database: Database) -> bytes:
        """The text that Prometheus reads."""
        async with database.connection() as connection:
            counts, waiting = await overview(connection), await outbox_state(connection)
        self.pending_tasks.set(counts.pending_tasks)
        self.open_runs.set(counts.running_runs)
        self.outbox.set(waiting.pending)
        return generate_latest(self.registry)


class RequestMetrics:
    """ASGI middleware that counts and times HTTP requests by their route's template."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)
            self._metrics.requests.labels(method, route, str(status)).inc()
