"""REST `/api/v1`: publish, start, list, decide. Bodies and answers are JSON; errors are problem+json."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field

from api.bodies import read_body
from api.openapi import body as documented
from api.operations import DecisionBody
from api.services import Serving, SignedIn
from api.sessions import COOKIE, Person, sign_in, sign_out
from auth.secrets import SESSION_LIFETIME
from contracts.collections import SaveLabels
from contracts.decisions import TaskStatus
from contracts.ports import Label
from contracts.runs import RunStatus
from store import runs, tasks, workflows
from store.paging import Page, page_size
from store.runs import RunView, StepView
from store.tasks import TaskView
from store.workflows import PublishedWorkflow

router = APIRouter(prefix="/api/v1")

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {}}}
    for status, text in {
        401: "Nobody is signed in.",
        404: "No such thing.",
        409: "The state moved on.",
        413: "Too large.",
        422: "Not valid.",
        503: "Something that is needed does not answer.",
    }.items()
}

First = Annotated[int, Query(description="Rows of a page, 1 to 200.")]
After = Annotated[str | None, Query(description="`end_cursor` of the page before.")]


class PublishBody(BaseModel):
    """A workflow definition as YAML or JSON text, and values for its `vars`."""

    source: str
    variables: dict[str, Any] = Field(default_factory=dict)


class StartBody(BaseModel):
    input: Any = None


class LabelsBody(BaseModel):
    labels: list[Label] = Field(min_length=1, max_length=1000)


class CodeBody(BaseModel):
    code: str = Field(max_length=200)


class RunDetail(BaseModel):
    run: RunView
    steps: list[StepView]
    failures: list[runs.FailureView]


@router.put(
    "/workflows",
    responses=PROBLEMS,
    openapi_extra=documented(PublishBody),
    tags=["Workflows"],
    summary="Publish a workflow",
)
async def publish_workflow(request: Request, serving: Serving, person: SignedIn) -> PublishedWorkflow:
    body = await read_body(request, PublishBody)
    return await serving.operations.publish(body.source, body.variables, actor=person.name)


@router.get("/workflows", responses=PROBLEMS, tags=["Workflows"], summary="List workflows")
async def list_workflows(serving: Serving, person: SignedIn) -> list[PublishedWorkflow]:
    async with serving.reading() as connection:
        return await workflows.workflows(connection)


@router.put(
    "/collections/{name}/labels",
    responses=PROBLEMS,
    openapi_extra=documented(LabelsBody),
    tags=["Knowledge"],
    summary="Save labels",
)
async def save_labels(name: str, request: Request, serving: Serving, person: SignedIn) -> dict[str, int]:
    body = await read_body(request, LabelsBody)
    return {"texts": await serving.operations.save_labels(SaveLabels(collection=name, labels=tuple(body.labels)))}


@router.post(
    "/workflows/{name}/runs",
    status_code=201,
    responses=PROBLEMS,
    openapi_extra=documented(StartBody),
    tags=["Runs"],
    summary="Start a run",
)
async def start_run(
    name: str,
    request: Request,
    response: Response,
    serving: Serving,
    person: SignedIn,
    idempotency_key: Annotated[str | None, Header(description="The same key starts the same run once.")] = None,
) -> RunView:
    body = await read_body(request, StartBody)
    view, created = await serving.operations.start_run(
        name, body.input, actor=person.name, idempotency_key=idempotency_key
    )
    response.status_code = 201 if created else 200
    response.headers["location"] = f"/api/v1/runs/{view.id}"
    return view


@router.get("/runs", responses=PROBLEMS, tags=["Runs"], summary="List runs, newest first")
async def list_runs(
    serving: Serving,
    person: SignedIn,
    first: First = 50,
    after: After = None,
    workflow: str | None = None,
    status: RunStatus | None = None,
) -> Page[RunView]:
    async with serving.reading() as connection:
        return await runs.runs(connection, first=page_size(first), after=after, workflow=workflow, status=status)


@router.get("/runs/{run_id}", responses=PROBLEMS, tags=["Runs"], summary="One run with its steps")
async def get_run(run_id: str, serving: Serving, person: SignedIn) -> RunDetail:
    async with serving.reading() as connection:
        view = await runs.run(connection, run_id)
        steps = await runs.steps(connection, [run_id])
        failures = await runs.failures(connection, [run_id])
        return RunDetail(run=view, steps=steps[run_id], failures=failures[run_id])


@router.post("/runs/{run_id}/cancel", responses=PROBLEMS, tags=["Runs"], summary="Cancel a run")
async def cancel_run(run_id: str, serving: Serving, person: SignedIn) -> RunView:
    return await serving.operations.cancel_run(run_id)


@router.get("/tasks", responses=PROBLEMS, tags=["Validation queue"], summary="The validation queue, oldest first")
async def list_tasks(
    serving: Serving,
    person: SignedIn,
    first: First = 50,
    after: After = None,
    workflow: str | None = None,
    status: TaskStatus = TaskStatus.PENDING,
) -> Page[TaskView]:
    async with serving.reading() as connection:
        return await tasks.queue(connection, first=page_size(first), after=after, workflow=workflow, status=status)


@router.get("/tasks/{task_id}", responses=PROBLEMS, tags=["Validation queue"], summary="One validation task")
async def get_task(task_id: str, serving: Serving, person: SignedIn) -> TaskView:
    async with serving.reading() as connection:
        return await tasks.task(connection, task_id)


@router.post(
    "/tasks/{task_id}/decision",
    responses=PROBLEMS,
    openapi_extra=documented(DecisionBody),
    tags=["Validation queue"],
    summary="Decide a task",
)
async def decide(task_id: str, request: Request, serving: Serving, person: SignedIn) -> TaskView:
    body = await read_body(request, DecisionBody)
    return await serving.operations.decide(task_id, body, actor=person.name)


@router.delete(
    "/tasks/{task_id}/decision",
    responses=PROBLEMS,
    tags=["Validation queue"],
    summary="Undo a decision that was not delivered",
)
async def undo_decision(task_id: str, serving: Serving, person: SignedIn) -> TaskView:
    return await serving.operations.undo(task_id, actor=person.name)


@router.get("/overview", responses=PROBLEMS, tags=["Overview"], summary="Counts since the beginning")
async def get_overview(serving: Serving, person: SignedIn) -> runs.Overview:
    async with serving.reading() as connection:
        return await runs.overview(connection)


@router.post(
    "/session",
    responses=PROBLEMS,
    openapi_extra=documented(CodeBody),
    tags=["Session"],
    summary="Sign in with a one-time code",
)
async def create_session(request: Request, response: Response, serving: Serving) -> Person:
    body = await read_body(request, CodeBody)
    person, secret = await sign_in(serving.database, body.code)
    lifetime = int(SESSION_LIFETIME.total_seconds())
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, secret, max_age=lifetime, httponly=True, samesite="strict", secure=secure)
    return person


@router.delete("/session", status_code=204, responses=PROBLEMS, tags=["Session"], summary="Sign out")
async def end_session(request: Request, response: Response, serving: Serving, person: SignedIn) -> None:
    secret = request.cookies.get(COOKIE)
    if secret:
        await sign_out(serving.database, secret)
    response.delete_cookie(COOKIE)
