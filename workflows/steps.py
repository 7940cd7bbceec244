"""How one step executes: propose -> gate -> act, by its kind. The order of steps is `dag_run`'s business."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from activities.liveness import HEARTBEAT_TIMEOUT, RECORD_GRACE
    from activities.steps import StepActivities
    from contracts.decisions import Decision, TaskStatus, Verdict
    from contracts.definition import Definition, Gate, Step
    from contracts.errors import NON_RETRYABLE, ExpressionError
    from contracts.expressions import references, render
    from contracts.proposals import Thresholds
    from contracts.queues import WAITING_FOR
    from contracts.runs import (
        ActInput,
        ActionTemplate,
        CloseTaskInput,
        ProposeInput,
        ProposeResult,
        RunInput,
        StepRef,
        StepStatus,
    )

from workflows.gate import Mailbox
from workflows.ledger import Ledger

WAITING_FOR_KEY = SearchAttributeKey.for_keyword_list(WAITING_FOR)
NON_RETRYABLE_NAMES = [error.__name__ for error in NON_RETRYABLE]
CLOSE_TASK_TIMEOUT = timedelta(seconds=30)


class Outcome(NamedTuple):
    """How a step ended. `recorded`: its last activity has written it to the projection."""

    status: StepStatus
    output: Any = None
    error: str = ""
    confidence: float | None = None
    decision: str | None = None
    recorded: bool = True


class Rejected(Exception):
    """A person rejected the proposal, or nobody decided in time and the gate says that this is a rejection."""


class Expired(Exception):
    """Nobody decided in time, and the gate says that this fails the step."""


class StepRunner:
    """Executes steps of one run. Everything it knows comes from the run's input and the ledger."""

    def __init__(self, run: RunInput, definition: Definition, ledger: Ledger, mailbox: Mailbox) -> None:
        info = workflow.info()
        self._run_id = info.workflow_id
        self._ledger = ledger
        self._mailbox = mailbox
        self._workflow = run.workflow
        self._constants = {
            "input": run.input,
            "vars": definition.vars,
            "run": {
                "id": self._run_id,
                "workflow": run.workflow,
                "revision": run.revision,
                "started_by": run.started_by,
            },
        }

    def scope(self) -> dict[str, Any]:
        """What expressions may read now."""
        return {**self._constants, **self._ledger.scope()}

    async def execute(self, step: Step) -> Outcome:
        """Run one step to its end.

        Raises:
            ExpressionError: one of its expressions does not evaluate.
            ActivityError: an activity has failed for good.
            Rejected, Expired: what became of its proposal.
        """
        if step.transform is not None:
            return Outcome(StepStatus.COMPLETED, render(step.transform, self.scope()), recorded=False)
        if step.wait is not None:
            await workflow.sleep(timedelta(seconds=self._seconds_to_wait(step)))
            return Outcome(StepStatus.COMPLETED, recorded=False)
        inputs = render(step.with_, self.scope())
        if step.kind == "connector" and step.gate is None:
            output = await self._act(step, step.uses, inputs, None)
            return Outcome(StepStatus.COMPLETED, output)
        return await self._propose_and_act(step, inputs)

    async def _propose_and_act(self, step: Step, inputs: dict[str, Any]) -> Outcome:
        proposal = await self._propose(step, inputs)
        payload, decision = proposal.payload, None
        if proposal.task_id is not None:
            decision = await self._decision(step, proposal, proposal.task_id)
            payload = decision.payload if decision.payload is not None else payload
        connector, inputs = self._action(step, payload)
        output: Any = payload
        if connector:
            output = await self._act(step, connector, inputs, payload if step.action else None)
        return Outcome(
            StepStatus.COMPLETED,
            output,
            confidence=proposal.confidence,
            decision=decision.verdict.value if decision else None,
            recorded=connector is not None or decision is None,
        )

    async def _propose(self, step: Step, inputs: dict[str, Any]) -> ProposeResult:
        gate = step.gate or Gate()
        expires_at = workflow.now() + timedelta(seconds=gate.expires_after) if gate.expires_after else None
        return await workflow.execute_activity_method(
            StepActivities.propose,
            ProposeInput(
                ref=self._ref(step),
                agent=step.agent,
                inputs=inputs,
                thresholds=Thresholds(always_ask=True) if step.approval else gate.thresholds,
                timeout_seconds=step.timeout,
                ends_here=step.kind != "connector" and step.action is None,
                action=self._action_template(step),
                title=str(render(step.approval.title, self.scope())) if step.approval else "",
                form=step.approval.form if step.approval else None,
                approvers=gate.approvers.model_dump(mode="json"),
                expires_at=expires_at,
                records=self._ledger.take_unrecorded(),
            ),
            start_to_close_timeout=timedelta(seconds=step.timeout) + RECORD_GRACE,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=_retry_policy(step),
            summary=step.id,
        )

    async def _act(self, step: Step, connector: str, inputs: dict[str, Any], payload: dict[str, Any] | None) -> Any:
        result = await workflow.execute_activity_method(
            StepActivities.act,
            ActInput(
                ref=self._ref(step),
                connector=connector,
                inputs=inputs,
                payload=payload,
                timeout_seconds=step.timeout,
                records=self._ledger.take_unrecorded(),
            ),
            start_to_close_timeout=timedelta(seconds=step.timeout) + RECORD_GRACE,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=_retry_policy(step),
            summary=step.id,
        )
        return result.output

    async def _decision(self, step: Step, proposal: ProposeResult, task_id: str) -> Decision:
        """Wait for people. When the time is up, whoever reaches the database first has decided."""
        gate = step.gate or Gate()
        self._ledger.wait(step.id, proposal.confidence)
        self._show_waiting()
        decision = await self._mailbox.wait(task_id, proposal.proposal_hash, gate.expires_after)
        self._ledger.go_on(step.id)
        self._show_waiting()
        if decision is None:
            closed = await workflow.execute_activity_method(
                StepActivities.close_task,
                CloseTaskInput(ref=self._ref(step), task_id=task_id, status=TaskStatus.EXPIRED),
                start_to_close_timeout=CLOSE_TASK_TIMEOUT,
                summary=f"{step.id}: time is up",
            )
            decision = closed.decision
        if decision is None:
            raise (Expired if gate.on_expiry == "fail" else Rejected)("nobody decided in time")
        if decision.verdict is Verdict.REJECT:
            raise Rejected(decision.reason or "rejected")
        return decision

    def _show_waiting(self) -> None:
        """Tell operators which steps wait for people."""
        workflow.upsert_search_attributes([WAITING_FOR_KEY.value_set(list(self._ledger.waiting()))])

    def _action(self, step: Step, payload: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        """The connector call that the accepted payload means, if any."""
        if step.kind == "connector":
            return step.uses, payload
        if step.action is None:
            return None, {}
        return step.action.connector, render(step.action.with_, {**self.scope(), "proposal": payload})

    def _action_template(self, step: Step) -> ActionTemplate | None:
        if step.action is None:
            return None
        needed = references(step.action.with_)
        scope = {name: value for name, value in self.scope().items() if name in needed}
        return ActionTemplate(connector=step.action.connector, template=step.action.with_, scope=scope)

    def _ref(self, step: Step) -> StepRef:
        return StepRef(run_id=self._run_id, workflow=self._workflow, step=step.id)

    def _seconds_to_wait(self, step: Step) -> float:
        assert step.wait is not None
        if step.wait.for_ is not None:
            return step.wait.for_
        until = render(step.wait.until, self.scope())
        try:
            instant = datetime.fromisoformat(str(until))
            return max(0.0, (instant - workflow.now()).total_seconds())
        except (ValueError, TypeError):
            hint = "use a date and time with its zone, such as 2030-01-31T09:00:00Z"
            raise ExpressionError(f"wait.until of step {step.id!r} is {until!r}", hint=hint) from None


def _retry_policy(step: Step) -> RetryPolicy:
    return RetryPolicy(
        initial_interval=timedelta(seconds=step.retry.initial_interval),
        backoff_coefficient=step.retry.backoff,
        maximum_interval=timedelta(seconds=step.retry.max_interval),
        maximum_attempts=step.retry.max_attempts,
        non_retryable_error_types=NON_RETRYABLE_NAMES,
    )
