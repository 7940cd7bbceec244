"""Recorded histories replay on today's code: runs that are under way survive an upgrade."""

import json
import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.replay.record import HISTORIES, SCENARIOS
from worker import FAILURES, WORKFLOWS, workflow_runner

FILES = sorted(HISTORIES.glob("*.json"))


def replayer() -> Replayer:
    """A replayer set up as production's worker is."""
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
        workflow_failure_exception_types=FAILURES,
    )


def load(path: Path) -> WorkflowHistory:
    content = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(content.pop("workflowId"), content)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
async def test_a_recorded_run_replays(path: Path) -> None:
    await replayer().replay_workflow(load(path))


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
