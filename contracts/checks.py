"""Every rule of the workflow language, applied to a document: shapes key by key, then names, expressions and cycles.

Each rule works on the raw values, so that one mistake does not hide the others.
"""

import re
from collections.abc import Collection, Iterator
from itertools import chain, islice
from typing import Any

from pydantic import BaseModel

from contracts.cel_syntax import KEYWORDS, RESERVED, TYPE_NAMES
from contracts.documents import MAX_PROBLEMS, Document, Path
from contracts.durations import parse_timestamp
from contracts.errors import Problem
from contracts.expressions import findings, is_expression, read_by
from contracts.graph import find_cycle
from contracts.hints import did_you_mean
from contracts.schemas import schema_problems
from contracts.shapes import shape_problems
from contracts.steps import MEANINGLESS

SCOPE = frozenset({"input", "vars", "run"})
RUN_MEMBERS = ("id", "revision", "started_by", "workflow")
STEP_MEMBERS = ("decision", "output", "status")
RESERVED_IDS = SCOPE | {"proposal"} | KEYWORDS | RESERVED | TYPE_NAMES

_OPEN_SCHEMA = frozenset(
    {"$ref", "additionalProperties", "allOf", "anyOf", "if", "oneOf", "patternProperties", "unevaluatedProperties"}
)


def check(
    document: Document, model: type[BaseModel], agents: Collection[str] | None, connectors: Collection[str] | None
) -> list[Problem]:
    """Every problem of a document that should hold a `model` (the definition), in document order."""
    checker = _Checker(document, agents, connectors)
    found = dict.fromkeys(islice(chain(document.problems, checker.problems(model)), MAX_PROBLEMS))
    return sorted(found, key=lambda problem: (problem.line or 0, problem.column or 0))


class _Checker:
    """The document's raw parts, each empty where its shape is wrong, and the rules over them."""

    def __init__(self, document: Document, agents: Collection[str] | None, connectors: Collection[str] | None) -> None:
        self.document = document
        self.known = {"agent": agents, "connector": connectors}
        self.raw: dict[str, Any] = document.value if isinstance(document.value, dict) else {}
        listed = self.raw.get("steps")
        self.steps = [(index, step) for index, step in enumerate(_list(listed)) if isinstance(step, dict)]
        self.ids = {step["id"]: index for index, step in reversed(self.steps) if isinstance(step.get("id"), str)}
        self.needs: dict[str, set[str]] = {}

    def problems(self, model: type[BaseModel]) -> Iterator[Problem]:
        if not isinstance(self.document.value, dict):
            hint = "begin with: name: my-workflow"
            yield self.document.problem((), "a workflow definition is a mapping of keys", hint)
            return
        yield from shape_problems(self.document, model)
        yield from self._top()
        for index, step in self.steps:
            yield from self._ids(index, step)
            yield from self._options(index, step)
            yield from self._names(index, step)
            yield from self._templates(index, step)
        yield from self._cycles()

    def _top(self) -> Iterator[Problem]:
        yield from self._schema(("input",), self.raw.get("input"))
        for path, text in _texts(self.raw.get("vars"), ("vars",)):
            if "${" in text:
                offset = text.index("${")
                hint = "vars are constants; compute values in a transform step"
                yield self.document.problem(path, "vars cannot hold expressions", hint, offset=offset)
        for path, text in _texts(self.raw.get("outputs"), ("outputs",)):
            yield from self._template(path, text, frozenset(), None)

    def _ids(self, index: int, step: dict[str, Any]) -> Iterator[Problem]:
        name = step.get("id")
        if not isinstance(name, str):
            return
        path = ("steps", index, "id")
        if name in RESERVED_IDS:
            yield self.document.problem(path, f'"{name}" is a word of the language', "choose another id")
        if self.ids[name] != index:
            first = self.document.problem(("steps", self.ids[name], "id"), "").line
            yield self.document.problem(path, f'the id "{name}" is given twice', f"the first is in line {first}")

    def _options(self, index: int, step: dict[str, Any]) -> Iterator[Problem]:
        kinds = [kind for kind in MEANINGLESS if step.get(kind) is not None]
        for key, reason in MEANINGLESS[kinds[0]].items() if len(kinds) == 1 else ():
            if key in step:
                message = f'"{key}" has no meaning for {_an(kinds[0])} step'
                yield self.document.problem(("steps", index, key), message, reason, at_key=True)

    def _names(self, index: int, step: dict[str, Any]) -> Iterator[Problem]:
        yield from self._name(("steps", index, "agent"), "agent", step.get("agent"))
        yield from self._name(("steps", index, "connector"), "connector", step.get("connector"))
        action = _dict(step.get("action"))
        yield from self._name(("steps", index, "action", "connector"), "connector", action.get("connector"))
        for place, need in enumerate(_list(step.get("needs"))):
            path = ("steps", index, "needs", place)
            if isinstance(need, str) and need not in self.ids:
                yield self.document.problem(path, f'unknown step "{need}"', did_you_mean(need, self.ids, "steps"))
            elif isinstance(need, str):
                self._need(step, need)

    def _name(self, path: Path, kind: str, name: Any) -> Iterator[Problem]:
        known = self.known[kind]
        if known is not None and isinstance(name, str) and name and name not in known:
            yield self.document.problem(path, f'unknown {kind} "{name}"', did_you_mean(name, known, f"{kind}s"))

    def _templates(self, index: int, step: dict[str, Any]) -> Iterator[Problem]:
        base = ("steps", index)
        approval, wait, action = (_dict(step.get(key)) for key in ("approval", "wait", "action"))
        yield from self._schema((*base, "approval", "form"), approval.get("form"))
        yield from self._when((*base, "when"), step.get("when"))
        yield from self._until((*base, "wait", "until"), wait.get("until"))
        places = (
            ((*base, "when"), step.get("when")),
            ((*base, "with"), step.get("with")),
            ((*base, "transform"), step.get("transform")),
            ((*base, "approval", "title"), approval.get("title")),
            ((*base, "wait", "until"), wait.get("until")),
        )
        for start, template in places:
            for path, text in _texts(template, start):
                yield from self._template(path, text, frozenset(), step)
        for path, text in _texts(action.get("with"), (*base, "action", "with")):
            yield from self._template(path, text, frozenset({"proposal"}), step)

    def _when(self, path: Path, when: Any) -> Iterator[Problem]:
        if isinstance(when, str) and not findings(when) and not is_expression(when.strip()):
            yield self.document.problem(
                path, "when must be one expression", "such as ${ intent.output.label == 'other' }"
            )

    def _until(self, path: Path, until: Any) -> Iterator[Problem]:
        if not isinstance(until, str) or findings(until) or is_expression(until):
            return
        try:
            parse_timestamp(until)
        except ValueError as error:
            hint = 'write it as "2026-01-31T09:00:00Z", or one expression'
            yield self.document.problem(path, f"until {error}", hint)

    def _template(self, path: Path, text: str, extra: frozenset[str], step: dict[str, Any] | None) -> Iterator[Problem]:
        wrong = findings(text)
        for finding in wrong:
            yield self.document.problem(path, finding.message, finding.hint, offset=finding.offset)
        for reference in read_by(text) if not wrong else ():
            name, offset = reference.name, reference.start
            if name in self.ids and step is not None:
                self._need(step, name)
            if name not in self.ids and name not in SCOPE | extra:
                known = [*self.ids, *SCOPE, *extra]
                message, hint = f'unknown name "{name}"', did_you_mean(name, known)
                if name == "proposal":
                    hint = "only action.with can read the proposal"
                yield self.document.problem(path, message, hint, offset=offset)
            elif reference.member is not None:
                yield from self._member(path, name, reference.member, offset)

    def _member(self, path: Path, name: str, member: str, offset: int) -> Iterator[Problem]:
        known = self._members(name)
        if known is None or member in known:
            return
        what = f'"{name}" has no "{member}"'
        hint = did_you_mean(member, known) or f"{name} is empty"
        if name == "input":
            hint += "; declare it under input.properties"
        yield self.document.problem(path, what, hint, offset=offset)

    def _members(self, name: str) -> Collection[str] | None:
        """What can be read from a name, or None where anything may be."""
        if name in self.ids:
            return STEP_MEMBERS
        if name == "run":
            return RUN_MEMBERS
        if name == "vars":
            return _dict(self.raw.get("vars"))
        schema = _dict(self.raw.get("input")) if name == "input" else {}
        properties = schema.get("properties")
        closed = not (_OPEN_SCHEMA - {"additionalProperties"}) & schema.keys() and not schema.get(
            "additionalProperties"
        )
        return properties if isinstance(properties, dict) and closed else None

    def _schema(self, path: Path, schema: Any) -> Iterator[Problem]:
        for problem in schema_problems(schema) if isinstance(schema, dict) else ():
            message = f"not a valid JSON Schema: {problem.message}"
            yield self.document.problem((*path, *problem.path), message, problem.hint)

    def _need(self, step: dict[str, Any], need: str) -> None:
        if isinstance(step.get("id"), str):
            self.needs.setdefault(step["id"], set()).add(need)

    def _cycles(self) -> Iterator[Problem]:
        remaining = {name: self.needs.get(name, set()) for name in sorted(self.ids, key=lambda name: self.ids[name])}
        while cycle := find_cycle(remaining):
            path = ("steps", self.ids[cycle[0]], "id")
            said = " -> ".join(cycle)
            message = f"the steps wait for each other in a cycle: {said}"
            hint = "remove one of these references"
            if len(cycle) == 2:
                message, hint = f'the step "{cycle[0]}" waits for itself', "a step cannot read its own output"
            yield self.document.problem(path, message, hint)
            remaining = {name: needs - set(cycle) for name, needs in remaining.items() if name not in cycle}


def _texts(template: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(template, str):
        yield path, template
    elif isinstance(template, dict):
        for key, child in template.items():
            yield from _texts(child, (*path, key))
    elif isinstance(template, list):
        for index, child in enumerate(template):
            yield from _texts(child, (*path, index))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _an(word: str) -> str:
    return f"an {word}" if re.match("[aeiou]", word) else f"a {word}"
