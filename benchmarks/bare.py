"""The other side of `benchmarks.engine`: the same work, hand-written on the bare Temporal SDK."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow

TIMEOUT = timedelta(seconds=30)


@activity.defn(name="bare_noop")
async def noop(value: dict[str, int]) -> dict[str, int]:
    """The trivial step: its input comes back."""
    return value


@workflow.defn
class BareChain:
    """`steps` activities, one after the other."""

    @workflow.run
    async def run(self, steps: int) -> dict[str, int]:
        value = {"n": 0}
        for _ in range(steps):
            value = await workflow.execute_activity(noop, value, start_to_close_timeout=TIMEOUT)
        return value


@workflow.defn
class BareFanOut:
    """`width` activities at once."""

    @workflow.run
    async def run(self, width: int) -> int:
        calls = [
            workflow.execute_activity(noop, {"n": number}, start_to_close_timeout=TIMEOUT) for number in range(width)
        ]
        return len(await asyncio.gather(*calls))
