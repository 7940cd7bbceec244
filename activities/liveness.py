"""How activities stay honest about being alive, and patient with a database that is coming back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TypeVar

from temporalio import activity

from contracts.errors import Unavailable

T = TypeVar("T")

HEARTBEAT_TIMEOUT = timedelta(seconds=10)
"""How soon Temporal notices that a worker has died in the middle of a step."""

HEARTBEAT_SECONDS = 3.0

RECORD_GRACE = timedelta(seconds=60)
"""How long a step may wait for the database after its own work is done: an outage is no failure of the step."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


@asynccontextmanager
async def heartbeating() -> AsyncIterator[None]:
    """Heartbeat in the background for as long as the block takes."""
    beats = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats


async def _beat() -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        activity.heartbeat()


async def until_recorded(work: Callable[[], Awaitable[T]]) -> T:
    """Write or read, and while the database does not answer, again: an outage must not use up a step's tries.

    Raises:
        Unavailable: it did not answer within `RECORD_GRACE`.
    """
    pause = FIRST_PAUSE
    deadline = asyncio.get_running_loop().time() + RECORD_GRACE.total_seconds()
    while True:
        try:
            return await work()
        except Unavailable:
            if asyncio.get_running_loop().time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
