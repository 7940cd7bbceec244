"""The outbox relay: tells Temporal of runs to start and decisions to deliver, at least once each.

It is woken right after a commit, so that nothing waits; what that missed (Temporal was down, the process died, a delay
had to pass) goes when it is due. Any number of relays may run: they skip what another holds.
"""

import asyncio
import contextlib
import logging
from datetime import timedelta

from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from contracts.decisions import Decision
from contracts.errors import Unavailable
from contracts.queues import RUNS, WORKFLOW_NAME
from contracts.runs import RunInput
from store import outbox
from store.database import Database
from store.outbox import Message
from workflows.dag_run import DagRun

logger = logging.getLogger("assent.relay")

RPC_TIMEOUT = timedelta(seconds=5)
BATCH = 20
WORKERS = 4
LONGEST_WAIT = 2.0
"""Seconds after which the clock looks again, for what another process left behind."""

FORGET_EVERY = 3600.0
WORKFLOW_NAME_KEY = SearchAttributeKey.for_keyword(WORKFLOW_NAME)


class OutboxRelay:
    """Delivers the outbox until cancelled."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client
        self._work: asyncio.Queue[None] = asyncio.Queue(WORKERS)
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Something was committed to the outbox: deliver it now, or set the clock by it."""
        self._changed.set()
        self._deliver_now()

    def _deliver_now(self) -> None:
        if not self._work.full():
            self._work.put_nowait(None)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_clock())
            group.create_task(self._forget())
            for _ in range(WORKERS):
                group.create_task(self._deliver_forever())

    async def _watch_clock(self) -> None:
        while True:
            # Before the look: what is committed after it must cut the wait short.
            self._changed.clear()
            try:
                seconds = await outbox.seconds_to_next(self._database)
            except Unavailable:
                seconds = None
            if seconds is not None and seconds <= 0:
                self._deliver_now()
                seconds = 0.05
            wait = LONGEST_WAIT if seconds is None else min(seconds, LONGEST_WAIT)
            # Not `wait_for`, which in Python 3.11 loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()

    async def _forget(self) -> None:
        while True:
            try:
                await outbox.forget_delivered(self._database)
            except Unavailable:
                logger.warning("the database does not answer; delivered messages are dropped later")
            await asyncio.sleep(FORGET_EVERY)

    async def _deliver_forever(self) -> None:
        while True:
            await self._work.get()
            try:
                while await self._deliver_batch() == BATCH:
                    pass
            except Unavailable:
                logger.warning("the database does not answer; the outbox waits")

    async def _deliver_batch(self) -> int:
        """Deliver what is due, at most one batch; how many messages were tried."""
        async with outbox.claim(self._database, BATCH) as claim:
            errors = await asyncio.gather(*(self._send(message) for message in claim.messages))
            for message, error in zip(claim.messages, errors, strict=True):
                if error:
                    logger.warning("%s of run %s is delivered later: %s", message.kind, message.run_id, error)
                    await claim.postpone(message.id, error)
            sent = [message.id for message, error in zip(claim.messages, errors, strict=True) if not error]
            if sent:
                await claim.delivered(sent)
        return len(claim.messages)

    async def _send(self, message: Message) -> str:
        """Tell Temporal; an empty text when it knows, else why it does not."""
        try:
            if message.kind == "start":
                await self._start(message.run_id, RunInput.model_validate(message.payload))
            else:
                await self._decide(message.run_id, Decision.model_validate(message.payload))
        except WorkflowAlreadyStartedError:
            return ""
        except RPCError as error:
            # A run that has ended needs no decision any more.
            return "" if message.kind == "decision" and is_unknown_run(error) else str(error)
        except Exception as error:
            # Whatever is wrong with one message must not keep the others from being delivered.
            return f"{type(error).__name__}: {error}"
        return ""

    async def _start(self, run_id: str, run: RunInput) -> None:
        await self._client.start_workflow(
            DagRun.run,
            run,
            id=run_id,
            task_queue=RUNS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(WORKFLOW_NAME_KEY, run.workflow)]),
            static_summary=f"{run.workflow}, revision {run.revision}",
            rpc_timeout=RPC_TIMEOUT,
        )

    async def _decide(self, run_id: str, decision: Decision) -> None:
        handle = self._client.get_workflow_handle(run_id)
        await handle.signal(DagRun.decide, decision, rpc_timeout=RPC_TIMEOUT)


def is_unknown_run(error: RPCError) -> bool:
    """Whether the run is not there. A namespace that is not there has the same status, and says nothing of runs."""
    kinds = [detail.Is(NotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details]
    return error.status is RPCStatusCode.NOT_FOUND and any(kinds)
