"""Published workflows and their immutable revisions."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from contracts.errors import NotFound
from store.database import Connection
from store.decisions import INSERT_AUDIT

COLUMNS = """
r.workflow AS name, r.number AS revision, r.content_hash, r.source, r.definition, r.created_by, r.created_at,
(SELECT count(*) FROM validation_tasks t WHERE t.workflow = r.workflow AND t.status = 'pending') AS pending_tasks"""

NEWEST = f"SELECT {COLUMNS} FROM workflows w JOIN revisions r ON r.workflow = w.name AND r.number = w.revision"

TAKE_NUMBER = """
INSERT INTO workflows (name, revision) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET revision = workflows.revision + 1 RETURNING revision
"""

INSERT_REVISION = """
INSERT INTO revisions (workflow, number, content_hash, source, definition, created_by) VALUES ($1, $2, $3, $4, $5, $6)
"""


class PublishedWorkflow(BaseModel):
    """A revision of a workflow: `source` as written, `definition` as the snapshot that runs are given."""

    name: str
    revision: int
    content_hash: str
    source: str
    definition: dict[str, Any]
    created_by: str
    created_at: datetime
    pending_tasks: int = 0


async def publish(
    connection: Connection, *, name: str, content_hash: str, source: str, definition: dict[str, Any], actor: str
) -> PublishedWorkflow:
    """Save a new revision; saving what is the newest already changes nothing and returns that."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"workflow/{name}")
    row = await connection.fetchrow(f"{NEWEST} WHERE w.name = $1", name)
    if row is None or row["content_hash"] != content_hash:
        number = await connection.fetchval(TAKE_NUMBER, name)
        await connection.execute(INSERT_REVISION, name, number, content_hash, source, definition, actor)
        after = {"revision": number, "content_hash": content_hash}
        before = {"revision": row["revision"], "content_hash": row["content_hash"]} if row else None
        await connection.execute(INSERT_AUDIT, actor, "workflow.publish", name, before, after)
        row = await connection.fetchrow(f"{NEWEST} WHERE w.name = $1", name)
    assert row is not None
    return PublishedWorkflow.model_validate(dict(row))


async def workflows(connection: Connection) -> list[PublishedWorkflow]:
    """Every workflow at its newest revision, by name."""
    rows = await connection.fetch(f"{NEWEST} ORDER BY w.name")
    return [PublishedWorkflow.model_validate(dict(row)) for row in rows]


async def workflow(connection: Connection, name: str, revision: int | None = None) -> PublishedWorkflow:
    """One workflow, at its newest or a given revision.

    Raises:
        NotFound: no such workflow or revision.
    """
    if revision is None:
        row = await connection.fetchrow(f"{NEWEST} WHERE w.name = $1", name)
    else:
        sql = f"SELECT {COLUMNS} FROM revisions r WHERE r.workflow = $1 AND r.number = $2"
        row = await connection.fetchrow(sql, name, revision)
    if row is None:
        what = f"workflow {name!r}" + (f" revision {revision}" if revision else "")
        raise NotFound(f"there is no {what}", hint="publish it with: assent publish FILE")
    return PublishedWorkflow.model_validate(dict(row))


async def definitions(connection: Connection, keys: list[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    """The snapshots of the given (workflow, revision) pairs."""
    sql = """SELECT workflow, number, definition FROM revisions
             WHERE (workflow, number) IN (SELECT * FROM unnest($1::text[], $2::int[]))"""
    rows = await connection.fetch(sql, [name for name, _ in keys], [number for _, number in keys])
    return {(row["workflow"], row["number"]): row["definition"] for row in rows}
