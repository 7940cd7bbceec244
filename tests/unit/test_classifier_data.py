"""On real messages, with a person who answers what is asked: it asks less and less, and is rarely wrong by itself."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from connectors.embeddings import LocalEmbedder
from contracts.proposals import Route, Thresholds, route
from learning.similarity import NEIGHBOURS, Near, score

DATA = Path(__file__).parents[3] / "shared" / "data" / "banking77.jsonl"
MESSAGES = 1000
WINDOW = 250


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason=f"needs {DATA.name} in ../shared/data")
async def test_questions_become_fewer_while_automatic_actions_stay_right() -> None:
    rows = [json.loads(line) for line in DATA.read_text().splitlines()]
    names = sorted({row["label"] for row in rows})
    stream = random.Random(1).sample([row for row in rows if row["split"] == "test"], MESSAGES)
    truth = [row["label"] for row in stream]
    async with LocalEmbedder() as embedder:
        texts = np.array(await embedder.embed([row["text"] for row in stream]))
        words = np.array(await embedder.embed([name.replace("_", " ") for name in names]))
    described, alike = texts @ words.T, texts @ texts.T

    learned: list[int] = []
    asked: list[bool] = []
    automatic_right: list[bool] = []
    for index, label in enumerate(truth):
        decided: list[Near] = [(truth[other], float(alike[index, other])) for other in learned]
        decided.sort(key=lambda near: -near[1])
        scored = score(zip(names, described[index].tolist(), strict=True), decided[:NEIGHBOURS])
        goes = route(Thresholds(), scored.score)
        asked.append(goes is Route.ASK)
        if goes is Route.ASK:
            learned.append(index)
        if goes is Route.ACT:
            automatic_right.append(scored.label == label)

    assert sum(asked[:WINDOW]) > 0.65 * WINDOW
    assert sum(asked[-WINDOW:]) < 0.75 * sum(asked[:WINDOW])
    assert len(automatic_right) > 0.15 * MESSAGES
    assert automatic_right.count(False) <= 0.03 * len(automatic_right)
