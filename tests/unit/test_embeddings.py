"""The local embedder: equal to the published model, independent of batching, and safe to share."""

import asyncio
import math
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from connectors import minilm
from connectors.embeddings import BATCH, LocalEmbedder
from contracts.errors import InvalidInput, StepFailed


@pytest.fixture
async def embedder() -> AsyncIterator[LocalEmbedder]:
    async with LocalEmbedder() as embedder:
        yield embedder


async def test_cosines_equal_the_published_figures_of_the_model(embedder: LocalEmbedder) -> None:
    # The example and its figures are those of the Sentence Transformers documentation for all-MiniLM-L6-v2.
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = np.array(await embedder.embed(texts))
    expected = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert vectors @ vectors.T == pytest.approx(np.array(expected), abs=1e-4)


async def test_vectors_have_384_dimensions_and_length_one(embedder: LocalEmbedder) -> None:
    (vector,) = await embedder.embed(["Where is my parcel?"])
    assert len(vector) == embedder.dimensions == 384
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-6)


async def test_a_text_gets_the_same_vector_alone_in_a_batch_and_among_concurrent_requests(
    embedder: LocalEmbedder,
) -> None:
    texts = [f"message {'with more words ' * (index % 7)}{index}" for index in range(BATCH * 2 + 3)]
    together = await embedder.embed(texts)
    concurrent = await asyncio.gather(*(embedder.embed([text]) for text in texts))
    alone = await embedder.embed([texts[9]])
    assert np.array(together) == pytest.approx(np.array([vectors[0] for vectors in concurrent]), abs=1e-5)
    assert np.array(together[9]) == pytest.approx(np.array(alone[0]), abs=1e-5)


async def test_only_the_first_256_tokens_count(embedder: LocalEmbedder) -> None:
    # Two of the 256 tokens mark the beginning and the end.
    full = "word " * 254
    short, cut, longer = await embedder.embed(["word " * 253, full, full + "and a million more" * 50_000])
    assert cut == pytest.approx(longer, abs=1e-6)
    assert short != pytest.approx(cut, abs=1e-6)


async def test_nothing_to_embed_gives_nothing_and_an_empty_text_gives_a_vector(embedder: LocalEmbedder) -> None:
    assert await embedder.embed([]) == []
    assert len((await embedder.embed([""]))[0]) == 384


async def test_text_that_is_not_unicode_is_refused_without_hurting_others(embedder: LocalEmbedder) -> None:
    good, bad = await asyncio.gather(embedder.embed(["fine"]), embedder.embed(["\ud800"]), return_exceptions=True)
    assert isinstance(bad, InvalidInput)
    assert isinstance(good, list)


async def test_a_cancelled_request_leaves_the_others_served(embedder: LocalEmbedder) -> None:
    requests = [asyncio.create_task(embedder.embed([f"request {index}"])) for index in range(20)]
    await asyncio.sleep(0)
    requests[10].cancel()
    results = await asyncio.gather(*requests, return_exceptions=True)
    assert [index for index, result in enumerate(results) if isinstance(result, BaseException)] == [10]


async def test_one_embedder_serves_several_event_loops(embedder: LocalEmbedder) -> None:
    elsewhere = await asyncio.to_thread(lambda: asyncio.run(embedder.embed(["Hello"])))
    assert elsewhere == await embedder.embed(["Hello"])


def test_damaged_model_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(StepFailed, match=r"tokenizer\.json of the embedding model is damaged"):
        minilm.verified(tmp_path / "tokenizer.json")
    with pytest.raises(StepFailed, match="cannot read"):
        minilm.verified(tmp_path / "model.safetensors")


def test_gelu_equals_its_definition_by_the_exact_error_function() -> None:
    x = np.linspace(-7, 7, 2001, dtype=np.float32)
    exact = [float(value) * (1 + math.erf(float(value) / math.sqrt(2))) / 2 for value in x]
    assert minilm.gelu(x.reshape(-1, 1)).ravel() == pytest.approx(np.array(exact), abs=1e-6)
