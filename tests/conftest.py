"""The servers that tests need: one Postgres and one in-memory Temporal per test run, in a temporary folder.

`database_url` is a fresh, migrated database for one test; `module_database_url` one for all tests of a module.
`namespace` and `temporal_client` are a Temporal namespace of the module's own, `task_queue` a unique name.
Servers die with the test run, however it ends. Under xdist every worker has its own.
"""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from local import temporal
from local.postgres import ROLE, EmbeddedPostgres
from local.processes import free_port, spawn, stop, wait_until

NAMESPACES = 64
START_SECONDS = 60


@dataclass
class Databases:
    """Makes databases by copying a migrated template; `admin_url` is the superuser's."""

    postgres: EmbeddedPostgres
    template: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def admin_url(self) -> str:
        return self.postgres.admin_url

    async def create(self) -> str:
        """URL of a fresh database at the newest revision of the schema."""
        async with self.lock:
            if not self.template:
                self.template = await self._migrated_template()
        return await self._create(f"test_{secrets.token_hex(6)}", self.template)

    async def create_empty(self) -> str:
        """URL of a fresh database with the extension and nothing else."""
        return await self._create(f"test_{secrets.token_hex(6)}", "assent")

    async def drop(self, url: str) -> None:
        await self._execute(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')

    async def _migrated_template(self) -> str:
        from store.migrate import migrate

        url = await self._create("template_assent", "assent")
        await asyncio.to_thread(migrate, url)
        return "template_assent"

    async def _create(self, name: str, template: str) -> str:
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{ROLE}"')
        return urlunsplit(urlsplit(self.postgres.url)._replace(path=f"/{name}"))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
async def databases(server_folder: Path) -> AsyncIterator[Databases]:
    """The Postgres of this test run."""
    postgres = EmbeddedPostgres(server_folder / "postgres", free_port(), durable=False)
    await asyncio.to_thread(postgres.prepare)
    with (server_folder / "postgres.log").open("wb") as log:
        process = await spawn(postgres.command, prefix=postgres.prefix, output=log, death_signal=signal.SIGINT)
        try:
            await wait_until(postgres.ready, START_SECONDS, "Postgres")
            yield Databases(postgres)
        finally:
            await stop(process, signal.SIGINT, seconds=10)


@pytest.fixture(scope="session")
async def temporal_address(server_folder: Path) -> AsyncIterator[str]:
    """host:port of the Temporal of this test run."""
    binary = await asyncio.to_thread(temporal.find_temporal, _configured_temporal(), print)
    port = free_port()
    command = temporal.dev_server(binary, port=port, ui_port=None, database=None, namespaces=_namespaces())
    with (server_folder / "temporal.log").open("wb") as log:
        process = await spawn(command, output=log)
        try:
            address = f"127.0.0.1:{port}"
            await wait_until(lambda: temporal.ready(address, _namespaces()[-1]), START_SECONDS, "Temporal")
            yield address
        finally:
            await stop(process, signal.SIGTERM, seconds=10)


@pytest.fixture(scope="session")
def unused_namespaces() -> Iterator[str]:
    return iter(_namespaces())


@pytest.fixture(scope="module")
def namespace(unused_namespaces: Iterator[str]) -> str:
    """A namespace that no other module uses, so that queues with fixed names do not meet."""
    return next(unused_namespaces)


@pytest.fixture(scope="module")
async def temporal_client(temporal_address: str, namespace: str) -> Client:
    return await Client.connect(temporal_address, namespace=namespace, data_converter=pydantic_data_converter)


@pytest.fixture
def task_queue() -> str:
    return f"queue-{secrets.token_hex(6)}"


@pytest.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.create()
    yield url
    await databases.drop(url)


@pytest.fixture(scope="module")
async def module_database_url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.create()
    yield url
    await databases.drop(url)


@pytest.fixture
async def empty_database_url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.create_empty()
    yield url
    await databases.drop(url)


def _configured_temporal() -> Path | None:
    configured = os.environ.get("TEMPORAL_CLI")
    return Path(configured) if configured else None


def _namespaces() -> list[str]:
    return [f"test-{index}" for index in range(NAMESPACES)]
