"""Durable work on collections."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.knowledge import KnowledgeActivities
    from contracts.collections import SaveLabels
    from contracts.queues import KNOWLEDGE


@workflow.defn(name="SaveLabels")
class SaveLabelsWorkflow:
    """Embeds and replaces the labels of a collection; returns the number of texts embedded."""

    @workflow.run
    async def run(self, call: SaveLabels) -> int:
        return await workflow.execute_activity_method(
            KnowledgeActivities.save_labels,
            call,
            task_queue=KNOWLEDGE,
            start_to_close_timeout=timedelta(minutes=10),
            summary=call.collection,
        )
