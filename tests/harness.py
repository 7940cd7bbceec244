"""A whole engine inside a test: real Temporal and Postgres, production's worker and relay.

`engine` has a scripted agent and a recording connector; `real_engine` has everything that production's worker has.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowHandle

from activities.runs import RunActivities
from activities.steps import StepActivities
from api.operations import DecisionBody, Operations
from api.relay import OutboxRelay
from contracts.decisions import Verdict
from contracts.ports import AgentRequest, ConnectorCall
from contracts.proposals import Proposal
from contracts.runs import RunResult
from settings import Settings
from store import runs, tasks
from store.database import Database, open_database
from store.projections import ProjectionStore
from store.runs import RunView, StepView
from store.tasks import TaskView
from worker import activities_by_queue, build_worker
from workflows.dag_run import DagRun

T = TypeVar("T")
WAIT_SECONDS = 20


@dataclass
class ScriptedAgent:
    """Proposes what the test says: the step's `with`, with the confidence found in it."""

    name: str = "scripted"
    calls: list[dict[str, Any]] = field(default_factory=list)
    fail_first: int = 0

    async def propose(self, request: AgentRequest) -> Proposal:
        self.calls.append(request.inputs)
        if len(self.calls) <= self.fail_first:
            raise ConnectionError("the agent's model does not answer")
        confidence = float(request.inputs.get("confidence", 0.95))
        return Proposal(payload={"label": request.inputs.get("label", "x")}, confidence=confidence, score=confidence)


@dataclass
class RecordingConnector:
    """Remembers calls, and which effects they had: one per idempotency key."""

    name: str = "recording"
    calls: list[ConnectorCall] = field(default_factory=list)
    fail_first: int = 0
    error: Exception = field(default_factory=lambda: ConnectionError("down"))

    async def call(self, call: ConnectorCall) -> Any:
        self.calls.append(call)
        if len(self.calls) <= self.fail_first:
            raise self.error
        return {"echo": call.inputs}

    @property
    def effects(self) -> set[str]:
        return {call.idempotency_key for call in self.calls}


@dataclass
class RealEngine:
    """Everything a test drives and looks at."""

    client: Client
    database: Database
    operations: Operations

    async def start(self, source: str, run_input: Any = None) -> WorkflowHandle[Any, Any]:
        """Publish the definition and start a run of it; returns when Temporal has it."""
        published = await self.operations.publish(source, {}, actor="tester")
        view, _ = await self.operations.start_run(published.name, run_input, actor="tester")
        await self.until(lambda: self._running(view.id))
        return self.client.get_workflow_handle_for(DagRun.run, view.id)

    async def run(self, source: str, run_input: Any = None) -> RunResult:
        """Publish, start, and wait for the result."""
        handle = await self.start(source, run_input)
        result: RunResult = await asyncio.wait_for(handle.result(), WAIT_SECONDS)
        return result

    async def view(self, run_id: str) -> tuple[RunView, dict[str, StepView]]:
        async with self.database.connection() as connection:
            view = await runs.run(connection, run_id)
            steps = await runs.steps(connection, [run_id])
        return view, {step.step: step for step in steps[run_id]}

    async def pending(self, run_id: str, count: int = 1) -> list[TaskView]:
        """The run's pending tasks, once there are `count`."""

        async def find() -> list[TaskView] | None:
            async with self.database.connection() as connection:
                found = await tasks.tasks_of_runs(connection, [run_id])
            pending = [task for task in found[run_id] if task.status.value == "pending"]
            return pending if len(pending) == count else None

        return await self.until(find)

    async def decide(self, task: TaskView, verdict: str = "approve", **more: Any) -> TaskView:
        body = DecisionBody(proposal_hash=task.proposal_hash, verdict=Verdict(verdict), **more)
        return await self.operations.decide(task.id, body, actor=more.pop("actor", "tester"))

    async def until(self, find: Callable[[], Awaitable[T | None]]) -> T:
        """What `find` finds, asked until it does."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                found = await find()
                if found:
                    return found
                await asyncio.sleep(0.01)

    async def _running(self, run_id: str) -> bool:
        view, _ = await self.view(run_id)
        return view.status.value != "starting"


@dataclass
class Engine(RealEngine):
    """An engine whose agent and connector the test knows."""

    agent: ScriptedAgent
    connector: RecordingConnector


@asynccontextmanager
async def engine(
    database_url: str,
    client: Client,
    *,
    agent: ScriptedAgent | None = None,
    connector: RecordingConnector | None = None,
    working: bool = True,
) -> AsyncIterator[Engine]:
    """An engine with its own worker (while `working`) and relay, on the queues of the client's namespace."""
    agent, connector = agent or ScriptedAgent(), connector or RecordingConnector()
    database = await open_database(database_url, size=5)
    projections = ProjectionStore(database, database)
    steps = StepActivities({agent.name: agent}, {connector.name: connector}, projections)
    runs_ = RunActivities(projections)
    worker = build_worker(client, [steps.propose, steps.act, steps.close_task, runs_.finish_run])
    async with _operating(database, client) as operations, worker if working else contextlib.nullcontext():
        yield Engine(client, database, operations, agent, connector)


@asynccontextmanager
async def real_engine(database_url: str, client: Client, *allowed_hosts: str) -> AsyncIterator[RealEngine]:
    """An engine with production's agents and connectors; `allowed_hosts` are host:port pairs that it may reach."""
    settings = Settings(_env_file=None, http_allowed_hosts=allowed_hosts)
    database = await open_database(database_url, size=5)
    async with AsyncExitStack() as stack:
        operations = await stack.enter_async_context(_operating(database, client))
        by_queue = await stack.enter_async_context(activities_by_queue(database_url, settings))
        for queue, activities in by_queue.items():
            await stack.enter_async_context(build_worker(client, activities, queue=queue))
        yield RealEngine(client, database, operations)


@asynccontextmanager
async def _operating(database: Database, client: Client) -> AsyncIterator[Operations]:
    """The operations with their relay; closes the database."""
    relay = OutboxRelay(database, client)
    relaying = asyncio.create_task(relay.run())
    try:
        yield Operations(database, client, relay)
    finally:
        relaying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await relaying
        await database.close()
