"""The seams: what activities need from the outside, as protocols. Adapters live in `connectors/` and `store/`."""

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from contracts.decisions import Decision
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
    """An item of a collection near a query. `similarity` is the cosine in [-1, 1]; `source` is description or decision."""

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
        """Nearest items of one `source` ('description' or 'decision'), best first. NotFound for an unknown collection."""
        ...

    async def save_labels(
        self, collection: str, labels: Sequence[Label], vectors: dict[str, list[float]], *, provider: str, model: str
    ) -> None:
        """Replace a collection's labels; `vectors` maps each embedded text to its vector. Decided examples stay."""
        ...


class Projections(Protocol):
    """The rows that lists, search and the queue read. Every write is idempotent."""

    async def record_steps(self, ref: StepRef, records: Sequence[StepRecord]) -> None: ...

    async def recorded_proposal(self, ref: StepRef) -> Proposal | None:
        """The proposal an earlier try of this step already recorded, so that a retry does not change its mind."""
        ...

    async def record_proposal(
        self, ref: StepRef, proposal: Proposal, gate: Route, record: StepRecord, task: "NewTask | None",
        vector: Sequence[float] | None, records: Sequence[StepRecord],
    ) -> None:
        """The proposal's step row and, where the gate asks, its validation task; or, where it notifies, a notice."""
        ...

    async def close_task(self, task_id: str, status: str) -> Decision | None:
        """Close a pending task; the decision that was made before, if any, else None."""
        ...

    async def finish_run(self, finish: FinishInput) -> None: ...


class NewTask(BaseModel):
    """A validation task to be opened; its id is derived from the step, so opening it twice opens it once."""

    model_config = ConfigDict(frozen=True)

    id: str
    approvers: dict[str, Any]
    expires_at: Any = None
    kind: str = "gate"
