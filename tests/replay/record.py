"""`python -m tests.replay.record [NAME ...]`: record the histories for `test_replay.py`, on servers of its own.

A change that breaks the replay of these would break runs that are under way: patch the workflow instead of recording
them anew, unless no released version has made such runs.
"""

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from contracts.errors import InvalidInput
from local import temporal
from local.postgres import EmbeddedPostgres
from local.processes import free_port, spawn, stop, wait_until
from tests.conftest import Databases
from tests.definitions import CHAIN, GATED
from tests.harness import Engine, RecordingConnector, ScriptedAgent, engine

HISTORIES = Path(__file__).parent / "histories"
NAMESPACE = "recording"
UNSURE = {"confidence": 0.1}

TOLERANT = """
name: tolerant
steps:
  - {id: send, connector: recording, on_error: continue}
  - {id: after, needs: [send], transform: done}
"""
FORM = """
name: forms
steps:
  - id: budget
    approval:
      title: How much?
      form: {type: object, required: [amount], properties: {amount: {type: integer, minimum: 1}}}
outputs: {amount: "${ budget.output.amount }"}
"""
PAUSE = "name: pause\nsteps:\n  - {id: nap, wait: {for: 50ms}}\n  - {id: then, needs: [nap], transform: awake}\n"
MANY = "name: many\nsteps:\n" + "".join(
    f"  - {{id: s{n}, agent: scripted, with: {{label: l{n}, confidence: 0.1}}}}\n" for n in range(5)
)
BRANCHES = """
name: branches
input: {type: object}
steps:
  - {id: big, when: "${ input.n > 10 }", transform: big}
  - {id: chained, needs: [big], transform: never}
  - {id: otherwise, when: '${ big.status == "skipped" }', transform: small}
outputs: {size: "${ otherwise.output }"}
"""

FAILING = """
name: failing
steps:
  - {id: send, connector: recording}
""" + "".join(f"  - {{id: w{n}, wait: {{for: 1h}}}}\n" for n in range(40))

Handle = WorkflowHandle[Any, Any]
Scenario = Callable[[Engine], Awaitable[Handle]]


async def chain(ours: Engine) -> Handle:
    return await ours.start(CHAIN, {"n": 21})


async def acted(ours: Engine) -> Handle:
    return await ours.start(GATED, {"confidence": 0.95})


async def approved(ours: Engine) -> Handle:
    return await _decided(ours, GATED, "approve")


async def edited(ours: Engine) -> Handle:
    return await _decided(ours, GATED, "edit", payload={"label": "complaint"})


async def rejected(ours: Engine) -> Handle:
    return await _decided(ours, GATED.partition("outputs:")[0], "reject", reason="not a refund")


async def expired(ours: Engine) -> Handle:
    gate = "    gate: {expires_after: 300ms, on_expiry: fail}\n    action:"
    return await ours.start(GATED.replace("    action:", gate), UNSURE)


async def cancelled(ours: Engine) -> Handle:
    handle = await ours.start(GATED, UNSURE)
    await ours.pending(handle.id)
    await handle.cancel()
    return handle


async def retried(ours: Engine) -> Handle:
    ours.connector.fail_first = len(ours.connector.calls) + 2
    source = CHAIN.replace("    with: {amount", "    retry: {initial_interval: 10ms}\n    with: {amount")
    return await ours.start(source, {"n": 1})


async def on_error(ours: Engine) -> Handle:
    ours.connector.fail_first, ours.connector.error = len(ours.connector.calls) + 1, InvalidInput("no such field")
    return await ours.start(TOLERANT)


async def many_waiting(ours: Engine) -> Handle:
    handle = await ours.start(MANY)
    for task in reversed(await ours.pending(handle.id, 5)):
        await ours.decide(task, "edit", payload={"label": f"for {task.step}"})
    return handle


async def approval_form(ours: Engine) -> Handle:
    return await _decided(ours, FORM, "approve", payload={"amount": 5})


async def waited(ours: Engine) -> Handle:
    return await ours.start(PAUSE)


async def branched(ours: Engine) -> Handle:
    return await ours.start(BRANCHES, {"n": 1})


async def failed_beside_others(ours: Engine) -> Handle:
    ours.connector.fail_first, ours.connector.error = len(ours.connector.calls) + 1, InvalidInput("no such field")
    return await ours.start(FAILING)


SCENARIOS: tuple[Scenario, ...] = (
    chain, acted, approved, edited, rejected, expired, cancelled, retried, on_error, many_waiting, approval_form,
    waited, branched, failed_beside_others,
)  # fmt: skip


async def _decided(ours: Engine, source: str, verdict: str, **more: Any) -> Handle:
    handle = await ours.start(source, UNSURE)
    [task] = await ours.pending(handle.id)
    await ours.decide(task, verdict, **more)
    return handle


def scrubbed(value: Any) -> Any:
    """A history without what names the machine that recorded it."""
    if isinstance(value, list):
        return [scrubbed(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("kind") == "TASK_QUEUE_KIND_STICKY":
        value = {**value, "name": "sticky"}
    changed = {"identity": "recorder", "stackTrace": "", "workerInstanceKey": ""}
    return {key: changed.get(key, scrubbed(item)) for key, item in value.items()}


async def record(database_url: str, client: Client, names: Collection[str]) -> None:
    """Run the named scenarios, or all, and write their histories."""
    for scenario in SCENARIOS:
        if names and scenario.__name__ not in names:
            continue
        agent, connector = ScriptedAgent(), RecordingConnector()
        async with engine(database_url, client, agent=agent, connector=connector) as ours:
            handle = await scenario(ours)
            with contextlib.suppress(WorkflowFailureError):
                await asyncio.wait_for(handle.result(), 20)
            history = json.loads((await handle.fetch_history()).to_json())
        _write(scenario.__name__, scrubbed({"workflowId": handle.id, **history}))
        print(f"{scenario.__name__}: {len(history['events'])} events")


def _write(name: str, history: dict[str, Any]) -> None:
    text = json.dumps(history, indent=1, ensure_ascii=False) + "\n"
    (HISTORIES / f"{name}.json").write_text(text, encoding="utf-8")


@asynccontextmanager
async def servers(folder: Path) -> AsyncIterator[tuple[str, Client]]:
    """A fresh database and a Temporal of its own."""
    postgres = EmbeddedPostgres(folder / "postgres", free_port(), durable=False)
    await asyncio.to_thread(postgres.prepare)
    binary = await asyncio.to_thread(temporal.find_temporal, None, lambda text: print(text, file=sys.stderr))
    port = free_port()
    command = temporal.dev_server(binary, port=port, ui_port=None, database=None, namespaces=[NAMESPACE])
    with (folder / "log").open("wb") as log:
        database = await spawn(postgres.command, prefix=postgres.prefix, output=log, death_signal=signal.SIGINT)
        server = await spawn(command, output=log)
        try:
            await wait_until(postgres.ready, 60, "Postgres")
            await wait_until(lambda: temporal.ready(f"127.0.0.1:{port}", NAMESPACE), 60, "Temporal")
            url = await Databases(postgres).create()
            address = f"127.0.0.1:{port}"
            yield url, await Client.connect(address, namespace=NAMESPACE, data_converter=pydantic_data_converter)
        finally:
            await stop(server, signal.SIGTERM, seconds=10)
            await stop(database, signal.SIGINT, seconds=10)


async def main() -> None:
    """Record everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        async with servers(folder) as (url, client):
            await record(url, client, sys.argv[1:])


if __name__ == "__main__":
    asyncio.run(main())
