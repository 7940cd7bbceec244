"""A whole embedded stack for tests that kill it: started by the command line, in a data folder of its own.

`Stack` starts, kills and stops it and talks to its API; `Outside` is the outside system that its runs deliver to.
"""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson
import psutil
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from local.client import read_token
from local.processes import free_port
from local.sink import Tickets, create_app
from local.stack import down
from local.state import StackInfo, read_stack
from settings import Settings
from tests.serving import Server

T = TypeVar("T")
SERVICES = {"postgres", "temporal", "worker", "api"}
WAIT_SECONDS = 90
START_SECONDS = 120


async def until(find: Callable[[], Awaitable[T | None]], seconds: float = WAIT_SECONDS) -> T:
    """What `find` finds, asked until it does."""
    async with asyncio.timeout(seconds):
        while not (found := await find()):  # noqa: ASYNC110 - other processes set no event here
            await asyncio.sleep(0.05)
    return found


class Outside:
    """The real ticket receiver, in the test's process. While `answering` is not set, effects happen unanswered."""

    def __init__(self, file: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.host = f"127.0.0.1:{port}"
        self.answering = asyncio.Event()
        self.answering.set()
        self._file = file
        self._app = create_app(Tickets(file))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def late(message: Message) -> None:
            await self.answering.wait()
            await send(message)

        await self._app(scope, receive, late if scope["type"] == "http" else send)

    def tickets(self) -> dict[str, Any]:
        """Everything that was ever delivered, by key: the body and when it came."""
        rows = self._read("SELECT key, body, received_at FROM tickets")
        return {key: {"body": orjson.loads(body), "received_at": received_at} for key, body, received_at in rows}

    def requests(self) -> Counter[str]:
        """How often each key was sent."""
        return Counter(key for (key,) in self._read("SELECT key FROM requests"))

    def _read(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self._file)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


@asynccontextmanager
async def outside_system(folder: Path) -> AsyncIterator[Outside]:
    """An outside system that listens."""
    port = free_port()
    outside = Outside(folder / "outside.sqlite", port)
    server = Server(uvicorn.Config(outside, port=port, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: asyncio.sleep(0, server.started))
        yield outside
    finally:
        outside.answering.set()
        server.should_exit = True
        await serving


class Stack:
    """`assent up` in a process of its own. `announced` is what it printed when it was ready."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.settings = Settings(_env_file=None, data_dir=folder / "data")
        self.output = folder / "up.log"
        self.announced: dict[str, Any] = {}
        self._env = {**os.environ, "DATA_DIR": str(self.settings.data_dir), "API_PORT": "0", **env}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def info(self) -> StackInfo:
        info = read_stack(self.settings)
        assert info is not None, "the stack does not run"
        return info

    async def start(self) -> None:
        """Start everything; returns when all is ready."""
        line = await asyncio.wait_for(asyncio.to_thread(self._up), START_SECONDS)
        assert line, self.output.read_text()
        self.announced = orjson.loads(line)

    def _up(self) -> bytes:
        command = [sys.executable, "-m", "cli", "up", "--json"]
        with self.output.open("ab") as errors:
            self._process = subprocess.Popen(command, env=self._env, stdout=subprocess.PIPE, stderr=errors)
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    async def stop(self) -> None:
        """`assent down`: everything ends in order, the data stays."""
        if self._process is not None:
            await asyncio.to_thread(down, self.settings)
            await asyncio.to_thread(self._process.communicate)

    def kill(self, service: str) -> None:
        os.kill(self.info.pids[service], signal.SIGKILL)

    async def is_whole(self) -> bool:
        """Whether every service runs and the API can reach what it needs."""
        info = self.info
        if info.pids.keys() != SERVICES or not all(is_alive(pid) for pid in info.pids.values()):
            return False
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await answered(client.get(f"{info.ui_url}/readyz"))
        return answer is not None and answer.status_code == 200

    @asynccontextmanager
    async def without(self, service: str) -> AsyncIterator[None]:
        """Kill a service, and keep the supervisor from starting it again for as long as the block takes."""
        supervisor, victim = psutil.Process(self.info.pid), self.info.pids[service]
        supervisor.suspend()
        try:
            os.kill(victim, signal.SIGKILL)
            await until(lambda: asyncio.sleep(0, not is_alive(victim)))
            yield
        finally:
            supervisor.resume()

    @asynccontextmanager
    async def api(self) -> AsyncIterator["StackApi"]:
        """A client that is signed in with this machine's token."""
        headers = {"authorization": f"Bearer {read_token(self.settings.data_dir)}"}
        url = f"{self.info.ui_url}/api/v1"
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20, trust_env=False) as client:
            yield StackApi(client)


class StackApi:
    """What the tests ask of the API. Each call is made once, and may fail as the network does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def publish(self, source: str) -> None:
        (await self.client.put("/workflows", json={"source": source})).raise_for_status()

    async def start(self, workflow: str, key: str, run_input: dict[str, Any]) -> httpx.Response:
        headers = {"idempotency-key": key}
        return await self.client.post(f"/workflows/{workflow}/runs", json={"input": run_input}, headers=headers)

    async def started(self, workflow: str, key: str, **run_input: Any) -> str:
        """The id of a run that is started now, or as soon as the API answers again."""

        async def accepted() -> str | None:
            response = await answered(self.start(workflow, key, run_input))
            return str(response.json()["id"]) if response is not None and response.is_success else None

        return await until(accepted)

    async def decide(self, task: dict[str, Any], delay_seconds: float = 0.0) -> httpx.Response:
        body = {"proposal_hash": task["proposal_hash"], "verdict": "approve", "delay_seconds": delay_seconds}
        return await self.client.post(f"/tasks/{task['id']}/decision", json=body)

    async def decided(self, task: dict[str, Any]) -> None:
        """Approve a task now, or as soon as the API answers again."""

        async def accepted() -> bool:
            response = await answered(self.decide(task))
            return response is not None and response.status_code in (200, 409)

        await until(accepted)

    async def pending(self, run_id: str) -> dict[str, Any]:
        """The run's task, once it is pending."""

        async def find() -> dict[str, Any] | None:
            return next((task for task in await self.tasks("pending") if task["run_id"] == run_id), None)

        return await until(find)

    async def tasks(self, status: str) -> list[dict[str, Any]]:
        """At most 200 tasks of one status, oldest first."""
        response = await answered(self.client.get("/tasks", params={"first": 200, "status": status}))
        tasks: list[dict[str, Any]] = response.json()["nodes"] if response is not None and response.is_success else []
        return tasks

    async def ended(self, run_id: str) -> dict[str, Any]:
        """The run with its steps, once it has ended."""

        async def find() -> dict[str, Any] | None:
            response = await answered(self.client.get(f"/runs/{run_id}"))
            found: dict[str, Any] | None = response.json() if response is not None and response.is_success else None
            return found if found and found["run"]["finished_at"] else None

        return await until(find)


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that nobody has buried yet does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def answered(request: Awaitable[httpx.Response]) -> httpx.Response | None:
    """The response, or None where there was nobody to give one."""
    try:
        return await request
    except httpx.TransportError:
        return None
