"""The tables, as SQLModel classes: the one description of the schema. Migrations are compared with it by a test.

Runs are true in Temporal; `runs`, `step_runs`, `step_failures`, `validation_tasks` and `notices` are projections of
them. `workflows`, `revisions`, `decisions`, `collections`, `embeddings`, `audit` and `sign_ins` are Assent's own truth;
`outbox` is what Temporal has yet to be told.
"""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

DIMENSIONS = 384
"""Of the embedded default, all-MiniLM-L6-v2."""


def _instant(*, nullable: bool = False, default_now: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable, server_default=func.now() if default_now else None)


def _json(*, nullable: bool = True) -> Any:
    return Column(JSONB, nullable=nullable)


def _text(*, primary_key: bool = False, nullable: bool = False, empty: bool = False) -> Any:
    return Column(Text, primary_key=primary_key, nullable=nullable, server_default="" if empty else None)


class Workflow(SQLModel, table=True):
    """A published workflow; `revision` is its newest."""

    __tablename__ = "workflows"
    name: str = Field(sa_column=_text(primary_key=True))
    revision: int
    created_at: datetime = Field(sa_column=_instant(default_now=True))


class Revision(SQLModel, table=True):
    """One immutable save of a workflow definition: the text as written, and the snapshot that runs are given."""

    __tablename__ = "revisions"
    workflow: str = Field(sa_column=Column(Text, ForeignKey("workflows.name"), primary_key=True))
    number: int = Field(primary_key=True)
    content_hash: str = Field(sa_column=_text())
    source: str = Field(sa_column=_text())
    definition: dict[str, Any] = Field(sa_column=_json(nullable=False))
    created_by: str = Field(sa_column=_text())
    created_at: datetime = Field(sa_column=_instant(default_now=True))


class Run(SQLModel, table=True):
    """A run as lists show it."""

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_started", text("started_at DESC"), text("id DESC")),
        Index("ix_runs_open", "status", postgresql_where=text("finished_at IS NULL")),
    )
    id: str = Field(sa_column=_text(primary_key=True))
    workflow: str = Field(sa_column=_text())
    revision: int
    status: str = Field(sa_column=_text())
    input: Any = Field(default=None, sa_column=_json())
    input_hash: str = Field(sa_column=_text())
    outputs: Any = Field(default=None, sa_column=_json())
    error: str = Field(default="", sa_column=_text(empty=True))
    started_by: str = Field(default="", sa_column=_text(empty=True))
    started_at: datetime = Field(sa_column=_instant(default_now=True))
    finished_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class StepRun(SQLModel, table=True):
    """The newest state of one step of one run. `attempt` is the try that wrote it."""

    __tablename__ = "step_runs"
    run_id: str = Field(sa_column=_text(primary_key=True))
    step: str = Field(sa_column=_text(primary_key=True))
    item: int = Field(default=0, primary_key=True)
    attempt: int = 1
    status: str = Field(sa_column=_text())
    route: str | None = Field(default=None, sa_column=_text(nullable=True))
    inputs: Any = Field(default=None, sa_column=_json())
    output: Any = Field(default=None, sa_column=_json())
    proposal: Any = Field(default=None, sa_column=_json())
    error: str = Field(default="", sa_column=_text(empty=True))
    started_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    finished_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class StepFailure(SQLModel, table=True):
    """A try of a step that failed and, unless it was the last, was retried."""

    __tablename__ = "step_failures"
    run_id: str = Field(sa_column=_text(primary_key=True))
    step: str = Field(sa_column=_text(primary_key=True))
    item: int = Field(default=0, primary_key=True)
    activity: str = Field(sa_column=_text(primary_key=True))
    attempt: int = Field(primary_key=True)
    error: str = Field(sa_column=_text())
    failed_at: datetime = Field(sa_column=_instant(default_now=True))


class ValidationTask(SQLModel, table=True):
    """A proposal that waits for people. `vector` embeds the example text, so that a decision is searchable at once."""

    __tablename__ = "validation_tasks"
    __table_args__ = (
        Index("ix_tasks_pending", "created_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_tasks_run", "run_id"),
    )
    id: str = Field(sa_column=_text(primary_key=True))
    run_id: str = Field(sa_column=_text())
    workflow: str = Field(sa_column=_text())
    step: str = Field(sa_column=_text())
    item: int = 0
    kind: str = Field(sa_column=_text())
    status: str = Field(sa_column=_text())
    proposal: dict[str, Any] = Field(sa_column=_json(nullable=False))
    proposal_hash: str = Field(sa_column=_text())
    confidence: float
    approvers: dict[str, Any] = Field(sa_column=_json(nullable=False))
    vector: Any = Field(default=None, sa_column=Column(Vector(DIMENSIONS), nullable=True))
    vector_model: str | None = Field(default=None, sa_column=_text(nullable=True))
    created_at: datetime = Field(sa_column=_instant(default_now=True))
    expires_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    closed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class DecisionRow(SQLModel, table=True):
    """What somebody decided. At most one per task stands; one that was taken back keeps its row."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ux_decisions_standing", "task_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        CheckConstraint("verdict IN ('approve', 'reject', 'edit')", name="ck_decisions_verdict"),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    task_id: str = Field(sa_column=Column(Text, ForeignKey("validation_tasks.id"), nullable=False))
    proposal_hash: str = Field(sa_column=_text())
    verdict: str = Field(sa_column=_text())
    payload: Any = Field(default=None, sa_column=_json())
    reason: str = Field(default="", sa_column=_text(empty=True))
    decided_by: str = Field(sa_column=_text())
    decided_at: datetime = Field(sa_column=_instant(default_now=True))
    deliver_at: datetime = Field(sa_column=_instant())
    undone_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class OutboxRow(SQLModel, table=True):
    """Something Temporal must be told: `start` a run, or a `decision` for one. Kept a while after delivery."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "available_at", "id", postgresql_where=text("delivered_at IS NULL")),
        Index("ux_outbox_decision", "decision_id", unique=True),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    kind: str = Field(sa_column=_text())
    run_id: str = Field(sa_column=_text())
    decision_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("decisions.id"), nullable=True)
    )
    payload: dict[str, Any] = Field(sa_column=_json(nullable=False))
    available_at: datetime = Field(sa_column=_instant(default_now=True))
    delivered_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_error: str = Field(default="", sa_column=_text(empty=True))


class Notice(SQLModel, table=True):
    """A proposal in the middle band that was acted on, for people to know."""

    __tablename__ = "notices"
    run_id: str = Field(sa_column=_text(primary_key=True))
    step: str = Field(sa_column=_text(primary_key=True))
    item: int = Field(default=0, primary_key=True)
    title: str = Field(sa_column=_text())
    confidence: float
    created_at: datetime = Field(sa_column=_instant(default_now=True))


class Collection(SQLModel, table=True):
    """A named set of labelled texts, searched by meaning."""

    __tablename__ = "collections"
    name: str = Field(sa_column=_text(primary_key=True))
    labels: list[Any] = Field(sa_column=_json(nullable=False))
    created_at: datetime = Field(sa_column=_instant(default_now=True))


class Embedding(SQLModel, table=True):
    """A text and its vector. `source` is `description` (a label's own words) or `decision` (what people decided)."""

    __tablename__ = "embeddings"
    __table_args__ = (
        Index(
            "ix_embeddings_hnsw",
            "embedding",
            postgresql_using="hnsw",
            postgresql_ops={"embedding": "vector_cosine_ops"},
        ),
        Index("ix_embeddings_collection", "collection", "source"),
        UniqueConstraint("task_id", name="ux_embeddings_task"),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    collection: str = Field(sa_column=_text())
    source: str = Field(sa_column=_text())
    label: str = Field(sa_column=_text())
    content: str = Field(sa_column=_text())
    embedding: Any = Field(sa_column=Column(Vector(DIMENSIONS), nullable=False))
    provider: str = Field(sa_column=_text())
    model: str = Field(sa_column=_text())
    task_id: str | None = Field(default=None, sa_column=_text(nullable=True))
    meta: dict[str, Any] = Field(
        sa_column=Column("metadata", JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    )
    created_at: datetime = Field(sa_column=_instant(default_now=True))


class Audit(SQLModel, table=True):
    """Who did what, when, to what; rows are only ever added."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = Field(sa_column=_instant(default_now=True))
    actor: str = Field(sa_column=_text())
    action: str = Field(sa_column=_text())
    subject: str = Field(sa_column=_text())
    before: Any = Field(default=None, sa_column=_json())
    after: Any = Field(default=None, sa_column=_json())


class SignIn(SQLModel, table=True):
    """A one-time code, a browser session or an API token. Only the SHA-256 of the secret is stored."""

    __tablename__ = "sign_ins"
    __table_args__ = (CheckConstraint("kind IN ('code', 'session', 'token')", name="ck_sign_ins_kind"),)
    secret_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    kind: str = Field(sa_column=_text())
    person: str = Field(sa_column=_text())
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    created_at: datetime = Field(sa_column=_instant(default_now=True))
    expires_at: datetime = Field(sa_column=_instant())
