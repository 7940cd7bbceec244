"""The OpenAPI document: FastAPI's, with the bodies that handlers read by themselves.

`python -m api.openapi` writes it to `docs/openapi.json`.
"""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

FILE = Path(__file__).parents[1] / "docs" / "openapi.json"
REF = "#/components/schemas/{model}"
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
    "session": {"type": "apiKey", "in": "cookie", "name": "assent_session", "description": "A browser's session."},
}
OPEN = frozenset({"/healthz", "/readyz", "/metrics", "/api/v1/session"})
"""Paths that need neither token nor session."""

_bodies: set[type[BaseModel]] = set()


def body(model: type[BaseModel]) -> dict[str, Any]:
    """The part of an operation that describes a JSON body read by `read_body`."""
    _bodies.add(model)
    schema = {"$ref": REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def described(app: FastAPI) -> dict[str, Any]:
    """The document of this app; made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        _, models = models_json_schema(
            [(model, "validation") for model in sorted(_bodies, key=lambda model: model.__name__)], ref_template=REF
        )
        components = document.setdefault("components", {})
        components["schemas"] = dict(sorted({**models["$defs"], **components.get("schemas", {})}.items()))
        components["securitySchemes"] = SECURITY
        for path, item in document["paths"].items():
            for operation in item.values():
                operation["security"] = [] if path in OPEN else [{name: []} for name in SECURITY]
        app.openapi_schema = document
    return app.openapi_schema


def text(document: dict[str, Any]) -> str:
    """The document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the document."""
    from api.app import create_app
    from settings import Settings

    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(create_app(Settings(_env_file=None)).openapi()), encoding="utf-8")


if __name__ == "__main__":
    main()
