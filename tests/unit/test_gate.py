"""The gate's bands, and the mailbox: of all decisions that come, in any order, exactly the right one counts."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decisions import Decision, Verdict
from contracts.proposals import Proposal, Route, Thresholds, route
from workflows.gate import Mailbox

SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        (1.0, Route.ACT),
        (0.9, Route.ACT),
        (0.8999, Route.NOTIFY),
        (0.7, Route.NOTIFY),
        (0.6999, Route.ASK),
        (0, Route.ASK),
    ],
)
def test_the_bands_begin_at_their_thresholds(confidence: float, expected: Route) -> None:
    assert route(Thresholds(), confidence) is expected


@given(SHARES, SHARES, SHARES)
def test_more_confidence_never_asks_more(first: float, second: float, confidence: float) -> None:
    order = [Route.ASK, Route.NOTIFY, Route.ACT]
    thresholds = Thresholds(auto=max(first, second), notify=min(first, second))
    sure, surer = sorted((confidence, (confidence + 1) / 2))
    assert order.index(route(thresholds, sure)) <= order.index(route(thresholds, surer))


@given(SHARES, SHARES)
def test_always_ask_asks_however_sure(threshold: float, confidence: float) -> None:
    assert route(Thresholds(auto=threshold, notify=threshold, always_ask=True), confidence) is Route.ASK


def test_a_hash_binds_payload_and_effect_but_not_confidence() -> None:
    proposal = Proposal(payload={"label": "a"}, confidence=0.5)
    assert proposal.content_hash == proposal.model_copy(update={"confidence": 0.9}).content_hash
    assert proposal.content_hash != proposal.model_copy(update={"payload": {"label": "b"}}).content_hash
    assert proposal.content_hash != proposal.model_copy(update={"body": "other"}).content_hash


def decision(task_id: str = "task", proposal_hash: str = "right", reason: str = "") -> Decision:
    return Decision(task_id=task_id, proposal_hash=proposal_hash, verdict=Verdict.APPROVE, reason=reason)


async def test_a_decision_that_comes_before_the_wait_is_kept() -> None:
    mailbox = Mailbox()
    mailbox.deliver(decision(reason="early"))
    taken = await mailbox.wait("task", "right", None)
    assert taken is not None
    assert taken.reason == "early"


async def test_nobody_deciding_in_time_is_none_and_later_decisions_are_ignored() -> None:
    mailbox = Mailbox()
    assert await mailbox.wait("task", "right", 0.001) is None
    mailbox.deliver(decision())


async def test_several_tasks_wait_side_by_side() -> None:
    mailbox = Mailbox()
    waiting = [asyncio.ensure_future(mailbox.wait(f"t{n}", "right", None)) for n in range(5)]
    await asyncio.sleep(0)
    for n in reversed(range(5)):
        mailbox.deliver(decision(f"t{n}", reason=str(n)))
    assert [taken.reason for taken in await asyncio.gather(*waiting) if taken] == ["0", "1", "2", "3", "4"]


ARRIVALS = st.lists(st.tuples(st.sampled_from(["task", "other"]), st.sampled_from(["right", "wrong"])), max_size=12)


@given(ARRIVALS, ARRIVALS)
def test_the_first_decision_on_this_task_and_this_proposal_counts(
    early: list[tuple[str, str]], late: list[tuple[str, str]]
) -> None:
    arrivals = [decision(task, hash_, str(n)) for n, (task, hash_) in enumerate(early + late)]
    matching = [found for found in arrivals if (found.task_id, found.proposal_hash) == ("task", "right")]

    async def scenario() -> Decision | None:
        mailbox = Mailbox()
        for found in arrivals[: len(early)]:
            mailbox.deliver(found)
        waiting = asyncio.ensure_future(mailbox.wait("task", "right", None if matching else 0.001))
        await asyncio.sleep(0)
        for found in arrivals[len(early) :]:
            mailbox.deliver(found)
        return await waiting

    assert asyncio.run(scenario()) == (matching[0] if matching else None)


async def test_a_cancellation_that_comes_together_with_the_decision_is_not_lost() -> None:
    mailbox = Mailbox()
    waiting = asyncio.ensure_future(mailbox.wait("task", "right", 60))
    await asyncio.sleep(0)
    mailbox.deliver(decision())
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
