"""The command line as a process, against a served API: what it prints, and its exit codes."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.definitions import GATED
from tests.serving import Api

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]


class Cli:
    """`assent`, talking to one API."""

    def __init__(self, url: str, token: str, data_dir: Path) -> None:
        self._env = {**os.environ, "API_URL": url, "API_TOKEN": token, "DATA_DIR": str(data_dir), "COLUMNS": "200"}

    async def __call__(self, *arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", *arguments, cwd=ROOT, env=self._env,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def json(self, *arguments: str) -> Any:
        code, out, err = await self(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def cli(served_api: Api, tmp_path: Path) -> Cli:
    return Cli(served_api.url, served_api.token, tmp_path)


def save(folder: Path, source: str) -> str:
    path = folder / "workflow.yaml"
    path.write_text(source, encoding="utf-8")
    return str(path)


async def test_a_workflow_is_published_run_decided_and_shown(cli: Cli, served_api: Api, tmp_path: Path) -> None:
    published = await cli.json("publish", save(tmp_path, GATED))
    assert published["name"] == "gated"
    run = await cli.json("run", "gated", "-i", '{"confidence": 0.1}')
    task = await served_api.task(run["id"])
    assert task["id"] in [node["id"] for node in (await cli.json("approvals"))["nodes"]]
    decided = await cli.json("decide", task["id"], "edit", "--payload", '{"label": "other"}', "--reason", "clearly")
    assert decided["decision"]["payload"] == {"label": "other"}
    await served_api.run(run["id"], "completed")
    detail = await cli.json("runs", run["id"])
    assert detail["run"]["outputs"] == {"label": "other"}
    code, out, _ = await cli("runs")
    assert code == 0
    assert run["id"] in out


async def test_a_decision_can_be_undone_while_its_delay_lasts(cli: Cli, served_api: Api, tmp_path: Path) -> None:
    await cli.json("publish", save(tmp_path, GATED))
    run = await cli.json("run", "gated", "-i", '{"confidence": 0.1}')
    task = await served_api.task(run["id"])
    await cli.json("decide", task["id"], "reject", "--delay", "60")
    undone = await cli.json("decide", task["id"], "undo")
    assert undone["status"] == "pending"


async def test_the_same_key_starts_one_run(cli: Cli, tmp_path: Path) -> None:
    await cli.json("publish", save(tmp_path, GATED))
    command = ("run", "gated", "-i", '{"confidence": 0.99}', "--key", "only-once")
    assert (await cli.json(*command))["id"] == (await cli.json(*command))["id"]


async def test_an_invalid_workflow_is_refused_with_every_place_and_exit_code_1(cli: Cli, tmp_path: Path) -> None:
    path = save(tmp_path, "name: bad\nsteps:\n  - {id: a, agnet: x}\n  - {id: a, transform: 1}\n")
    code, out, err = await cli("validate", path)
    assert (code, out) == (1, "")
    assert f"{path}:3:" in err
    assert f"{path}:4:" in err
    code, out, _ = await cli("validate", path, "--json")
    assert code == 1
    assert not json.loads(out)["valid"]
    assert (await cli("publish", path))[0] == 1


async def test_the_plan_shows_levels_and_the_critical_path(cli: Cli, tmp_path: Path) -> None:
    plan = await cli.json("plan", save(tmp_path, GATED))
    assert plan["levels"] == [["intent"], ["after"]]
    assert plan["critical_path"] == ["intent", "after"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("run", "nowhere"), 1, "there is no workflow 'nowhere'"),
        (("run", "gated", "-i", "{"), 1, "not valid JSON"),
        (("runs", "nowhere"), 1, "there is no run"),
        (("decide", "nowhere", "approve"), 1, "there is no task"),
        (("decide", "nowhere", "perhaps"), 2, "approve, reject, edit or undo"),
        (("publish", "nowhere.yaml"), 1, "nowhere.yaml"),
        (("nonsense",), 2, "No such command"),
    ],
)
async def test_what_is_refused_says_why(cli: Cli, arguments: tuple[str, ...], code: int, message: str) -> None:
    found, out, err = await cli(*arguments)
    assert (found, out) == (code, "")
    assert message in " ".join(err.split())
    assert "Traceback" not in err


async def test_without_a_running_stack_it_says_how_to_start_one(tmp_path: Path) -> None:
    code, _, err = await Cli("", "", tmp_path)("runs")
    assert code == 3
    assert "assent up" in err


async def test_a_wrong_token_is_refused(served_api: Api, tmp_path: Path) -> None:
    code, _, err = await Cli(served_api.url, "wrong", tmp_path)("runs")
    assert code == 1
    assert "sign-in" in err


async def test_a_bad_setting_is_one_line_and_exit_code_2(served_api: Api, tmp_path: Path) -> None:
    cli = Cli(served_api.url, "x", tmp_path)
    cli._env["API_PORT"] = "many"
    code, _, err = await cli("runs")
    assert code == 2
    assert err.count("\n") == 1
    assert "API_PORT" in err
