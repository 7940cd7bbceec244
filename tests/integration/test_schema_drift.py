"""What is generated and committed equals what the code says: tables, OpenAPI, GraphQL, JSON Schema."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import store.tables
from api.app import create_app
from api.graphql.schema import SCHEMA_FILE, build_schema
from api.openapi import FILE, text
from contracts.definition import json_schema
from settings import Settings
from store.migrate import alembic_config

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings(_env_file=None)).openapi()


@pytest.mark.servers
async def test_migrations_make_the_tables_that_the_code_describes(database_url: str) -> None:
    assert store.tables.Run.__tablename__ == "runs"
    engine = create_async_engine(database_url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, SQLModel.metadata))


@pytest.mark.servers
def test_migrations_can_be_taken_back_and_made_again(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    for _ in range(2):
        command.upgrade(config, "head")
        command.downgrade(config, "base")
    command.upgrade(config, "head")


@pytest.mark.servers
async def test_taking_all_migrations_back_leaves_nothing(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    await asyncio.to_thread(command.upgrade, config, "head")
    await asyncio.to_thread(command.downgrade, config, "base")
    connection = await asyncpg.connect(empty_database_url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert {row["tablename"] for row in tables} <= {"alembic_version"}


def test_the_committed_graphql_schema_is_the_codes() -> None:
    assert SCHEMA_FILE.read_text() == build_schema().as_str() + "\n", "run: python -m api.graphql.schema"


def test_the_committed_openapi_document_is_the_codes(document: dict[str, Any]) -> None:
    assert FILE.read_text() == text(document), "run: python -m api.openapi"


def test_the_committed_schema_of_the_language_is_the_codes() -> None:
    committed = json.loads((ROOT / "contracts" / "definition.schema.json").read_text())
    assert committed == json_schema(), "run: python -m contracts.definition > contracts/definition.schema.json"


def test_the_openapi_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_reference_of_the_openapi_document_leads_somewhere(document: dict[str, Any]) -> None:
    references = {part.split('"')[0] for part in json.dumps(document).split('"$ref": "')[1:]}
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references
    assert references <= known


def test_the_openapi_document_lists_every_route(document: dict[str, Any]) -> None:
    """All but the app's own pages, the documentation itself and GraphQL, which describes itself."""
    undescribed = {"/graphql", "/assets", "/{path:path}", "/api/v1/openapi.json"}
    paths = {
        path for path in _paths(create_app(Settings(_env_file=None)).routes) if not path.startswith("/api/v1/docs")
    }
    assert paths - undescribed == set(document["paths"])


def _paths(routes: Any) -> set[str]:
    found: set[str] = set()
    for route in routes:
        nested = getattr(route, "original_router", None)
        if hasattr(route, "path"):
            found.add(route.path)
        elif nested is not None:
            found |= _paths(nested.routes)
    return found


def test_every_operation_is_described_and_says_what_can_go_wrong(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], (method, path)
            if path.startswith("/api/v1/") and path != "/api/v1/session":
                assert "401" in operation["responses"], (method, path)
