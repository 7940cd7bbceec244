"""The two activities of a step, propose and act, and the closing of a task whose time is up.

One activity per step attempt: it does the work and writes the projection. Both are idempotent: a retry returns what an
earlier try has recorded instead of asking the agent, or calling the connector, again.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.liveness import heartbeating, unless_done_within, until_recorded
from contracts.errors import NON_RETRYABLE, AssentError, NotFound
from contracts.expressions import render
from contracts.ports import Agent, AgentRequest, Connector, ConnectorCall, NewTask, Projections
from contracts.proposals import Preview, Proposal, Route, route
from contracts.runs import (
    ActInput,
    ActResult,
    CloseTaskInput,
    CloseTaskResult,
    ProposeInput,
    ProposeResult,
    StepRecord,
    StepRef,
    StepStatus,
)
from contracts.values import check_storable

SHOW_RUNNING_AFTER = 0.25
"""Seconds after which a step that still works is shown as running; shorter ones are written once, at their end."""


T = TypeVar("T")


class StepActivities:
    """Proposing and acting, with the agents and connectors that this worker has."""

    def __init__(
        self, agents: Mapping[str, Agent], connectors: Mapping[str, Connector], projections: Projections
    ) -> None:
        self._agents = agents
        self._connectors = connectors
        self._projections = projections

    @activity.defn(name="propose")
    async def propose(self, call: ProposeInput) -> ProposeResult:
        """Ask the step's agent what it wants done, gate it, and open a validation task where people must decide.

        Raises:
            ApplicationError: of the type of the AssentError behind it.
        """
        async with self._trying(call.ref, call.timeout_seconds) as (started_at, earlier):
            if earlier and earlier.proposal and earlier.route:
                return _result(call, earlier.proposal, Route(earlier.route))
            proposal = await self._proposal(call)
        gate = route(call.thresholds, proposal.confidence)
        record = _proposed(call, proposal, gate, started_at)
        await until_recorded(
            lambda: self._projections.record_proposal(
                call.ref, proposal, gate, (*call.records, record), _task(call) if gate is Route.ASK else None
            )
        )
        return _result(call, proposal, gate)

    @activity.defn(name="act")
    async def act(self, call: ActInput) -> ActResult:
        """Call the step's connector under a key that is the same for every try, and record what came of it.

        Raises:
            ApplicationError: of the type of the AssentError behind it.
        """
        async with self._trying(call.ref, call.timeout_seconds) as (started_at, earlier):
            if earlier and earlier.status is StepStatus.COMPLETED:
                return ActResult(output=earlier.output)
            connector = _known(self._connectors, call.connector, "connector")
            answer = await connector.call(
                ConnectorCall(inputs=call.inputs, idempotency_key=call.ref.key, timeout_seconds=call.timeout_seconds)
            )
        output = answer if call.payload is None else {**call.payload, "action": answer}
        record = StepRecord(
            step=call.ref.step,
            item=call.ref.item,
            attempt=activity.info().attempt,
            status=StepStatus.COMPLETED,
            inputs=call.inputs if call.payload is None else None,
            output=output,
            started_at=started_at,
            finished_at=datetime.now(UTC),
        )
        await until_recorded(lambda: self._projections.record_steps(call.ref, (*call.records, record)))
        return ActResult(output=output)

    @activity.defn(name="close_task")
    async def close_task(self, call: CloseTaskInput) -> CloseTaskResult:
        """Close a task that nobody decided in time; a decision that was first comes back."""
        return CloseTaskResult(decision=await self._projections.close_task(call.ref, call.task_id, call.status))

    async def _proposal(self, call: ProposeInput) -> Proposal:
        if call.agent is None:
            proposal = _without_agent(call)
        else:
            agent = _known(self._agents, call.agent, "agent")
            proposal = await agent.propose(AgentRequest(ref=call.ref, inputs=call.inputs))
        if call.action is not None:
            inputs = render(call.action.template, {**call.action.scope, "proposal": proposal.payload})
            preview = Preview(connector=call.action.connector, inputs=inputs)
            proposal = proposal.model_copy(update={"preview": preview})
        check_storable(proposal.model_dump(mode="json"), "proposal")
        return proposal

    @asynccontextmanager
    async def _trying(self, ref: StepRef, timeout_seconds: float) -> AsyncIterator[tuple[datetime, StepRecord | None]]:
        """One try of a step: heartbeats, the time limit, what an earlier try recorded, and a record of failure."""
        started_at = datetime.now(UTC)
        showing = unless_done_within(SHOW_RUNNING_AFTER, lambda: self._show_running(ref, started_at))
        try:
            with heartbeating(), showing:
                async with asyncio.timeout(timeout_seconds):
                    yield started_at, await self._earlier(ref)
        except AssentError as error:
            text = f"{error.message}; {error.hint}" if error.hint else error.message
            await self._record_failure(ref, text)
            final = isinstance(error, NON_RETRYABLE)
            raise ApplicationError(text, type=type(error).__name__, non_retryable=final) from None
        except TimeoutError:
            text = f"the step took longer than its time limit of {timeout_seconds:g} s"
            await self._record_failure(ref, text)
            raise ApplicationError(text, type="Timeout") from None

    async def _earlier(self, ref: StepRef) -> StepRecord | None:
        """What an earlier try recorded; the first one need not ask."""
        if activity.info().attempt == 1:
            return None
        return await until_recorded(lambda: self._projections.recorded_step(ref))

    async def _show_running(self, ref: StepRef, started_at: datetime) -> None:
        record = StepRecord(
            step=ref.step,
            item=ref.item,
            attempt=activity.info().attempt,
            status=StepStatus.RUNNING,
            started_at=started_at,
        )
        await until_recorded(lambda: self._projections.record_steps(ref, (record,)))

    async def _record_failure(self, ref: StepRef, error: str) -> None:
        info = activity.info()
        await until_recorded(lambda: self._projections.record_failure(ref, info.activity_type, info.attempt, error))


def _known(registry: Mapping[str, T], name: str, what: str) -> T:
    if name not in registry:
        known = ", ".join(sorted(registry)) or "none"
        raise NotFound(f"this worker has no {what} {name!r}", hint=f"it has: {known}")
    return registry[name]


def _without_agent(call: ProposeInput) -> Proposal:
    """The proposal of a step that has none of its own: its inputs, or for an approval an empty form."""
    title = call.title or f"Run step {call.ref.step} of {call.ref.workflow}"
    body = str(call.inputs.get("text") or "")
    if call.form is not None:
        return Proposal(
            payload=call.inputs, confidence=0.0, score=0.0, title=title, body=body, payload_schema=call.form
        )
    return Proposal(payload=call.inputs, confidence=call.confidence, score=call.confidence, title=title, body=body)


def _task(call: ProposeInput) -> NewTask:
    kind = "approval" if call.form is not None else "gate"
    return NewTask(id=_task_id(call.ref), kind=kind, approvers=call.approvers, expires_at=call.expires_at)


def _task_id(ref: StepRef) -> str:
    """Derived from the step, so that opening a task twice opens it once."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"assent:task:{ref.key}"))


def _proposed(call: ProposeInput, proposal: Proposal, gate: Route, started_at: datetime) -> StepRecord:
    """The step's row after its gate: ended when nothing is left to act on, else on its way."""
    ended = gate is not Route.ASK and call.ends_here
    going_on = StepStatus.WAITING if gate is Route.ASK else StepStatus.RUNNING
    return StepRecord(
        step=call.ref.step,
        item=call.ref.item,
        attempt=activity.info().attempt,
        status=StepStatus.COMPLETED if ended else going_on,
        route=gate.value,
        inputs=call.inputs,
        output=proposal.payload if ended else None,
        proposal=proposal,
        started_at=started_at,
        finished_at=datetime.now(UTC) if ended else None,
    )


def _result(call: ProposeInput, proposal: Proposal, gate: Route) -> ProposeResult:
    return ProposeResult(
        payload=proposal.payload,
        confidence=proposal.confidence,
        route=gate.value,
        proposal_hash=proposal.content_hash,
        task_id=_task_id(call.ref) if gate is Route.ASK else None,
    )
