"""The agent `classifier`: which label of a collection a text belongs to, judged by what people decided before.

    with: {text: "...", collection: intents}        ->  payload {label}

It embeds the text, looks up the nearest descriptions and the nearest decided texts, and lets `learning.similarity`
score the labels. `calibrate` maps that score to the confidence that the gate sees; until a collection has a fitted
calibrator it is the score itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import InvalidInput, StepFailed
from contracts.ports import AgentRequest, Embedder, Knowledge, Label, Neighbour
from contracts.proposals import Evidence, Example, Proposal
from learning.similarity import NEIGHBOURS, Scored, score

DESCRIPTIONS = 30
"""Descriptions and typical examples that are looked at; some labels have several."""

EVIDENCE = 5

Calibrate = Callable[[float, Mapping[str, float]], float]
"""From a raw score and its features to the probability that a person approves unchanged, both in [0, 1]."""


def uncalibrated(score: float, features: Mapping[str, float]) -> float:
    """The raw score, where nothing better is known."""
    return score


class ClassifierInputs(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = Field(max_length=100_000)
    collection: str = Field(min_length=1, max_length=200)


class ClassifierAgent:
    """Implements `contracts.ports.Agent`."""

    name = "classifier"

    def __init__(self, embedder: Embedder, knowledge: Knowledge, calibrate: Calibrate = uncalibrated) -> None:
        self._embedder = embedder
        self._knowledge = knowledge
        self._calibrate = calibrate

    async def propose(self, request: AgentRequest) -> Proposal:
        """Propose a label for `text`.

        Raises:
            InvalidInput: `text` or `collection` is missing or of the wrong type.
            NotFound: there is no such collection.
            StepFailed: the collection has no labels, or none that this embedder's model knows.
        """
        inputs = parse(request.inputs)
        labels = await self._knowledge.labels(inputs.collection)
        (vector,) = await self._embedder.embed([inputs.text])
        described = await self._nearest(inputs.collection, vector, "description", DESCRIPTIONS, labels)
        decided = await self._nearest(inputs.collection, vector, "decision", NEIGHBOURS, labels)
        if not described and not decided:
            raise StepFailed(
                f"the collection {inputs.collection!r} has no labels that the model {self._embedder.model} knows",
                hint="publish its labels again",
            )
        scored = score(pairs(described), pairs(decided))
        example = Example(
            collection=inputs.collection,
            text=inputs.text,
            provider=self._embedder.provider,
            model=self._embedder.model,
            vector=tuple(vector),
        )
        return self._proposal(example, labels, scored, [*decided, *described])

    async def _nearest(
        self, collection: str, vector: Sequence[float], source: str, limit: int, labels: Sequence[Label]
    ) -> list[Neighbour]:
        """Neighbours whose label still exists."""
        known = {label.name for label in labels}
        found = await self._knowledge.nearest(
            collection, vector, model=self._embedder.model, source=source, limit=limit
        )
        return [neighbour for neighbour in found if neighbour.label in known]

    def _proposal(
        self, example: Example, labels: Sequence[Label], scored: Scored, neighbours: Sequence[Neighbour]
    ) -> Proposal:
        features = scored.features()
        return Proposal(
            payload={"label": scored.label},
            payload_schema=payload_schema(labels),
            confidence=min(1.0, max(0.0, self._calibrate(scored.score, features))),
            score=scored.score,
            features=features,
            title=f"Route this message to “{scored.label}”",
            body=example.text,
            rationale=rationale(scored),
            evidence=tuple(evidence(neighbour) for neighbour in most_telling(neighbours)),
            example=example,
        )


def parse(inputs: dict[str, Any]) -> ClassifierInputs:
    try:
        return ClassifierInputs.model_validate(inputs)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise InvalidInput(f"classifier: {problems}", hint="with: {text: ..., collection: ...}") from None


def pairs(neighbours: Sequence[Neighbour]) -> list[tuple[str, float]]:
    return [(neighbour.label, neighbour.similarity) for neighbour in neighbours]


def payload_schema(labels: Sequence[Label]) -> dict[str, Any]:
    """What a person may change the payload to: any label of the collection."""
    names = [label.name for label in labels]
    return {
        "type": "object",
        "properties": {"label": {"type": "string", "title": "Label", "enum": names}},
        "required": ["label"],
        "additionalProperties": False,
    }


def most_telling(neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """The nearest few, whatever they say; a decided text before a description that is as near."""
    return sorted(neighbours, key=lambda neighbour: (-neighbour.similarity, neighbour.source != "decision"))[:EVIDENCE]


def evidence(neighbour: Neighbour) -> Evidence:
    return Evidence(
        kind=neighbour.source,
        text=neighbour.text,
        label=neighbour.label,
        similarity=neighbour.similarity,
        task_id=neighbour.task_id,
    )


def rationale(scored: Scored) -> str:
    """Why, in one sentence for the person who decides."""
    if not scored.near:
        nearest = max(scored.nearest_described, 0.0)
        return f"No similar message has been decided yet; the words of “{scored.label}” are {nearest:.0%} alike."
    if scored.near == 1:
        said = "also" if scored.agreeing else "not"
        return f"The one similar decided message is {said} “{scored.label}” ({scored.nearest_decided:.0%} alike)."
    return (
        f"{scored.agreeing} of the {scored.near} most similar decided messages are “{scored.label}”; "
        f"the nearest is {scored.nearest_decided:.0%} alike."
    )
