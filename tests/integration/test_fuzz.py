"""Whatever fits or breaks the OpenAPI document, no route answers with a server error; made up by schemathesis."""

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode

from api.app import create_app
from settings import Settings
from tests.serving import Api

pytestmark = pytest.mark.servers

EXAMPLES = 20
WAITS_FOR_A_WORKER = "/api/v1/collections/{name}/labels"


def routes() -> list[tuple[str, str, GenerationMode]]:
    """Every route, with requests that fit and, where there is something to get wrong, with requests that do not."""
    document = create_app(Settings(_env_file=None)).openapi()
    return [
        (method.upper(), path, mode)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for mode in GenerationMode
        if path != WAITS_FOR_A_WORKER
        if mode is GenerationMode.POSITIVE or {"parameters", "requestBody"} & set(operation)
    ]


@pytest.mark.parametrize(("method", "path", "mode"), routes())
async def test_no_request_is_a_server_error(served_api: Api, method: str, path: str, mode: GenerationMode) -> None:
    document = (await served_api.client.get("/api/v1/openapi.json")).json()
    operation: Any = schemathesis.openapi.from_dict(document)[path][method]
    await asyncio.to_thread(_fuzz, operation, mode, served_api)


def _fuzz(operation: Any, mode: GenerationMode, api: Api) -> None:
    headers = {"authorization": f"Bearer {api.token}"}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def requests(case: Any) -> None:
        response = case.call(base_url=api.url, headers=headers)
        assert response.status_code < 500, case.as_curl_command()

    requests()
