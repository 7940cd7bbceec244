"""What a request can reach: opened once by the composition root, handed to every handler."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection
from temporalio.client import Client

from api.operations import Operations
from api.sessions import Person, require
from settings import Settings
from store.database import Connection, Database
from store.events import EventStream


@dataclass(frozen=True)
class Services:
    """The parts of a running API. `read` is the replica when there is one."""

    settings: Settings
    database: Database
    read: Database
    temporal: Client
    events: EventStream
    operations: Operations

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for reading lists."""
        async with self.read.connection() as connection:
            yield connection


def services(connection: HTTPConnection) -> Services:
    """The services of the app that serves this connection."""
    return cast(Services, connection.app.state.services)


async def _person(connection: HTTPConnection) -> Person:
    return await require(connection, services(connection).database)


Serving = Annotated[Services, Depends(services)]
SignedIn = Annotated[Person, Depends(_person)]
