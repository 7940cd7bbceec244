"""What people and programs can do, once for REST and GraphQL: publish, start, decide, undo, cancel."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field
from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from api.relay import OutboxRelay
from contracts.collections import SaveLabels
from contracts.decisions import Decision, Verdict
from contracts.definition import definition_from_snapshot, parse_definition
from contracts.errors import Conflict, InvalidInput, TooLarge, Unavailable
from contracts.queues import RUNS
from contracts.runs import RunInput
from contracts.schemas import check_against_schema
from contracts.values import check_storable, content_hash
from store import decisions, runs, tasks, workflows
from store.database import Database
from store.runs import RunView
from store.tasks import TaskView
from store.workflows import PublishedWorkflow
from workflows.knowledge import SaveLabelsWorkflow

MAX_INPUT_BYTES = 256 * 1024
"""Largest input of a run and largest edited payload: what one entry of a history should carry."""

MAX_KEY_LENGTH = 255
MAX_DELAY_SECONDS = 60.0
RPC_TIMEOUT = timedelta(seconds=5)
LABELS_TIMEOUT = timedelta(minutes=1)
COLLECTION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class DecisionBody(BaseModel):
    """A decision on the proposal that the person saw; `delay_seconds` is how long it can be undone."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"examples": [{"proposal_hash": "9f86d0...", "verdict": "approve"}]}
    )

    proposal_hash: str
    verdict: Verdict
    payload: dict[str, Any] | None = None
    reason: str = Field(default="", max_length=10_000)
    delay_seconds: float = Field(default=0.0, ge=0, le=MAX_DELAY_SECONDS)


@dataclass(frozen=True)
class Operations:
    """Every operation checks its input, changes Postgres in one transaction, and wakes the relay."""

    database: Database
    temporal: Client
    relay: OutboxRelay

    async def publish(self, source: str, variables: dict[str, Any], *, actor: str) -> PublishedWorkflow:
        """Save a definition as the newest revision; `variables` replace values of its `vars`.

        Raises:
            InvalidDefinition, TooLarge: nothing was saved.
            InvalidInput: a variable that the definition does not have.
        """
        definition = parse_definition(source)
        unknown = sorted(set(variables) - set(definition.vars))
        if unknown:
            known = ", ".join(sorted(definition.vars)) or "none"
            raise InvalidInput(f"the workflow has no variable {unknown[0]!r}", hint=f"it has: {known}")
        check_storable(variables, "variables")
        definition = definition.model_copy(update={"vars": {**definition.vars, **variables}})
        snapshot = definition.snapshot()
        async with self.database.transaction() as connection:
            return await workflows.publish(
                connection,
                name=definition.name,
                content_hash=content_hash(snapshot),
                source=source,
                definition=snapshot,
                actor=actor,
            )

    async def start_run(
        self, name: str, run_input: Any, *, actor: str, idempotency_key: str | None = None
    ) -> tuple[RunView, bool]:
        """Start a run of the newest revision; False when this key had started it before.

        Raises:
            NotFound: no such workflow.
            InvalidInput, TooLarge: the input does not fit its schema, or cannot be stored.
            Conflict: the key was used with another input.
        """
        check_storable(run_input, "input")
        _check_size(run_input, "the run's input")
        run_input = {} if run_input is None else run_input
        async with self.database.connection() as connection:
            published = await workflows.workflow(connection, name)
            schema = definition_from_snapshot(published.definition).input
            if schema is not None:
                check_against_schema(run_input, schema, "the run's input")
            run = RunInput(
                workflow=name,
                revision=published.revision,
                definition=published.definition,
                input=run_input,
                started_by=actor,
            )
            run_id = _run_id(name, idempotency_key)
            created = await runs.start_run(connection, run_id, run)
            view = await runs.run(connection, run_id)
        self.relay.wake()
        return view, created

    async def decide(self, task_id: str, request: DecisionBody, *, actor: str) -> TaskView:
        """Record a decision and have it delivered.

        Raises:
            NotFound, Conflict, InvalidInput, TooLarge: nothing was changed.
        """
        check_storable(request.payload, "payload")
        check_storable(request.reason, "reason")
        _check_size(request.payload, "the payload")
        decision = Decision(
            task_id=task_id,
            proposal_hash=request.proposal_hash,
            verdict=request.verdict,
            payload=request.payload,
            reason=request.reason,
            decided_by=actor,
        )
        async with self.database.transaction() as connection:
            await decisions.decide(connection, decision, delay_seconds=request.delay_seconds)
            view = await tasks.task(connection, task_id)
        self.relay.wake()
        return view

    async def undo(self, task_id: str, *, actor: str) -> TaskView:
        """Take a decision back that has not been delivered.

        Raises:
            NotFound, Conflict: nothing was changed.
        """
        async with self.database.transaction() as connection:
            await decisions.undo(connection, task_id, actor=actor)
            return await tasks.task(connection, task_id)

    async def cancel_run(self, run_id: str) -> RunView:
        """Ask a run to stop; its tasks are closed.

        Raises:
            NotFound: no such run.
            Conflict: it has ended, or has not begun.
            Unavailable: Temporal does not answer.
        """
        async with self.database.connection() as connection:
            view = await runs.run(connection, run_id)
        if view.finished_at is not None:
            raise Conflict(f"the run is {view.status.value}", hint="nothing was changed")
        with _answering():
            try:
                await self.temporal.get_workflow_handle(run_id).cancel(rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    raise Conflict("the run is not running yet, or has just ended", hint="reload it") from None
                raise
        return view

    async def save_labels(self, call: SaveLabels) -> int:
        """Replace a collection's labels; the number of texts embedded. Waits until they are searchable.

        Raises:
            InvalidInput: the collection's name, or a text that cannot be stored.
            Unavailable: no worker did it within a minute.
        """
        if not COLLECTION_NAME.fullmatch(call.collection):
            hint = "use up to 100 letters, digits, hyphens and underscores, a letter or digit first"
            raise InvalidInput(f"{call.collection[:40]!r} is no name for a collection", hint=hint)
        check_storable(call.model_dump(mode="json"), "labels")
        digest = content_hash(call.model_dump(mode="json"))[:16]
        with _answering():
            handle = await self.temporal.start_workflow(
                SaveLabelsWorkflow.run,
                call,
                id=f"save-labels-{call.collection}-{digest}-{secrets.token_hex(4)}",
                task_queue=RUNS,
                execution_timeout=LABELS_TIMEOUT,
                rpc_timeout=RPC_TIMEOUT,
            )
            try:
                return await handle.result()
            except WorkflowFailureError as error:
                raise Unavailable("no worker has saved the labels", hint="start a worker and try again") from error


@contextmanager
def _answering() -> Iterator[None]:
    """Temporal not answering, in the words of our errors. A client that has never connected raises RuntimeError."""
    try:
        yield
    except (RPCError, RuntimeError, OSError, TimeoutError) as error:
        raise Unavailable("Temporal does not answer", hint="try again") from error


def _run_id(name: str, idempotency_key: str | None) -> str:
    """Also the Temporal workflow id. The same key gives the same id, so that a repeated start finds the first."""
    if idempotency_key is None:
        return f"{name}-{secrets.token_hex(8)}"
    if not 1 <= len(idempotency_key) <= MAX_KEY_LENGTH:
        raise InvalidInput(f"an idempotency key has 1 to {MAX_KEY_LENGTH} characters")
    digest = hashlib.sha256(f"{name}\n{idempotency_key}".encode("utf-8", "replace")).hexdigest()
    return f"{name}-{digest[:24]}"


def _check_size(value: Any, what: str) -> None:
    size = len(orjson.dumps(value))
    if size > MAX_INPUT_BYTES:
        hint = f"send at most {MAX_INPUT_BYTES // 1024} KiB; put more where a step can fetch it"
        raise TooLarge(f"{what} has {size} bytes", hint=hint)
