"""The end of a run, written to the projections as a local activity."""

from temporalio import activity

from contracts.ports import Projections
from contracts.runs import FinishInput


class RunActivities:
    """What the interpreter needs besides steps."""

    def __init__(self, projections: Projections) -> None:
        self._projections = projections

    @activity.defn(name="finish_run")
    async def finish_run(self, finish: FinishInput) -> None:
        """Write the run's result and the last state of its steps; cancel tasks that nobody has decided."""
        await self._projections.finish_run(finish)
