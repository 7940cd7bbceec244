"""The seams: what activities need from the outside, as protocols. Adapters live in `connectors/` and `store/`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from contracts.decisions import Decision, TaskStatus
from contracts.proposals import Proposal, Route
from contracts.runs import FinishInput, StepRecord, StepRef


class AgentRequest(BaseModel):
    """What an agent is asked: the rendered inputs of its step."""

    model_config = ConfigDict(frozen=True)

    ref: StepRef
    inputs: dict[str, Any]


class Agent(Protocol):
    """Proposes. Raises `InvalidInput` or `StepFailed` where trying again cannot help; anything else is retried."""

    name: str

    async def propose(self, request: AgentRequest) -> Proposal: ...


class ConnectorCall(BaseModel):
    """One call to an outside system. `idempotency_key` is the same for every try of the same effect."""

    model_config = ConfigDict(frozen=True)

    inputs: dict[str, Any]
    idempotency_key: str
    timeout_seconds: float = 30.0


class Connector(Protocol):
    """Acts on an outside system. Never retries by itself: Temporal does."""

    name: str

    async def call(self, call: ConnectorCall) -> Any: ...


class Embedder(Protocol):
    """Turns texts into unit vectors of `dimensions` floats; the same text always gives the same vector."""

    provider: str
    model: str
    dimensions: int

    async def embed(self, texts: Sequence[str]) -> list[list[float]]: ...


class Neighbour(BaseModel):
    """An item of a collection near a query. `similarity` is a cosine; `source` is description or decision."""

    model_config = ConfigDict(frozen=True)

    text: str
    label: str
    source: str
    similarity: float
    task_id: str | None = None


class Label(BaseModel):
    """A category of a collection, in people's words; `examples` are typical texts that belong to it."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str = ""
    examples: tuple[str, ...] = ()


class Knowledge(Protocol):
    """Collections of labelled texts, searched by meaning."""

    async def nearest(
        self, collection: str, vector: Sequence[float], *, model: str, source: str, limit: int
    ) -> list[Neighbour]:
        """Nearest items of one `source` ('description' or 'decision'), best first; none for an unknown collection."""
        ...

    async def labels(self, collection: str) -> list[Label]:
        """A collection's labels, in their own order. NotFound for an unknown collection."""
        ...

    async def save_labels(
        self, collection: str, labels: Sequence[Label], vectors: dict[str, list[float]], *, provider: str, model: str
    ) -> None:
        """Replace a collection's labels; `vectors` maps each embedded text to its vector. Decided examples stay."""
        ...


class NewTask(BaseModel):
    """A validation task to be opened; its id is derived from the step, so opening it twice opens it once."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str = "gate"
    approvers: dict[str, Any] = Field(default_factory=dict)
    expires_at: datetime | None = None


class Projections(Protocol):
    """The rows that lists, search and the queue read. Every write is idempotent."""

    async def record_steps(self, ref: StepRef, records: Sequence[StepRecord]) -> None: ...

    async def record_failure(self, ref: StepRef, activity: str, attempt: int, error: str) -> None:
        """A try that failed, kept beside the step for people to see."""
        ...

    async def recorded_step(self, ref: StepRef) -> StepRecord | None:
        """What an earlier try of this step recorded, so that a retry neither changes its mind nor acts twice."""
        ...

    async def record_proposal(
        self, ref: StepRef, proposal: Proposal, gate: Route, records: Sequence[StepRecord], task: NewTask | None = None
    ) -> None:
        """A proposal's step row and, where the gate asks, its validation task; or, where it notifies, a notice."""
        ...

    async def close_task(self, ref: StepRef, task_id: str, status: TaskStatus) -> Decision | None:
        """Close a pending task; the decision that was made before, if any, else None."""
        ...

    async def finish_run(self, finish: FinishInput) -> None: ...
