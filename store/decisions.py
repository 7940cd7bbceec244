"""Deciding: one transaction that binds the decision, closes the task, audits, teaches, and leaves word for the run.

Undo takes all of that back for as long as the run has not been told.
"""

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from contracts.decisions import Decision, TaskStatus, Verdict
from contracts.errors import Conflict, InvalidInput, NotFound
from contracts.proposals import Proposal
from contracts.schemas import check_against_schema
from contracts.values import check_storable
from store.database import Connection
from store.events import announce

LOCK_TASK = "SELECT * FROM validation_tasks WHERE id = $1 FOR UPDATE"

INSERT_DECISION = """
INSERT INTO decisions (task_id, proposal_hash, verdict, payload, reason, decided_by, deliver_at)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7) RETURNING id
"""

INSERT_OUTBOX = """
INSERT INTO outbox (kind, run_id, decision_id, payload, available_at) VALUES ('decision', $1, $2, $3, now() + $4)
"""

INSERT_EXAMPLE = """
INSERT INTO embeddings (collection, source, label, content, embedding, provider, model, task_id, metadata)
VALUES ($1, 'decision', $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (task_id) DO NOTHING
"""

INSERT_AUDIT = "INSERT INTO audit (actor, action, subject, before, after) VALUES ($1, $2, $3, $4, $5)"

LOCK_UNDELIVERED = """
SELECT d.id, d.verdict, d.decided_by, o.delivered_at FROM decisions d JOIN outbox o ON o.decision_id = d.id
WHERE d.task_id = $1 AND d.undone_at IS NULL FOR UPDATE OF o
"""

RUN_HAS_ENDED = "SELECT finished_at IS NOT NULL FROM runs WHERE id = $1 FOR SHARE"


async def decide(connection: Connection, decision: Decision, *, delay_seconds: float = 0.0) -> None:
    """Record a decision inside the caller's transaction; the run hears of it after `delay_seconds`.

    Raises:
        NotFound: no such task.
        Conflict: the task is closed, its time is up, or its proposal is not the one that the person saw.
        InvalidInput: the edited payload does not fit the proposal's schema.
    """
    task = await connection.fetchrow(LOCK_TASK, decision.task_id)
    if task is None:
        raise NotFound(f"there is no task {decision.task_id!r}")
    await _check_open(connection, task)
    if task["proposal_hash"] != decision.proposal_hash:
        raise Conflict("the proposal has changed since it was shown", hint="reload the task and decide again")
    proposal = Proposal.model_validate(task["proposal"])
    final = _final_decision(decision, proposal, task["kind"])
    await _close(connection, task, final, timedelta(seconds=delay_seconds))
    await _teach(connection, task, final, proposal)


async def undo(connection: Connection, task_id: str, *, actor: str) -> None:
    """Take a decision back that has not been delivered.

    Raises:
        NotFound: the task has no decision.
        Conflict: the run has been told already.
    """
    task = await connection.fetchrow(LOCK_TASK, task_id)
    row = await connection.fetchrow(LOCK_UNDELIVERED, task_id)
    if task is None or row is None:
        raise NotFound(f"task {task_id!r} has no decision to undo")
    if row["delivered_at"] is not None:
        raise Conflict("the decision has been carried out", hint="it can no longer be taken back")
    if await connection.fetchval(RUN_HAS_ENDED, task["run_id"]):
        raise Conflict("the run has ended", hint="the decision changes nothing any more")
    await connection.execute("DELETE FROM outbox WHERE decision_id = $1", row["id"])
    await connection.execute("DELETE FROM embeddings WHERE task_id = $1", task_id)
    await connection.execute("UPDATE decisions SET undone_at = now() WHERE id = $1", row["id"])
    await connection.execute("UPDATE validation_tasks SET status = 'pending', closed_at = NULL WHERE id = $1", task_id)
    await connection.execute(INSERT_AUDIT, actor, "decision.undo", task_id, {"verdict": row["verdict"]}, None)
    await _announce(connection, task, TaskStatus.PENDING)


async def _check_open(connection: Connection, task: asyncpg.Record) -> None:
    status = TaskStatus(task["status"])
    if status is TaskStatus.DECIDED:
        sql = "SELECT verdict, decided_by, decided_at FROM decisions WHERE task_id = $1 AND undone_at IS NULL"
        standing = await connection.fetchrow(sql, task["id"])
        if standing:
            past = {"approve": "approved", "reject": "rejected", "edit": "approved with changes"}[standing["verdict"]]
            when = standing["decided_at"].isoformat(timespec="seconds")
            raise Conflict(f"already {past} by {standing['decided_by']} at {when}", hint="nothing was changed")
    if status is not TaskStatus.PENDING:
        raise Conflict(f"the task is {status.value}", hint="nothing was changed")
    expires_at: datetime | None = task["expires_at"]
    if expires_at is not None and expires_at <= await connection.fetchval("SELECT now()"):
        raise Conflict("the time to decide is over", hint="the gate's on_expiry applies")


def _final_decision(decision: Decision, proposal: Proposal, kind: str) -> Decision:
    """The decision as the run will read it: an approval that changes the payload, or fills a form, is an edit."""
    if decision.payload is None:
        if decision.verdict is Verdict.EDIT:
            raise InvalidInput("an edit needs a payload", hint="send the changed payload, or approve")
        if kind == "approval" and decision.verdict is Verdict.APPROVE and proposal.payload_schema:
            check_against_schema({}, proposal.payload_schema, "the form's answer")
            return decision.model_copy(update={"payload": {}})
        return decision
    if decision.verdict is Verdict.REJECT:
        raise InvalidInput("a rejection has no payload", hint="leave the payload out, or edit instead")
    check_storable(decision.payload, "payload")
    if proposal.payload_schema:
        check_against_schema(decision.payload, proposal.payload_schema, "the payload")
    return decision.model_copy(update={"verdict": Verdict.EDIT})


async def _close(connection: Connection, task: asyncpg.Record, decision: Decision, delay: timedelta) -> None:
    try:
        decision_id = await connection.fetchval(
            INSERT_DECISION,
            decision.task_id,
            decision.proposal_hash,
            decision.verdict.value,
            decision.payload,
            decision.reason,
            decision.decided_by,
            delay,
        )
    except asyncpg.UniqueViolationError:
        raise Conflict("the task was decided in this very moment", hint="nothing was changed") from None
    await connection.execute(
        "UPDATE validation_tasks SET status = 'decided', closed_at = now() WHERE id = $1", decision.task_id
    )
    message = decision.model_dump(mode="json")
    await connection.execute(INSERT_OUTBOX, task["run_id"], decision_id, message, delay)
    before: dict[str, Any] = {"proposal_hash": task["proposal_hash"], "confidence": task["confidence"]}
    await connection.execute(INSERT_AUDIT, decision.decided_by, "decision.make", decision.task_id, before, message)
    await _announce(connection, task, TaskStatus.DECIDED)


async def _teach(connection: Connection, task: asyncpg.Record, decision: Decision, proposal: Proposal) -> None:
    """An accepted label becomes an example that the next search finds. A rejection names no label, so it adds none."""
    example = proposal.example
    if example is None or task["vector"] is None or decision.verdict is Verdict.REJECT:
        return
    label = (decision.payload or proposal.payload).get(example.label_field)
    if isinstance(label, str):
        meta = {"run_id": task["run_id"], "verdict": decision.verdict.value, "decided_by": decision.decided_by}
        await connection.execute(
            INSERT_EXAMPLE,
            example.collection,
            label,
            example.text,
            task["vector"],
            example.provider,
            example.model,
            decision.task_id,
            meta,
        )


async def _announce(connection: Connection, task: asyncpg.Record, status: TaskStatus) -> None:
    await announce(
        connection,
        kind="task",
        run_id=task["run_id"],
        workflow=task["workflow"],
        status=status.value,
        step=task["step"],
        task_id=task["id"],
    )
