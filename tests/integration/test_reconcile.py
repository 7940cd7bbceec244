"""Runs that ended in Temporal without a word do not stay open: terminated, unknown, or lost by the projection."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from api.reconcile import UNKNOWN, Reconciler
from contracts.errors import Conflict
from contracts.runs import RunStatus
from store.database import Database
from tests.definitions import CHAIN, GATED
from tests.harness import Engine, engine

pytestmark = pytest.mark.servers

REOPEN = "UPDATE runs SET status = 'running', outputs = NULL, error = '', finished_at = NULL WHERE id = $1"


@pytest.fixture
async def ours(database_url: str, temporal_client: Client) -> AsyncIterator[Engine]:
    async with engine(database_url, temporal_client) as running:
        yield running


def reconciler(database: Database, client: Client) -> Reconciler:
    return Reconciler(database, client, min_age=timedelta(0))


async def test_a_terminated_run_fails_and_its_task_is_closed(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    other = await ours.start(GATED, {"confidence": 0.1})
    await handle.terminate("an operator was here")

    async def swept() -> int:  # the list of running ones lags a moment
        return await reconciler(ours.database, ours.client).sweep()

    assert await ours.until(swept) == 1
    view, steps = await ours.view(handle.id)
    assert (view.status, view.error) == (RunStatus.FAILED, "terminated in Temporal")
    assert view.finished_at is not None
    assert (steps["intent"].status, steps["intent"].error) == ("cancelled", "terminated in Temporal")
    with pytest.raises(Conflict, match="the task is cancelled"):
        await ours.decide(task)
    assert len(await ours.pending(other.id)) == 1
    await other.terminate()


async def test_several_sweeps_at_once_announce_the_end_once(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    await ours.pending(handle.id)
    await handle.terminate()
    heard: list[str] = []
    async with ours.database.connection() as connection:
        await connection.add_listener("assent_events", lambda *event: heard.append(str(event[3])))
        await ours.until(lambda: _is_listed_as_closed(ours.client, handle.id))
        await asyncio.gather(*(reconciler(ours.database, ours.client).sweep() for _ in range(4)))
        await connection.fetchval("SELECT 1")
        await connection.reset()
    ended = [event for event in heard if '"kind" : "run"' in event and handle.id in event]
    closed = [event for event in heard if '"kind" : "task"' in event and handle.id in event]
    assert (len(ended), len(closed)) == (1, 1)


async def test_a_run_that_was_deleted_in_temporal_fails(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    await ours.pending(handle.id)
    request = DeleteWorkflowExecutionRequest(
        namespace=ours.client.namespace, workflow_execution=WorkflowExecution(workflow_id=handle.id)
    )
    await ours.client.workflow_service.delete_workflow_execution(request)
    await ours.until(lambda: _is_gone(ours.client, handle.id))
    await ours.until(reconciler(ours.database, ours.client).sweep)
    view, _ = await ours.view(handle.id)
    assert (view.status, view.error) == (RunStatus.FAILED, UNKNOWN)


async def test_a_namespace_that_is_missing_says_nothing_about_runs(ours: Engine, temporal_address: str) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    await ours.pending(handle.id)
    elsewhere = await Client.connect(temporal_address, namespace="not-there")
    with pytest.raises(RPCError):
        await reconciler(ours.database, elsewhere).sweep()
    view, _ = await ours.view(handle.id)
    assert view.status is RunStatus.RUNNING
    await handle.terminate()


async def test_an_end_that_the_projection_has_lost_is_written_again(ours: Engine) -> None:
    handle = await ours.start(CHAIN, {"n": 21})
    await handle.result()
    async with ours.database.connection() as connection:
        await connection.execute(REOPEN, handle.id)
    assert await ours.until(reconciler(ours.database, ours.client).sweep) == 1
    view, steps = await ours.view(handle.id)
    assert (view.status, view.outputs) == (RunStatus.COMPLETED, {"sent": 42})
    assert {step.status for step in steps.values()} == {"completed"}


async def test_a_run_that_has_just_begun_is_left_alone(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    await ours.pending(handle.id)
    await handle.terminate()
    await ours.until(lambda: _is_listed_as_closed(ours.client, handle.id))
    assert await Reconciler(ours.database, ours.client).sweep() == 0
    view, _ = await ours.view(handle.id)
    assert view.status is RunStatus.RUNNING


async def _is_listed_as_closed(client: Client, run_id: str) -> bool:
    count = await client.count_workflows(f"WorkflowId = '{run_id}' AND ExecutionStatus = 'Terminated'")
    return count.count == 1


async def _is_gone(client: Client, run_id: str) -> bool:
    try:
        await client.get_workflow_handle(run_id).describe()
    except RPCError:
        return True
    return False
