"""Runs on the real engine: order, gates, decisions, failures, retries, cancellation, and the rows that are left."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from contracts.errors import Conflict, InvalidInput
from contracts.runs import RunState, RunStatus, StepStatus
from tests.definitions import CHAIN, GATED
from tests.harness import Engine, RecordingConnector, ScriptedAgent, engine
from workflows.dag_run import DagRun

pytestmark = pytest.mark.servers


@pytest.fixture
async def ours(database_url: str, temporal_client: Client) -> AsyncIterator[Engine]:
    async with engine(database_url, temporal_client) as running:
        yield running


async def test_steps_run_after_what_they_need_and_outputs_reach_the_projection(ours: Engine) -> None:
    handle = await ours.start(CHAIN, {"n": 21})
    result = await handle.result()
    assert result.status is RunStatus.COMPLETED
    assert result.outputs == {"sent": 42}
    view, steps = await ours.view(handle.id)
    assert view.status is RunStatus.COMPLETED
    assert view.outputs == {"sent": 42}
    assert {name: step.status for name, step in steps.items()} == {"twice": "completed", "send": "completed"}
    assert steps["twice"].output == {"value": 42}
    assert [call.idempotency_key for call in ours.connector.calls] == [f"{handle.id}/send/0"]


@pytest.mark.parametrize(("confidence", "route"), [(0.95, "act"), (0.75, "notify")])
async def test_a_sure_proposal_is_acted_on_without_asking(ours: Engine, confidence: float, route: str) -> None:
    handle = await ours.start(GATED, {"confidence": confidence})
    result = await handle.result()
    assert result.outputs == {"label": "refund"}
    _, steps = await ours.view(handle.id)
    assert steps["intent"].route == route
    assert ours.connector.calls[0].inputs == {"queue": "refund"}
    async with ours.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM notices") == (1 if route == "notify" else 0)
        assert await connection.fetchval("SELECT count(*) FROM validation_tasks") == 0


async def test_an_unsure_proposal_waits_and_goes_on_when_approved(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.5})
    [task] = await ours.pending(handle.id)
    assert task.proposal.preview is not None
    assert task.proposal.preview.inputs == {"queue": "refund"}
    assert ours.connector.calls == []
    await ours.until(lambda: _waits_for(handle, "intent"))
    await ours.decide(task)
    result = await handle.result()
    assert result.outputs == {"label": "refund"}
    assert ours.connector.effects == {f"{handle.id}/intent/0"}


async def _waits_for(handle: WorkflowHandle[Any, Any], step: str) -> bool:
    """The task's row is there a moment before the run has read the answer of the activity that wrote it."""
    state: RunState = await handle.query(DagRun.state)
    return state.waiting_for == (step,)


async def test_an_edit_changes_what_is_done(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.decide(task, "edit", payload={"label": "complaint"})
    result = await handle.result()
    assert result.outputs == {"label": "complaint"}
    assert ours.connector.calls[0].inputs == {"queue": "complaint"}


async def test_a_rejection_skips_what_depends_on_it(ours: Engine) -> None:
    source = GATED.replace("outputs: {", 'outputs: {route: "${ intent.output.label }", why: "${ intent.status }", ')
    handle = await ours.start(source, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.decide(task, "reject", reason="not a refund")
    assert (await handle.result()).outputs == {"route": None, "why": "rejected", "label": None}
    _, steps = await ours.view(handle.id)
    assert steps["intent"].status == "rejected"
    assert steps["intent"].error == "not a refund"
    assert steps["after"].status == "skipped"
    assert ours.connector.calls == []


async def test_a_rejection_can_fail_the_run(ours: Engine) -> None:
    source = GATED.replace("    action:", "    on_reject: fail\n    action:")
    handle = await ours.start(source, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.decide(task, "reject", reason="no")
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.message == "step 'intent': no"
    view, _ = await ours.view(handle.id)
    assert view.status is RunStatus.FAILED


async def test_many_steps_wait_at_once_each_with_its_own_task(ours: Engine) -> None:
    steps = "\n".join(f"  - {{id: s{n}, agent: scripted, with: {{label: l{n}, confidence: 0.1}}}}" for n in range(5))
    outputs = ", ".join(f'o{n}: "${{ s{n}.output.label }}"' for n in range(5))
    handle = await ours.start(f"name: many\nsteps:\n{steps}\noutputs: {{{outputs}}}")
    waiting = await ours.pending(handle.id, 5)
    for task in reversed(waiting):
        await ours.decide(task, "edit", payload={"label": f"for {task.step}"})
    result = await handle.result()
    assert result.outputs == {f"o{n}": f"for s{n}" for n in range(5)}


async def test_the_second_decision_is_refused_and_changes_nothing(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.decide(task)
    with pytest.raises(Conflict, match="already approved by tester"):
        await ours.decide(task, "reject")
    assert (await handle.result()).outputs == {"label": "refund"}


async def test_of_two_people_at_once_one_decides(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    payloads = [{"label": f"label {n}"} for n in range(8)]
    answers = await asyncio.gather(
        *(ours.decide(task, "edit", payload=payload) for payload in payloads), return_exceptions=True
    )
    winners = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(winners) == 1
    assert all(isinstance(answer, Conflict) for answer in answers if isinstance(answer, BaseException))
    decision = winners[0].decision
    assert decision is not None
    assert (await handle.result()).outputs == decision.payload


async def test_a_decision_on_another_proposal_is_refused(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    with pytest.raises(Conflict, match="has changed"):
        await ours.decide(task.model_copy(update={"proposal_hash": "0" * 64}))
    assert len(await ours.pending(handle.id)) == 1
    await handle.cancel()


async def test_an_undone_decision_was_never_made(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.decide(task, "reject", delay_seconds=60)
    undone = await ours.operations.undo(task.id, actor="tester")
    assert undone.decision is None
    await ours.decide(undone)
    assert (await handle.result()).outputs == {"label": "refund"}
    with pytest.raises(Conflict, match="carried out"):
        await ours.operations.undo(task.id, actor="tester")


async def test_a_delayed_decision_is_delivered_when_its_time_comes(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    decided = await ours.decide(task, delay_seconds=0.3)
    assert decided.decision is not None
    assert not decided.decision.delivered
    assert (await handle.result()).status is RunStatus.COMPLETED
    async with ours.database.connection() as connection:
        early = await connection.fetchval("SELECT bool_or(delivered_at < available_at) FROM outbox")
    assert early is False


async def test_nobody_deciding_in_time_is_a_rejection_never_an_approval(ours: Engine) -> None:
    source = GATED.replace("    action:", "    gate: {expires_after: 300ms}\n    action:")
    handle = await ours.start(
        source.replace('outputs: {label: "${ after.output }"}', "outputs: {}"), {"confidence": 0.1}
    )
    assert (await handle.result()).status is RunStatus.COMPLETED
    _, steps = await ours.view(handle.id)
    assert steps["intent"].status == "rejected"
    assert ours.connector.calls == []
    async with ours.database.connection() as connection:
        assert await connection.fetchval("SELECT status FROM validation_tasks") == "expired"


async def test_a_failing_connector_is_retried_under_the_same_key(database_url: str, temporal_client: Client) -> None:
    connector = RecordingConnector(fail_first=2)
    async with engine(database_url, temporal_client, connector=connector) as ours:
        source = CHAIN.replace("    with: {amount", "    retry: {initial_interval: 10ms}\n    with: {amount")
        result = await ours.run(source, {"n": 1})
        assert result.outputs == {"sent": 2}
        assert len(connector.calls) == 3
        assert len(connector.effects) == 1


async def test_what_cannot_succeed_is_not_retried_and_fails_the_run(database_url: str, temporal_client: Client) -> None:
    connector = RecordingConnector(fail_first=9, error=InvalidInput("no such field", hint="remove it"))
    async with engine(database_url, temporal_client, connector=connector) as ours:
        handle = await ours.start(CHAIN, {"n": 1})
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert len(connector.calls) == 1
        view, steps = await ours.view(handle.id)
        assert view.error == "step 'send': no such field; remove it"
        assert steps["send"].status == "failed"


@pytest.mark.parametrize(("reaction", "after"), [("skip", "skipped"), ("continue", "completed")])
async def test_on_error_decides_what_becomes_of_the_rest(
    database_url: str, temporal_client: Client, reaction: str, after: str
) -> None:
    connector = RecordingConnector(fail_first=9, error=InvalidInput("no"))
    source = f"""
name: tolerant
steps:
  - {{id: send, connector: recording, on_error: {reaction}}}
  - {{id: after, needs: [send], transform: done}}
"""
    async with engine(database_url, temporal_client, connector=connector) as ours:
        handle = await ours.start(source)
        assert (await handle.result()).status is RunStatus.COMPLETED
        _, steps = await ours.view(handle.id)
        assert (steps["send"].status, steps["after"].status) == ("failed", after)


async def test_when_skips_a_branch_and_a_status_condition_picks_it_up(ours: Engine) -> None:
    result = await ours.run(
        """
name: branches
input: {type: object}
steps:
  - {id: big, when: "${ input.n > 10 }", transform: big}
  - {id: chained, needs: [big], transform: never}
  - {id: otherwise, when: '${ big.status == "skipped" }', transform: small}
outputs: {size: "${ otherwise.output }", chained: "${ chained.status }"}
""",
        {"n": 1},
    )
    assert result.outputs == {"size": "small", "chained": "skipped"}


async def test_a_cancelled_run_closes_its_tasks(ours: Engine) -> None:
    handle = await ours.start(GATED, {"confidence": 0.1})
    [task] = await ours.pending(handle.id)
    await ours.operations.cancel_run(handle.id)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    view, steps = await ours.view(handle.id)
    assert view.status is RunStatus.CANCELLED
    assert steps["intent"].status == StepStatus.CANCELLED
    with pytest.raises(Conflict, match="the task is cancelled"):
        await ours.decide(task)


async def test_an_agent_that_fails_is_asked_again_and_the_failure_is_shown(
    database_url: str, temporal_client: Client
) -> None:
    agent = ScriptedAgent(fail_first=1)
    async with engine(database_url, temporal_client, agent=agent) as ours:
        source = GATED.replace("    action:", "    retry: {initial_interval: 10ms}\n    action:")
        result = await ours.run(source, {"confidence": 0.99})
        assert result.outputs == {"label": "refund"}
        assert len(agent.calls) == 2


async def test_an_approval_step_asks_for_its_form(ours: Engine) -> None:
    source = """
name: forms
steps:
  - id: budget
    approval:
      title: How much?
      form: {type: object, required: [amount], properties: {amount: {type: integer, minimum: 1}}}
outputs: {amount: "${ budget.output.amount }"}
"""
    handle = await ours.start(source)
    [task] = await ours.pending(handle.id)
    assert task.proposal.title == "How much?"
    with pytest.raises(InvalidInput, match="amount"):
        await ours.decide(task)
    with pytest.raises(InvalidInput, match="amount"):
        await ours.decide(task, payload={"amount": 0})
    await ours.decide(task, payload={"amount": 5})
    assert (await handle.result()).outputs == {"amount": 5}


async def test_the_title_of_an_approval_is_a_template(ours: Engine) -> None:
    source = """
    name: titled
    input: {type: object}
    steps:
      - {id: plain, approval: {title: 'Refund ${ input.amount } for ${ input.order }?'}}
      - {id: alone, approval: {title: '${ input.amount }'}}
    """
    handle = await ours.start(source, {"amount": 12, "order": "A17"})
    titles = {task.step: task.proposal.title for task in await ours.pending(handle.id, 2)}
    assert titles == {"plain": "Refund 12 for A17?", "alone": "12"}
    await handle.cancel()


async def test_a_wait_ends_by_itself(ours: Engine) -> None:
    source = """
name: pause
steps:
  - {id: nap, wait: {for: 50ms}}
  - {id: then, needs: [nap], transform: awake}
outputs: {state: "${ then.output }"}
"""
    result = await ours.run(source)
    assert result.outputs == {"state": "awake"}


async def test_an_expression_that_fails_at_run_time_fails_its_step_with_the_reason(ours: Engine) -> None:
    handle = await ours.start(
        "name: bad\ninput: {type: object}\nsteps:\n  - {id: broken, transform: '${ input.missing.field }'}"
    )
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    view, steps = await ours.view(handle.id)
    assert view.status is RunStatus.FAILED
    assert "input.missing.field" in steps["broken"].error
