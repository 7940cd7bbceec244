"""How activities stay honest about being alive, and patient with a database that is coming back."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import activity

from contracts.errors import Unavailable

T = TypeVar("T")

HEARTBEAT_TIMEOUT = timedelta(seconds=10)
"""How soon Temporal notices that a worker has died in the middle of a step."""

HEARTBEAT_SECONDS = 3.0

RECORD_GRACE = timedelta(seconds=60)
"""How long a step may wait for the database after its own work is done: an outage is no failure of the step."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


@contextmanager
def heartbeating() -> Iterator[None]:
    """Heartbeat in the background for as long as the block takes. Costs a short step one timer and no task."""
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []

    def wind_up() -> None:
        timers[:] = [loop.call_later(HEARTBEAT_SECONDS, beat)]

    def beat() -> None:
        activity.heartbeat()
        wind_up()

    wind_up()
    try:
        yield
    finally:
        timers[0].cancel()


@contextmanager
def unless_done_within(seconds: float, late: Callable[[], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Do `late` in the background if the block takes longer than `seconds`; its end cancels that."""
    tasks: list[asyncio.Task[None]] = []
    timer = asyncio.get_running_loop().call_later(seconds, lambda: tasks.append(asyncio.create_task(late())))
    try:
        yield
    finally:
        timer.cancel()
        for task in tasks:
            task.cancel()


async def until_recorded(work: Callable[[], Awaitable[T]]) -> T:
    """Write or read, and while the database does not answer, again: an outage must not use up a step's tries.

    Raises:
        Unavailable: it did not answer within `RECORD_GRACE`.
    """
    pause = FIRST_PAUSE
    deadline = asyncio.get_running_loop().time() + RECORD_GRACE.total_seconds()
    with heartbeating():
        while True:
            try:
                return await work()
            except Unavailable:
                if asyncio.get_running_loop().time() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
