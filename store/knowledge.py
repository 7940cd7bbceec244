"""Collections of labelled texts, searched by meaning with pgvector. Implements `contracts.ports.Knowledge`."""

from collections.abc import Sequence

from contracts.collections import label_texts
from contracts.errors import InvalidInput, NotFound
from contracts.ports import Label, Neighbour
from store.database import Database
from store.tables import DIMENSIONS

NEAREST = """
SELECT content AS text, label, source, task_id, 1 - (embedding <=> $2) AS similarity
FROM embeddings WHERE collection = $1 AND source = $3 AND model = $4 ORDER BY embedding <=> $2 LIMIT $5
"""

INSERT_DESCRIPTION = """
INSERT INTO embeddings (collection, source, label, content, embedding, provider, model)
VALUES ($1, 'description', $2, $3, $4, $5, $6)
"""

SAVE_COLLECTION = """
INSERT INTO collections (name, labels) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET labels = excluded.labels
"""


class KnowledgeStore:
    """Labelled texts in Postgres. Vectors have 384 floats and unit length."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def nearest(
        self, collection: str, vector: Sequence[float], *, model: str, source: str, limit: int
    ) -> list[Neighbour]:
        if len(vector) != DIMENSIONS:
            raise InvalidInput(f"a vector of {len(vector)} dimensions cannot search a collection of {DIMENSIONS}")
        async with self._database.connection() as connection, connection.transaction(readonly=True):
            await connection.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            rows = await connection.fetch(NEAREST, collection, list(vector), source, model, limit)
        return [Neighbour.model_validate(dict(row)) for row in rows]

    async def labels(self, collection: str) -> list[Label]:
        async with self._database.connection() as connection:
            stored = await connection.fetchval("SELECT labels FROM collections WHERE name = $1", collection)
        if stored is None:
            hint = "save its labels with: assent publish FOLDER"
            raise NotFound(f"there is no collection {collection!r}", hint=hint)
        return [Label.model_validate(label) for label in stored]

    async def save_labels(
        self, collection: str, labels: Sequence[Label], vectors: dict[str, list[float]], *, provider: str, model: str
    ) -> None:
        rows = [
            (collection, label.name, text, vectors[text], provider, model)
            for label in labels
            for text in label_texts(label)
        ]
        async with self._database.transaction() as connection:
            await connection.execute(SAVE_COLLECTION, collection, [label.model_dump(mode="json") for label in labels])
            await connection.execute(
                "DELETE FROM embeddings WHERE collection = $1 AND source = 'description'", collection
            )
            await connection.executemany(INSERT_DESCRIPTION, rows)
