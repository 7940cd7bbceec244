"""Batch loaders: one query for the same field of many rows. Made afresh for each request."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import TypeVar

import orjson
from strawberry.dataloader import DataLoader

from contracts.definition import definition_from_snapshot
from contracts.plan import Plan, make_plan
from store import runs, tasks, workflows
from store.database import Connection, Database
from store.runs import FailureView, StepView
from store.tasks import TaskView

T = TypeVar("T")


class Loaders:
    """`steps`, `tasks` and `failures` by run id; `plans` by (workflow, revision)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.steps: DataLoader[str, list[StepView]] = DataLoader(self._by_run(runs.steps))
        self.tasks: DataLoader[str, list[TaskView]] = DataLoader(self._by_run(tasks.tasks_of_runs))
        self.failures: DataLoader[str, list[FailureView]] = DataLoader(self._by_run(runs.failures))
        self.plans: DataLoader[tuple[str, int], Plan] = DataLoader(self._load_plans)

    def _by_run(
        self, query: Callable[[Connection, list[str]], Awaitable[dict[str, list[T]]]]
    ) -> Callable[[list[str]], Awaitable[list[list[T]]]]:
        async def load(run_ids: list[str]) -> list[list[T]]:
            async with self._database.connection() as connection:
                found = await query(connection, run_ids)
            return [found[run_id] for run_id in run_ids]

        return load

    async def _load_plans(self, keys: list[tuple[str, int]]) -> list[Plan]:
        async with self._database.connection() as connection:
            definitions = await workflows.definitions(connection, keys)
        return [_plan(orjson.dumps(definitions[key])) for key in keys]


@lru_cache(maxsize=256)
def _plan(snapshot: bytes) -> Plan:
    return make_plan(definition_from_snapshot(orjson.loads(snapshot)))
