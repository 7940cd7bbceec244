"""The embedded servers as the test run has them."""

import asyncpg
import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from contracts.queues import SEARCH_ATTRIBUTES

pytestmark = pytest.mark.servers


async def test_a_fresh_database_has_vectors_and_an_ordinary_owner(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        assert await connection.fetchval("SELECT '[1,0]'::vector <=> '[0,1]'::vector") == 1
        assert await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        await connection.execute("CREATE TABLE own (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("COPY own FROM PROGRAM 'echo 1'")
    finally:
        await connection.close()


async def test_a_namespace_knows_the_search_attributes(temporal_client: Client, namespace: str) -> None:
    request = ListSearchAttributesRequest(namespace=namespace)
    response = await temporal_client.operator_service.list_search_attributes(request)
    assert set(SEARCH_ATTRIBUTES) <= set(response.custom_attributes)
