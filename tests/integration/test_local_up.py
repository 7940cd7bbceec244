"""`up`, `down` and `reset`, with the whole stack in a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from local.processes import wait_until
from local.stack import down, reset
from local.state import StackInfo, read_stack
from settings import Settings

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(400)]

SECONDS = 120
UP = """
import asyncio
from contracts.errors import AssentError
from local.stack import up
from settings import load_settings
async def sign_in(database_url, ui_url):
    return f"{ui_url}/once"
try:
    asyncio.run(up(load_settings(), demo=True, json_output=True, sign_in=sign_in))
except AssentError as error:
    raise SystemExit(f"{error.message} / {error.hint}")
"""


@contextmanager
def starting(settings: Settings) -> Iterator[dict[str, Any]]:
    """What a stack prints when it is ready; it is killed at the end if it still lives."""
    env = {**os.environ, "DATA_DIR": str(settings.data_dir), "API_PORT": "0"}
    with (
        (settings.data_dir / "up.log").open("a") as errors,
        subprocess.Popen([sys.executable, "-c", UP], env=env, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, (settings.data_dir / "up.log").read_text()
            yield json.loads(line)
        finally:
            process.kill()


def running(settings: Settings) -> StackInfo:
    info = read_stack(settings)
    assert info is not None
    assert info.ready
    return info


def test_the_stack_starts_recovers_stops_and_starts_again(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with starting(settings) as first:
        info = running(settings)
        assert first["cold_start_seconds"] > 0
        assert first["sign_in_url"] == f"{info.ui_url}/once"
        assert httpx.get(first["ui_url"] + "/healthz").status_code == 200
        assert httpx.get(first["temporal_ui_url"]).status_code == 200
        assert {"postgres", "temporal", "worker", "api", "sink"} == set(info.pids)

        again = subprocess.run(
            [sys.executable, "-c", UP], env={**os.environ, "DATA_DIR": str(tmp_path)}, capture_output=True, check=False
        )
        assert again.returncode == 1
        assert b"already running" in again.stderr

        children = [psutil.Process(pid) for pid in info.pids.values()]
        for pid in info.pids.values():
            os.kill(pid, signal.SIGKILL)
        asyncio.run(wait_until(lambda: recovered(settings, info), SECONDS, "the stack"))
        children += [psutil.Process(pid) for pid in running(settings).pids.values()]
        assert down(settings)
        assert read_stack(settings) is None
        assert not any(child.is_running() for child in children)

    with starting(settings) as second:
        assert second["warm_start_seconds"] > 0
        assert second["ui_url"] == first["ui_url"]
        reset(settings, stop=True)
    assert [path.name for path in tmp_path.iterdir()] == ["up.log"]


async def recovered(settings: Settings, before: StackInfo) -> bool:
    """Whether every service runs anew and the API answers."""
    now = running(settings)
    if now.pids.keys() != before.pids.keys() or set(now.pids.values()) & set(before.pids.values()):
        return False
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{now.ui_url}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False
