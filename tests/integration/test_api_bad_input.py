"""Whatever is sent to the API, it answers 4xx with a clear message, never 5xx, and changes nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import orjson
import pytest

from contracts.errors import InvalidInput
from store.paging import Cursor
from tests.definitions import CHAIN, GATED
from tests.serving import Api

pytestmark = pytest.mark.servers

JSON = {"content-type": "application/json"}
MIB = 1_048_576

VALUES: dict[str, bytes] = {
    "depth 100,000": b"[" * 100_000 + b"]" * 100_000,
    "objects 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "depth 65": b"[" * 65 + b"]" * 65,
    "NUL": b'"a\\u0000b"',
    "NUL in a key": b'{"a\\u0000b": 1}',
    "lone surrogate": b'"\\ud800"',
    "lone surrogate in a key": b'{"\\udfff": 1}',
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "1e400": b"1e400",
    "2^64": b"18446744073709551616",
    "2^63": b"9223372036854775808",
    "-2^64": b"-18446744073709551616",
    "5,000 digits": b"9" * 5000,
    "invalid UTF-8": b'"\xff\xfe"',
    "overlong UTF-8": b'"\xc0\xaf"',
    "UTF-16": '"text"'.encode("utf-16"),
    "nothing": b"",
    "half": b'{"a": ',
    "two values": b"1 2",
    "a comment": b"1 // one",
}

TARGETS = {
    "start": ("POST", "/api/v1/workflows/chain/runs", b'{"input": %s}'),
    "publish": ("PUT", "/api/v1/workflows", b'{"source": "name: x", "variables": {"a": %s}}'),
    "decide": (
        "POST",
        "/api/v1/tasks/TASK/decision",
        b'{"proposal_hash": "HASH", "verdict": "edit", "payload": {"a": %s}}',
    ),
    "labels": ("PUT", "/api/v1/collections/x/labels", b'{"labels": [{"name": %s}]}'),
    "session": ("POST", "/api/v1/session", b'{"code": %s}'),
    "graphql variables": ("POST", "/graphql", b'{"query": "query($x: JSON) { me { name } }", "variables": {"x": %s}}'),
    "graphql query": ("POST", "/graphql", b'{"query": %s}'),
}


@pytest.fixture(scope="module")
async def waiting(served_api: Api) -> AsyncIterator[dict[str, str]]:
    """A task that waits, and that must still wait afterwards."""
    await served_api.publish(CHAIN)
    await served_api.publish(GATED)
    run = await served_api.start("gated", {"confidence": 0.1})
    task = await served_api.task(run["id"])
    yield task
    assert (await served_api.task(run["id"]))["status"] == "pending"


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_a_value_that_cannot_be_kept_is_refused(
    served_api: Api, waiting: dict[str, str], target: tuple[str, str, bytes], value: bytes
) -> None:
    method, path, template = target
    body = template.replace(b"HASH", waiting["proposal_hash"].encode()).replace(b"%s", value)
    response = await served_api.client.request(method, path.replace("TASK", waiting["id"]), content=body, headers=JSON)
    assert 400 <= response.status_code < 500, response.text[:200]
    assert response.headers["content-type"] == "application/problem+json"
    assert 10 < len(response.json()["message"]) < 1000


async def test_integers_of_64_bits_are_kept_exactly(served_api: Api, waiting: dict[str, str]) -> None:
    numbers = {"least": -(2**63) + 1, "most": 2**63 - 1}
    await served_api.publish(
        "name: exact\nsteps: [{id: same, transform: '${ input }'}]\noutputs: {n: '${ same.output }'}"
    )
    run = await served_api.start("exact", numbers)
    found = await served_api.run(run["id"], "completed", "failed")
    assert found["run"]["input"] == numbers
    assert found["run"]["outputs"] == {"n": numbers}


ODD_TEXTS = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%ff",
    "%0d%0aset-cookie:%20x",
    "..%2f..%2fetc",
    "'%3B--",
    "%F0%9F%92%A9",
    "x" * 3000,
]


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize(
    ("method", "template"),
    [
        ("GET", "/api/v1/runs/{}"),
        ("GET", "/api/v1/runs?workflow={}"),
        ("GET", "/api/v1/runs?status={}"),
        ("GET", "/api/v1/runs?after={}"),
        ("GET", "/api/v1/runs?first={}"),
        ("GET", "/api/v1/tasks/{}"),
        ("GET", "/api/v1/tasks?workflow={}&after={}"),
        ("POST", "/api/v1/runs/{}/cancel"),
        ("POST", "/api/v1/workflows/{}/runs"),
        ("POST", "/api/v1/tasks/{}/decision"),
        ("DELETE", "/api/v1/tasks/{}/decision"),
        ("PUT", "/api/v1/collections/{}/labels"),
        ("GET", "/{}"),
    ],
)
async def test_odd_text_in_an_address_is_no_server_error(
    served_api: Api, method: str, template: str, text: str
) -> None:
    path = template.replace("{}", text)
    bodies = {"POST": {"proposal_hash": "x", "verdict": "approve"}, "PUT": {"labels": []}}
    response = await served_api.client.request(method, path, json=bodies.get(method))
    assert response.status_code < 500
    assert "x-injected" not in response.headers
    if "workflow=" not in template and not template.startswith("/{"):
        assert response.status_code >= 400


CURSORS = [
    "nonsense",
    "%%%",
    Cursor(id="\x00").encode(),
    quote("eyJhdCI6ICIyMDI2LTAxLTAxVDAwOjAwOjAwIiwgImlkIjogIngifQ=="),  # a time without its zone
    quote("eyJhdCI6ICIwMDAxLTAxLTAxVDAwOjAwOjAwWiIsICJpZCI6ICJ4In0="),  # year 1
    quote("eyJhdCI6IDFlMzAwLCAiaWQiOiAieCJ9"),
    quote("bnVsbA=="),
    "A" * 5000,
]


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/tasks"])
async def test_a_cursor_that_no_page_gave_is_no_server_error(served_api: Api, path: str, cursor: str) -> None:
    response = await served_api.client.get(f"{path}?after={cursor}")
    assert response.status_code < 500
    assert response.status_code == 422 or "nodes" in response.json()


@pytest.mark.parametrize("text", ["bnVsbA==", "eyJhdCI6ICIyMDI2LTAxLTAxVDAwOjAwOjAwIiwgImlkIjogIngifQ==", "W10="])
def test_a_cursor_needs_time_with_zone_and_id(text: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        Cursor.decode(text)


@pytest.mark.parametrize("first", ["0", "-1", "201", "9" * 5000, "1.5", "abc", "NaN", ""])
async def test_a_page_size_that_is_none_is_a_problem(served_api: Api, first: str) -> None:
    response = await served_api.client.get(f"/api/v1/runs?first={first}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "first" in response.json()["message"]


@pytest.mark.parametrize("path", ["/api/v1/workflows/chain/runs", "/graphql", "/api/v1/session"])
async def test_a_body_beyond_a_mebibyte_is_too_large(served_api: Api, path: str) -> None:
    body = orjson.dumps({"input": {"text": "x" * MIB}})
    response = await served_api.client.post(path, content=body, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def _chunks() -> AsyncIterator[bytes]:
    yield b'{"input": {"text": "'
    for _ in range(20):
        yield b"x" * 65_536
    yield b'"}}'


@pytest.mark.parametrize("path", ["/api/v1/workflows/chain/runs", "/graphql", "/api/v1/session"])
async def test_a_large_body_that_does_not_say_its_length_is_too_large(served_api: Api, path: str) -> None:
    response = await served_api.client.post(path, content=_chunks(), headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"9" * 30, b"9" * 5000, "²".encode("latin-1"), b"5, 6"])
async def test_a_content_length_that_is_none_is_refused(served_api: Api, length: bytes) -> None:
    url = httpx.URL(served_api.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + b"\r\n\r\n")
    answer = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert answer.split()[1][:1] == b"4"


async def test_a_message_of_a_megabyte_is_refused_with_what_fits(served_api: Api) -> None:
    response = await served_api.client.post(
        "/api/v1/workflows/chain/runs", json={"input": {"message": "x" * 1_000_000}}
    )
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert "256 KiB" in response.json()["hint"]


async def test_five_megabytes_of_yaml_are_refused_before_they_are_parsed(served_api: Api) -> None:
    started = time.monotonic()
    response = await served_api.client.put("/api/v1/workflows", json={"source": "a: b\n" * 1_000_000})
    assert response.status_code == 413
    assert time.monotonic() - started < 2


DEFINITIONS: dict[str, str] = {
    "a billion laughs": "\n".join(
        ["name: lol", "vars:", "  a0: &a0 [x, x]", *(f"  a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    ),
    "300 KiB": "name: big\n" + "# comment\n" * 30_000,
    "a Python object": "name: !!python/object/apply:os.system [id]\nsteps: []",
    "a cycle": "name: c\nsteps:\n  - {id: a, needs: [b], transform: 1}\n  - {id: b, needs: [a], transform: 1}",
    "an unknown step": "name: u\nsteps:\n  - {id: a, transform: '${ ghost.output }'}",
    "a wrong type": "name: t\nsteps: 5",
    "bad CEL": "name: b\nsteps:\n  - {id: a, transform: '${ 1 + }'}",
    "a control character": "name: x\x01\nsteps: []",
    "nothing": "",
    "deep nesting": "name: d\nvars: " + "[" * 5000 + "]" * 5000,
    "several documents": "name: a\n---\nname: b",
    "a recursive alias": "name: r\nvars: &v {self: *v}\nsteps: []",
}


@pytest.mark.parametrize("source", DEFINITIONS.values(), ids=DEFINITIONS.keys())
async def test_a_definition_that_is_none_is_refused_and_nothing_is_published(served_api: Api, source: str) -> None:
    before = (await served_api.client.get("/api/v1/workflows")).json()
    response = await served_api.client.put("/api/v1/workflows", json={"source": source})
    assert response.status_code in (413, 422)
    if response.status_code == 422:
        assert all(problem["message"] for problem in response.json()["problems"])
    assert (await served_api.client.get("/api/v1/workflows")).json() == before


async def test_publishing_executes_nothing(served_api: Api, working: object) -> None:
    """Neither agents nor connectors are called, and expressions are not evaluated, however they are written."""
    from tests.harness import Engine

    assert isinstance(working, Engine)
    calls = (len(working.agent.calls), len(working.connector.calls))
    source = """
name: inert
vars: {x: "${ 1 / 0 }"}
steps:
  - {id: ask, agent: scripted, with: {label: a}}
  - {id: send, connector: recording, with: {n: "${ 1 / 0 }"}}
"""
    await served_api.client.put("/api/v1/workflows", json={"source": source})
    async with served_api.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM runs WHERE workflow = 'inert'") == 0
        assert await connection.fetchval("SELECT count(*) FROM outbox o WHERE o.payload->>'workflow' = 'inert'") == 0
    assert (len(working.agent.calls), len(working.connector.calls)) == calls


async def test_an_input_that_does_not_fit_its_schema_names_the_field(served_api: Api, waiting: dict[str, str]) -> None:
    response = await served_api.client.post("/api/v1/workflows/chain/runs", json={"input": {"n": "two"}})
    assert response.status_code == 422
    assert "n:" in response.json()["message"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"5", b"null", b'{"input": 1, "input": 2, "other": 3}'])
async def test_a_body_of_another_shape_is_no_server_error(served_api: Api, body: bytes) -> None:
    for path in ("/api/v1/workflows/chain/runs", "/api/v1/session", "/graphql"):
        response = await served_api.client.post(path, content=body, headers=JSON)
        assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    "body",
    [
        {"verdict": "maybe"},
        {"verdict": "edit"},
        {"verdict": "reject", "payload": {}},
        {"verdict": "approve", "delay_seconds": 61},
        {"verdict": "approve", "delay_seconds": -1},
        {"verdict": "approve", "reason": "x" * 10_001},
        {"verdict": "edit", "payload": {"text": "x" * 300_000}},
        {"verdict": "approve", "proposal_hash": None},
    ],
)
async def test_a_decision_that_is_none_changes_nothing(
    served_api: Api, waiting: dict[str, str], body: dict[str, object]
) -> None:
    whole = {"proposal_hash": waiting["proposal_hash"], **body}
    response = await served_api.client.post(f"/api/v1/tasks/{waiting['id']}/decision", json=whole)
    assert response.status_code in (413, 422)
    assert (await served_api.client.get(f"/api/v1/tasks/{waiting['id']}")).json()["status"] == "pending"
