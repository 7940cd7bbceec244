"""The durable wait for people: decisions come by signal, in any order, any number of times; one counts."""

import asyncio

from contracts.decisions import Decision


class Mailbox:
    """Decisions by task. Those that come before the run waits are kept; strangers and repetitions are ignored."""

    def __init__(self) -> None:
        self._early: dict[str, list[Decision]] = {}
        self._waiting: dict[str, tuple[str, asyncio.Future[Decision]]] = {}
        self._closed: set[str] = set()

    def deliver(self, decision: Decision) -> None:
        """Take a decision in. Only the first one for the hash that is waited for has an effect."""
        if decision.task_id in self._closed:
            return
        if decision.task_id not in self._waiting:
            self._early.setdefault(decision.task_id, []).append(decision)
            return
        proposal_hash, future = self._waiting[decision.task_id]
        if decision.proposal_hash == proposal_hash and not future.done():
            future.set_result(decision)

    async def wait(self, task_id: str, proposal_hash: str, seconds: float | None) -> Decision | None:
        """The decision on exactly this proposal, or None when `seconds` have passed without one."""
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._waiting[task_id] = (proposal_hash, future)
        for decision in self._early.pop(task_id, []):
            self.deliver(decision)
        try:
            # Not `wait_for`, which in Python 3.11 loses a cancellation that comes together with the decision.
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            return None
        finally:
            del self._waiting[task_id]
            self._closed.add(task_id)
