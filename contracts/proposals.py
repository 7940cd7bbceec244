"""What a step wants done, how sure it is, and where the gate sends it."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.values import content_hash


class Route(StrEnum):
    """Where a gate sends a proposal."""

    ACT = "act"
    NOTIFY = "notify"
    ASK = "ask"


class Evidence(BaseModel):
    """One reason for a proposal: a decided message, or a label's own description, that is near to it."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="'decision' for something people decided, 'description' for a label's own words")
    text: str
    label: str
    similarity: float = Field(description="cosine similarity in [-1, 1]")
    task_id: str | None = None


class Preview(BaseModel):
    """What would happen if the proposal were accepted: one connector call, rendered."""

    model_config = ConfigDict(frozen=True)

    connector: str
    inputs: dict[str, Any]


class Example(BaseModel):
    """What to remember when people decide: a text of a collection, and which payload field holds its label.

    `vector` embeds the text, made by `provider`'s `model`; it travels beside the proposal, never in its JSON.
    """

    model_config = ConfigDict(frozen=True)

    collection: str
    text: str
    label_field: str = "label"
    provider: str = ""
    model: str = ""
    vector: tuple[float, ...] | None = Field(default=None, exclude=True, repr=False)


class Proposal(BaseModel):
    """A step's proposal. `confidence` is what the gate sees, `score` the agent's raw figure; both in [0, 1]."""

    model_config = ConfigDict(frozen=True)

    payload: dict[str, Any]
    confidence: float = Field(ge=0, le=1)
    score: float = Field(default=1.0, ge=0, le=1)
    rationale: str = ""
    evidence: tuple[Evidence, ...] = ()
    preview: Preview | None = None
    features: dict[str, float] = Field(default_factory=dict, description="what calibration may learn from")
    payload_schema: dict[str, Any] | None = Field(default=None, description="JSON Schema of the payload, for editing")
    title: str = ""
    body: str = Field(default="", description="what a person reads before deciding")
    example: Example | None = None

    @property
    def content_hash(self) -> str:
        """What a decision binds to: the payload and its previewed effect, not how sure the agent was."""
        preview = self.preview.model_dump() if self.preview else None
        return content_hash({"payload": self.payload, "preview": preview, "body": self.body})


class Thresholds(BaseModel):
    """The three bands of a gate, as shares of 1."""

    model_config = ConfigDict(frozen=True)

    auto: float = Field(default=0.90, ge=0, le=1)
    notify: float = Field(default=0.70, ge=0, le=1)
    always_ask: bool = False


def route(thresholds: Thresholds, confidence: float) -> Route:
    """Where a proposal of this confidence goes: act, act and notify, or ask."""
    if thresholds.always_ask or confidence < thresholds.notify:
        return Route.ASK
    return Route.ACT if confidence >= thresholds.auto else Route.NOTIFY
