"""The classifier agent on the real embedder, with a collection in memory."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from activities.agents.classifier import ClassifierAgent
from connectors.embeddings import LocalEmbedder
from contracts.collections import label_texts
from contracts.errors import InvalidInput, NotFound, StepFailed
from contracts.ports import AgentRequest, Knowledge, Label, Neighbour
from contracts.proposals import Proposal
from contracts.runs import StepRef
from contracts.values import check_storable

LABELS = [
    Label(name="parcel_late", description="The parcel has not arrived in time", examples=("Where is my order?",)),
    Label(name="refund_request", description="The customer wants the money back", examples=("Please refund me.",)),
    Label(name="change_address", description="The delivery address must be changed"),
]


@dataclass
class MemoryKnowledge:
    """`Knowledge` by brute force, for one collection."""

    collection: str
    stored: list[Label] = field(default_factory=list)
    rows: list[tuple[Neighbour, list[float], str]] = field(default_factory=list)

    async def nearest(
        self, collection: str, vector: Sequence[float], *, model: str, source: str, limit: int
    ) -> list[Neighbour]:
        found = [
            row.model_copy(update={"similarity": float(np.dot(stored, vector))})
            for row, stored, of_model in self.rows
            if row.source == source and of_model == model
        ]
        return sorted(found, key=lambda neighbour: -neighbour.similarity)[:limit]

    async def labels(self, collection: str) -> list[Label]:
        if collection != self.collection:
            raise NotFound(f"there is no collection {collection!r}")
        return self.stored

    async def save_labels(
        self, collection: str, labels: Sequence[Label], vectors: dict[str, list[float]], *, provider: str, model: str
    ) -> None:
        self.stored = list(labels)
        for label in labels:
            for text in label_texts(label):
                self.add(text, label.name, "description", vectors[text], model)

    def add(self, text: str, label: str, source: str, vector: Sequence[float], model: str) -> None:
        task_id = f"task-{len(self.rows)}" if source == "decision" else None
        neighbour = Neighbour(text=text, label=label, source=source, similarity=0, task_id=task_id)
        self.rows.append((neighbour, list(vector), model))


@dataclass
class Desk:
    """An agent, its knowledge, and a person who decides."""

    agent: ClassifierAgent
    knowledge: MemoryKnowledge
    embedder: LocalEmbedder

    async def propose(self, text: Any, **inputs: Any) -> Proposal:
        ref = StepRef(run_id="run-1", workflow="support", step="intent")
        return await self.agent.propose(AgentRequest(ref=ref, inputs={"text": text, "collection": "intents"} | inputs))

    async def decide(self, text: str, label: str) -> None:
        (vector,) = await self.embedder.embed([text])
        self.knowledge.add(text, label, "decision", vector, self.embedder.model)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with LocalEmbedder() as embedder:
        knowledge = MemoryKnowledge("intents")
        texts = [text for label in LABELS for text in label_texts(label)]
        vectors = dict(zip(texts, await embedder.embed(texts), strict=True))
        await knowledge.save_labels("intents", LABELS, vectors, provider=embedder.provider, model=embedder.model)
        port: Knowledge = knowledge
        yield Desk(ClassifierAgent(embedder, port), knowledge, embedder)


async def test_it_proposes_by_the_labels_words_at_first_and_asks(desk: Desk) -> None:
    proposal = await desk.propose("My package should have been here days ago, what is going on?")
    assert proposal.payload == {"label": "parcel_late"}
    assert proposal.confidence < 0.7
    assert proposal.title == "Route this message to “parcel_late”"
    assert proposal.body == "My package should have been here days ago, what is going on?"
    assert proposal.rationale.startswith("No similar message has been decided yet; the words of “parcel_late” are ")
    assert {item.kind for item in proposal.evidence} == {"description"}


async def test_a_decision_makes_it_surer_of_a_similar_message_at_once(desk: Desk) -> None:
    before = await desk.propose("The courier never showed up with my parcel")
    await desk.decide("The courier did not show up with my parcel", "parcel_late")
    after = await desk.propose("The courier never showed up with my parcel")
    assert before.confidence < 0.7 < 0.9 <= after.confidence
    assert after.evidence[0].kind == "decision"
    assert after.evidence[0].task_id == f"task-{len(desk.knowledge.rows) - 1}"
    assert "The one similar decided message is also “parcel_late”" in after.rationale


async def test_people_outvote_the_labels_words(desk: Desk) -> None:
    assert (await desk.propose("Please refund me for the late parcel")).payload["label"] == "refund_request"
    for text in ("Please refund me, the parcel is late", "Refund me please for this late parcel"):
        await desk.decide(text, "parcel_late")
    assert (await desk.propose("Please refund me for the late parcel")).payload["label"] == "parcel_late"


async def test_disagreement_among_decided_messages_makes_it_ask_again(desk: Desk) -> None:
    await desk.decide("I want my order sent somewhere else", "change_address")
    sure = await desk.propose("I want my order sent to somewhere else")
    await desk.decide("I want my order sent elsewhere", "refund_request")
    torn = await desk.propose("I want my order sent to somewhere else")
    assert torn.confidence < sure.confidence
    assert torn.rationale.startswith("1 of the 2 most similar decided messages are")


async def test_nothing_near_means_asking_however_much_was_decided(desk: Desk) -> None:
    for index in range(12):
        await desk.decide(f"Parcel number {index} is late", "parcel_late")
    proposal = await desk.propose("Do you know a good recipe for pumpkin soup?")
    assert proposal.confidence < 0.2
    assert proposal.features["novelty"] > 0.8


async def test_the_payload_can_be_edited_to_any_label_of_the_collection_and_to_nothing_else(desk: Desk) -> None:
    schema = (await desk.propose("Hello")).payload_schema
    assert schema is not None
    assert schema["properties"]["label"]["enum"] == ["parcel_late", "refund_request", "change_address"]
    assert schema["additionalProperties"] is False


async def test_decisions_for_a_label_that_no_longer_exists_do_not_count(desk: Desk) -> None:
    await desk.decide("Where has my order gone?", "removed_label")
    proposal = await desk.propose("Where has my order gone?")
    assert proposal.payload["label"] != "removed_label"
    assert all(item.label != "removed_label" for item in proposal.evidence)


async def test_the_example_carries_the_vector_beside_the_proposal_but_not_in_its_json(desk: Desk) -> None:
    proposal = await desk.propose("Where is it?")
    assert proposal.example is not None
    assert (proposal.example.collection, proposal.example.text) == ("intents", "Where is it?")
    assert proposal.example.vector == tuple((await desk.embedder.embed(["Where is it?"]))[0])
    stored = proposal.model_dump(mode="json")
    assert "vector" not in stored["example"]
    check_storable(stored)


async def test_the_same_text_gets_the_same_proposal(desk: Desk) -> None:
    assert await desk.propose("Where is it?") == await desk.propose("Where is it?")


async def test_a_calibrator_sees_score_and_features_and_sets_the_confidence(desk: Desk) -> None:
    seen: list[dict[str, float]] = []

    def halve(score: float, features: Any) -> float:
        seen.append(dict(features))
        return score / 2

    proposal = await Desk(ClassifierAgent(desk.embedder, desk.knowledge, halve), desk.knowledge, desk.embedder).propose(
        "Where is my order?"
    )
    assert proposal.confidence == proposal.score / 2
    assert seen == [proposal.features]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"text": None}, "text: Input should be a valid string"),
        ({"text": "x" * 100_001}, "text: String should have at most 100000"),
        ({"text": "\ud800"}, "text"),
        ({"collection": 7}, "collection: Input should be a valid string"),
        ({"labels": []}, "labels: Extra inputs are not permitted"),
    ],
)
async def test_bad_inputs_are_named(desk: Desk, inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.propose(**({"text": "x"} | inputs))
    assert said in caught.value.message


async def test_an_unknown_collection_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match="'elsewhere'"):
        await desk.propose("x", collection="elsewhere")


async def test_a_collection_without_usable_labels_fails_with_what_to_do(desk: Desk) -> None:
    desk.knowledge.rows.clear()
    with pytest.raises(StepFailed, match="no labels that the model all-MiniLM-L6-v2 knows") as caught:
        await desk.propose("x")
    assert caught.value.hint == "publish its labels again"
