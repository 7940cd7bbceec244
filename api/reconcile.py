"""Ends runs in the projection that have ended in Temporal without a word: terminated, timed out or deleted there.

A run writes its own end. One that an operator terminates cannot, nor does Postgres restored from a backup know of it.
A sweep pages through the open runs, leaves out in bulk those that Temporal lists as running, and asks about the others.
Any number of APIs may sweep: the end of a run is written once.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from api.relay import is_unknown_run
from contracts.errors import Unavailable
from contracts.runs import FinishInput, RunResult, RunStatus, StepRecord, StepStatus
from store import runs
from store.database import Database
from store.paging import Cursor
from store.projections import ProjectionStore
from store.runs import OpenRun
from workflows.dag_run import DagRun

logger = logging.getLogger("assent.reconcile")

EVERY_SECONDS = 30.0
MIN_AGE = timedelta(minutes=1)
BATCH = 100
AT_ONCE = 8
RPC_TIMEOUT = timedelta(seconds=5)
UNKNOWN = "Temporal does not know this run"

SILENT_ENDS = {
    WorkflowExecutionStatus.CANCELED: RunResult(status=RunStatus.CANCELLED),
    WorkflowExecutionStatus.TERMINATED: RunResult(status=RunStatus.FAILED, error="terminated in Temporal"),
    WorkflowExecutionStatus.TIMED_OUT: RunResult(status=RunStatus.FAILED, error="timed out in Temporal"),
}


class Reconciler:
    """Sweeps until cancelled. Runs younger than `min_age` are left alone."""

    def __init__(self, database: Database, client: Client, *, min_age: timedelta = MIN_AGE) -> None:
        self._database = database
        self._client = client
        self._min_age = min_age
        self._projections = ProjectionStore(database, database)

    async def run(self) -> None:
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                logger.warning("open runs are compared with Temporal later: %s", error.message)
            except (RPCError, RuntimeError, OSError, TimeoutError) as error:
                logger.warning("open runs are compared with Temporal later: %s", error)
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> int:
        """Look at every open run once, oldest first; how many had ended."""
        ended, after = 0, Cursor()
        while True:
            async with self._database.connection() as connection:
                batch = await runs.open_runs(connection, older_than=self._min_age, after=after, limit=BATCH)
            if not batch:
                return ended
            ended += await self._compare(batch)
            after = Cursor(at=batch[-1].started_at, id=batch[-1].id)

    async def _compare(self, batch: Sequence[OpenRun]) -> int:
        running = await self._running([run.id for run in batch])
        gate = asyncio.Semaphore(AT_ONCE)

        async def settle(run: OpenRun) -> bool:
            async with gate:
                result = await self._end_of(run.id)
            if result is not None:
                await self._write(run, result)
            return result is not None

        return sum(await asyncio.gather(*(settle(run) for run in batch if run.id not in running)))

    async def _running(self, run_ids: Sequence[str]) -> set[str]:
        """Those that Temporal lists as running. The list lags, so that what is missing must be asked for."""
        quoted = ", ".join(f"'{run_id}'" for run_id in run_ids)
        query = f"ExecutionStatus = 'Running' AND WorkflowId IN ({quoted})"
        return {found.id async for found in self._client.list_workflows(query, rpc_timeout=RPC_TIMEOUT)}

    async def _end_of(self, run_id: str) -> RunResult | None:
        """How a run has ended according to Temporal; None while it has not."""
        handle = self._client.get_workflow_handle_for(DagRun.run, run_id)
        try:
            status = (await handle.describe(rpc_timeout=RPC_TIMEOUT)).status
            if status in SILENT_ENDS:
                return SILENT_ENDS[status]
            if status in (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.FAILED):
                return await handle.result(rpc_timeout=RPC_TIMEOUT)
        except WorkflowFailureError as failure:
            reason = failure.cause.message if isinstance(failure.cause, ApplicationError) else str(failure.cause)
            return RunResult(status=RunStatus.FAILED, error=reason)
        except RPCError as error:
            if not is_unknown_run(error):
                raise
            return RunResult(status=RunStatus.FAILED, error=UNKNOWN)
        return None

    async def _write(self, run: OpenRun, result: RunResult) -> None:
        """Write the end as the run would have. What its open steps came to is not known, so they are cancelled."""
        async with self._database.connection() as connection:
            steps = (await runs.steps(connection, [run.id]))[run.id]
        records = tuple(
            StepRecord(
                step=step.step,
                item=step.item,
                status=StepStatus.CANCELLED,
                error=result.error,
                finished_at=datetime.now(UTC),
            )
            for step in steps
            if step.finished_at is None
        )
        logger.warning("run %s is %s in Temporal without having said so", run.id, result.status.value)
        await self._projections.finish_run(
            FinishInput(run_id=run.id, workflow=run.workflow, result=result, steps=records)
        )
