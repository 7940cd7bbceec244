"""The real API on a real port, for tests: production's app and uvicorn settings, driven over the network."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import uvicorn
import websockets
from websockets.asyncio.client import ClientConnection

from api.__main__ import server_config
from api.sessions import issue_token
from local.processes import free_port
from settings import Settings
from store.database import Database, open_database

WAIT_SECONDS = 20
SUBPROTOCOL: Any = "graphql-transport-ws"

EVENTS = "subscription($run: ID) { events(runId: $run) { kind runId step taskId status } }"


class Server(uvicorn.Server):
    """uvicorn inside a test: signals stay pytest's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Api:
    """A served API: `client` is signed in with a token, `stranger` is not."""

    settings: Settings
    database: Database
    client: httpx.AsyncClient
    stranger: httpx.AsyncClient
    token: str

    @property
    def url(self) -> str:
        return str(self.client.base_url).rstrip("/")

    async def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer of a GraphQL request."""
        response = await self.client.post("/graphql", json={"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL request that has no errors."""
        answer = await self.graphql(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def publish(self, source: str) -> dict[str, Any]:
        response = await self.client.put("/api/v1/workflows", json={"source": source})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def start(self, workflow: str, run_input: Any = None, **headers: str) -> dict[str, Any]:
        response = await self.client.post(
            f"/api/v1/workflows/{workflow}/runs", json={"input": run_input}, headers=headers
        )
        assert response.status_code in (200, 201), response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def run(self, run_id: str, *statuses: str) -> dict[str, Any]:
        """The run with its steps, once it has one of the statuses."""
        return await self._until(f"/api/v1/runs/{run_id}", lambda found: found["run"]["status"] in statuses)

    async def task(self, run_id: str) -> dict[str, Any]:
        """The first pending task of the run, once there is one."""
        found = await self._until(
            "/api/v1/tasks?first=200", lambda page: any(task["run_id"] == run_id for task in page["nodes"])
        )
        task: dict[str, Any] = next(task for task in found["nodes"] if task["run_id"] == run_id)
        return task

    async def decide(self, task: dict[str, Any], verdict: str = "approve", **more: Any) -> httpx.Response:
        body = {"proposal_hash": task["proposal_hash"], "verdict": verdict, **more}
        return await self.client.post(f"/api/v1/tasks/{task['id']}/decision", json=body)

    async def _until(self, path: str, fits: Any) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                found: dict[str, Any] = (await self.client.get(path)).json()
                if fits(found):
                    return found
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def websocket(self, **headers: str) -> AsyncIterator[ClientConnection]:
        """A WebSocket to /graphql, signed in unless `headers` say otherwise."""
        sent = {"authorization": f"Bearer {self.token}", **headers}
        url = self.url.replace("http", "ws", 1) + "/graphql"
        async with websockets.connect(
            url, subprotocols=[SUBPROTOCOL], additional_headers=sent, proxy=None, max_size=None
        ) as connection:
            yield connection

    @asynccontextmanager
    async def subscription(self, query: str = EVENTS, **variables: Any) -> AsyncIterator[ClientConnection]:
        """A running subscription; `next_event` reads from it."""
        async with self.websocket() as connection:
            await connection.send('{"type": "connection_init"}')
            assert orjson.loads(await connection.recv())["type"] == "connection_ack"
            payload = {"query": query, "variables": variables}
            await connection.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": payload}).decode())
            await connection.send('{"type": "ping"}')
            assert orjson.loads(await connection.recv())["type"] == "pong"
            yield connection


async def next_message(connection: ClientConnection) -> dict[str, Any]:
    """The next message of a WebSocket."""
    message: dict[str, Any] = orjson.loads(await asyncio.wait_for(connection.recv(), WAIT_SECONDS))
    return message


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """Serve the API of these settings; its address."""
    server = Server(server_config(settings))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done(), "the API did not start"
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def api_settings(database_url: str, temporal_address: str, namespace: str = "default", **more: Any) -> Settings:
    """Settings of an API that tests serve on a free port."""
    values = {"database_url": database_url, "temporal_address": temporal_address, "temporal_namespace": namespace}
    return Settings(_env_file=None, **{**values, "api_port": free_port(), **more})


@asynccontextmanager
async def api(settings: Settings) -> AsyncIterator[Api]:
    """A served API with a signed-in client."""
    assert settings.database_url is not None
    database = await open_database(settings.database_url.get_secret_value(), size=3)
    try:
        token = await issue_token(database)
        headers = {"authorization": f"Bearer {token}"}
        async with (
            served(settings) as url,
            httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False) as client,
            httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as stranger,
        ):
            yield Api(settings, database, client, stranger, token)
    finally:
        await database.close()
