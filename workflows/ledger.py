"""What a run knows of its steps, and which of that has not reached the projection yet."""

from datetime import datetime
from typing import Any

from contracts.runs import RunState, RunStatus, StepRecord, StepState, StepStatus

TERMINAL = frozenset(
    {StepStatus.COMPLETED, StepStatus.SKIPPED, StepStatus.REJECTED, StepStatus.FAILED, StepStatus.CANCELLED}
)


class Ledger:
    """The state of every step of one run. `pending_records` travel with the next activity."""

    def __init__(self, step_ids: list[str]) -> None:
        self.steps = {step_id: StepState() for step_id in step_ids}
        self._started: dict[str, datetime] = {}
        self._finished: dict[str, datetime] = {}
        self._unrecorded: list[StepRecord] = []
        self._scope: dict[str, Any] = {}

    def start(self, step_id: str, now: datetime) -> None:
        self._started[step_id] = now
        self._update(step_id, status=StepStatus.RUNNING)

    def wait(self, step_id: str, confidence: float) -> None:
        self._update(step_id, status=StepStatus.WAITING, confidence=confidence)

    def go_on(self, step_id: str) -> None:
        self._update(step_id, status=StepStatus.RUNNING)

    def waiting(self) -> tuple[str, ...]:
        return tuple(step_id for step_id, state in self.steps.items() if state.status is StepStatus.WAITING)

    def settle(self, step_id: str, now: datetime, *, recorded: bool, **changes: Any) -> None:
        """A step has ended. `recorded`: an activity has written so already."""
        self._finished[step_id] = now
        self._update(step_id, **changes)
        state = self.steps[step_id]
        self._scope[step_id] = {"output": state.output, "status": state.status.value, "decision": state.decision}
        if not recorded:
            self._unrecorded.append(self._record(step_id))

    def take_unrecorded(self) -> tuple[StepRecord, ...]:
        """What the next activity shall write, handed out once."""
        records, self._unrecorded = tuple(self._unrecorded), []
        return records

    def close(self, now: datetime) -> tuple[StepRecord, ...]:
        """The last state of every step; those that never ended are cancelled."""
        for step_id, state in self.steps.items():
            if state.status not in TERMINAL:
                self.settle(step_id, now, recorded=True, status=StepStatus.CANCELLED)
        return tuple(self._record(step_id) for step_id in self.steps)

    def scope(self) -> dict[str, Any]:
        """What expressions see of the steps that have ended, by step id."""
        return self._scope

    def state(self, status: RunStatus) -> RunState:
        return RunState(status=status, steps=dict(self.steps), waiting_for=self.waiting())

    def _update(self, step_id: str, **changes: Any) -> None:
        self.steps[step_id] = self.steps[step_id].model_copy(update=changes)

    def _record(self, step_id: str) -> StepRecord:
        state = self.steps[step_id]
        return StepRecord(
            step=step_id,
            status=state.status,
            output=state.output,
            error=state.error,
            started_at=self._started.get(step_id),
            finished_at=self._finished.get(step_id),
        )
