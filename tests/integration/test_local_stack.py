"""The embedded Postgres and Temporal across restarts, kills and users."""

import asyncio
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from contracts.queues import WORKFLOW_NAME
from local import identity, temporal
from local.identity import Identity
from local.postgres import EmbeddedPostgres
from local.processes import free_port, spawn, stop, wait_until

pytestmark = pytest.mark.servers

SECONDS = 60
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")


@asynccontextmanager
async def serving(postgres: EmbeddedPostgres, end: signal.Signals = signal.SIGINT) -> AsyncIterator[str]:
    """Its database's URL while it runs; `end` is the signal that ends it."""
    with (postgres.folder.parent / "postgres.log").open("ab") as log:
        process = await spawn(postgres.command, prefix=postgres.prefix, output=log, death_signal=signal.SIGINT)
    try:
        await wait_until(postgres.ready, SECONDS, "Postgres")
        yield postgres.url
    finally:
        await stop(process, end, SECONDS)


async def execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
async def test_what_postgres_acknowledged_is_there_after_a_restart(tmp_path: Path, end: signal.Signals) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", free_port())
    postgres.prepare()
    async with serving(postgres, end) as url:
        await execute(url, "CREATE TABLE kept (v vector(2))")
        await execute(url, "INSERT INTO kept VALUES ('[1,2]')")
    again = EmbeddedPostgres(tmp_path / "postgres", free_port())
    again.prepare()
    async with serving(again) as url:
        assert await execute(url, "SELECT v::text FROM kept") == "[1,2]"


async def test_a_set_up_that_was_cut_short_is_done_again(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", free_port(), durable=False)
    (tmp_path / "postgres" / "data.new" / "base").mkdir(parents=True)
    postgres.prepare()
    async with serving(postgres) as url:
        assert await execute(url, "SELECT 1") == 1


async def test_postgres_asks_for_the_password_which_only_its_owner_can_read(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", free_port(), durable=False)
    postgres.prepare()
    async with serving(postgres) as url:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await execute(url.replace("assent:", "assent:not"), "SELECT 1")
        assert await execute(url, "SHOW fsync") == "off"
    assert all((tmp_path / "postgres" / name).stat().st_mode & 0o077 == 0 for name in ("password", "admin-password"))


@AS_ROOT
async def test_root_can_use_either_way_and_change_between_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """User namespaces may be allowed in one start and not in the next: the data follows."""
    account = pwd.getpwnam("daemon")
    ways = [identity.in_namespace(account, Identity((), 0, 0)), identity.by_capability(account)]
    possible = [way for way in ways if identity.works(way)]
    assert possible, "this host allows neither way"
    for way in (*possible, possible[0]):
        monkeypatch.setattr("local.postgres.unprivileged", lambda way=way: way)
        postgres = EmbeddedPostgres(tmp_path / "postgres", free_port(), durable=False)
        postgres.prepare()
        async with serving(postgres) as url:
            await execute(url, "CREATE TABLE IF NOT EXISTS kept (id int)")
            await execute(url, "INSERT INTO kept VALUES (1)")
            count = await execute(url, "SELECT count(*) FROM kept")
    assert count == len(possible) + 1


AS_ORDINARY_USER = """
import asyncio, os, signal, sys
from pathlib import Path
import asyncpg
from local.postgres import EmbeddedPostgres
from local.processes import free_port, spawn, stop, wait_until
async def main():
    postgres = EmbeddedPostgres(Path(sys.argv[1]), free_port(), durable=False)
    postgres.prepare()
    process = await spawn(postgres.command, prefix=postgres.prefix, output=2, death_signal=signal.SIGINT)
    try:
        await wait_until(postgres.ready, 60, "Postgres")
        connection = await asyncpg.connect(postgres.url)
        answer = await connection.fetchval("SELECT current_user::text")
        await connection.close()
    finally:
        await stop(process, signal.SIGINT, 30)
    print(os.geteuid(), len(postgres.prefix), answer)
asyncio.run(main())
"""


@AS_ROOT
def test_an_ordinary_user_runs_postgres_as_itself(tmp_path: Path) -> None:
    account = pwd.getpwnam("daemon")
    folder = tmp_path / "postgres"
    folder.mkdir()
    os.chown(folder, account.pw_uid, account.pw_gid)
    command = [sys.executable, "-c", AS_ORDINARY_USER, str(folder)]
    prefix = identity.by_capability(account).prefix
    result = subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert result.stdout.split() == [str(account.pw_uid), "0", "assent"], result.stderr


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_a_run_that_waits_survives_a_restart_of_temporal(tmp_path: Path, end: signal.Signals) -> None:
    binary = await asyncio.to_thread(temporal.find_temporal, _configured(), print)
    port = free_port()
    command = temporal.dev_server(binary, port=port, ui_port=None, database=tmp_path / "temporal.sqlite")
    address = f"127.0.0.1:{port}"
    for start in (True, False):
        with (tmp_path / "temporal.log").open("ab") as log:
            process = await spawn(command, output=log)
        try:
            await wait_until(lambda: temporal.ready(address, "default"), SECONDS, "Temporal")
            client = await Client.connect(address)
            if start:
                await client.start_workflow("Nobody", id="kept", task_queue="none")
            described = await client.get_workflow_handle("kept").describe()
            assert described.status == WorkflowExecutionStatus.RUNNING
            assert await client.count_workflows(f"{WORKFLOW_NAME} IS NULL") is not None
        finally:
            await stop(process, end, SECONDS)


def _configured() -> Path | None:
    configured = os.environ.get("TEMPORAL_CLI")
    return Path(configured) if configured else None
