"""REST over the network: publish, start, list, decide, undo and cancel, and what the API says of itself."""

import asyncio

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from local.processes import free_port
from tests.definitions import CHAIN, GATED
from tests.serving import Api, api_settings, served

pytestmark = pytest.mark.servers

UNSURE = {"confidence": 0.1}


async def test_a_published_workflow_runs_and_its_run_can_be_read(served_api: Api) -> None:
    published = await served_api.publish(CHAIN)
    assert (published["name"], published["revision"]) == ("chain", 1)
    listed = (await served_api.client.get("/api/v1/workflows")).json()
    assert [row["name"] for row in listed if row["name"] == "chain"] == ["chain"]
    response = await served_api.client.post("/api/v1/workflows/chain/runs", json={"input": {"n": 21}})
    run_id = response.json()["id"]
    assert response.status_code == 201
    assert response.headers["location"] == f"/api/v1/runs/{run_id}"
    found = await served_api.run(run_id, "completed")
    assert found["run"]["outputs"] == {"sent": 42}
    assert [step["step"] for step in found["steps"]] == ["twice", "send"]
    assert found["run"]["started_by"] == "admin"


async def test_publishing_the_same_text_twice_gives_the_same_revision(served_api: Api) -> None:
    source = CHAIN.replace("name: chain", "name: same-text")
    first, again = await served_api.publish(source), await served_api.publish(source)
    assert (first["revision"], again["revision"]) == (1, 1)
    changed = await served_api.publish(source.replace("n * 2", "n * 3"))
    assert changed["revision"] == 2
    assert changed["content_hash"] != first["content_hash"]


async def test_publishing_at_the_same_time_gives_every_revision_its_own_number(served_api: Api) -> None:
    sources = [CHAIN.replace("name: chain", "name: crowded").replace("n * 2", f"n * {n}") for n in range(8)]
    published = await asyncio.gather(*(served_api.publish(source) for source in sources))
    assert sorted(row["revision"] for row in published) == list(range(1, 9))


async def test_variables_replace_the_definitions_own_and_unknown_ones_are_refused(served_api: Api) -> None:
    source = "name: with-vars\nvars: {greeting: hello}\nsteps: [{id: say, transform: '${ vars.greeting }'}]\n"
    body = {"source": source, "variables": {"greeting": "servus"}}
    published = (await served_api.client.put("/api/v1/workflows", json=body)).json()
    assert published["definition"]["vars"] == {"greeting": "servus"}
    wrong = await served_api.client.put("/api/v1/workflows", json={"source": source, "variables": {"other": 1}})
    assert (wrong.status_code, wrong.json()["hint"]) == (422, "it has: greeting")


async def test_an_invalid_definition_answers_every_problem_with_its_place(served_api: Api) -> None:
    source = """name: broken
steps:
  - id: first
    transform: "${ nowhere.output }"
  - id: first
    connector: recording
    needs: [gone]
"""
    response = await served_api.client.put("/api/v1/workflows", json={"source": source})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problems = response.json()["problems"]
    assert len(problems) >= 3
    assert all(problem["line"] > 0 and problem["column"] > 0 and problem["message"] for problem in problems)
    assert {problem["line"] for problem in problems} >= {4, 5, 7}
    names = [row["name"] for row in (await served_api.client.get("/api/v1/workflows")).json()]
    assert "broken" not in names


async def test_an_unsure_proposal_waits_in_the_queue_until_it_is_decided(served_api: Api) -> None:
    await served_api.publish(GATED)
    run = await served_api.start("gated", UNSURE)
    task = await served_api.task(run["id"])
    assert task["proposal"]["payload"] == {"label": "refund"}
    assert (await served_api.client.get(f"/api/v1/tasks/{task['id']}")).json() == task
    decided = await served_api.decide(task, "edit", payload={"label": "complaint"}, reason="they are angry")
    assert decided.status_code == 200
    assert decided.json()["decision"]["decided_by"] == "admin"
    found = await served_api.run(run["id"], "completed")
    assert found["run"]["outputs"] == {"label": "complaint"}


async def test_a_decision_can_be_undone_while_it_waits_and_not_after(served_api: Api) -> None:
    await served_api.publish(GATED)
    run = await served_api.start("gated", UNSURE)
    task = await served_api.task(run["id"])
    assert (await served_api.decide(task, "reject", delay_seconds=60)).status_code == 200
    undone = await served_api.client.delete(f"/api/v1/tasks/{task['id']}/decision")
    assert (undone.status_code, undone.json()["status"]) == (200, "pending")
    assert (await served_api.client.delete(f"/api/v1/tasks/{task['id']}/decision")).status_code == 404
    assert (await served_api.decide(task)).status_code == 200
    await served_api.run(run["id"], "completed")
    assert (await served_api.client.delete(f"/api/v1/tasks/{task['id']}/decision")).status_code == 409


async def test_the_same_decision_twice_and_one_for_another_proposal_are_conflicts(served_api: Api) -> None:
    await served_api.publish(GATED)
    task = await served_api.task((await served_api.start("gated", UNSURE))["id"])
    stale = await served_api.decide({**task, "proposal_hash": "0" * 64})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert (await served_api.decide(task)).status_code == 200
    again = await served_api.decide(task)
    assert again.status_code == 409
    assert again.json()["message"].startswith("already approved by admin at ")


async def test_of_twenty_people_at_once_one_decides(served_api: Api) -> None:
    await served_api.publish(GATED)
    run = await served_api.start("gated", UNSURE)
    task = await served_api.task(run["id"])
    answers = await asyncio.gather(
        *(served_api.decide(task, "edit", payload={"label": f"label {n}"}) for n in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    found = await served_api.run(run["id"], "completed")
    assert found["run"]["outputs"] == winner["decision"]["payload"]


async def test_a_cancelled_run_closes_its_task_and_cannot_be_cancelled_again(served_api: Api) -> None:
    await served_api.publish(GATED)
    run = await served_api.start("gated", UNSURE)
    task = await served_api.task(run["id"])
    assert (await served_api.client.post(f"/api/v1/runs/{run['id']}/cancel")).status_code == 200
    await served_api.run(run["id"], "cancelled")
    late = await served_api.decide(task)
    assert (late.status_code, late.json()["message"]) == (409, "the task is cancelled")
    assert (await served_api.client.post(f"/api/v1/runs/{run['id']}/cancel")).status_code == 409


async def test_fifty_starts_with_one_key_are_one_run(served_api: Api) -> None:
    await served_api.publish(GATED)
    key = {"idempotency-key": "order 4711"}
    answers = await asyncio.gather(
        *(
            served_api.client.post("/api/v1/workflows/gated/runs", json={"input": UNSURE}, headers=key)
            for _ in range(50)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [*[200] * 49, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await served_api.client.post(
        "/api/v1/workflows/gated/runs", json={"input": {"confidence": 0.2}}, headers=key
    )
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_an_idempotency_key_of_the_wrong_length_is_refused(served_api: Api, key: str) -> None:
    await served_api.publish(CHAIN)
    response = await served_api.client.post(
        "/api/v1/workflows/chain/runs", json={"input": {"n": 1}}, headers={"idempotency-key": key}
    )
    assert response.status_code == 422


async def test_pages_have_no_gaps_and_no_repeats_while_runs_are_added(served_api: Api) -> None:
    await served_api.publish(CHAIN.replace("name: chain", "name: paged"))
    started = {(await served_api.start("paged", {"n": n}))["id"] for n in range(23)}
    seen: list[str] = []
    after = ""
    while True:
        page = (await served_api.client.get(f"/api/v1/runs?workflow=paged&first=5&after={after}")).json()
        seen += [run["id"] for run in page["nodes"]]
        await served_api.start("paged", {"n": 99})
        if not page["has_next_page"]:
            break
        after = page["end_cursor"]
    assert len(seen) == len(set(seen)) == 23
    assert set(seen) == started


async def test_the_queue_pages_oldest_first(served_api: Api) -> None:
    await served_api.publish(GATED.replace("name: gated", "name: queued"))
    ids = [(await served_api.start("queued", UNSURE))["id"] for _ in range(7)]
    for run_id in ids:
        await served_api.task(run_id)
    seen: list[dict[str, str]] = []
    after = ""
    for _ in range(4):
        page = (await served_api.client.get(f"/api/v1/tasks?workflow=queued&first=2&after={after}")).json()
        seen += page["nodes"]
        after = page["end_cursor"]
    assert len(seen) == 7
    assert sorted(task["run_id"] for task in seen) == sorted(ids)
    assert [task["created_at"] for task in seen] == sorted(task["created_at"] for task in seen)


async def test_the_overview_counts(served_api: Api) -> None:
    before = (await served_api.client.get("/api/v1/overview")).json()
    await served_api.publish(GATED)
    run = await served_api.start("gated", UNSURE)
    task = await served_api.task(run["id"])
    waiting = (await served_api.client.get("/api/v1/overview")).json()
    assert waiting["pending_tasks"] == before["pending_tasks"] + 1
    assert waiting["asked"] == before["asked"] + 1
    await served_api.decide(task)
    await served_api.run(run["id"], "completed")
    after = (await served_api.client.get("/api/v1/overview")).json()
    assert after["pending_tasks"] == before["pending_tasks"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/runs/nothing"),
        ("GET", "/api/v1/tasks/nothing"),
        ("POST", "/api/v1/runs/nothing/cancel"),
        ("DELETE", "/api/v1/tasks/nothing/decision"),
        ("POST", "/api/v1/workflows/nothing/runs"),
        ("POST", "/api/v1/tasks/nothing/decision"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/nothing"),
    ],
)
async def test_what_does_not_exist_is_a_404_problem(served_api: Api, method: str, path: str) -> None:
    body = {"proposal_hash": "x", "verdict": "approve"} if "decision" in path else {}
    response = await served_api.client.request(method, path, json=body if method == "POST" else None)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["message"]


async def test_a_method_that_a_route_does_not_have_is_a_405_problem(served_api: Api) -> None:
    response = await served_api.client.delete("/api/v1/runs")
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"


async def test_health_readiness_and_metrics_answer(served_api: Api) -> None:
    assert (await served_api.stranger.get("/healthz")).json() == {"status": "ok"}
    ready = await served_api.stranger.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok", "temporal": "ok"})
    text = (await served_api.stranger.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {"assent_http_requests", "assent_http_seconds", "assent_pending_tasks", "assent_outbox_messages"} <= set(
        families
    )
    routes = {sample.labels["route"] for sample in families["assent_http_requests"].samples}
    assert "/healthz" in routes


async def test_without_its_servers_the_api_lives_and_says_what_is_missing() -> None:
    database_url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    settings = api_settings(database_url, f"127.0.0.1:{free_port()}")
    async with served(settings) as url, httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["temporal"] == "does not answer"
        assert ready.json()["checks"]["database"].startswith("the database does not answer")
        asked = await client.get("/api/v1/runs", headers={"authorization": "Bearer x"})
        assert (asked.status_code, asked.json()["code"]) == (503, "unavailable")
        assert (await client.get("/metrics")).status_code in (200, 503)


async def test_metrics_have_a_bounded_number_of_series(served_api: Api) -> None:
    for n in range(3):
        await served_api.stranger.get(f"/api/v1/nothing-{n}")
        await served_api.stranger.request(f"ODD{n}", "/healthz")
    text = (await served_api.stranger.get("/metrics")).text
    assert "nothing-" not in text
    assert "ODD" not in text


async def test_every_answer_has_the_headers_that_browsers_enforce(served_api: Api) -> None:
    for path in ("/healthz", "/api/v1/runs", "/api/v1/nothing"):
        headers = (await served_api.stranger.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


@pytest.mark.parametrize("name", ["x" * 2000, "a%20b", "%2e%2e%2fetc"])
async def test_a_collection_has_a_name_that_people_can_write(served_api: Api, name: str) -> None:
    body = {"labels": [{"name": "refund"}]}
    response = await served_api.client.put(f"/api/v1/collections/{name}/labels", json=body)
    assert response.status_code in (404, 405, 422)
