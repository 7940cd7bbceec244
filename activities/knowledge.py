"""Indexing collections: embeds the texts of labels and stores them."""

from temporalio import activity

from contracts.collections import SaveLabels, label_texts
from contracts.ports import Embedder, Knowledge


class KnowledgeActivities:
    """Writes to collections, with the worker's embedder."""

    def __init__(self, embedder: Embedder, knowledge: Knowledge) -> None:
        self._embedder = embedder
        self._knowledge = knowledge

    @activity.defn(name="save_labels")
    async def save_labels(self, call: SaveLabels) -> int:
        """Embed and replace a collection's labels; the number of texts that stand for them comes back."""
        texts = sorted({text for label in call.labels for text in label_texts(label)})
        vectors = await self._embedder.embed(texts)
        await self._knowledge.save_labels(
            call.collection,
            call.labels,
            dict(zip(texts, vectors, strict=True)),
            provider=self._embedder.provider,
            model=self._embedder.model,
        )
        return len(texts)
