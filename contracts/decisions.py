"""What people decide, and what carries it to a waiting run."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"


class TaskStatus(StrEnum):
    """A validation task is pending, decided (until delivery a person may take it back), expired or cancelled."""

    PENDING = "pending"
    DECIDED = "decided"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Decision(BaseModel):
    """One decision, bound to the hash of the proposal that the person saw. `payload` is set when it was edited."""

    model_config = ConfigDict(frozen=True)

    task_id: str
    proposal_hash: str
    verdict: Verdict
    payload: dict[str, Any] | None = None
    reason: str = ""
    decided_by: str = ""
