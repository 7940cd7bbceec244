"""What callers see of a database that is gone, going or not back yet: always `Unavailable`."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from contracts.errors import InvalidInput, Unavailable
from store.database import Database, open_database

pytestmark = pytest.mark.servers


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, size=4)
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
)
async def test_every_way_to_lose_postgres_is_unavailable(database: Database, error: Exception) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        async with database.transaction():
            raise error


async def test_a_value_that_postgres_cannot_hold_is_not_taken_for_an_outage(database: Database) -> None:
    with pytest.raises(InvalidInput):
        async with database.connection() as connection:
            await connection.fetchval("SELECT $1::int", 2**40)


async def test_connections_that_were_cut_are_replaced(database: Database) -> None:
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"

    async def ask() -> int:
        async with database.connection() as connection:
            return int(await connection.fetchval("SELECT 1 FROM pg_sleep(0.01)"))

    assert await asyncio.gather(*(ask() for _ in range(4))) == [1] * 4
    async with database.connection() as connection:
        await connection.fetchval(cut + " AND datname = current_database()")
    answers = await asyncio.gather(*(ask() for _ in range(8)), return_exceptions=True)
    assert all(answer == 1 or isinstance(answer, Unavailable) for answer in answers)
    assert await asyncio.gather(*(ask() for _ in range(4))) == [1] * 4
