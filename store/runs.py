"""Runs: starting one is one statement; lists are read by keyset, newest first."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from contracts.errors import Conflict, NotFound
from contracts.proposals import Proposal
from contracts.runs import RunInput, RunStatus
from contracts.values import content_hash
from store.database import Connection
from store.events import event_sql, notify_sql
from store.paging import Cursor, Page

START_RUN = f"""
WITH run AS (
    INSERT INTO runs (id, workflow, revision, status, input, input_hash, started_by)
    VALUES ($1, $2, $3, 'starting', $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id
), message AS (
    INSERT INTO outbox (kind, run_id, payload) SELECT 'start', id, $7 FROM run
)
SELECT {notify_sql(event_sql(kind="'run'", run="id", workflow="$2::text", status="'starting'"))} FROM run
"""

WAITING = """ARRAY(SELECT DISTINCT t.step FROM validation_tasks t
WHERE t.run_id = r.id AND t.status = 'pending' ORDER BY t.step) AS waiting_for"""

RUN = f"SELECT r.*, {WAITING} FROM runs r WHERE r.id = $1"

RUNS = f"""
SELECT r.*, {WAITING} FROM runs r
WHERE ($1::text IS NULL OR r.workflow = $1) AND ($2::text IS NULL OR r.status = $2)
  AND ($3::timestamptz IS NULL OR (r.started_at, r.id) < ($3, $4))
ORDER BY r.started_at DESC, r.id DESC LIMIT $5
"""

STEPS = "SELECT * FROM step_runs WHERE run_id = ANY($1::text[]) ORDER BY started_at NULLS LAST, step, item"

FAILURES = "SELECT * FROM step_failures WHERE run_id = ANY($1::text[]) ORDER BY failed_at"

OPEN_RUNS = """
SELECT id, workflow, started_at FROM runs
WHERE finished_at IS NULL AND status = 'running' AND started_at < now() - $1::interval
  AND ($2::timestamptz IS NULL OR (started_at, id) > ($2, $3))
ORDER BY started_at, id LIMIT $4
"""

OVERVIEW = """
SELECT (SELECT count(*) FROM validation_tasks WHERE status = 'pending') AS pending_tasks,
    count(*) FILTER (WHERE finished_at IS NULL) AS running_runs,
    count(*) FILTER (WHERE status = 'completed') AS completed_runs,
    count(*) FILTER (WHERE status = 'failed') AS failed_runs,
    (SELECT count(*) FROM step_runs WHERE route = 'act' AND proposal IS NOT NULL) AS acted,
    (SELECT count(*) FROM step_runs WHERE route = 'notify') AS notified,
    (SELECT count(*) FROM validation_tasks) AS asked
FROM runs
"""


class RunView(BaseModel):
    """A run as people see it; `waiting_for` names the steps that wait for a person."""

    id: str
    workflow: str
    revision: int
    status: RunStatus
    input: Any
    outputs: Any
    error: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    waiting_for: list[str]


class StepView(BaseModel):
    """The newest state of one step of a run."""

    run_id: str
    step: str
    item: int
    attempt: int
    status: str
    route: str | None
    inputs: Any
    output: Any
    error: str
    proposal: Proposal | None
    started_at: datetime | None
    finished_at: datetime | None


class OpenRun(BaseModel):
    """A run that Temporal was told of and that has not written its end."""

    id: str
    workflow: str
    started_at: datetime


class FailureView(BaseModel):
    """A try that failed."""

    step: str
    item: int
    activity: str
    attempt: int
    error: str
    failed_at: datetime


class Overview(BaseModel):
    """Counts since the beginning."""

    pending_tasks: int
    running_runs: int
    completed_runs: int
    failed_runs: int
    acted: int
    notified: int
    asked: int


async def start_run(connection: Connection, run_id: str, run: RunInput) -> bool:
    """Record a run and the message that starts it, in one statement. False when the id was taken by the same start.

    Raises:
        Conflict: the id belongs to a run with another workflow or input.
    """
    fingerprint = content_hash({"workflow": run.workflow, "input": run.input})
    message = run.model_dump(mode="json")
    created = await connection.fetch(
        START_RUN, run_id, run.workflow, run.revision, run.input, fingerprint, run.started_by, message
    )
    if not created:
        known = await connection.fetchval("SELECT input_hash FROM runs WHERE id = $1", run_id)
        if known != fingerprint:
            raise Conflict("this idempotency key was used with another input", hint="use a new key for a new run")
    return bool(created)


async def run(connection: Connection, run_id: str) -> RunView:
    """One run.

    Raises:
        NotFound: no such run.
    """
    row = await connection.fetchrow(RUN, run_id)
    if row is None:
        raise NotFound(f"there is no run {run_id!r}")
    return RunView.model_validate(dict(row))


async def runs(
    connection: Connection,
    *,
    first: int,
    after: str | None = None,
    workflow: str | None = None,
    status: RunStatus | None = None,
) -> Page[RunView]:
    """A page of runs, newest first."""
    cursor = Cursor.decode(after)
    rows = await connection.fetch(RUNS, workflow, status.value if status else None, cursor.at, cursor.id, first + 1)
    found = [RunView.model_validate(dict(row)) for row in rows]
    return Page.of(found, first, lambda view: Cursor(at=view.started_at, id=view.id))


async def open_runs(connection: Connection, *, older_than: timedelta, after: Cursor, limit: int) -> list[OpenRun]:
    """Runs that Temporal was told of and that have not ended, oldest first."""
    rows = await connection.fetch(OPEN_RUNS, older_than, after.at, after.id, limit)
    return [OpenRun.model_validate(dict(row)) for row in rows]


async def steps(connection: Connection, run_ids: list[str]) -> dict[str, list[StepView]]:
    """The steps of each run, in the order in which they started."""
    found: dict[str, list[StepView]] = {run_id: [] for run_id in run_ids}
    for row in await connection.fetch(STEPS, run_ids):
        found[row["run_id"]].append(StepView.model_validate(dict(row)))
    return found


async def failures(connection: Connection, run_ids: list[str]) -> dict[str, list[FailureView]]:
    """Every try of each run's steps that failed, oldest first."""
    found: dict[str, list[FailureView]] = {run_id: [] for run_id in run_ids}
    for row in await connection.fetch(FAILURES, run_ids):
        found[row["run_id"]].append(FailureView.model_validate(dict(row)))
    return found


async def overview(connection: Connection) -> Overview:
    row = await connection.fetchrow(OVERVIEW)
    assert row is not None
    return Overview.model_validate(dict(row))
