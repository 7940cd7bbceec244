"""What the tests of the API share: a served API with a worker behind it, one per module."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.harness import Engine, engine
from tests.serving import Api, api, api_settings


@pytest.fixture(scope="module")
async def working(module_database_url: str, temporal_client: Client) -> AsyncIterator[Engine]:
    """A worker with a scripted agent and a recording connector."""
    async with engine(module_database_url, temporal_client) as running:
        yield running


@pytest.fixture(scope="module")
async def served_api(
    module_database_url: str, temporal_address: str, namespace: str, working: Engine
) -> AsyncIterator[Api]:
    """The API of the module's database and namespace."""
    async with api(api_settings(module_database_url, temporal_address, namespace)) as serving:
        yield serving
