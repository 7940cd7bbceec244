"""The servers that a benchmark measures on: the embedded Postgres and Temporal, as `assent up` starts them."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from local import temporal
from local.postgres import EmbeddedPostgres
from local.processes import free_port, spawn, stop, wait_until
from store.migrate import migrate

START_SECONDS = 120


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """A temporary folder for the servers' data."""
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as name:
        yield Path(name)


@asynccontextmanager
async def postgres(data: Path) -> AsyncIterator[str]:
    """URL of a fresh, migrated database with durable commits."""
    server = EmbeddedPostgres(data / "postgres", free_port())
    await asyncio.to_thread(server.prepare)
    with (data / "postgres.log").open("wb") as log:
        process = await spawn(server.command, prefix=server.prefix, output=log, death_signal=signal.SIGINT)
        try:
            await wait_until(server.ready, START_SECONDS, "Postgres")
            await asyncio.to_thread(migrate, server.url)
            yield server.url
        finally:
            await stop(process, signal.SIGINT, seconds=10)


@asynccontextmanager
async def temporal_server(data: Path, *, stock: bool = False) -> AsyncIterator[tuple[str, psutil.Process]]:
    """host:port and process of a dev server: ours on a SQLite file, or a stock one as its own defaults have it."""
    binary = await asyncio.to_thread(temporal.find_temporal, None, print)
    port = free_port()
    name = "stock" if stock else "temporal"
    if stock:
        command = [str(binary), "server", "start-dev", "--headless", "--port", str(port), "--log-level", "error"]
    else:
        database = data / f"{name}.sqlite"
        command = temporal.dev_server(binary, port=port, ui_port=None, database=database, log_level="error")
    with (data / f"{name}.log").open("wb") as log:
        process = await spawn(command, output=log)
        try:
            address = f"127.0.0.1:{port}"
            await wait_until(lambda: temporal.ready(address, "default"), START_SECONDS, "Temporal")
            yield address, psutil.Process(process.pid)
        finally:
            await stop(process, signal.SIGTERM, seconds=10)
