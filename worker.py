"""Composition root of the worker: builds agents, connectors and stores, and serves the task queues it is told to.

`python -m worker`. It drains on SIGINT and SIGTERM: what it has begun is finished, or handed on after a while.
"""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.agents.classifier import ClassifierAgent
from activities.knowledge import KnowledgeActivities
from activities.runs import RunActivities
from activities.steps import StepActivities
from connectors.embeddings import LocalEmbedder
from connectors.http import HttpConnector
from contracts.errors import AssentError
from contracts.queues import KNOWLEDGE, RUNS, SEARCH_ATTRIBUTES
from settings import InvalidSettings, Settings, load_service_settings
from store.database import open_database
from store.knowledge import KnowledgeStore
from store.projections import ProjectionStore
from workflows.dag_run import DagRun
from workflows.knowledge import SaveLabelsWorkflow

WORKFLOWS: list[type] = [DagRun, SaveLabelsWorkflow]
FAILURES: list[type[BaseException]] = [AssentError]
"""What fails a run; anything else is a bug, and its workflow task is tried again until that is mended."""

BUILD_ID = f"assent-{version('assent')}"
"""What operators see of this code. The SDK's own default reads and hashes every module at each start."""

INDEXED_TYPES = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}

DRAIN = timedelta(seconds=10)
STICKY_TIMEOUT = timedelta(seconds=3)
"""How soon another worker takes over the runs of one that died."""

CONNECT_ATTEMPTS = 60


def build_worker(
    client: Client, activities: Iterable[Any], *, queue: str = RUNS, max_activities: int = 100, max_cached: int = 1000
) -> Worker:
    """A worker for one task queue. `activities` are bound methods; tests pass their own under the same names.

    The SDK's sandbox would load `workflows` afresh for every run. Tests show instead that nothing there needs watching:
    `tests/architecture` by its imports, `tests/replay` by replaying recorded runs inside the sandbox.
    """
    return Worker(
        client,
        task_queue=queue,
        build_id=BUILD_ID,
        workflows=WORKFLOWS,
        activities=list(activities),
        workflow_runner=UnsandboxedWorkflowRunner(),
        workflow_failure_exception_types=FAILURES,
        max_concurrent_activities=max_activities,
        max_cached_workflows=max_cached,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=DRAIN,
    )


@asynccontextmanager
async def activities_by_queue(database_url: str, settings: Settings) -> AsyncIterator[dict[str, list[Any]]]:
    """Everything a worker can do, by task queue, with its connections open for the length of the block."""
    async with AsyncExitStack() as stack:
        fast = await open_database(database_url, size=settings.database_pool_size, durable=False)
        stack.push_async_callback(fast.close)
        durable = await open_database(database_url, size=settings.database_pool_size)
        stack.push_async_callback(durable.close)
        http = await stack.enter_async_context(
            HttpConnector(
                allowed_hosts=settings.http_allowed_hosts, max_response_bytes=settings.http_max_response_bytes
            )
        )
        embedder, knowledge = LocalEmbedder(), KnowledgeStore(durable)
        projections = ProjectionStore(fast, durable)
        agents = {agent.name: agent for agent in (ClassifierAgent(embedder, knowledge),)}
        steps = StepActivities(agents, {http.name: http}, projections)
        runs = RunActivities(projections)
        yield {
            RUNS: [steps.propose, steps.act, steps.close_task, runs.finish_run],
            KNOWLEDGE: [KnowledgeActivities(embedder, knowledge).save_labels],
        }


async def connect(settings: Settings) -> Client:
    """A Temporal client, waiting up to a minute for a server that is starting."""
    assert settings.temporal_address is not None
    for attempt in range(CONNECT_ATTEMPTS):
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=pydantic_data_converter,
            )
        except RuntimeError:
            if attempt == CONNECT_ATTEMPTS - 1:
                raise
            await asyncio.sleep(1)
    raise AssertionError


async def ensure_search_attributes(client: Client) -> None:
    """Register what operators filter runs by. A cluster that does not let us must have it done by its administrator."""
    types = {name: INDEXED_TYPES[kind] for name, kind in SEARCH_ATTRIBUTES.items()}
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            logging.getLogger("assent.worker").warning("search attributes are not registered: %s", error)


async def serve(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    assert settings.database_url is not None
    client = await connect(settings)
    await ensure_search_attributes(client)
    async with AsyncExitStack() as stack:
        database_url = settings.database_url.get_secret_value()
        activities = await stack.enter_async_context(activities_by_queue(database_url, settings))
        for queue in settings.worker_queues:
            worker = build_worker(
                client,
                activities[queue],
                queue=queue,
                max_activities=settings.worker_max_activities,
                max_cached=settings.worker_max_cached_runs,
            )
            await stack.enter_async_context(worker)
        logging.getLogger("assent.worker").info("serving %s", ", ".join(settings.worker_queues))
        await stop.wait()


def main() -> None:
    """Read the settings and serve."""
    try:
        settings = load_service_settings("worker")
    except InvalidSettings as error:
        sys.exit(f"assent: {error}")
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
