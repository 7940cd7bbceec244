"""Templates and expressions: `${ ... }` holds one CEL expression.

A text that is one `${ ... }` alone keeps the type of its value; any other text has its expressions written into it.
`$${` writes a literal `${`. Inside mappings and lists every text is a template; keys are not.

Evaluation is pure and deterministic, as workflow code is replayed: results have sorted keys, maps are visited in sorted
order, and the work of one evaluation is bounded (`contracts/cel_functions.py`). Values are JSON values; a timestamp
becomes RFC 3339 text, a duration seconds as text ("5400s"), bytes become base64.

    findings(text)             what is wrong with a template, with offsets, without evaluating it
    references(template)       the names it reads
    render(template, scope)    its value
    evaluate(source, scope)    one expression's value; is_true(template, scope) for conditions
"""

import base64
import json
import logging
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import cel

from contracts.cel_functions import FUNCTIONS, NATIVE, Allowance
from contracts.cel_syntax import MACROS, MAX_SOURCE, MAX_TOKENS, Reference, closing_brace, surface
from contracts.errors import ExpressionError
from contracts.hints import did_you_mean
from contracts.values import MAX_DEPTH, MAX_INTEGER

# The library logs every error of a function that it also raises.
logging.getLogger("cel").setLevel(logging.CRITICAL)

_OPENER = re.compile(r"\$?\$\{")
_TOO_DEEP = (0, "the expression is nested too deeply", "compute it in several steps")
_PARSE_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNKNOWN_NAME = re.compile(r"Undefined variable or function: '([^']*)'")


@dataclass(frozen=True, slots=True)
class Expression:
    """One `${ ... }` of a template: the CEL source and where it starts in the text."""

    source: str
    start: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a template, `offset` characters from its start."""

    offset: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Parsed:
    parts: tuple[str | Expression, ...]
    unclosed: int | None = None

    @property
    def expressions(self) -> list[Expression]:
        return [part for part in self.parts if isinstance(part, Expression)]


def findings(template: str) -> list[Finding]:
    """Everything wrong with one text as a template, in order, without evaluating it."""
    parsed = _parse(template)
    found = [finding for expression in parsed.expressions for finding in _check(expression)]
    if parsed.unclosed is not None:
        found.append(_unclosed(parsed.unclosed))
    return found


def references(template: Any) -> frozenset[str]:
    """The names that a template reads, nested templates included; `${ a.b + c }` reads a and c."""
    return frozenset(reference.name for text in _texts(template) for reference in read_by(text))


def read_by(text: str) -> list[Reference]:
    """Each reading of a name in one text, with the member read and its offset in the text."""
    return [
        Reference(reference.name, reference.member, expression.start + reference.start)
        for expression in _parse(text).expressions
        for reference in surface(expression.source).references
    ]


def read_by_template(template: Any) -> list[Reference]:
    """Each reading of a name anywhere in a template."""
    return [reference for text in _texts(template) for reference in read_by(text)]


def is_expression(text: str) -> bool:
    """Whether a text is one `${ ... }` alone, and so keeps the type of its value."""
    parts = _parse(text).parts
    return len(parts) == 1 and isinstance(parts[0], Expression)


def render(template: Any, scope: Mapping[str, Any]) -> Any:
    """The value of a template: each text rendered, everything else as it is.

    Raises:
        ExpressionError: naming the expression and its place in the template.
    """
    return _render(template, scope, "")


def evaluate(expression: str, scope: Mapping[str, Any]) -> Any:
    """The value of one CEL expression (without `${ }`), as a JSON value with sorted keys.

    Raises:
        ExpressionError: when it does not compile, fails, or makes what JSON has not.
    """
    for finding in _check(Expression(expression, 0)):
        raise _failed(expression, finding.message, finding.hint)
    try:
        return _json(_execute(expression, scope))
    except (ValueError, OverflowError) as error:
        raise _failed(expression, str(error)) from None


def is_true(template: str, scope: Mapping[str, Any]) -> bool:
    """Whether a condition such as `${ a.output > 1 }` holds.

    Raises:
        ExpressionError: also when the value is not true or false.
    """
    value = render(template.strip(), scope)
    if not isinstance(value, bool):
        hint = "compare it, as in ${ x == 1 }"
        raise ExpressionError(f"{_shown(template)}: must be true or false, not {kind_of(value)}", hint=hint)
    return value


def kind_of(value: Any) -> str:
    """What a value is, in people's words."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", dict: "a mapping", list: "a list"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def _render(template: Any, scope: Mapping[str, Any], place: str) -> Any:
    if isinstance(template, dict):
        return {key: _render(child, scope, f"{place}.{key}") for key, child in template.items()}
    if isinstance(template, list | tuple):
        return [_render(child, scope, f"{place}[{index}]") for index, child in enumerate(template)]
    if not isinstance(template, str) or "${" not in template:
        return template
    try:
        return _render_text(template, scope)
    except ExpressionError as error:
        if not place:
            raise
        raise ExpressionError(f"{place.removeprefix('.')}: {error.message}", hint=error.hint) from None


def _render_text(text: str, scope: Mapping[str, Any]) -> Any:
    parsed = _parse(text)
    if parsed.unclosed is not None:
        finding = _unclosed(parsed.unclosed)
        raise ExpressionError(f"{_shown(text[finding.offset :])}: {finding.message}", hint=finding.hint)
    if len(parsed.parts) == 1 and isinstance(parsed.parts[0], Expression):
        return evaluate(parsed.parts[0].source, scope)
    return "".join(part if isinstance(part, str) else _text_of(part, scope) for part in parsed.parts)


def _text_of(expression: Expression, scope: Mapping[str, Any]) -> str:
    value = evaluate(expression.source, scope)
    if value is None:
        # Silence here could turn "/items/${ id }" into a call on all items.
        hint = 'say what to write instead, as in ${ x == null ? "" : x }'
        raise _failed(expression.source, "is null, which cannot be written into text", hint)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _parse(text: str) -> _Parsed:
    return _parse_cached(text) if len(text) <= MAX_SOURCE else _parse_uncached(text)


def _parse_uncached(text: str) -> _Parsed:
    parts: list[str | Expression] = []
    literal, position = "", 0
    while opener := _OPENER.search(text, position):
        literal += text[position : opener.start()]
        position = opener.end()
        if opener.group() == "$${":
            literal += "${"
            continue
        end = closing_brace(text, position)
        if end < 0:
            return _Parsed(tuple(parts), unclosed=opener.start())
        parts += [literal] if literal else []
        parts.append(Expression(text[position:end], position))
        literal, position = "", end + 1
    literal += text[position:]
    return _Parsed((*parts, literal) if literal or not parts else tuple(parts))


_parse_cached = lru_cache(maxsize=4096)(_parse_uncached)


def _texts(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict | list | tuple):
        for child in template.values() if isinstance(template, dict) else template:
            yield from _texts(child)


def _unclosed(offset: int) -> Finding:
    return Finding(offset, '"${" is not closed', f'end it with "}}" within {MAX_SOURCE:,} characters, or write "$${{"')


def _check(expression: Expression) -> list[Finding]:
    if len(expression.source) > MAX_SOURCE:
        message, hint = f"the expression is longer than {MAX_SOURCE:,} characters", "compute it in several steps"
        return [Finding(expression.start, message, hint)]
    return [Finding(expression.start + offset, message, hint) for offset, message, hint in _checked(expression.source)]


@lru_cache(maxsize=4096)
def _checked(source: str) -> tuple[tuple[int, str, str], ...]:
    """Offset, message and hint of everything wrong with a source."""
    lead, shape = len(source) - len(source.lstrip()), surface(source)
    if shape.tokens > MAX_TOKENS:
        return ((lead, f"the expression has more than {MAX_TOKENS} words and signs", "compute it in several steps"),)
    if not source.strip():
        return ((0, "the expression is empty", "write one such as ${ input.message }"),)
    try:
        program = _call(cel.compile, source)
    except ExpressionError as error:
        return (_syntax_problem(source, error.message),)
    if len(shape.guarded) > len(source):
        try:
            _call(cel.compile, shape.guarded)
        except ExpressionError:
            return (_TOO_DEEP,)
    found = [(struct.start, f"cannot make a {struct.text}", "write a map: {'key': value}") for struct in shape.structs]
    if any(name.startswith(".") for name in program.variables()):
        found.append((lead, "a name cannot begin with a dot", ""))
    return (*found, *_unknown_functions(source, program.functions()))


def _unknown_functions(source: str, used: list[str]) -> Iterator[tuple[int, str, str]]:
    known = {*FUNCTIONS, *NATIVE}
    for name in used:
        if name not in known and re.fullmatch(r"[A-Za-z_]\w*", name):
            call = re.search(rf"\b{name}\s*\(", source)
            at = call.start() if call else 0
            if name in MACROS:
                yield (
                    at,
                    f'"{name}" is not called as it must be',
                    f"write list.{name}(x, ...) with a name for the item",
                )
            else:
                yield (at, f'unknown function "{name}"', did_you_mean(name, known | MACROS, "functions"))


def _syntax_problem(source: str, message: str) -> tuple[int, str, str]:
    if "Recursion limit" in message:
        return _TOO_DEEP
    match = _PARSE_ERROR.search(message)
    if not match:
        return (0, "the expression does not compile", message.splitlines()[0][:200])
    line, column, reason = int(match[1]), int(match[2]), match[3]
    before = sum(len(text) + 1 for text in source.split("\n")[: line - 1])
    offset = min(before + column - 1, len(source.rstrip()))
    if "<EOF>' expecting" in reason and "input '<EOF>'" in reason:
        reason = "the expression ends too early"
    reason = reason.split(" expecting ")[0].removeprefix("Syntax error: ")
    return (offset, f"not a CEL expression: {reason}", "see https://cel.dev for the language of expressions")


@lru_cache(maxsize=4096)
def _program(source: str) -> cel.Program:
    return cel.compile(surface(source).guarded)


def _execute(source: str, scope: Mapping[str, Any]) -> Any:
    names = {reference.name for reference in surface(source).references}
    allowance = Allowance()
    context = {**allowance.functions(), **{name: scope[name] for name in names if name in scope}}
    try:
        result = _call(_program(source).execute, context)
    except ExpressionError as error:
        unknown = _UNKNOWN_NAME.search(error.message)
        if unknown and not allowance.refusal:
            raise _failed(source, *_unknown(unknown[1], names, scope)) from None
        raise _failed(source, allowance.refusal or error.message, error.hint) from None
    if allowance.refusal:
        raise _failed(source, allowance.refusal)
    return result


def _unknown(name: str, names: set[str], scope: Mapping[str, Any]) -> tuple[str, str]:
    if name in names:
        return f'unknown name "{name}"', did_you_mean(name, scope)
    return f"{name}() does not take such values", "convert them, as in int(x), double(x) or string(x)"


def _call(function: Any, argument: Any) -> Any:
    """Call the library; whatever it raises, its panics included, becomes an ExpressionError."""
    try:
        return function(argument)
    except KeyError as error:
        raise ExpressionError(f"no such key: {error}", hint="test for it with has(...)") from None
    except Exception as error:
        raise ExpressionError(_reason(error)) from None
    except BaseException as error:
        # A Rust panic derives from BaseException, as do signals, which are not ours.
        if type(error).__name__ != "PanicException":
            raise
        raise ExpressionError("the expression cannot be evaluated") from None


def _reason(error: Exception) -> str:
    text = str(error)
    if "ERROR: <input>" in text:
        return text
    text = text.split(". ")[0].removesuffix(" in CEL expression").rstrip(".")
    text = re.sub(r"^Function '(\w+)' error: (Python function call failed: \w+: )?", r"\1(): ", text)
    return re.sub(r"^_\w+\(\): ", "", text) or type(error).__name__


def _json(value: Any, depth: int = 0) -> Any:
    """The value as JSON with sorted keys. Raises ValueError for what JSON or the store has not."""
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("makes a map whose keys are not text")
        return {_json(key): _json(value[key], depth + 1) for key in sorted(value)}
    if isinstance(value, list):
        return [_json(child, depth + 1) for child in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("makes a text with a NUL character, which cannot be stored")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("makes a number that is not finite")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ValueError("makes a whole number beyond 64 bits")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise ValueError(f"makes {type(value).__name__}, which is not a JSON value")


def _failed(source: str, message: str, hint: str = "") -> ExpressionError:
    return ExpressionError(f"{_shown('${' + source + '}')}: {message}", hint=hint)


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else f"{flat[:117]}..."
