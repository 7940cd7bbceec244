"""The outbox: what Temporal has yet to be told. Written with the change it belongs to, delivered at least once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from store.database import Connection, Database

CLAIM = """
SELECT id, kind, run_id, payload, attempts FROM outbox
WHERE delivered_at IS NULL AND available_at <= now() ORDER BY available_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""

DELIVERED = """
WITH sent AS (UPDATE outbox SET delivered_at = now() WHERE id = ANY($1::bigint[]) RETURNING run_id, kind)
UPDATE runs SET status = 'running' FROM sent
WHERE sent.kind = 'start' AND runs.id = sent.run_id AND runs.status = 'starting'
"""

POSTPONE = """
UPDATE outbox SET attempts = attempts + 1, last_error = $2,
    available_at = now() + least(0.2 * power(2, least(attempts, 10)), 5.0) * interval '1 second'
WHERE id = $1
"""

SECONDS_TO_NEXT = """
SELECT extract(epoch FROM min(available_at) - now())::float8 FROM outbox WHERE delivered_at IS NULL
"""

FORGET = "DELETE FROM outbox WHERE delivered_at < now() - interval '7 days'"


class Message(BaseModel):
    """`kind` is `start` (payload: workflow and RunInput) or `decision` (payload: Decision)."""

    id: int
    kind: str
    run_id: str
    payload: dict[str, Any]
    attempts: int


class Claim:
    """Messages that this process holds; others skip them until the claim ends, however it ends."""

    def __init__(self, connection: Connection, messages: list[Message]) -> None:
        self._connection = connection
        self.messages = messages

    async def delivered(self, ids: list[int]) -> None:
        await self._connection.execute(DELIVERED, ids)

    async def postpone(self, message_id: int, error: str) -> None:
        """Try again later: after 0.2 s, doubling up to 5 s."""
        await self._connection.execute(POSTPONE, message_id, error[:500])


@asynccontextmanager
async def claim(database: Database, limit: int) -> AsyncIterator[Claim]:
    """Hold up to `limit` due messages, oldest first, for the length of the block."""
    async with database.connection() as connection, connection.transaction():
        rows = await connection.fetch(CLAIM, limit)
        yield Claim(connection, [Message.model_validate(dict(row)) for row in rows])


async def seconds_to_next(database: Database) -> float | None:
    """Seconds until a message is due (negative: it is), None when there is none."""
    async with database.connection() as connection:
        seconds: float | None = await connection.fetchval(SECONDS_TO_NEXT)
    return seconds


async def forget_delivered(database: Database) -> None:
    """Drop what was delivered more than a week ago."""
    async with database.connection() as connection:
        await connection.execute(FORGET)


class OutboxState(BaseModel):
    """How much waits, and since when the oldest due message does."""

    pending: int
    oldest_due: datetime | None


async def outbox_state(connection: Connection) -> OutboxState:
    sql = """SELECT count(*) AS pending, min(available_at) FILTER (WHERE available_at <= now()) AS oldest_due
             FROM outbox WHERE delivered_at IS NULL"""
    row = await connection.fetchrow(sql)
    assert row is not None
    return OutboxState.model_validate(dict(row))
