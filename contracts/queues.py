"""Names that workers, clients and operators share: task queues, workflow types and search attributes."""

RUNS = "runs"
"""Interpreters and ordinary steps. One queue for both, so that Temporal can hand a step to the worker that asked."""

KNOWLEDGE = "knowledge"
"""Embedding and indexing of collections."""

WORKFLOW_NAME = "AssentWorkflow"
"""Search attribute (Keyword): the definition's name."""

WAITING_FOR = "AssentWaitingFor"
"""Search attribute (KeywordList): ids of the steps that wait for a person."""

SEARCH_ATTRIBUTES = {WORKFLOW_NAME: "Keyword", WAITING_FOR: "KeywordList"}
