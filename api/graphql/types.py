"""GraphQL's shapes of what the store reads. Fields that need more rows load them in batches."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import strawberry
from strawberry.types import Info

from api.graphql.loaders import Loaders
from contracts import proposals
from contracts.decisions import TaskStatus, Verdict
from contracts.errors import AssentError
from contracts.plan import Plan
from contracts.proposals import Route
from contracts.runs import RunStatus, StepStatus
from store import events, tasks, workflows
from store import runs as run_store

if TYPE_CHECKING:
    JSON: TypeAlias = Any
else:
    from strawberry.scalars import JSON

_ENUMS: dict[type[Enum], str] = {
    RunStatus: "How far a run is.",
    StepStatus: "How far a step is.",
    TaskStatus: "Whether a task still waits for people.",
    Verdict: "What a person decided.",
    Route: "Where the gate sent a proposal.",
}
for _enum, _description in _ENUMS.items():
    strawberry.enum(_enum, description=_description)


def loaders(info: Info[Any, Any]) -> Loaders:
    """The batch loaders of this request."""
    found: Loaders = info.context["loaders"]
    return found


@strawberry.type(description="Who is signed in.")
class Person:
    name: str


@strawberry.type(description="Counts since the beginning, for the header and the live progress.")
class Overview:
    pending_tasks: int
    running_runs: int
    completed_runs: int
    failed_runs: int
    acted: int
    notified: int
    asked: int

    @classmethod
    def of(cls, counts: run_store.Overview) -> "Overview":
        return cls(**counts.model_dump())


@strawberry.type(description="A step of the plan. Level 0 can start at once; `needs` are all its dependencies.")
class PlannedStep:
    id: str
    kind: str
    uses: str
    needs: list[str]
    level: int


def planned_steps(plan: Plan) -> list[PlannedStep]:
    """The steps of a plan, in its order."""
    return [
        PlannedStep(id=step.id, kind=step.kind, uses=step.uses, needs=list(step.needs), level=step.level)
        for step in plan.steps
    ]


@strawberry.type(description="A published workflow at its newest revision.")
class Workflow:
    name: str
    description: str
    revision: int
    content_hash: str
    source: str
    input_schema: JSON | None = strawberry.field(description="JSON Schema of a run's input.")
    published_at: datetime
    pending_tasks: int

    @strawberry.field(description="What runs, in which order.")
    async def steps(self, info: Info[Any, Any]) -> list[PlannedStep]:
        return planned_steps(await loaders(info).plans.load((self.name, self.revision)))

    @classmethod
    def of(cls, row: workflows.PublishedWorkflow) -> "Workflow":
        return cls(
            name=row.name,
            description=row.definition.get("description", ""),
            revision=row.revision,
            content_hash=row.content_hash,
            source=row.source,
            input_schema=row.definition.get("input"),
            published_at=row.created_at,
            pending_tasks=row.pending_tasks,
        )


@strawberry.type(description="Where a page ends, and whether more follows.")
class PageInfo:
    end_cursor: str | None
    has_next_page: bool


@strawberry.type(
    description="`kind` is `decision` (people decided this text) or `description` (the label's own words)."
)
class Evidence:
    kind: str
    text: str
    label: str
    similarity: float
    task_id: strawberry.ID | None


@strawberry.type(description="The connector call that an accepted proposal performs.")
class Preview:
    connector: str
    inputs: JSON


@strawberry.type(description="What a step wants done, and how sure it is (0 to 1).")
class Proposal:
    payload: JSON
    confidence: float
    rationale: str
    title: str
    body: str
    evidence: list[Evidence]
    preview: Preview | None
    payload_schema: JSON | None
    content_hash: str

    @classmethod
    def of(cls, proposal: proposals.Proposal) -> "Proposal":
        preview = proposal.preview
        return cls(
            payload=proposal.payload,
            confidence=proposal.confidence,
            rationale=proposal.rationale,
            title=proposal.title,
            body=proposal.body,
            evidence=[Evidence(**item.model_dump()) for item in proposal.evidence],
            preview=Preview(connector=preview.connector, inputs=preview.inputs) if preview else None,
            payload_schema=proposal.payload_schema,
            content_hash=proposal.content_hash,
        )


@strawberry.type(description="A standing decision.")
class Decision:
    task_id: strawberry.ID
    verdict: Verdict
    payload: JSON | None
    reason: str
    decided_by: str
    decided_at: datetime
    deliver_at: datetime = strawberry.field(description="When the run learns of it; until then it can be undone.")
    delivered: bool


@strawberry.type(description="A proposal that waits, or waited, for people.")
class Task:
    id: strawberry.ID
    run_id: strawberry.ID
    workflow: str
    step: str
    status: TaskStatus
    proposal: Proposal
    created_at: datetime
    expires_at: datetime | None
    decision: Decision | None

    @classmethod
    def of(cls, row: tasks.TaskView) -> "Task":
        return cls(
            id=strawberry.ID(row.id),
            run_id=strawberry.ID(row.run_id),
            workflow=row.workflow,
            step=row.step,
            status=row.status,
            proposal=Proposal.of(row.proposal),
            created_at=row.created_at,
            expires_at=row.expires_at,
            decision=Decision(**row.decision.model_dump()) if row.decision else None,
        )


@strawberry.type(description="A try of a step that failed.")
class FailedTry:
    activity: str
    attempt: int
    error: str
    failed_at: datetime


@strawberry.type(description="The newest state of one step of a run.")
class StepRun:
    run_id: strawberry.Private[str]
    step: str
    item: int
    attempt: int
    status: StepStatus
    route: Route | None
    inputs: JSON | None
    output: JSON | None
    error: str
    proposal: Proposal | None
    started_at: datetime | None
    finished_at: datetime | None

    @strawberry.field(description="Its validation task, if it has opened one.")
    async def task(self, info: Info[Any, Any]) -> Task | None:
        found = await loaders(info).tasks.load(self.run_id)
        return next((Task.of(task) for task in found if (task.step, task.item) == (self.step, self.item)), None)

    @strawberry.field(description="Tries that failed, oldest first.")
    async def failures(self, info: Info[Any, Any]) -> list[FailedTry]:
        found = await loaders(info).failures.load(self.run_id)
        return [
            FailedTry(activity=row.activity, attempt=row.attempt, error=row.error, failed_at=row.failed_at)
            for row in found
            if (row.step, row.item) == (self.step, self.item)
        ]

    @classmethod
    def of(cls, row: run_store.StepView) -> "StepRun":
        return cls(
            run_id=row.run_id,
            step=row.step,
            item=row.item,
            attempt=row.attempt,
            status=StepStatus(row.status),
            route=Route(row.route) if row.route else None,
            inputs=row.inputs,
            output=row.output,
            error=row.error,
            proposal=Proposal.of(row.proposal) if row.proposal else None,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )


@strawberry.type(description="One execution of one revision.")
class Run:
    id: strawberry.ID
    workflow: str
    revision: int
    status: RunStatus
    input: JSON | None
    outputs: JSON | None
    error: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    waiting_for: list[str] = strawberry.field(description="Ids of the steps that wait for a person.")

    @strawberry.field(description="What runs, in which order.")
    async def plan(self, info: Info[Any, Any]) -> list[PlannedStep]:
        return planned_steps(await loaders(info).plans.load((self.workflow, self.revision)))

    @strawberry.field(description="What has become of each step so far.")
    async def steps(self, info: Info[Any, Any]) -> list[StepRun]:
        return [StepRun.of(row) for row in await loaders(info).steps.load(str(self.id))]

    @strawberry.field(description="Where operators look deeper; null when the Temporal Web UI's address is not known.")
    def temporal_url(self, info: Info[Any, Any]) -> str | None:
        settings = info.context["serving"].settings
        base = settings.temporal_ui_url
        return f"{base}/namespaces/{settings.temporal_namespace}/workflows/{self.id}" if base else None

    @classmethod
    def of(cls, row: run_store.RunView) -> "Run":
        return cls(**{**row.model_dump(), "id": strawberry.ID(row.id)})


@strawberry.type(description="Runs, newest first.")
class RunPage:
    nodes: list[Run]
    page_info: PageInfo


@strawberry.type(description="Tasks, oldest first; `totalCount` counts all that fit the filter.")
class TaskPage:
    nodes: list[Task]
    page_info: PageInfo
    total_count: int


@strawberry.type(description="An expected failure: what is wrong and what to do.")
class Problem:
    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, error: AssentError) -> "Problem":
        return cls(code=error.code, message=error.message, hint=error.hint)


DecideResult = Annotated[Task | Problem, strawberry.union("DecideResult")]
StartRunResult = Annotated[Run | Problem, strawberry.union("StartRunResult")]
CancelRunResult = Annotated[Run | Problem, strawberry.union("CancelRunResult")]


@strawberry.input(description="A run to start; the same idempotency key starts it once.")
class StartRunInput:
    workflow: str
    input: JSON | None = None
    idempotency_key: str | None = None


@strawberry.input(description="A decision on the proposal that the person saw.")
class DecideInput:
    task_id: strawberry.ID
    proposal_hash: str = strawberry.field(description="The proposal's contentHash that the person saw.")
    verdict: Verdict
    payload: JSON | None = strawberry.field(default=None, description="The changed payload, for EDIT.")
    reason: str = ""
    delay_seconds: float = strawberry.field(
        default=0.0, description="Seconds during which the decision can be undone, 0 to 60."
    )


@strawberry.type(description="`kind` is run, step or task; `status` the new one, in lower case.")
class Event:
    kind: str
    run_id: strawberry.ID
    workflow: str
    step: str | None
    task_id: strawberry.ID | None
    status: str
    at: datetime

    @classmethod
    def of(cls, event: events.Event) -> "Event":
        return cls(**event.model_dump())
