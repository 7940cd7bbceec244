"""The demo's own outside system: an HTTP receiver of tickets that keeps each `Idempotency-Key` once.

`python -m local.sink` reads SINK_PORT and SINK_DATABASE. POST /tickets answers 201 for a new key and 200 for one it
knows; GET /tickets lists the newest; GET /tickets/count tells requests and distinct keys, so that tests can prove that
an effect happened exactly once.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

MAX_BODY_BYTES = 1_048_576
MAX_KEY_CHARACTERS = 500
NEWEST = 200

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, body TEXT, received_at TEXT);
CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY, key TEXT NOT NULL);
"""


class Tickets:
    """The tickets in a SQLite file; every write is on the disk when the method returns."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(SCHEMA)
        self._lock = threading.Lock()

    def receive(self, key: str, body: object) -> tuple[bool, dict[str, Any]]:
        """Keep the ticket if its key is new; whether it was, and the ticket that is kept under the key."""
        with self._lock, self._connection as db:
            db.execute("INSERT INTO requests (key) VALUES (?)", (key,))
            now = datetime.now(UTC).isoformat()
            values = (key, json.dumps(body), now)
            cursor = db.execute(
                "INSERT INTO tickets (key, body, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", values
            )
            row = db.execute("SELECT * FROM tickets WHERE key = ?", (key,)).fetchone()
        return cursor.rowcount == 1, _ticket(row)

    def newest(self) -> list[dict[str, Any]]:
        """The newest tickets first, at most 200."""
        with self._lock:
            rows = self._connection.execute("SELECT * FROM tickets ORDER BY id DESC LIMIT ?", (NEWEST,)).fetchall()
        return [_ticket(row) for row in rows]

    def count(self) -> dict[str, int]:
        """How many requests came, and with how many distinct keys."""
        with self._lock:
            distinct = self._connection.execute("SELECT count(*) FROM tickets").fetchone()[0]
            requests = self._connection.execute("SELECT count(*) FROM requests").fetchone()[0]
        return {"requests": requests, "distinct": distinct}

    def close(self) -> None:
        self._connection.close()


def create_app(tickets: Tickets) -> Starlette:
    """The receiver as an ASGI application."""

    async def receive(request: Request) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not 0 < len(key) <= MAX_KEY_CHARACTERS:
            return JSONResponse({"error": "the header Idempotency-Key is missing or too long"}, 400)
        try:
            body = json.loads(await _body(request))
        except ValueError as error:
            return JSONResponse({"error": f"the body is not JSON that fits: {error}"}, 422)
        new, ticket = await run_in_threadpool(tickets.receive, key, body)
        return JSONResponse(ticket, 201 if new else 200)

    async def newest(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(tickets.newest))

    async def count(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(tickets.count))

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route("/tickets", receive, methods=["POST"]),
            Route("/tickets", newest),
            Route("/tickets/count", count),
            Route("/healthz", health),
        ]
    )


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ValueError(f"it is longer than {MAX_BODY_BYTES} bytes")
    return body


def _ticket(row: Mapping[str, Any]) -> dict[str, Any]:
    body = json.loads(row["body"])
    return {"id": row["id"], "key": row["key"], "received_at": row["received_at"], "body": body}


def main() -> None:
    """Serve on 127.0.0.1."""
    tickets = Tickets(Path(os.environ["SINK_DATABASE"]))
    try:
        uvicorn.run(create_app(tickets), host="127.0.0.1", port=int(os.environ["SINK_PORT"]), access_log=False)
    finally:
        tickets.close()


if __name__ == "__main__":
    main()
