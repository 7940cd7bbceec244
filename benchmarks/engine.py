"""The interpreter against hand-written workflows on the bare Temporal SDK: same server, same work, one after the other.

Ours interprets a definition of trivial connector steps and writes its projections to Postgres; a run begins with its
row there and ends with its result. The bare side calls trivial activities and writes nothing. Ours runs as production
does, without the SDK's workflow sandbox; the bare side as the SDK sets it up, with it, but for
`seq5_ratio_unsandboxed`, where neither has one.
"""

import argparse
import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.runs import RunActivities
from activities.steps import StepActivities
from benchmarks import servers
from benchmarks.bare import BareChain, BareFanOut, noop
from benchmarks.report import Figures, main, median, progress
from contracts.definition import parse_definition
from contracts.ports import ConnectorCall
from contracts.queues import RUNS
from contracts.runs import RunInput
from store import runs
from store.database import Database, open_database
from store.projections import ProjectionStore
from worker import build_worker
from workflows.dag_run import DagRun

ROUNDS = 30
FANOUT_ROUNDS = 7
WIDTH = 200
IN_FLIGHT = 50
THROUGHPUT_RUNS = 200
THROUGHPUT_ROUNDS = 3
LIGHT_STEPS = 40
BARE_QUEUE = "bare"
UNSANDBOXED_QUEUE = "bare-unsandboxed"


class Noop:
    """A connector that does nothing: its inputs come back."""

    name = "noop"

    async def call(self, call: ConnectorCall) -> Any:
        return call.inputs


@dataclass(frozen=True)
class Sides:
    """Both sides on one server: each method starts one workflow and waits for its result."""

    client: Client
    database: Database

    async def ours(self, definition: dict[str, Any]) -> None:
        run_id = f"bench-{secrets.token_hex(8)}"
        run = RunInput(workflow="bench", revision=1, definition=definition, input={})
        async with self.database.connection() as connection:
            await runs.start_run(connection, run_id, run)
        await self.client.execute_workflow(DagRun.run, run, id=run_id, task_queue=RUNS)

    async def bare(self, kind: Any, size: int, queue: str = BARE_QUEUE) -> None:
        await self.client.execute_workflow(kind, size, id=f"bare-{secrets.token_hex(8)}", task_queue=queue)


def chain(steps: int) -> dict[str, Any]:
    """The snapshot of a definition of `steps` sequential trivial steps."""
    lines = ["name: bench", "steps:"]
    for number in range(steps):
        value = f"${{ s{number - 1}.output.n }}" if number else "0"
        lines.append(f"  - {{id: s{number}, connector: noop, with: {{n: '{value}'}}}}")
    return parse_definition("\n".join(lines)).snapshot()


def fan_out(width: int) -> dict[str, Any]:
    """The snapshot of a definition of `width` independent trivial steps."""
    lines = [f"  - {{id: s{number}, connector: noop, with: {{n: {number}}}}}" for number in range(width)]
    return parse_definition("\n".join(["name: bench", "steps:", *lines])).snapshot()


@asynccontextmanager
async def sides(address: str, database_url: str) -> AsyncIterator[Sides]:
    """Both workers in this process, as production builds ours."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    fast = await open_database(database_url, durable=False)
    durable = await open_database(database_url)
    projections = ProjectionStore(fast, durable)
    steps = StepActivities({}, {"noop": Noop()}, projections)
    ours = build_worker(client, [steps.propose, steps.act, steps.close_task, RunActivities(projections).finish_run])
    async with ours, bare_worker(client), bare_worker(client, UNSANDBOXED_QUEUE, UnsandboxedWorkflowRunner()):
        yield Sides(client, durable)
    await fast.close()
    await durable.close()


def bare_worker(client: Client, queue: str = BARE_QUEUE, runner: WorkflowRunner | None = None) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[BareChain, BareFanOut],
        activities=[noop],
        workflow_runner=runner or SandboxedWorkflowRunner(),
    )


async def seconds(work: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def in_turn(
    ours: Callable[[], Awaitable[None]], bare: Callable[[], Awaitable[None]], rounds: int
) -> tuple[float, float]:
    """Median seconds of each side, measured alternately after one warm-up each."""
    await ours()
    await bare()
    pairs = [(await seconds(ours), await seconds(bare)) for _ in range(rounds)]
    return median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])


async def throughput(work: Callable[[], Awaitable[None]]) -> float:
    """Runs a second with `IN_FLIGHT` at a time."""
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def one() -> None:
        async with slots:
            await work()

    async def everything() -> None:
        await asyncio.gather(*(one() for _ in range(THROUGHPUT_RUNS)))

    return THROUGHPUT_RUNS / await seconds(everything)


async def compare(both: Sides, server: psutil.Process) -> Figures:
    five, light, wide = chain(5), chain(LIGHT_STEPS), fan_out(WIDTH)
    progress.print("5 steps in sequence, one run at a time")
    ours5, bare5 = await in_turn(lambda: both.ours(five), lambda: both.bare(BareChain.run, 5), ROUNDS)
    alike5, unsandboxed5 = await in_turn(
        lambda: both.ours(five), lambda: both.bare(BareChain.run, 5, UNSANDBOXED_QUEUE), ROUNDS
    )
    progress.print(f"{WIDTH} steps at once")
    ours_wide, bare_wide = await in_turn(
        lambda: both.ours(wide), lambda: both.bare(BareFanOut.run, WIDTH), FANOUT_ROUNDS
    )
    progress.print(f"{LIGHT_STEPS} steps in sequence")
    ours_light, bare_light = await in_turn(lambda: both.ours(light), lambda: both.bare(BareChain.run, LIGHT_STEPS), 5)
    progress.print(f"{THROUGHPUT_RUNS} runs of 5 steps, {IN_FLIGHT} in flight")
    rates, cpu = [], []
    for _ in range(THROUGHPUT_ROUNDS):
        before = cpu_seconds(server)
        ours_rate = await throughput(lambda: both.ours(five))
        cpu.append((cpu_seconds(server) - before) * 1000 / THROUGHPUT_RUNS)
        rates.append((ours_rate, await throughput(lambda: both.bare(BareChain.run, 5))))
    return {
        "seq5_latency_ratio": ours5 / bare5,
        "fanout200_time_ratio": ours_wide / bare_wide,
        "throughput_ratio": median([ours / bare for ours, bare in rates]),
        "light40_seconds": ours_light,
        "cpu_ms_per_run": median(cpu),
        "seq5_ratio_unsandboxed": alike5 / unsandboxed5,
        "seq5_ms": ours5 * 1000,
        "bare_seq5_ms": bare5 * 1000,
        "fanout200_ms": ours_wide * 1000,
        "bare_fanout200_ms": bare_wide * 1000,
        "bare_light40_seconds": bare_light,
        "runs_per_second": median([ours for ours, _ in rates]),
        "bare_runs_per_second": median([bare for _, bare in rates]),
    }


def cpu_seconds(server: psutil.Process) -> float:
    """CPU of this process (worker and starter) and of the Temporal server, without Postgres."""
    own, theirs = psutil.Process().cpu_times(), server.cpu_times()
    return own.user + own.system + theirs.user + theirs.system


async def stock_seconds(data: Path) -> float:
    """The bare 5-step workflow on a stock dev server, one at a time."""
    async with servers.temporal_server(data, stock=True) as (address, _):
        client = await Client.connect(address, data_converter=pydantic_data_converter)
        async with bare_worker(client):

            async def one() -> None:
                await client.execute_workflow(
                    BareChain.run, 5, id=f"bare-{secrets.token_hex(8)}", task_queue=BARE_QUEUE
                )

            await one()
            return median([await seconds(one) for _ in range(10)])


async def measure(arguments: argparse.Namespace) -> Figures:
    async with AsyncExitStack() as stack:
        data = await stack.enter_async_context(servers.folder())
        database_url = await stack.enter_async_context(servers.postgres(data))
        address, server = await stack.enter_async_context(servers.temporal_server(data))
        both = await stack.enter_async_context(sides(address, database_url))
        figures = await compare(both, server)
        progress.print("5 steps in sequence on a stock dev server")
        stock = await stock_seconds(data)
    return {**figures, "stock_speedup": stock * 1000 / figures["seq5_ms"], "stock_seq5_ms": stock * 1000}


if __name__ == "__main__":
    main("engine", measure)
