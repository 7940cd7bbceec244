"""Who may ask: one-time codes, sessions, tokens; and the outer wall: hosts, origins, methods, content types."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
import websockets

from api.sessions import issue_sign_in
from auth.secrets import digest
from tests.definitions import CHAIN, GATED
from tests.serving import Api

pytestmark = pytest.mark.servers


async def new_code(api: Api) -> str:
    return (await issue_sign_in(api.database, api.url)).partition("#code=")[2]


def browser(api: Api) -> httpx.AsyncClient:
    """A client with its own cookies and no token."""
    return httpx.AsyncClient(base_url=api.url, timeout=30, trust_env=False)


async def test_a_one_time_code_gives_a_session_once(served_api: Api) -> None:
    code = await new_code(served_api)
    async with browser(served_api) as visitor:
        assert (await visitor.get("/api/v1/runs")).status_code == 401
        response = await visitor.post("/api/v1/session", json={"code": code})
        assert (response.status_code, response.json()) == (200, {"name": "admin"})
        cookie = response.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/" in cookie
        assert (await visitor.get("/api/v1/runs")).status_code == 200
        assert (await visitor.post("/api/v1/session", json={"code": code})).status_code == 401


async def test_of_fifty_uses_of_one_code_at_once_one_signs_in(served_api: Api) -> None:
    code = await new_code(served_api)
    answers = await asyncio.gather(
        *(served_api.stranger.post("/api/v1/session", json={"code": code}) for _ in range(50))
    )
    served_api.stranger.cookies.clear()
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 49]


async def test_signing_out_ends_the_session(served_api: Api) -> None:
    async with browser(served_api) as visitor:
        await visitor.post("/api/v1/session", json={"code": await new_code(served_api)})
        [secret] = [cookie.value for cookie in visitor.cookies.jar]
        assert (await visitor.delete("/api/v1/session")).status_code == 204
        replayed = await visitor.get("/api/v1/runs", headers={"cookie": f"assent_session={secret}"})
        assert replayed.status_code == 401


@pytest.mark.parametrize("code", ["", "wrong", "x" * 200, "ä" * 40])
async def test_a_wrong_code_does_not_sign_in(served_api: Api, code: str) -> None:
    response = await served_api.stranger.post("/api/v1/session", json={"code": code})
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")
    assert "set-cookie" not in response.headers


async def test_an_expired_code_session_or_token_is_worth_nothing(served_api: Api) -> None:
    code = await new_code(served_api)
    async with browser(served_api) as visitor:
        await visitor.post("/api/v1/session", json={"code": await new_code(served_api)})
        [secret] = [cookie.value or "" for cookie in visitor.cookies.jar]
        async with served_api.database.connection() as connection:
            await connection.execute(
                "UPDATE sign_ins SET expires_at = now() - $2::interval WHERE secret_hash = ANY($1::bytea[])",
                [digest(code), digest(secret)],
                timedelta(seconds=1),
            )
        assert (await visitor.get("/api/v1/runs")).status_code == 401
        assert (await visitor.post("/api/v1/session", json={"code": code})).status_code == 401


async def test_a_code_is_no_token_and_a_session_is_no_bearer(served_api: Api) -> None:
    code = await new_code(served_api)
    as_token = await served_api.stranger.get("/api/v1/runs", headers={"authorization": f"Bearer {code}"})
    as_cookie = await served_api.stranger.get("/api/v1/runs", headers={"cookie": f"assent_session={code}"})
    assert (as_token.status_code, as_cookie.status_code) == (401, 401)


async def test_only_digests_of_secrets_are_stored(served_api: Api) -> None:
    code = await new_code(served_api)
    async with served_api.database.connection() as connection:
        rows = await connection.fetch("SELECT secret_hash, kind, person FROM sign_ins")
    stored = str([dict(row) for row in rows])
    assert code not in stored
    assert served_api.token not in stored


ROUTES = [
    ("GET", "/api/v1/workflows"),
    ("PUT", "/api/v1/workflows"),
    ("PUT", "/api/v1/collections/x/labels"),
    ("POST", "/api/v1/workflows/x/runs"),
    ("GET", "/api/v1/runs"),
    ("GET", "/api/v1/runs/x"),
    ("POST", "/api/v1/runs/x/cancel"),
    ("GET", "/api/v1/tasks"),
    ("GET", "/api/v1/tasks/x"),
    ("POST", "/api/v1/tasks/x/decision"),
    ("DELETE", "/api/v1/tasks/x/decision"),
    ("GET", "/api/v1/overview"),
    ("DELETE", "/api/v1/session"),
    ("POST", "/graphql"),
]
OPEN = [("POST", "/api/v1/session"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_without_a_session_every_route_is_a_401_problem(served_api: Api, method: str, path: str) -> None:
    response = await served_api.stranger.request(method, path, json={} if method in ("PUT", "POST") else None)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["hint"]


async def test_the_list_of_routes_above_is_complete(served_api: Api) -> None:
    described = (await served_api.stranger.get("/api/v1/openapi.json")).json()["paths"]
    found = {(method.upper(), re.sub("{[a-z_]+}", "x", path)) for path, item in described.items() for method in item}
    assert found | {("POST", "/graphql")} == {*ROUTES, *OPEN}


@pytest.mark.parametrize(
    "headers",
    [{"authorization": ""}, {"authorization": "Bearer wrong"}, {"authorization": "", "cookie": "assent_session=x"}],
)
async def test_a_websocket_without_a_session_is_refused(served_api: Api, headers: dict[str, str]) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with served_api.websocket(**headers):
            pass
    assert refused.value.response.status_code in (401, 403)


HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "",
    "[::1",
    "[",
    "evil@",
    "localhost:80:80@evil.example",
    "ⅼocalhost",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/runs", "/graphql"])
async def test_a_foreign_host_is_misdirected(served_api: Api, host: str, path: str) -> None:
    response = await served_api.client.get(path, headers={b"host": host.encode()})
    assert response.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8400", "[::1]:8400", "127.0.0.1"])
async def test_every_name_of_this_machine_is_answered(served_api: Api, host: str) -> None:
    assert (await served_api.client.get("/api/v1/runs", headers={"host": host})).status_code == 200


FOREIGN = ["http://evil.example", "null", "http://127.0.0.1:1", "http://[", "https://127.0.0.1.evil.example", ""]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_origin_changes_nothing(served_api: Api, origin: str) -> None:
    headers = {"origin": origin}
    started = await served_api.client.post("/api/v1/workflows/chain/runs", json={"input": {}}, headers=headers)
    queried = await served_api.client.post("/graphql", json={"query": "{me{name}}"}, headers=headers)
    assert (started.status_code, queried.status_code) == (403, 403)
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with served_api.websocket(origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_origin_is_welcome(served_api: Api) -> None:
    response = await served_api.client.post(
        "/graphql", json={"query": "{me{name}}"}, headers={"origin": served_api.url}
    )
    assert response.json()["data"] == {"me": {"name": "admin"}}
    async with served_api.websocket(origin=served_api.url):
        pass


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"],
)
async def test_bodies_that_a_form_can_send_are_refused(served_api: Api, media_type: str) -> None:
    await served_api.publish(GATED)
    run = await served_api.start("gated", {"confidence": 0.1})
    task = await served_api.task(run["id"])
    body = f'{{"proposal_hash": "{task["proposal_hash"]}", "verdict": "approve"}}'.encode()
    headers = {"content-type": media_type}
    decided = await served_api.client.post(f"/api/v1/tasks/{task['id']}/decision", content=body, headers=headers)
    queried = await served_api.client.post("/graphql", content=b'{"query": "{me{name}}"}', headers=headers)
    assert 400 <= decided.status_code < 500
    assert 400 <= queried.status_code < 500
    assert (await served_api.task(run["id"]))["status"] == "pending"


async def state_of(api: Api) -> list[Any]:
    """Everything that a request could have changed."""
    tables = ("workflows", "revisions", "runs", "validation_tasks", "decisions", "outbox", "audit", "sign_ins")
    async with api.database.connection() as connection:
        return [
            await connection.fetchval(f"SELECT coalesce(json_agg(t ORDER BY t::text), '[]')::text FROM {table} t")
            for table in tables
        ]


async def test_no_get_changes_anything(served_api: Api) -> None:
    await served_api.publish(CHAIN)
    await served_api.publish(GATED)
    run = await served_api.start("gated", {"confidence": 0.1})
    task = await served_api.task(run["id"])
    described = (await served_api.client.get("/api/v1/openapi.json")).json()["paths"]
    names = {"{name}": "chain", "{run_id}": run["id"], "{task_id}": task["id"]}
    before = await state_of(served_api)
    for template in [*described, '/graphql?query=mutation{cancelRun(id:"x"){__typename}}', "/graphql?query={me{name}}"]:
        path = template
        for name, value in names.items():
            path = path.replace(name, value)
        for method in ("GET", "HEAD"):
            query = {"verdict": "approve", "proposal_hash": task["proposal_hash"], "code": "x", "_method": "POST"}
            url = path if "?" in path else f"{path}?{httpx.QueryParams(query)}"
            override = {"x-http-method-override": "POST"}
            response = await served_api.client.request(method, url, headers=override)
            assert response.status_code < 500, (method, url)
    assert await state_of(served_api) == before
