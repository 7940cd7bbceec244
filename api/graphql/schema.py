"""The GraphQL schema: queries, mutations and the live subscription, with its limits.

`python -m api.graphql.schema` writes it to `frontend/schema.graphql`, from which the app's typed documents are made.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import strawberry
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from api.bodies import validated
from api.graphql.errors import ShownErrors
from api.graphql.types import (
    CancelRunResult,
    DecideInput,
    DecideResult,
    Event,
    Overview,
    PageInfo,
    Person,
    Problem,
    Run,
    RunPage,
    StartRunInput,
    StartRunResult,
    Task,
    TaskPage,
    Workflow,
)
from api.operations import DecisionBody
from api.services import Services
from contracts.decisions import TaskStatus
from contracts.errors import AssentError, NotFound
from contracts.runs import RunStatus
from contracts.values import check_storable
from store import runs, tasks, workflows
from store.paging import page_size

MAX_DEPTH = 10
MAX_ALIASES = 30
MAX_TOKENS = 1000
SCHEMA_FILE = Path(__file__).parents[2] / "frontend" / "schema.graphql"


def serving(info: Info[Any, Any]) -> Services:
    """The services of the app."""
    found: Services = info.context["serving"]
    return found


def actor(info: Info[Any, Any]) -> str:
    """Who asks."""
    return str(info.context["person"].name)


@strawberry.type
class Query:
    @strawberry.field(description="Who is signed in; null when nobody is.")
    def me(self, info: Info[Any, Any]) -> Person | None:
        return Person(name=actor(info))

    @strawberry.field
    async def overview(self, info: Info[Any, Any]) -> Overview:
        async with serving(info).reading() as connection:
            return Overview.of(await runs.overview(connection))

    @strawberry.field
    async def workflows(self, info: Info[Any, Any]) -> list[Workflow]:
        async with serving(info).reading() as connection:
            return [Workflow.of(row) for row in await workflows.workflows(connection)]

    @strawberry.field
    async def workflow(self, info: Info[Any, Any], name: str) -> Workflow | None:
        async with serving(info).reading() as connection:
            try:
                return Workflow.of(await workflows.workflow(connection, name))
            except NotFound:
                return None

    @strawberry.field(description="Runs, newest first.")
    async def runs(
        self,
        info: Info[Any, Any],
        first: int = 50,
        after: str | None = None,
        workflow: str | None = None,
        status: RunStatus | None = None,
    ) -> RunPage:
        async with serving(info).reading() as connection:
            page = await runs.runs(connection, first=page_size(first), after=after, workflow=workflow, status=status)
        info_ = PageInfo(end_cursor=page.end_cursor, has_next_page=page.has_next_page)
        return RunPage(nodes=[Run.of(row) for row in page.nodes], page_info=info_)

    @strawberry.field
    async def run(self, info: Info[Any, Any], id: strawberry.ID) -> Run | None:
        async with serving(info).reading() as connection:
            try:
                return Run.of(await runs.run(connection, id))
            except NotFound:
                return None

    @strawberry.field(description="The validation queue, oldest first.")
    async def tasks(
        self,
        info: Info[Any, Any],
        first: int = 50,
        after: str | None = None,
        workflow: str | None = None,
        status: TaskStatus = TaskStatus.PENDING,
    ) -> TaskPage:
        async with serving(info).reading() as connection:
            page = await tasks.queue(connection, first=page_size(first), after=after, workflow=workflow, status=status)
            total = await tasks.count(connection, workflow=workflow, status=status)
        info_ = PageInfo(end_cursor=page.end_cursor, has_next_page=page.has_next_page)
        return TaskPage(nodes=[Task.of(row) for row in page.nodes], page_info=info_, total_count=total)

    @strawberry.field
    async def task(self, info: Info[Any, Any], id: strawberry.ID) -> Task | None:
        async with serving(info).reading() as connection:
            try:
                return Task.of(await tasks.task(connection, id))
            except NotFound:
                return None


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def start_run(self, info: Info[Any, Any], input: StartRunInput) -> StartRunResult:
        try:
            view, _ = await serving(info).operations.start_run(
                input.workflow, input.input, actor=actor(info), idempotency_key=input.idempotency_key
            )
        except AssentError as error:
            return Problem.of(error)
        return Run.of(view)

    @strawberry.mutation
    async def decide(self, info: Info[Any, Any], input: DecideInput) -> DecideResult:
        try:
            body = validated(
                DecisionBody,
                {
                    "proposal_hash": input.proposal_hash,
                    "verdict": input.verdict,
                    "payload": input.payload,
                    "reason": input.reason,
                    "delay_seconds": input.delay_seconds,
                },
            )
            return Task.of(await serving(info).operations.decide(input.task_id, body, actor=actor(info)))
        except AssentError as error:
            return Problem.of(error)

    @strawberry.mutation(description="Take a decision back while it has not been delivered.")
    async def undo_decision(self, info: Info[Any, Any], task_id: strawberry.ID) -> DecideResult:
        try:
            return Task.of(await serving(info).operations.undo(task_id, actor=actor(info)))
        except AssentError as error:
            return Problem.of(error)

    @strawberry.mutation
    async def cancel_run(self, info: Info[Any, Any], id: strawberry.ID) -> CancelRunResult:
        try:
            return Run.of(await serving(info).operations.cancel_run(id))
        except AssentError as error:
            return Problem.of(error)


@strawberry.type
class Subscription:
    @strawberry.subscription(description="Every change, or only those of one run. Reload what an event names.")
    async def events(self, info: Info[Any, Any], run_id: strawberry.ID | None = None) -> AsyncIterator[Event]:
        if run_id is not None:
            check_storable(run_id, "runId")
        async for event in serving(info).events.subscribe(run_id):
            yield Event.of(event)


def build_schema() -> strawberry.Schema:
    """The schema with its limits: depth, aliases and tokens of a query."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(disable_field_suggestions=True),
        extensions=[
            lambda: QueryDepthLimiter(max_depth=MAX_DEPTH),
            lambda: MaxAliasesLimiter(max_alias_count=MAX_ALIASES),
            lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
            ShownErrors,
        ],
    )


if __name__ == "__main__":
    SCHEMA_FILE.write_text(build_schema().as_str() + "\n")
