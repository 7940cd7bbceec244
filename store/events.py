"""Live events over LISTEN/NOTIFY, announced in the transaction that makes the change: a roll-back is never heard of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from pydantic import BaseModel

from store.database import Connection

CHANNEL = "assent_events"
BUFFERED_EVENTS = 1000
RECONNECT_SECONDS = (0.1, 0.5, 1.0, 2.0)


class Event(BaseModel):
    """A run, a step or a task has a new status. `at` is the time of the change, UTC."""

    kind: str
    run_id: str
    workflow: str
    status: str
    at: datetime
    step: str | None = None
    task_id: str | None = None


EVENT_JSON = """json_build_object('kind', {kind}, 'run_id', {run}, 'workflow', {workflow}, 'status', {status},
    'step', {step}, 'task_id', {task}, 'at', clock_timestamp())::text"""


def event_sql(*, kind: str, run: str, workflow: str, status: str, step: str = "NULL", task: str = "NULL") -> str:
    """SQL of one event as text; the arguments are SQL expressions, never values."""
    return EVENT_JSON.format(kind=kind, run=run, workflow=workflow, status=status, step=step, task=task)


def notify_sql(event: str) -> str:
    """SQL that announces an event when the transaction commits."""
    return f"pg_notify('{CHANNEL}', {event})"


class EventStream:
    """Fans the events of one listening connection out to any number of subscribers; reconnects by itself."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._subscribers: set[asyncio.Queue[Event | None]] = set()

    async def run(self) -> None:
        """Listen until cancelled. Losing the connection ends the subscriptions: load afresh and subscribe again."""
        failures = 0
        while True:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._listen()
            self._end_subscriptions()
            await asyncio.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
            failures += 1

    async def _listen(self) -> None:
        connection = await self._connect()
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, lambda _c, _pid, _channel, payload: self._publish(payload))
            await lost.wait()
        finally:
            with contextlib.suppress(Exception):
                await connection.close(timeout=1)

    def _publish(self, payload: str) -> None:
        event = Event.model_validate(orjson.loads(payload))
        for queue in list(self._subscribers):
            if queue.full():
                self._subscribers.discard(queue)
                _end(queue)
            else:
                queue.put_nowait(event)

    def _end_subscriptions(self) -> None:
        for queue in self._subscribers:
            _end(queue)
        self._subscribers.clear()

    async def subscribe(self, run_id: str | None = None) -> AsyncIterator[Event]:
        """Events from now on. Ends when the reader is too slow, or when events were lost."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue(BUFFERED_EVENTS)
        self._subscribers.add(queue)
        try:
            while (event := await queue.get()) is not None:
                if run_id is None or event.run_id == run_id:
                    yield event
        finally:
            self._subscribers.discard(queue)


def _end(queue: asyncio.Queue[Event | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)


async def announce(
    connection: Connection,
    *,
    kind: str,
    run_id: str,
    workflow: str,
    status: str,
    step: str | None = None,
    task_id: str | None = None,
) -> None:
    """Announce one event when the surrounding transaction commits."""
    event = event_sql(
        kind="$1::text", run="$2::text", workflow="$3::text", status="$4::text", step="$5::text", task="$6::text"
    )
    await connection.execute(f"SELECT {notify_sql(event)}", kind, run_id, workflow, status, step, task_id)
