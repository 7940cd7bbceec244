"""The main job with nothing replaced: real messages, classifier, knowledge and outside system."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from contracts.proposals import Route
from contracts.runs import RunStatus
from local.demo import EXAMPLE
from local.processes import free_port, listens, spawn, stop, wait_until
from local.publishing import Bundle, read_bundle
from store.runs import StepView
from store.tasks import TaskView
from tests.harness import RealEngine, real_engine

pytestmark = pytest.mark.servers

BROTHER = "Can my brother collect the parcel for me?"
LEFT = "My parcel was left with a neighbour I do not know."
LEFT_AGAIN = "My parcel was left with a neighbour that I do not know!"
NEVER_MET = "The courier left my parcel with a neighbour I have never met."
HANDED = "The parcel was handed to a neighbour and I don't know them"
AT_HOME = "A neighbour got my parcel although I was at home."


@pytest.fixture(scope="module")
async def sink_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The demo's ticket receiver, in a process of its own."""
    folder, port = tmp_path_factory.mktemp("sink"), free_port()
    env = {"SINK_PORT": str(port), "SINK_DATABASE": str(folder / "sink.sqlite"), "PYTHONPATH": str(Path.cwd())}
    with (folder / "sink.log").open("wb") as log:
        process = await spawn([sys.executable, "-m", "local.sink"], env=env, output=log)
        try:
            await wait_until(lambda: listens(port), 20, "the sink")
            yield f"http://127.0.0.1:{port}"
        finally:
            await stop(process, signal.SIGTERM, 5)


class Inbox:
    """The example `support-inbox`, published on an engine, and the tickets it delivers."""

    def __init__(self, engine: RealEngine, sink: httpx.AsyncClient) -> None:
        self.engine = engine
        self._sink = sink

    async def publish(self, bundle: Bundle) -> int:
        """Save the labels and the workflow; the number of texts embedded."""
        texts = sum([await self.engine.operations.save_labels(labels) for labels in bundle.labels])
        variables = {"helpdesk_url": str(self._sink.base_url).rstrip("/")}
        await self.engine.operations.publish(bundle.source, variables, actor="tester")
        return texts

    async def send(self, message: str) -> str:
        """Start a run for the message; its id."""
        view, _ = await self.engine.operations.start_run("support-inbox", {"message": message}, actor="tester")
        return view.id

    async def asked(self, message: str) -> TaskView:
        """Send a message that a person must decide; its task."""
        [task] = await self.engine.pending(await self.send(message))
        return task

    async def ended(self, run_id: str) -> StepView:
        """Wait for the run's end; its step `intent`."""

        async def find() -> bool:
            return (await self.engine.view(run_id))[0].finished_at is not None

        await self.engine.until(find)
        view, steps = await self.engine.view(run_id)
        assert (view.status, view.error) == (RunStatus.COMPLETED, "")
        return steps["intent"]

    async def tickets(self, run_id: str) -> list[dict[str, Any]]:
        """The bodies of what the sink keeps of a run."""
        tickets = (await self._sink.get("/tickets")).json()
        return [ticket["body"] for ticket in tickets if ticket["key"].startswith(f"{run_id}/")]


@pytest.fixture
async def inbox(database_url: str, temporal_client: Client, sink_url: str) -> AsyncIterator[Inbox]:
    async with AsyncExitStack() as stack:
        host = sink_url.removeprefix("http://")
        engine = await stack.enter_async_context(real_engine(database_url, temporal_client, host))
        sink = await stack.enter_async_context(httpx.AsyncClient(base_url=sink_url, trust_env=False))
        ours = Inbox(engine, sink)
        await ours.publish(read_bundle(EXAMPLE))
        yield ours


async def test_publishing_again_replaces_labels_and_keeps_what_was_decided(inbox: Inbox) -> None:
    await inbox.engine.decide(await inbox.asked(LEFT))
    bundle = read_bundle(EXAMPLE)
    counted = "SELECT source, count(*) FROM embeddings GROUP BY source ORDER BY source"
    async with inbox.engine.database.connection() as connection:
        before = await connection.fetch(counted)
        assert [tuple(row) for row in before] == [("decision", 1), ("description", await inbox.publish(bundle))]
        assert await connection.fetch(counted) == before


async def test_an_unsure_message_waits_with_its_reasons_and_a_preview(inbox: Inbox) -> None:
    task = await inbox.asked(LEFT)
    assert task.proposal.body == LEFT
    assert task.proposal.payload == {"label": "courier_complaint"}
    assert task.confidence < 0.7
    assert {evidence.kind for evidence in task.proposal.evidence} == {"description"}
    assert task.proposal.preview is not None
    assert task.proposal.preview.connector == "http.request"
    assert task.proposal.preview.inputs["json"]["queue"] == "courier_complaint"
    assert await inbox.tickets(task.run_id) == []


async def test_an_approval_delivers_exactly_what_was_previewed_once(inbox: Inbox) -> None:
    task = await inbox.asked(LEFT)
    assert task.proposal.preview is not None
    await inbox.engine.decide(task)
    intent = await inbox.ended(task.run_id)
    assert intent.output["action"]["status"] == 201
    assert await inbox.tickets(task.run_id) == [task.proposal.preview.inputs["json"]]


async def test_the_next_similar_message_is_surer_and_names_the_decision(inbox: Inbox) -> None:
    first = await inbox.asked(LEFT)
    await inbox.engine.decide(first, delay_seconds=60)
    second = await inbox.ended(await inbox.send(LEFT_AGAIN))
    assert second.proposal is not None
    assert second.proposal.confidence > 0.9 > first.confidence
    nearest = second.proposal.evidence[0]
    assert (nearest.kind, nearest.task_id, nearest.text) == ("decision", first.id, LEFT)
    assert nearest.similarity > 0.95


async def test_an_edit_teaches_and_delivers_the_edited_label(inbox: Inbox) -> None:
    first = await inbox.asked(LEFT)
    await inbox.engine.decide(first, "edit", payload={"label": "parcel_late"})
    await inbox.ended(first.run_id)
    assert [ticket["queue"] for ticket in await inbox.tickets(first.run_id)] == ["parcel_late"]
    second = await inbox.send(LEFT_AGAIN)
    assert (await inbox.ended(second)).output["label"] == "parcel_late"
    assert [ticket["queue"] for ticket in await inbox.tickets(second)] == ["parcel_late"]


async def test_a_rejection_teaches_nothing_and_delivers_nothing(inbox: Inbox) -> None:
    first = await inbox.asked(BROTHER)
    await inbox.engine.decide(first, "reject", reason="spam")
    await inbox.ended(first.run_id)
    assert await inbox.tickets(first.run_id) == []
    again = await inbox.asked(BROTHER)
    assert again.confidence == first.confidence


async def test_a_decision_that_was_undone_teaches_nothing(inbox: Inbox) -> None:
    first = await inbox.asked(BROTHER)
    await inbox.engine.decide(first, delay_seconds=60)
    await inbox.engine.operations.undo(first.id, actor="tester")
    again = await inbox.asked(BROTHER)
    assert again.confidence == first.confidence
    assert {evidence.kind for evidence in again.proposal.evidence} == {"description"}


async def test_the_same_kind_of_message_is_asked_about_ever_less(inbox: Inbox) -> None:
    for message in (NEVER_MET, HANDED):
        await inbox.engine.decide(await inbox.asked(message))
    runs = [await inbox.send(message) for message in (AT_HOME, LEFT)]
    noticed, sure = await asyncio.gather(*(inbox.ended(run_id) for run_id in runs))
    assert (noticed.route, sure.route) == (Route.NOTIFY, Route.ACT)
    assert [len(await inbox.tickets(run_id)) for run_id in runs] == [1, 1]
    async with inbox.engine.database.connection() as connection:
        notices = await connection.fetch("SELECT run_id, step, title FROM notices")
    assert [tuple(notice) for notice in notices] == [(runs[0], "intent", "Route this message to “courier_complaint”")]
