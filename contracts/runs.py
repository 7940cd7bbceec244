"""What a run is made of: its input, the state of its steps, and what the interpreter and its activities exchange."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.decisions import Decision, TaskStatus
from contracts.proposals import Proposal, Thresholds


class RunStatus(StrEnum):
    """`starting` is accepted, but Temporal has not been told yet."""

    STARTING = "starting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class RunInput(Frozen):
    """Everything a run will ever know of its definition: one revision's snapshot pins it for life."""

    workflow: str
    revision: int
    definition: dict[str, Any]
    input: Any = None
    started_by: str = ""


class StepRecord(Frozen):
    """One row of the projection `step_runs`, keyed by run, step, item and attempt. Times are UTC."""

    step: str
    status: StepStatus
    item: int = 0
    attempt: int = 1
    output: Any = None
    error: str = ""
    proposal: Proposal | None = None
    route: str | None = None
    inputs: Any = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class StepState(Frozen):
    """What the interpreter knows of a step. `output` is what `${ step.output }` reads."""

    status: StepStatus = StepStatus.PENDING
    output: Any = None
    confidence: float | None = None
    decision: str | None = None
    error: str = ""


class RunResult(Frozen):
    status: RunStatus
    outputs: dict[str, Any] = Field(default_factory=dict)
    error: str = ""


class RunState(Frozen):
    """Answer of the query `state`: the truth about a run, straight from the engine."""

    status: RunStatus
    steps: dict[str, StepState]
    waiting_for: tuple[str, ...] = ()


class StepRef(Frozen):
    """Which step of which run; the base of idempotency keys. `item` counts inside `for_each`, else 0."""

    run_id: str
    workflow: str
    step: str
    item: int = 0

    @property
    def key(self) -> str:
        """Stable over retries and restarts: what an outside system sees as `Idempotency-Key`."""
        return f"{self.run_id}/{self.step}/{self.item}"


class ActionTemplate(Frozen):
    """The connector call that an accepted proposal performs; `template` reads `proposal` and what is in `scope`."""

    connector: str
    template: dict[str, Any]
    scope: dict[str, Any] = Field(default_factory=dict)


class ProposeInput(Frozen):
    """Ask a step for its proposal.

    `agent` is None for a step whose proposal is its inputs: an approval (which has a `form`), or a connector call that
    asks first (with `confidence`). `ends_here`: nothing is left to do once the gate lets the proposal pass.
    `records` are ended steps that needed no activity; they reach the projection with this one.
    """

    ref: StepRef
    agent: str | None
    inputs: dict[str, Any]
    thresholds: Thresholds
    timeout_seconds: float
    confidence: float = 1.0
    ends_here: bool = False
    action: ActionTemplate | None = None
    title: str = ""
    form: dict[str, Any] | None = None
    approvers: dict[str, Any] = Field(default_factory=dict)
    expires_at: datetime | None = None
    records: tuple[StepRecord, ...] = ()


class ProposeResult(Frozen):
    """`task_id` is set when the gate asks: the run waits for a decision on that task and `proposal_hash`."""

    payload: dict[str, Any]
    confidence: float
    route: str
    proposal_hash: str
    task_id: str | None = None


class ActInput(Frozen):
    """Call a connector. `payload` is the accepted proposal behind it; a plain connector step has none."""

    ref: StepRef
    connector: str
    inputs: dict[str, Any]
    timeout_seconds: float
    payload: dict[str, Any] | None = None
    records: tuple[StepRecord, ...] = ()


class ActResult(Frozen):
    """`output` is the step's: what the connector answered, or the accepted payload with that answer as `action`."""

    output: Any = None


class CloseTaskInput(Frozen):
    """Close a task whose time is up; a decision that was made first wins and comes back."""

    ref: StepRef
    task_id: str
    status: TaskStatus


class CloseTaskResult(Frozen):
    decision: Decision | None = None


class FinishInput(Frozen):
    """The end of a run: its result, and the last state of every step, which repairs whatever the projection missed."""

    run_id: str
    workflow: str
    result: RunResult
    steps: tuple[StepRecord, ...] = ()
