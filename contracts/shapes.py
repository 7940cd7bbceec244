"""What pydantic finds wrong with a document's shape, said in the words of the language and placed in the text."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.documents import Document, dotted
from contracts.errors import Problem
from contracts.expressions import kind_of
from contracts.hints import did_you_mean

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping",
    "string_type": "text",
    "tuple_type": "a list",
}
_LIMITS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "string_too_long": ("at most", "max_length"),
    "string_too_short": ("at least", "min_length"),
    "too_long": ("at most", "max_length"),
    "too_short": ("at least", "min_length"),
}
_UNITS = {
    "string_too_long": " characters",
    "string_too_short": " character",
    "too_long": " items",
    "too_short": " item",
}


def shape_problems(document: Document, model: type[BaseModel]) -> Iterator[Problem]:
    """Each place where a document does not have the shape of a model."""
    try:
        model.model_validate(document.value, by_alias=True, by_name=False, context={"document": True})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            # Of a list only valid items are counted; the others have said what is wrong with them.
            if not (detail["type"] == "too_short" and detail["input"]):
                yield _problem(document, model, detail)


def _problem(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Problem:
    path, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    name = _name(path)
    value = detail["input"]
    if kind == "rule":
        message, hint = context["message"], context["hint"]
        starts = message.split(" ")[0] in ("is", "must", "needs")
        named = name if starts else f"{name}:"
        return document.problem(path, message if name == "the step" else f"{named} {message}", hint)
    if kind == "extra_forbidden":
        known = _keys(model, path[:-1])
        message = f'unknown key "{str(path[-1])[:60]}"'
        return document.problem(path, message, did_you_mean(str(path[-1]), known), at_key=True)
    if kind == "missing":
        return document.problem(path[:-1], f'{_name(path[:-1])} needs the key "{path[-1]}"')
    if kind in _EXPECTED:
        hint = "quote it" if kind == "string_type" and isinstance(value, int | float | None) else ""
        return document.problem(path, f"{name} must be {_EXPECTED[kind]}, not {kind_of(value)}", hint)
    return document.problem(path, *_limit(name, kind, context, value))


def _name(path: tuple[int | str, ...]) -> str:
    """What a path is called inside its step: gate.auto, the step, the definition."""
    inner = path[2:] if path[:1] == ("steps",) and len(path) > 1 else path
    return dotted(inner) or ("the step" if path else "the definition")


def _limit(name: str, kind: str, context: dict[str, Any], value: Any) -> tuple[str, str]:
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        verb = "must have" if kind in _UNITS else "must be"
        return f"{name} {verb} {words} {context[key]:g}{_UNITS.get(kind, '')}", ""
    if kind == "literal_error":
        return f'{name} cannot be "{str(value)[:60]}"', f"one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        signs = "- " if "-]" in context["pattern"] else "_ "
        hint = f"small letters, digits and {signs.strip()}, a letter first, at most 63"
        return f'{name} cannot be "{str(value)[:60]}"', hint
    return f"{name} is not valid: {kind}", ""


def _keys(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys of the model at a path, as the language writes them."""
    current: Any = model
    for part in path:
        if isinstance(part, str):
            fields = {field.alias or name: field for name, field in current.model_fields.items()}
            current = _model_in(fields[part].annotation)
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _model_in(argument))), None)
