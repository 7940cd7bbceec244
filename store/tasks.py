"""The validation queue, read: pending tasks oldest first, by keyset."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from contracts.decisions import TaskStatus, Verdict
from contracts.errors import NotFound
from contracts.proposals import Proposal
from store.database import Connection
from store.paging import Cursor, Page

SELECT = """
SELECT t.id, t.run_id, t.workflow, t.step, t.item, t.kind, t.status, t.proposal, t.proposal_hash, t.confidence,
    t.approvers, t.created_at, t.expires_at, t.closed_at, d.verdict, d.payload AS decision_payload, d.reason,
    d.decided_by, d.decided_at, d.deliver_at, o.delivered_at IS NOT NULL AS delivered
FROM validation_tasks t
LEFT JOIN decisions d ON d.task_id = t.id AND d.undone_at IS NULL
LEFT JOIN outbox o ON o.decision_id = d.id
"""

QUEUE = f"""{SELECT}
WHERE t.status = $1 AND ($2::text IS NULL OR t.workflow = $2)
  AND ($3::timestamptz IS NULL OR (t.created_at, t.id) > ($3, $4))
ORDER BY t.created_at, t.id LIMIT $5
"""

COUNT = "SELECT count(*) FROM validation_tasks WHERE status = $1 AND ($2::text IS NULL OR workflow = $2)"


class DecisionView(BaseModel):
    """A standing decision; until `delivered` it can be taken back."""

    task_id: str
    verdict: Verdict
    payload: Any
    reason: str
    decided_by: str
    decided_at: datetime
    deliver_at: datetime
    delivered: bool


class TaskView(BaseModel):
    """A validation task with its proposal and, when it was decided, its decision."""

    id: str
    run_id: str
    workflow: str
    step: str
    item: int
    kind: str
    status: TaskStatus
    proposal: Proposal
    proposal_hash: str
    confidence: float
    approvers: dict[str, Any]
    created_at: datetime
    expires_at: datetime | None
    closed_at: datetime | None
    decision: DecisionView | None


async def queue(
    connection: Connection,
    *,
    first: int,
    after: str | None = None,
    workflow: str | None = None,
    status: TaskStatus = TaskStatus.PENDING,
) -> Page[TaskView]:
    """A page of tasks of one status, oldest first."""
    cursor = Cursor.decode(after)
    rows = await connection.fetch(QUEUE, status.value, workflow, cursor.at, cursor.id, first + 1)
    return Page.of([_view(dict(row)) for row in rows], first, lambda view: Cursor(at=view.created_at, id=view.id))


async def count(connection: Connection, *, workflow: str | None = None, status: TaskStatus = TaskStatus.PENDING) -> int:
    found: int = await connection.fetchval(COUNT, status.value, workflow)
    return found


async def task(connection: Connection, task_id: str) -> TaskView:
    """One task.

    Raises:
        NotFound: no such task.
    """
    row = await connection.fetchrow(f"{SELECT} WHERE t.id = $1", task_id)
    if row is None:
        raise NotFound(f"there is no task {task_id!r}")
    return _view(dict(row))


async def tasks_of_runs(connection: Connection, run_ids: list[str]) -> dict[str, list[TaskView]]:
    """Every task that each run has opened, oldest first."""
    found: dict[str, list[TaskView]] = {run_id: [] for run_id in run_ids}
    for row in await connection.fetch(f"{SELECT} WHERE t.run_id = ANY($1::text[]) ORDER BY t.created_at", run_ids):
        found[row["run_id"]].append(_view(dict(row)))
    return found


def _view(row: dict[str, Any]) -> TaskView:
    decision = None
    if row["verdict"] is not None:
        decision = DecisionView.model_validate({**row, "task_id": row["id"], "payload": row["decision_payload"]})
    return TaskView.model_validate({**row, "decision": decision})
