"""kill -9 of every part of the stack, while runs are in flight and tasks wait: nothing is lost, nothing is doubled."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from temporalio.client import Client

from tests.stacks import Outside, Stack, StackApi, answered, outside_system, until

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(300)]

FLYING, LATER, ASKING = 16, 4, 6

RETRY = "{max_attempts: 100, initial_interval: 100ms, max_interval: 1s}"

DEFINITIONS = """
name: flying
input: {type: object}
steps:
  - id: first
    connector: http.request
    retry: RETRY
    with: {method: POST, url: "URL/tickets", json: {n: "${ input.n }", part: first}}
  - {id: pause, needs: [first], wait: {for: 300ms}}
  - id: second
    needs: [pause]
    connector: http.request
    retry: RETRY
    with: {method: POST, url: "URL/tickets", json: {n: "${ first.output.json.body.n }", part: second}}
outputs: {n: "${ second.output.json.body.n }"}
---
name: asking
input: {type: object}
steps:
  - id: ask
    approval: {title: "Deliver ${ input.n }?"}
  - id: deliver
    needs: [ask]
    connector: http.request
    retry: RETRY
    with: {method: POST, url: "URL/tickets", json: {n: "${ input.n }"}}
outputs: {n: "${ deliver.output.json.body.n }"}
---
name: expiring
input: {type: object}
steps:
  - id: ask
    approval: {title: "Deliver ${ input.n }?"}
    gate: {expires_after: 2s}
  - id: deliver
    needs: [ask]
    connector: http.request
    with: {method: POST, url: "URL/tickets", json: {n: "${ input.n }"}}
---
name: sleeping
input: {type: object}
steps:
  - {id: nap, wait: {until: "${ input.until }"}}
  - id: deliver
    needs: [nap]
    connector: http.request
    with: {method: POST, url: "URL/tickets", json: {n: "${ input.n }"}}
outputs: {n: "${ deliver.output.json.body.n }"}
"""

WHILE_DOWN: dict[str, int | None] = {"worker": 201, "api": None, "temporal": 201, "postgres": 503}
"""What the API says to a start while a part is down."""


@pytest.fixture(scope="module")
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    async with outside_system(tmp_path_factory.mktemp("outside")) as system:
        yield system


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> AsyncIterator[Stack]:
    """One stack for all tests, so that each goes on with what the ones before have left."""
    stack = Stack(tmp_path_factory.mktemp("stack"), HTTP_ALLOWED_HOSTS=outside.host)
    try:
        await stack.start()
        async with stack.api() as api:
            for source in DEFINITIONS.replace("RETRY", RETRY).replace("URL", outside.url).split("---"):
                await api.publish(source)
        yield stack
    finally:
        await stack.stop()


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[StackApi]:
    await until(stack.is_whole)
    async with stack.api() as client:
        yield client


@pytest.mark.parametrize("victim", list(WHILE_DOWN))
async def test_a_kill_loses_nothing_and_doubles_nothing(
    stack: Stack, outside: Outside, api: StackApi, victim: str
) -> None:
    asking = {n: await api.started("asking", f"{victim}-asking-{n}", n=n) for n in range(ASKING)}
    tasks = [await api.pending(run_id) for run_id in asking.values()]
    before = len(outside.tickets())
    flying = dict(enumerate(await asyncio.gather(*(fly(api, victim, n) for n in range(FLYING)))))
    await until(lambda: asyncio.sleep(0, len(outside.tickets()) >= before + 3))

    async with stack.without(victim):
        later = range(FLYING, FLYING + LATER)
        answers = await asyncio.gather(*(answered(api.start("flying", f"{victim}-{n}", {"n": n})) for n in later))
        assert [answer and answer.status_code for answer in answers] == [WHILE_DOWN[victim]] * LATER
        decisions = await asyncio.gather(*(answered(api.decide(task)) for task in tasks[: ASKING // 2]))
        for answer in (*answers, *decisions):
            check_problem(answer)
    flying |= {n: await fly(api, victim, n) for n in later}  # the same keys: what was accepted is not started again
    for task in tasks:
        await api.decided(task)

    ended = await asyncio.gather(*(api.ended(run_id) for run_id in (*flying.values(), *asking.values())))
    assert [(run["run"]["status"], run["run"]["outputs"]) for run in ended] == [
        ("completed", {"n": n}) for n in (*flying, *asking)
    ]
    expected = {f"{run_id}/{part}/0" for run_id in flying.values() for part in ("first", "second")}
    expected |= {f"{run_id}/deliver/0" for run_id in asking.values()}
    ours = (*flying.values(), *asking.values())
    assert {key for key in outside.tickets() if key.startswith(ours)} == expected
    decided = Counter(task["run_id"] for task in await api.tasks("decided"))
    assert [decided[run_id] for run_id in asking.values()] == [1] * ASKING
    sent = sum(count for key, count in outside.requests().items() if key.startswith(ours))
    print(f"{victim}: {len(ended)} runs, {len(expected)} effects, {sent} requests")


async def fly(api: StackApi, victim: str, n: int) -> str:
    return await api.started("flying", f"{victim}-{n}", n=n)


def check_problem(answer: httpx.Response | None) -> None:
    """What is refused is refused for now, with a reason."""
    if answer is not None and not answer.is_success:
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unavailable"


async def test_while_postgres_is_down_every_answer_is_an_honest_503(stack: Stack, api: StackApi) -> None:
    async with stack.without("postgres"):
        paths = ("/runs", "/tasks", "/workflows", "/overview", "/runs/nothing")
        for answer in await asyncio.gather(*(asyncio.wait_for(api.client.get(path), 5) for path in paths)):
            assert answer.status_code == 503
            check_problem(answer)
        root = stack.info.ui_url
        assert (await api.client.get(f"{root}/healthz")).status_code == 200
        assert (await api.client.get(f"{root}/readyz")).status_code == 503
    await until(lambda: ok(api, "/overview"))
    await until(lambda: ok(api, f"{root}/readyz"))


async def ok(api: StackApi, path: str) -> bool:
    answer = await answered(api.client.get(path))
    return answer is not None and answer.status_code == 200


async def test_what_is_asked_of_a_stopped_temporal_waits_for_it(stack: Stack, outside: Outside, api: StackApi) -> None:
    asked = await api.started("asking", "waits-asked", n=1)
    task = await api.pending(asked)
    async with stack.without("temporal"):
        decision = (await api.decide(task)).json()
        started = (await api.start("flying", "waits-started", {"n": 2})).json()
        assert (decision["status"], decision["decision"]["delivered"]) == ("decided", False)
        assert started["status"] == "starting"
        assert not any(key.startswith((asked, started["id"])) for key in outside.tickets())
        assert (await api.client.get(f"/runs/{started['id']}")).json()["run"]["status"] == "starting"
    for run_id, n in ((asked, 1), (started["id"], 2)):
        run = (await api.ended(run_id))["run"]
        assert (run["status"], run["outputs"]) == ("completed", {"n": n})
    assert outside.requests()[f"{asked}/deliver/0"] == 1


async def test_an_effect_whose_report_was_lost_is_repeated_under_the_same_key(
    stack: Stack, outside: Outside, api: StackApi
) -> None:
    outside.answering.clear()
    run_id = await api.started("flying", "lost-report", n=7)
    key = f"{run_id}/first/0"
    await until(lambda: asyncio.sleep(0, key in outside.tickets()))
    stack.kill("worker")
    outside.answering.set()
    run = await api.ended(run_id)
    assert (run["run"]["status"], run["run"]["outputs"]) == ("completed", {"n": 7})
    assert {key: count for key, count in outside.requests().items() if key.startswith(run_id)} == {
        key: 2,
        f"{run_id}/second/0": 1,
    }


async def test_timers_undo_and_expiry_survive_a_restart_of_everything(stack: Stack, outside: Outside) -> None:
    missed, later = (datetime.now(UTC) + timedelta(seconds=seconds) for seconds in (1, 12))
    async with stack.api() as api:
        naps = {
            await api.started("sleeping", f"nap-{until_}", n=1, until=until_.isoformat()): until_
            for until_ in (missed, later)
        }
        undone, delayed = [await api.started("asking", f"restart-{n}", n=n) for n in range(2)]
        expired = await api.started("expiring", "restart-expiring", n=3)
        tasks = {run_id: await api.pending(run_id) for run_id in (undone, delayed, expired)}
        assert (await api.decide(tasks[undone], delay_seconds=60)).status_code == 200
        assert (await api.decide(tasks[delayed], delay_seconds=1)).status_code == 200
    await stack.stop()
    await stack.start()
    async with stack.api() as api:
        taken_back = await api.client.delete(f"/tasks/{tasks[undone]['id']}/decision")
        assert (taken_back.status_code, taken_back.json()["status"]) == (200, "pending")
        await api.decided(taken_back.json())
        for run_id in (*naps, undone, delayed):
            assert (await api.ended(run_id))["run"]["status"] == "completed"
        run = await api.ended(expired)
        assert [step["status"] for step in run["steps"]] == ["rejected", "skipped"]
        task = (await api.client.get(f"/tasks/{tasks[expired]['id']}")).json()
        assert task["status"] == "expired"
    for run_id, until_ in naps.items():
        assert outside.tickets()[f"{run_id}/deliver/0"]["received_at"] >= until_.isoformat()
    assert f"{expired}/deliver/0" not in outside.tickets()


async def test_no_secret_reaches_a_log_the_databases_or_a_history(stack: Stack) -> None:
    """After all the faults above, whose errors are what leaks most easily."""
    data, info = stack.settings.data_dir, stack.info
    code = urlsplit(stack.announced["sign_in_url"]).fragment.removeprefix("code=")
    async with httpx.AsyncClient(base_url=info.ui_url, trust_env=False) as browser:
        answer = await browser.post("/api/v1/session", json={"code": code})
        session = answer.cookies["assent_session"]
        assert (await browser.get("/api/v1/overview")).status_code == 200
        browser.cookies.clear()
        wrong = secrets.token_urlsafe(32)
        answer = await browser.get("/api/v1/overview", headers={"authorization": f"Bearer {wrong}"})
        assert answer.status_code == 401
    private = {
        data / "api-token",
        data / "stack.json",
        *(data / "postgres" / n for n in ("password", "admin-password")),
    }
    secret = {path.read_text().strip() for path in private if path.suffix != ".json"} | {code, session, wrong}
    assert len(secret) == 6
    assert all(len(value) >= 30 for value in secret)

    places = {str(path): path.read_bytes() for path in data.rglob("*") if path.is_file() and path not in private}
    places["what the command line said"] = stack.output.read_bytes()
    places |= await histories(info.temporal_address)
    assert len([name for name in places if name.endswith(".log")]) >= 4
    found = {(name, value[:4]) for name, content in places.items() for value in secret if value.encode() in content}
    assert found == set()


async def histories(address: str) -> dict[str, bytes]:
    """The history of every run, as bytes."""
    client = await Client.connect(address)
    found: dict[str, Any] = {}
    async for run in client.list_workflows(limit=40):
        events = (await client.get_workflow_handle(run.id).fetch_history()).events
        found[f"history of {run.id}"] = b"".join(event.SerializeToString() for event in events)
    assert found
    return found
