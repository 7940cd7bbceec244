"""GraphQL over HTTP and WebSocket: the same operations, live events, and its limits."""

import asyncio
from typing import Any

import orjson
import pytest
import websockets

from tests.definitions import CHAIN, GATED
from tests.serving import Api, next_message

pytestmark = pytest.mark.servers

START = """mutation($input: StartRunInput!) { startRun(input: $input) {
  __typename ... on Run { id status } ... on Problem { code message hint } } }"""
DECIDE = """mutation($input: DecideInput!) { decide(input: $input) {
  __typename ... on Task { id status decision { verdict payload delivered decidedBy } }
  ... on Problem { code message } } }"""
UNDO = "mutation($id: ID!) { undoDecision(taskId: $id) { __typename ... on Task { status } ... on Problem { code } } }"
CANCEL = "mutation($id: ID!) { cancelRun(id: $id) { __typename ... on Run { id } ... on Problem { code message } } }"
RUN = """query($id: ID!) { run(id: $id) { id status outputs waitingFor temporalUrl plan { id kind uses needs level }
  steps { step status route output proposal { confidence contentHash } task { id status } failures { error } } } }"""


async def start(api: Api, workflow: str, run_input: Any) -> str:
    answer = await api.data(START, input={"workflow": workflow, "input": run_input})
    assert answer["startRun"]["__typename"] == "Run", answer
    return str(answer["startRun"]["id"])


async def test_a_run_is_started_read_and_decided(served_api: Api) -> None:
    await served_api.publish(GATED)
    run_id = await start(served_api, "gated", {"confidence": 0.1})
    task = await served_api.task(run_id)
    waiting = (await served_api.data(RUN, id=run_id))["run"]
    assert waiting["waitingFor"] == ["intent"]
    assert [step["id"] for step in waiting["plan"]] == ["intent", "after"]
    [step] = waiting["steps"]
    assert (step["status"], step["route"], step["task"]["id"]) == ("WAITING", "ASK", task["id"])
    decision = {"taskId": task["id"], "proposalHash": task["proposal_hash"], "verdict": "APPROVE"}
    decided = (await served_api.data(DECIDE, input=decision))["decide"]
    assert (decided["status"], decided["decision"]["decidedBy"]) == ("DECIDED", "admin")
    await served_api.run(run_id, "completed")
    again = (await served_api.data(DECIDE, input=decision))["decide"]
    assert (again["__typename"], again["code"]) == ("Problem", "conflict")
    assert (await served_api.data(RUN, id=run_id))["run"]["outputs"] == {"label": "refund"}


async def test_a_decision_is_undone_and_a_run_cancelled(served_api: Api) -> None:
    await served_api.publish(GATED)
    run_id = await start(served_api, "gated", {"confidence": 0.1})
    task = await served_api.task(run_id)
    decision = {"taskId": task["id"], "proposalHash": task["proposal_hash"], "verdict": "REJECT", "delaySeconds": 60}
    assert (await served_api.data(DECIDE, input=decision))["decide"]["decision"]["delivered"] is False
    assert (await served_api.data(UNDO, id=task["id"]))["undoDecision"]["status"] == "PENDING"
    assert (await served_api.data(CANCEL, id=run_id))["cancelRun"]["id"] == run_id
    await served_api.run(run_id, "cancelled")
    assert (await served_api.data(CANCEL, id=run_id))["cancelRun"]["code"] == "conflict"


async def test_lists_page_and_count(served_api: Api) -> None:
    await served_api.publish(GATED.replace("name: gated", "name: listed"))
    ids = [await start(served_api, "listed", {"confidence": 0.1}) for _ in range(5)]
    for run_id in ids:
        await served_api.task(run_id)
    query = """query($after: String) { tasks(first: 2, after: $after, workflow: "listed") {
      totalCount nodes { runId proposal { title } } pageInfo { endCursor hasNextPage } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = (await served_api.data(query, after=after))["tasks"]
        assert page["totalCount"] == 5
        seen += [node["runId"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == sorted(ids)
    runs = '{ runs(first: 3, workflow: "listed") { nodes { id steps { task { id } } } pageInfo { hasNextPage } } }'
    page = (await served_api.data(runs))["runs"]
    assert [run["id"] for run in page["nodes"]] == list(reversed(ids))[:3]
    assert page["pageInfo"]["hasNextPage"] is True


async def test_workflows_are_shown_with_their_plan(served_api: Api) -> None:
    await served_api.publish(CHAIN)
    query = "query($name: String!) { workflow(name: $name) { name revision source pendingTasks steps { id level } } }"
    workflow = (await served_api.data(query, name="chain"))["workflow"]
    assert workflow["source"] == CHAIN
    assert workflow["steps"] == [{"id": "twice", "level": 0}, {"id": "send", "level": 1}]
    assert (await served_api.data(query, name="nothing"))["workflow"] is None
    assert "chain" in {row["name"] for row in (await served_api.data("{ workflows { name } }"))["workflows"]}


async def test_events_of_one_run_arrive_and_no_others(served_api: Api) -> None:
    await served_api.publish(GATED)
    run_id = await start(served_api, "gated", {"confidence": 0.1})
    task = await served_api.task(run_id)
    async with served_api.subscription(run=run_id) as connection:
        await start(served_api, "gated", {"confidence": 0.99})
        await served_api.decide(task)
        seen: list[tuple[str, str | None, str]] = []
        while ("run", None, "completed") not in seen:
            message = await next_message(connection)
            event = message["payload"]["data"]["events"]
            assert event["runId"] == run_id
            seen.append((event["kind"], event["step"], event["status"]))
    assert ("task", "intent", "decided") in seen
    assert ("step", "intent", "completed") in seen
    assert seen[-1] == ("run", None, "completed")


async def test_a_subscription_ends_when_it_is_completed_and_the_connection_goes_on(served_api: Api) -> None:
    await served_api.publish(CHAIN)
    async with served_api.subscription() as connection:
        await connection.send('{"id": "1", "type": "complete"}')
        await connection.send('{"type": "ping"}')
        assert (await next_message(connection))["type"] == "pong"
        payload = {"query": "{ me { name } }"}
        await connection.send(orjson.dumps({"id": "2", "type": "subscribe", "payload": payload}).decode())
        message = await next_message(connection)
        assert message["payload"] == {"data": {"me": {"name": "admin"}}}


async def test_nothing_can_be_subscribed_to_before_the_handshake(served_api: Api) -> None:
    async with served_api.websocket() as connection:
        await connection.send('{"id":"1","type":"subscribe","payload":{"query":"subscription{events{kind}}"}}')
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(connection.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


BAD_FRAMES: dict[str, str | bytes] = {
    "no JSON": "{",
    "no object": "[]",
    "NaN": '{"type": NaN}',
    "deep": "[" * 100_000,
    "binary": b"\x00\xff",
    "no type": "{}",
    "unknown type": '{"type": "dance"}',
    "lone surrogate": '{"type": "connection_init", "payload": {"x": "\\ud800"}}',
    "no payload": '{"type": "subscribe", "id": "1"}',
    "an id that is no text": '{"type": "subscribe", "id": [1], "payload": {"query": "{ me { name } }"}}',
    "variables that are no object": '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": 5}}',
    "wrong payload": '{"type": "subscribe", "id": "1", "payload": 5}',
    "two handshakes": '{"type": "connection_init"}',
}


@pytest.mark.parametrize("frame", BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
async def test_a_bad_frame_closes_the_connection_with_a_reason(served_api: Api, frame: str | bytes) -> None:
    async with served_api.websocket() as connection:
        await connection.send('{"type": "connection_init"}')
        assert (await next_message(connection))["type"] == "connection_ack"
        await connection.send(frame)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(connection.recv(), 5)
    assert closed.value.rcvd is not None
    assert 4400 <= closed.value.rcvd.code < 4500


async def test_a_frame_beyond_the_limit_closes_the_connection(served_api: Api) -> None:
    async with served_api.websocket() as connection:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.gather(connection.send("x" * 1_100_000), asyncio.wait_for(connection.recv(), 5))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


async def test_errors_inside_a_subscription_carry_code_and_hint(served_api: Api) -> None:
    query = 'subscription { events(runId: "\\u0000") { kind } }'
    async with served_api.subscription(query) as connection:
        message = await next_message(connection)
        errors = message["payload"] if isinstance(message["payload"], list) else message["payload"]["errors"]
    assert errors[0]["extensions"]["code"] == "invalid_input"


QUERIES: dict[str, str] = {
    "5,000 aliases": "{" + " ".join(f"a{n}: me {{ name }}" for n in range(5000)) + "}",
    "too many aliases": "{" + " ".join(f"a{n}: overview {{ acted }}" for n in range(40)) + "}",
    "many tokens": "{ me { " + "name " * 200_000 + "} }",
    "deep selection": "{" * 900 + "me" + "}" * 900,
    "deep list": "{ run(id: " + "[" * 100_000 + "]" * 100_000 + ") { id } }",
    "deep list within the tokens": "{ run(id: " + "[" * 450 + "]" * 450 + ") { id } }",
    "deep value": 'mutation { startRun(input: {workflow: "chain", input: '
    + "[" * 300
    + "]" * 300
    + "}) { __typename } }",
    "fragment cycle": "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    "deep introspection": "{ __schema { types " + "{ fields { type " * 12 + "{ name }" + "} }" * 12 + "} }",
    "not GraphQL": "SELECT 1",
    "empty": "",
    "unknown field": "{ nothing }",
    "NUL in the query": "{ me\x00 { name } }",
    "lone surrogate literal": '{ run(id: "\\ud800") { id } }',
    "repeated directives": "{ me " + "@include(if: true) " * 500 + "{ name } }",
    "huge integer": "{ runs(first: " + "9" * 5000 + ") { nodes { id } } }",
    "int beyond 32 bits": "{ runs(first: 18446744073709551616) { nodes { id } } }",
    "page of nothing": "{ runs(first: 0) { nodes { id } } }",
    "page of everything": "{ runs(first: 100000) { nodes { id } } }",
    "NUL in an id": '{ run(id: "\\u0000") { id } }',
    "NUL in a filter": '{ runs(workflow: "a\\u0000b") { nodes { id } } }',
    "NUL in a name": '{ workflow(name: "a\\u0000b") { name } }',
    "wrong cursor": '{ runs(after: "nonsense") { nodes { id } } }',
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
async def test_a_bad_query_is_refused_with_a_message_and_quickly(served_api: Api, query: str) -> None:
    async with asyncio.timeout(5):
        response = await served_api.client.post("/graphql", json={"query": query})
    assert response.status_code < 500
    if response.headers["content-type"] == "application/json":
        errors = response.json()["errors"]
        assert errors[0]["message"]
        assert "something went wrong on our side" not in errors[0]["message"]
    else:
        assert response.status_code >= 400
        assert response.text


VALUES: dict[str, str] = {
    "2^64": "18446744073709551616",
    "-2^64": "-18446744073709551616",
    "5000 digits": "9" * 5000,
    "1e400": "1e400",
    "NUL": '"a\\u0000b"',
    "NUL in a key name": '[{a: "\\u0000"}]',
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_a_literal_that_cannot_be_stored_is_a_problem(served_api: Api, value: str) -> None:
    await served_api.publish(GATED)
    run_id = await start(served_api, "gated", {"confidence": 0.1})
    task = await served_api.task(run_id)
    starting = 'startRun(input: {workflow: "gated", input: {x: VALUE}})'
    deciding = 'decide(input: {taskId: "TASK", proposalHash: "HASH", verdict: EDIT, payload: {x: VALUE}})'
    for mutation in (starting, deciding):
        call = mutation.replace("TASK", task["id"]).replace("HASH", task["proposal_hash"]).replace("VALUE", value)
        answer = await served_api.graphql("mutation { it: " + call + " { __typename ... on Problem { code } } }")
        if answer.get("data"):
            assert answer["data"]["it"]["code"] == "invalid_input", answer
        else:
            assert "on our side" not in answer["errors"][0]["message"]
    assert (await served_api.task(run_id))["status"] == "pending"


async def test_a_payload_that_is_no_object_and_a_reason_too_long_are_problems(served_api: Api) -> None:
    await served_api.publish(GATED)
    task = await served_api.task(await start(served_api, "gated", {"confidence": 0.1}))
    base = {"taskId": task["id"], "proposalHash": task["proposal_hash"], "verdict": "EDIT"}
    for more in ({"payload": [1]}, {"payload": "x"}, {"reason": "x" * 10_001}, {"delaySeconds": 61}, {}):
        answer = (await served_api.data(DECIDE, input={**base, **more}))["decide"]
        assert (answer["__typename"], answer["code"]) == ("Problem", "invalid_input")


async def test_batches_of_queries_are_refused(served_api: Api) -> None:
    response = await served_api.client.post("/graphql", json=[{"query": "{me{name}}"}] * 2)
    assert response.status_code == 422


async def test_suggestions_do_not_give_the_schema_away(served_api: Api) -> None:
    answer = await served_api.graphql("{ overvew { acted } }")
    assert "Did you mean" not in answer["errors"][0]["message"]
