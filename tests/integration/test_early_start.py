"""An API that is there before what it needs does its work once the rest has come."""

import asyncio
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.sessions import issue_token
from store.database import open_database
from store.migrate import migrate
from tests.definitions import CHAIN, GATED
from tests.harness import Engine, engine
from tests.serving import Api, api_settings, served

pytestmark = pytest.mark.servers


async def test_an_api_that_started_before_the_tables_delivers_once_they_are_there(
    empty_database_url: str, temporal_client: Client, temporal_address: str
) -> None:
    settings = api_settings(empty_database_url, temporal_address, temporal_client.namespace)
    async with served(settings) as url, httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        assert (await client.get("/readyz")).status_code == 200
        await asyncio.to_thread(migrate, empty_database_url)
        database = await open_database(empty_database_url, size=1)
        token = await issue_token(database)
        await database.close()
        client.headers["authorization"] = f"Bearer {token}"
        ours = Api(settings, database, client, client, token)
        await ours.publish(CHAIN)
        started = await ours.start("chain", {"n": 1})
        await ours.run(started["id"], "running")


async def test_a_decision_waits_for_a_namespace_that_is_not_there_yet(
    database_url: str, temporal_client: Client, temporal_address: str
) -> None:
    async with engine(database_url, temporal_client) as ours:
        handle = await ours.start(GATED, {"confidence": 0.1})
        [task] = await ours.pending(handle.id)
    elsewhere = await Client.connect(
        temporal_address, namespace="not-there-yet", data_converter=pydantic_data_converter
    )
    async with engine(database_url, elsewhere, working=False) as ours:
        await ours.decide(task)
        row = await ours.until(lambda: _postponed(ours))
        assert "not-there-yet" in row["last_error"]
        assert row["delivered_at"] is None
    async with engine(database_url, temporal_client):
        assert (await handle.result()).outputs == {"label": "refund"}


async def _postponed(ours: Engine) -> Any:
    async with ours.database.connection() as connection:
        return await connection.fetchrow("SELECT * FROM outbox WHERE kind = 'decision' AND attempts > 0")
