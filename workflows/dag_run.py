"""The interpreter: one generic workflow that runs any revision's DAG.

It decides which step runs when; `steps` executes one, `gate` waits for people, `ledger` remembers. The revision's
snapshot is the input, so a run is pinned to it for life.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.runs import RunActivities
    from contracts.decisions import Decision
    from contracts.definition import Step, definition_from_snapshot
    from contracts.errors import AssentError, ExpressionError
    from contracts.expressions import is_true, read_by, read_by_template, render
    from contracts.plan import PlannedStep, make_plan
    from contracts.runs import FinishInput, RunInput, RunResult, RunState, RunStatus, StepStatus

from workflows.gate import Mailbox
from workflows.ledger import Ledger
from workflows.steps import Expired, Outcome, Rejected, StepRunner

FINISH_TIMEOUT = timedelta(seconds=30)


class StepsFailed(Exception):
    """A step failed, and its definition says that this fails the run."""


@workflow.defn(name="DagRun")
class DagRun:
    """Runs one revision of a workflow definition.

    Signal `decide(Decision)`: a person's decision on a validation task; repetitions and unknown hashes are ignored.
    Query `state() -> RunState`: the state of every step.
    """

    @workflow.init
    def __init__(self, run: RunInput) -> None:
        self._definition = definition_from_snapshot(run.definition)
        self._plan = make_plan(self._definition)
        self._status = RunStatus.RUNNING
        self._mailbox = Mailbox()
        self._ledger = Ledger([planned.id for planned in self._plan.steps])
        self._steps = StepRunner(run, self._definition, self._ledger, self._mailbox)
        self._ended = {planned.id: asyncio.Event() for planned in self._plan.steps}

    @workflow.run
    async def run(self, run: RunInput) -> RunResult:
        """Run all steps, then write the end of the run.

        Raises:
            ApplicationError: of type RunFailed, when the run failed.
        """
        try:
            result = await self._run_steps()
        except asyncio.CancelledError:
            await self._finish(run, RunResult(status=RunStatus.CANCELLED))
            raise
        await self._finish(run, result)
        if result.status is RunStatus.FAILED:
            raise ApplicationError(result.error, type="RunFailed", non_retryable=True)
        return result

    @workflow.signal
    def decide(self, decision: Decision) -> None:
        self._mailbox.deliver(decision)

    @workflow.query
    def state(self) -> RunState:
        return self._ledger.state(self._status)

    async def _run_steps(self) -> RunResult:
        # Not a TaskGroup: it cancels in the order of a set, which differs from one replay to the next.
        tasks = [asyncio.create_task(self._run_step(planned)) for planned in self._plan.steps]
        try:
            await asyncio.gather(*tasks)
        except StepsFailed as failed:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return RunResult(status=RunStatus.FAILED, error=str(failed))
        try:
            templates = self._definition.outputs
            readable = {name: template if self._has(template) else None for name, template in templates.items()}
            outputs = render(readable, self._steps.scope())
        except ExpressionError as error:
            return RunResult(status=RunStatus.FAILED, error=f"outputs: {error}")
        return RunResult(status=RunStatus.COMPLETED, outputs=outputs)

    def _has(self, template: Any) -> bool:
        """Whether the steps whose output a template reads have completed; if not, the run's output is null.

        Like a `when`, one that also reads the status of a step takes its output as it is.
        """
        reads = read_by_template(template)
        asked = {read.name for read in reads if read.member == "status"}
        needed = {read.name for read in reads if read.member == "output"} - asked
        return all(state.status is StepStatus.COMPLETED for name, state in self._ledger.steps.items() if name in needed)

    async def _run_step(self, planned: PlannedStep) -> None:
        step = self._definition.step(planned.id)
        for need in planned.needs:
            await self._ended[need].wait()
        self._ledger.start(step.id, workflow.now())
        outcome = await self._outcome(step, planned)
        self._ledger.settle(
            step.id,
            workflow.now(),
            recorded=outcome.recorded,
            status=outcome.status,
            output=outcome.output,
            error=outcome.error,
            confidence=outcome.confidence,
            decision=outcome.decision,
        )
        self._ended[step.id].set()

    async def _outcome(self, step: Step, planned: PlannedStep) -> Outcome:
        try:
            if not self._may_run(step, planned):
                return Outcome(StepStatus.SKIPPED, recorded=False)
            return await self._steps.execute(step)
        except Rejected as rejected:
            return self._react(step, StepStatus.REJECTED, step.on_reject, str(rejected))
        except Expired as expired:
            return self._react(step, StepStatus.FAILED, step.on_error, str(expired))
        except AssentError as wrong:
            return self._react(step, StepStatus.FAILED, step.on_error, str(wrong))
        except ActivityError as failed:
            if is_cancelled_exception(failed):
                raise asyncio.CancelledError from None
            return self._react(step, StepStatus.FAILED, step.on_error, _reason(failed))

    def _may_run(self, step: Step, planned: PlannedStep) -> bool:
        """Whether to run a step whose needs have ended.

        It takes needs that have completed, or that go on by their own `on_error` or `on_reject`. A `when` that reads
        the status of a need takes it as it is.
        """
        asked = {read.name for read in read_by(step.when or "") if read.member == "status"}
        if not all(need in asked or self._goes_on(need) for need in planned.needs):
            return False
        return step.when is None or is_true(step.when, self._steps.scope())

    def _goes_on(self, need: str) -> bool:
        step, status = self._definition.step(need), self._ledger.steps[need].status
        return (
            status is StepStatus.COMPLETED
            or (status is StepStatus.FAILED and step.on_error == "continue")
            or (status is StepStatus.REJECTED and step.on_reject == "continue")
        )

    def _react(self, step: Step, status: StepStatus, reaction: str, reason: str) -> Outcome:
        """What a failure or a rejection means: the end of the run, or only of this step."""
        if reaction == "fail":
            self._ledger.settle(step.id, workflow.now(), recorded=True, status=status, error=reason)
            raise StepsFailed(f"step {step.id!r}: {reason}")
        return Outcome(status, error=reason, recorded=False)

    async def _finish(self, run: RunInput, result: RunResult) -> None:
        self._status = result.status
        finish = FinishInput(
            run_id=workflow.info().workflow_id,
            workflow=run.workflow,
            result=result,
            steps=self._ledger.close(workflow.now()),
        )
        await workflow.execute_local_activity_method(
            RunActivities.finish_run, finish, start_to_close_timeout=FINISH_TIMEOUT, summary=result.status.value
        )


def _reason(failed: ActivityError) -> str:
    """Why an activity failed, in the words of whoever failed."""
    cause = failed.cause
    return cause.message if isinstance(cause, ApplicationError) else str(cause or failed)
