"""The workflow language: a definition, read from YAML or JSON text with every problem found, or from a stored snapshot.

    steps.py        a step and its parts           documents.py    text to values with positions
    checks.py       the rules that span keys       expressions.py  templates, on cel_syntax.py and cel_functions.py
    schemas.py      JSON Schemas in definitions    plan.py         the DAG

`python -m contracts.definition` prints the JSON Schema of the language, which is committed as definition.schema.json.
"""

import json
from collections.abc import Collection
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contracts.checks import check
from contracts.documents import parse_document
from contracts.errors import InvalidDefinition
from contracts.steps import NAME_PATTERN, Action, Approval, Approvers, Gate, Part, Retry, Step, Wait
from contracts.values import canonical

__all__ = [
    "Action",
    "Approval",
    "Approvers",
    "Definition",
    "Gate",
    "Retry",
    "Step",
    "Wait",
    "definition_from_snapshot",
    "json_schema",
    "parse_definition",
]

MAX_STEPS = 1000


class Definition(Part):
    """A workflow: its input's JSON Schema, constants, steps, and what a run answers."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN)] = Field(description="What the workflow is called.")
    description: str = Field(default="", max_length=2000, description="What it is for, in a sentence.")
    input: dict[str, Any] | None = Field(default=None, description="JSON Schema of a run's input.")
    vars: dict[str, Any] = Field(default_factory=dict, description="Constants that expressions read as vars.NAME.")
    steps: tuple[Step, ...] = Field(
        strict=False, min_length=1, max_length=MAX_STEPS, description="The nodes of the DAG."
    )
    outputs: dict[str, Any] = Field(
        default_factory=dict,
        description="What a completed run answers; templates. Null where one reads a step that did not complete.",
    )

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(step.id for step in self.steps)

    def step(self, step_id: str) -> Step:
        """The step of this id. Raises KeyError when there is none."""
        return self._by_id[step_id]

    def snapshot(self) -> dict[str, Any]:
        """The definition as JSON values, without defaults; itself a document of the language."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @cached_property
    def _by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps}


def parse_definition(
    text: str | bytes, *, agents: Collection[str] | None = None, connectors: Collection[str] | None = None
) -> Definition:
    """The definition in a YAML or JSON text. Where `agents` or `connectors` are given, others are problems.

    Raises:
        TooLarge: for a text beyond 256 KiB, before parsing.
        InvalidDefinition: with every problem, in document order.
    """
    document = parse_document(text)
    problems = check(document, Definition, agents, connectors)
    if problems:
        raise InvalidDefinition(problems)
    return Definition.model_validate(document.value, by_alias=True, by_name=False, context={"document": True})


def definition_from_snapshot(snapshot: dict[str, Any]) -> Definition:
    """The definition that `snapshot()` gave; trusted, so that only its shape is checked. Cached by content."""
    return _from_canonical(canonical(snapshot))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the language, for editors."""
    schema = Definition.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Assent workflow definition"}


@lru_cache(maxsize=128)
def _from_canonical(snapshot: bytes) -> Definition:
    return Definition.model_validate(json.loads(snapshot), by_alias=True, by_name=False)


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2, sort_keys=True))
