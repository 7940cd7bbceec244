"""The whole embedded stack for a benchmark: `assent up` in a folder of its own, a sink, and clients for both."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import websockets

from local.client import ApiClient, read_token
from local.processes import free_port, spawn, stop, wait_until

START_SECONDS = 300
SUBSCRIPTION = "subscription { events { kind runId step taskId status } }"


@dataclass(frozen=True)
class Running:
    """A stack that answers. `api` calls REST, `events` are live, `sink_url` takes tickets."""

    api: ApiClient
    url: str
    token: str
    sink_url: str

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The live subscription over graphql-transport-ws, acknowledged."""
        address = self.url.replace("http://", "ws://") + "/graphql"
        headers = {"authorization": f"Bearer {self.token}"}
        subprotocol = websockets.Subprotocol("graphql-transport-ws")
        async with websockets.connect(address, subprotocols=[subprotocol], additional_headers=headers) as socket:
            await socket.send('{"type": "connection_init"}')
            await socket.recv()
            await socket.send(
                orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}}).decode()
            )
            yield _read(socket)


async def _read(socket: websockets.ClientConnection) -> AsyncIterator[dict[str, Any]]:
    async for message in socket:
        content = orjson.loads(message)
        if content["type"] == "next":
            yield content["payload"]["data"]["events"]
        elif content["type"] != "ping":
            raise RuntimeError(f"the subscription ended: {content}")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """`assent up` with a sink that it may reach, in `folder`."""
    sink_port = free_port()
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "API_PORT": str(free_port()),
        "HTTP_ALLOWED_HOSTS": f"127.0.0.1:{sink_port}",
        "SINK_PORT": str(sink_port),
        "SINK_DATABASE": str(folder / "bench-sink.sqlite"),
    }
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(_process([sys.executable, "-m", "local.sink"], environment, folder))
        await wait_until(lambda: _answers(f"http://127.0.0.1:{sink_port}/healthz", sink), START_SECONDS, "the sink")
        up = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", "up", "--json", env=environment, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        stack.push_async_callback(_end, up)
        assert up.stdout is not None
        line = await asyncio.wait_for(up.stdout.readline(), START_SECONDS)
        url = json.loads(line)["ui_url"]
        token = read_token(folder) or ""
        api = await stack.enter_async_context(ApiClient(url, token))
        yield Running(api, url, token, f"http://127.0.0.1:{sink_port}")


@asynccontextmanager
async def _process(
    command: list[str], environment: dict[str, str], folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "process.log").open("wb") as log:
        process = await spawn(command, env=environment, output=log)
        try:
            yield process
        finally:
            await stop(process, signal.SIGTERM, seconds=10)


async def _answers(url: str, process: asyncio.subprocess.Process) -> bool:
    if process.returncode is not None:
        raise RuntimeError(f"the process ended with {process.returncode}")
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
            return (await http.get(url)).is_success
    except httpx.HTTPError:
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)
