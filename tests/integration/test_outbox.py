"""What Temporal must be told, is told: after an outage, once, by any number of relays, in order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.operations import DecisionBody, Operations
from api.relay import OutboxRelay
from contracts.decisions import Decision, TaskStatus, Verdict
from contracts.errors import Conflict
from contracts.runs import RunInput, StepRef
from local import temporal
from local.processes import free_port, spawn, stop, wait_until
from store import outbox, runs, tasks
from store.database import Database, open_database
from store.projections import ProjectionStore
from tests.definitions import CHAIN, GATED
from tests.harness import Engine, engine
from tests.serving import api, api_settings
from workflows.dag_run import DagRun

pytestmark = pytest.mark.servers


@asynccontextmanager
async def relaying(relay: OutboxRelay) -> AsyncIterator[None]:
    work = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


@asynccontextmanager
async def temporal_server(port: int, folder: Path, *, database: Path | None = None) -> AsyncIterator[None]:
    binary = await asyncio.to_thread(temporal.find_temporal, None, print)
    command = temporal.dev_server(binary, port=port, ui_port=None, database=database, namespaces=["late"])
    with (folder / "temporal.log").open("ab") as log:
        process = await spawn(command, output=log)
        try:
            await wait_until(lambda: temporal.ready(f"127.0.0.1:{port}", "late"), 60, "Temporal")
            yield
        finally:
            await stop(process, 15, seconds=10)  # type: ignore[arg-type]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, size=12)
    yield opened
    await opened.close()


@pytest.fixture
async def ours(database_url: str, temporal_client: Client) -> AsyncIterator[Engine]:
    async with engine(database_url, temporal_client) as running:
        yield running


async def test_what_was_decided_and_started_while_temporal_was_away_arrives_once(
    database_url: str, tmp_path: Path
) -> None:
    port, data = free_port(), tmp_path / "temporal.db"
    address = f"127.0.0.1:{port}"
    async with api(api_settings(database_url, address, "late")) as ours:
        ready = await ours.stranger.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]) == (503, {"database": "ok", "temporal": "does not answer"})
        await ours.publish(GATED)
        early = await ours.start("gated", {"confidence": 0.1})
        assert early["status"] == "starting"
        cancelled = await ours.client.post(f"/api/v1/runs/{early['id']}/cancel")
        assert cancelled.status_code in (409, 503)

        async with temporal_server(port, tmp_path, database=data):
            client = await Client.connect(address, namespace="late", data_converter=pydantic_data_converter)
            async with engine(database_url, client):
                task = await ours.task(early["id"])
        decided = await ours.decide(task, "edit", payload={"label": "late"})
        assert decided.status_code == 200
        assert decided.json()["decision"]["delivered"] is False
        started = [await ours.start("gated", {"confidence": 0.99}) for _ in range(3)]

        async with temporal_server(port, tmp_path, database=data):
            client = await Client.connect(address, namespace="late", data_converter=pydantic_data_converter)
            async with engine(database_url, client) as again:
                found = await ours.run(early["id"], "completed")
                assert found["run"]["outputs"] == {"label": "late"}
                for run in started:
                    await ours.run(run["id"], "completed")
                assert len(again.connector.calls) == len(again.connector.effects) == 4
                assert (await ours.stranger.get("/readyz")).status_code == 200
        async with ours.database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM outbox WHERE delivered_at IS NULL") == 0


async def test_a_start_and_a_decision_told_again_and_again_count_once(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    wrong = Decision(task_id=task.id, proposal_hash="0" * 64, verdict=Verdict.REJECT)
    stranger = Decision(task_id="nobody", proposal_hash=task.proposal_hash, verdict=Verdict.REJECT)
    for decision in (wrong, stranger):
        await handle.signal(DagRun.decide, decision)
    await ours.decide(task)
    async with ours.database.connection() as connection:
        await ours.until(lambda: connection.fetchval("SELECT count(*) = 2 FROM outbox WHERE delivered_at IS NOT NULL"))
        await connection.execute("UPDATE outbox SET delivered_at = NULL")
        ours.operations.relay.wake()
        assert (await handle.result()).outputs == {"label": "refund"}
        await connection.execute("UPDATE outbox SET delivered_at = NULL")
        ours.operations.relay.wake()
        await ours.until(lambda: connection.fetchval("SELECT count(*) = 2 FROM outbox WHERE delivered_at IS NOT NULL"))
    view, _ = await ours.view(handle.id)
    assert view.status == "completed"
    assert len(ours.connector.calls) == 1


async def test_two_claims_never_hold_the_same_message_and_an_ended_one_lets_go(database: Database) -> None:
    async with database.transaction() as connection:
        for n in range(5):
            await runs.start_run(connection, f"run-{n}", RunInput(workflow="w", revision=1, definition={}))
    async with outbox.claim(database, 3) as first, outbox.claim(database, 3) as second:
        held = [message.id for message in first.messages], [message.id for message in second.messages]
        assert [len(ids) for ids in held] == [3, 2]
        assert set(held[0]).isdisjoint(held[1])
        await first.delivered(held[0])
    with contextlib.suppress(RuntimeError):
        async with outbox.claim(database, 5) as third:
            assert {message.id for message in third.messages} == set(held[1])
            await third.delivered(held[1])
            raise RuntimeError("the process dies")
    async with outbox.claim(database, 5) as fourth:
        assert {message.id for message in fourth.messages} == set(held[1])


async def test_what_failed_waits_longer_each_time_up_to_a_limit(database: Database) -> None:
    async with database.transaction() as connection:
        await runs.start_run(connection, "run", RunInput(workflow="w", revision=1, definition={}))
    waits = []
    for _ in range(8):
        async with database.connection() as connection:
            await connection.execute("UPDATE outbox SET available_at = now()")
        async with outbox.claim(database, 1) as claim:
            await claim.postpone(claim.messages[0].id, "down")
        waits.append(await outbox.seconds_to_next(database) or 0)
    assert [round(wait, 1) for wait in waits] == sorted(round(wait, 1) for wait in waits)
    assert waits[0] == pytest.approx(0.2, abs=0.1)
    assert waits[-1] == pytest.approx(5, abs=0.1)


async def test_a_message_that_cannot_be_read_does_not_stop_the_others(ours: Engine) -> None:
    async with ours.database.connection() as connection:
        await connection.execute("INSERT INTO outbox (kind, run_id, payload) VALUES ('start', 'x', '{}'::jsonb)")
    for _ in range(3):
        assert (await ours.run(CHAIN, {"n": 1})).outputs == {"sent": 2}
    async with ours.database.connection() as connection:
        row = await connection.fetchrow("SELECT attempts, last_error FROM outbox WHERE run_id = 'x'")
    assert row is not None
    assert row["attempts"] >= 1
    assert "workflow" in row["last_error"]


async def test_two_hundred_decisions_over_twenty_runs_and_three_relays_arrive_once_each(
    database_url: str, temporal_client: Client, ours: Engine
) -> None:
    steps = "\n".join(f"  - {{id: s{n}, agent: scripted, with: {{confidence: 0.1}}}}" for n in range(10))
    outputs = ", ".join(f's{n}: "${{ s{n}.output.label }}"' for n in range(10))
    source = f"name: crowd\nsteps:\n{steps}\noutputs: {{{outputs}}}"
    published = await ours.operations.publish(source, {}, actor="tester")
    started = [(await ours.operations.start_run(published.name, None, actor="tester"))[0].id for _ in range(20)]
    waiting = {run_id: await ours.pending(run_id, 10) for run_id in started}
    databases = [await open_database(database_url, size=6) for _ in range(2)]
    others = [OutboxRelay(database, temporal_client) for database in databases]
    try:
        async with relaying(others[0]), relaying(others[1]):
            relays = [ours.operations.relay, *others]
            people = [Operations(ours.database, temporal_client, relay) for relay in relays]
            everything = [task for found in waiting.values() for task in found]
            await asyncio.gather(*(_change_mind(people[n % 3], task) for n, task in enumerate(everything)))
            for run_id in started:
                result = await ours.client.get_workflow_handle_for(DagRun.run, run_id).result()
                assert result.outputs == {f"s{n}": f"s{n} of {run_id}" for n in range(10)}
    finally:
        for database in databases:
            await database.close()
    async with ours.database.connection() as connection:
        counts = await connection.fetchrow(
            "SELECT count(*) AS all, count(delivered_at) AS delivered FROM outbox WHERE kind = 'decision'"
        )
    assert dict(counts or {}) == {"all": 200, "delivered": 200}


async def _change_mind(person: Operations, task: tasks.TaskView) -> None:
    """Reject, take that back, and decide otherwise: only the last may arrive."""
    rejected = DecisionBody(proposal_hash=task.proposal_hash, verdict=Verdict.REJECT, delay_seconds=60)
    await person.decide(task.id, rejected, actor="somebody")
    await person.undo(task.id, actor="somebody")
    payload = {"label": f"{task.step} of {task.run_id}"}
    edited = DecisionBody(proposal_hash=task.proposal_hash, verdict=Verdict.EDIT, payload=payload)
    await person.decide(task.id, edited, actor="somebody")


async def test_a_decision_the_run_took_at_its_expiry_can_no_longer_be_undone(ours: Engine) -> None:
    source = GATED.replace("    action:", "    gate: {expires_after: 700ms}\n    action:")
    handle = await ours.start(source, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.decide(task, delay_seconds=60)
    assert (await handle.result()).outputs == {"label": "refund"}
    with pytest.raises(Conflict, match="carried out"):
        await ours.operations.undo(task.id, actor="tester")


async def test_undo_and_expiry_at_once_agree(ours: Engine) -> None:
    """Either the run takes the decision and the undo is refused, or the undo wins and the task expires undecided."""
    projections = ProjectionStore(ours.database, ours.database)
    for _ in range(10):
        handle = await ours.start(GATED, {"confidence": 0.1})
        [task] = await ours.pending(handle.id)
        await ours.decide(task, delay_seconds=60)
        ref = StepRef(run_id=handle.id, workflow="gated", step="intent")
        taken, undone = await asyncio.gather(
            projections.close_task(ref, task.id, TaskStatus.EXPIRED),
            ours.operations.undo(task.id, actor="tester"),
            return_exceptions=True,
        )
        assert isinstance(undone, Conflict) == isinstance(taken, Decision), (taken, undone)
        await handle.cancel()


async def test_undo_after_the_end_of_the_run_is_refused_and_leaves_no_open_task(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.decide(task, delay_seconds=60)
    await ours.operations.cancel_run(handle.id)
    await ours.until(lambda: _ended(ours, handle.id))
    with pytest.raises(Conflict, match="ended"):
        await ours.operations.undo(task.id, actor="tester")
    assert (
        await ours.operations.database.pool.fetchval("SELECT count(*) FROM validation_tasks WHERE status = 'pending'")
    ) == 0


async def _ended(ours: Engine, run_id: str) -> bool:
    view, _ = await ours.view(run_id)
    return view.finished_at is not None


async def test_a_relay_stops_at_once_however_busy(database: Database, temporal_client: Client) -> None:
    relay = OutboxRelay(database, temporal_client)
    for _ in range(50):
        work = asyncio.create_task(relay.run())
        for _ in range(3):
            relay.wake()
            await asyncio.sleep(0)
        await outbox.seconds_to_next(database)
        relay.wake()
        work.cancel()
        done, _ = await asyncio.wait([work], timeout=5)
        assert done, "the relay lost its cancellation"


async def test_a_relay_with_nothing_to_do_leaves_the_database_alone(ours: Engine) -> None:
    """While another holds a message that is due, the clock looks a few times a second, not all the time."""
    queries = "SELECT sum(xact_commit)::bigint FROM pg_stat_database WHERE datname = current_database()"
    async with ours.database.transaction() as connection:
        await runs.start_run(connection, "held", RunInput(workflow="w", revision=1, definition={}))
        await connection.execute("UPDATE outbox SET available_at = now() - interval '1 hour'")
    async with outbox.claim(ours.database, 5) as claim, ours.database.connection() as connection:
        ours.operations.relay.wake()
        before = await connection.fetchval(queries)
        await asyncio.sleep(1)
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        after = await connection.fetchval(queries)
        await claim.delivered([message.id for message in claim.messages])
    assert after - before < 200
