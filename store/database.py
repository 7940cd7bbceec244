"""Connections to Postgres: one pool per process and purpose, with JSON and vectors mapped to Python values."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import orjson
from pgvector.asyncpg import register_vector

from contracts.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Connection = Pool = Any

COMMAND_TIMEOUT = 30.0
"""Seconds after which a query that hangs is given up."""


class Database:
    """A pool of connections. Open it with `open_database`."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit mode.

        Raises:
            Unavailable: Postgres does not answer.
            InvalidInput: Postgres cannot hold a value of the query.
        """
        with _translated():
            async with self.pool.acquire(timeout=COMMAND_TIMEOUT) as connection:
                yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside one transaction, committed when the block ends."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def close(self) -> None:
        await self.pool.close()


LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the query met the server's last words on a connection that was idle
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
"""What asyncpg raises when Postgres is gone, going, not back yet, or does not let us in."""


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except LOST as error:
        raise Unavailable(f"the database does not answer ({type(error).__name__})", hint="try again") from error
    except asyncpg.DataError as error:
        # Callers check what they store; this is for a text that is only looked for.
        raise InvalidInput("a value has characters or a size that the database cannot hold") from error


async def open_database(url: str, *, size: int = 10, durable: bool = True, lazy: bool = False) -> Database:
    """Open a pool. With `durable=False` commits return before they are on disk.

    That suits projections: losing Postgres loses at most the last moments of what a run's end writes again.
    With `lazy` the first connection is made when it is needed, so that a server can start before its database.

    Raises:
        Unavailable: Postgres does not answer (unless `lazy`).
    """
    settings = {"application_name": "assent"} | ({} if durable else {"synchronous_commit": "off"})
    with _translated():
        pool = await asyncpg.create_pool(
            url,
            min_size=0 if lazy else 1,
            max_size=size,
            init=_prepare,
            reset=_nothing_to_reset,
            command_timeout=COMMAND_TIMEOUT,
            server_settings=settings,
        )
    return Database(pool)


async def _nothing_to_reset(connection: Any) -> None:
    """Sessions hold no state here (settings are SET LOCAL, locks end with transactions): saves a round trip each."""


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: b"\x01" + orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS),
        decoder=lambda data: orjson.loads(data[1:]),
        schema="pg_catalog",
        format="binary",
    )
    await register_vector(connection)
