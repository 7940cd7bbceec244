"""Writes the projections: what activities report of a run. Implements `contracts.ports.Projections`.

The hot path is one statement a step. It runs on a pool that does not wait for the disk: `finish_run`, which does wait,
writes the last state of every step again, so that a finished run's rows are complete whatever crashed on the way.
Validation tasks always wait for the disk, since nothing writes them again.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.decisions import Decision, TaskStatus
from contracts.ports import NewTask
from contracts.proposals import Proposal, Route
from contracts.runs import FinishInput, StepRecord, StepRef
from store.database import Connection, Database
from store.events import announce, event_sql, notify_sql

UPSERT = """
INSERT INTO step_runs AS old (run_id, step, item, attempt, status, route, inputs, output, proposal, error,
                              started_at, finished_at)
SELECT $1, step, item, attempt, status, route, inputs, output, proposal, error, started_at, finished_at
FROM jsonb_to_recordset($3::jsonb) AS r(step text, item int, attempt int, status text, route text, inputs jsonb,
    output jsonb, proposal jsonb, error text, started_at timestamptz, finished_at timestamptz)
ON CONFLICT (run_id, step, item) DO UPDATE SET
    attempt = greatest(old.attempt, excluded.attempt), status = excluded.status,
    route = coalesce(excluded.route, old.route), inputs = coalesce(excluded.inputs, old.inputs),
    output = coalesce(excluded.output, old.output), proposal = coalesce(excluded.proposal, old.proposal),
    error = excluded.error, started_at = least(old.started_at, excluded.started_at),
    finished_at = excluded.finished_at
WHERE old.finished_at IS NULL OR old.status = 'failed'
RETURNING step, status
"""

STEP_EVENT = event_sql(kind="'step'", run="$1::text", workflow="$2::text", status="status", step="step")
RUN_EVENT = event_sql(kind="'run'", run="$1::text", workflow="$2::text", status="$4::text")
TASK_EVENT = event_sql(kind="'task'", run="$1::text", workflow="$2::text", status="'cancelled'", step="step", task="id")

UPSERT_STEPS = f"WITH written AS ({UPSERT}) SELECT {notify_sql(STEP_EVENT)} FROM written"

FINISH_RUN = f"""
WITH written AS ({UPSERT}), finished AS (
    UPDATE runs SET status = $4, outputs = $5, error = $6, finished_at = now()
    WHERE id = $1 AND finished_at IS NULL RETURNING 1
), closed AS (
    UPDATE validation_tasks SET status = 'cancelled', closed_at = now()
    WHERE run_id = $1 AND status = 'pending' RETURNING id, step
), events AS (
    SELECT {STEP_EVENT} AS event FROM written
    UNION ALL SELECT {TASK_EVENT} FROM closed
    UNION ALL SELECT {RUN_EVENT} FROM finished
)
SELECT {notify_sql("event")} FROM events
"""

RECORD_FAILURE = """
INSERT INTO step_failures (run_id, step, item, activity, attempt, error) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""

INSERT_NOTICE = """
INSERT INTO notices (run_id, step, item, title, confidence) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""

INSERT_TASK = """
INSERT INTO validation_tasks (id, run_id, workflow, step, item, kind, status, proposal, proposal_hash, confidence,
                              approvers, vector, vector_model, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING
"""

LOCK_TASK = "SELECT 1 FROM validation_tasks WHERE id = $1 FOR UPDATE"

CLOSE_TASK = (
    "UPDATE validation_tasks SET status = $2, closed_at = now() WHERE id = $1 AND status = 'pending' RETURNING 1"
)

TAKE_DECISION = """
WITH decision AS (
    SELECT id, task_id, proposal_hash, verdict, payload, reason, decided_by FROM decisions
    WHERE task_id = $1 AND undone_at IS NULL
), delivered AS (
    UPDATE outbox SET delivered_at = now() FROM decision
    WHERE outbox.decision_id = decision.id AND outbox.delivered_at IS NULL
)
SELECT * FROM decision
"""
"""The standing decision, which counts as delivered with this: from now on it cannot be undone."""


class ProjectionStore:
    """Idempotent writes of what happened. `fast` does not wait for the disk; `durable` does."""

    def __init__(self, fast: Database, durable: Database) -> None:
        self._fast = fast
        self._durable = durable

    async def record_steps(self, ref: StepRef, records: Sequence[StepRecord]) -> None:
        async with self._fast.connection() as connection:
            await _upsert(connection, ref, records)

    async def record_failure(self, ref: StepRef, activity: str, attempt: int, error: str) -> None:
        async with self._fast.connection() as connection:
            await connection.execute(RECORD_FAILURE, ref.run_id, ref.step, ref.item, activity, attempt, error)

    async def recorded_step(self, ref: StepRef) -> StepRecord | None:
        sql = "SELECT * FROM step_runs WHERE run_id = $1 AND step = $2 AND item = $3"
        async with self._fast.connection() as connection:
            row = await connection.fetchrow(sql, ref.run_id, ref.step, ref.item)
        return StepRecord.model_validate(dict(row)) if row else None

    async def record_proposal(
        self,
        ref: StepRef,
        proposal: Proposal,
        gate: Route,
        records: Sequence[StepRecord],
        task: NewTask | None = None,
    ) -> None:
        if task is None and gate is not Route.NOTIFY:
            await self.record_steps(ref, records)
            return
        async with self._durable.transaction() as connection:
            await _upsert(connection, ref, records)
            if task is not None:
                await _open_task(connection, ref, proposal, task)
            else:
                await connection.execute(
                    INSERT_NOTICE, ref.run_id, ref.step, ref.item, proposal.title, proposal.confidence
                )

    async def close_task(self, ref: StepRef, task_id: str, status: TaskStatus) -> Decision | None:
        async with self._durable.transaction() as connection:
            # Whoever holds the task's row decides between expiry, decision and undo; all of them take it first.
            await connection.execute(LOCK_TASK, task_id)
            if await connection.fetchval(CLOSE_TASK, task_id, status.value):
                await announce(
                    connection,
                    kind="task",
                    run_id=ref.run_id,
                    workflow=ref.workflow,
                    status=status.value,
                    step=ref.step,
                    task_id=task_id,
                )
                return None
            row = await connection.fetchrow(TAKE_DECISION, task_id)
        return Decision.model_validate(dict(row)) if row else None

    async def finish_run(self, finish: FinishInput) -> None:
        result = finish.result
        async with self._durable.connection() as connection:
            await connection.execute(
                FINISH_RUN,
                finish.run_id,
                finish.workflow,
                [_row(record) for record in finish.steps],
                result.status.value,
                result.outputs,
                result.error,
            )


async def _upsert(connection: Connection, ref: StepRef, records: Sequence[StepRecord]) -> None:
    if records:
        await connection.execute(UPSERT_STEPS, ref.run_id, ref.workflow, [_row(record) for record in records])


def _row(record: StepRecord) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude_none=True)


async def _open_task(connection: Connection, ref: StepRef, proposal: Proposal, task: NewTask) -> None:
    example = proposal.example
    await connection.execute(
        INSERT_TASK,
        task.id,
        ref.run_id,
        ref.workflow,
        ref.step,
        ref.item,
        task.kind,
        orjson.loads(proposal.model_dump_json()),
        proposal.content_hash,
        proposal.confidence,
        task.approvers,
        list(example.vector) if example and example.vector else None,
        example.model if example else None,
        task.expires_at,
    )
    await announce(
        connection,
        kind="task",
        run_id=ref.run_id,
        workflow=ref.workflow,
        status=TaskStatus.PENDING.value,
        step=ref.step,
        task_id=task.id,
    )
