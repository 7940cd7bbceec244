"""Recorded histories replay on today's code: runs that are under way survive an upgrade."""

import json
import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import NondeterminismError

from tests.replay.record import HISTORIES, SCENARIOS
from worker import FAILURES, WORKFLOWS

FILES = sorted(HISTORIES.glob("*.json"))


PASSED_THROUGH = (
    "activities", "annotated_types", "cel", "contracts", "jsonschema_rs", "orjson", "pydantic", "pydantic_core", "yaml",
)  # fmt: skip
SANDBOX = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
"""Refuses clocks, chance and I/O, and loads `workflows` afresh for every run."""

PRODUCTION = UnsandboxedWorkflowRunner()


def replayer(runner: WorkflowRunner = PRODUCTION) -> Replayer:
    """A replayer set up as production's worker is, or with another runner."""
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner,
        data_converter=pydantic_data_converter,
        workflow_failure_exception_types=FAILURES,
    )


def load(path: Path) -> WorkflowHistory:
    content = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(content.pop("workflowId"), content)


@pytest.mark.parametrize("runner", [PRODUCTION, SANDBOX], ids=["production", "sandbox"])
@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
async def test_a_recorded_run_replays(path: Path, runner: WorkflowRunner) -> None:
    await replayer(runner).replay_workflow(load(path))


async def test_what_a_failure_cancels_is_cancelled_in_the_same_order_every_time() -> None:
    history = load(HISTORIES / "failed_beside_others.json")
    for _ in range(20):
        await replayer().replay_workflow(history)


def test_every_scenario_is_recorded() -> None:
    assert {path.stem for path in FILES} == {scenario.__name__ for scenario in SCENARIOS}


async def test_a_history_that_the_code_would_not_make_fails() -> None:
    content = json.loads((HISTORIES / "chain.json").read_text(encoding="utf-8"))
    text = json.dumps(content)
    workflow_id = content["workflowId"]
    changed = json.loads(text.replace('"name": "act"', '"name": "propose"'))
    assert changed != content
    changed.pop("workflowId")
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json(workflow_id, changed))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_recorded_history_names_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\d+@[\w.-]+|/home/|/root/|/work/|site-packages", text)
