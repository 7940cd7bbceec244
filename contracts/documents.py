"""YAML text to plain JSON values, each with its position. JSON is accepted too, being YAML.

Scalars follow the core schema of YAML 1.2: only `true`, `false` and `null` (and their capitals) are not text, so that
`no`, `on` and timestamps stay text. What would surprise is refused with a hint instead of guessed: duplicate keys,
`<<`, tags, several documents, numbers with leading zeros. Sizes are bounded before and while reading.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from contracts.errors import InvalidDefinition, Problem, TooLarge
from contracts.values import MAX_INTEGER

MAX_BYTES = 262_144
MAX_DEPTH = 48
MAX_NODES = 50_000
"""Values of a document, each alias counted as if it were written out."""

MAX_PROBLEMS = 100

Path: TypeAlias = Sequence[str | int]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OTHER_INTEGER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(slots=True)
class Node:
    """A value and where it begins (0-based line and column). `size` and `height` count aliases as written out."""

    value: Any
    line: int
    column: int
    style: str | None = None
    end_line: int = 0
    size: int = 1
    height: int = 0
    children: "dict[str, Node] | list[Node]" = field(default_factory=list)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A parsed document: its plain value, and the position of everything in it."""

    value: Any
    root: Node
    lines: list[str]
    problems: list[Problem]
    """What is wrong so far although the value could be read, such as duplicate keys."""

    def problem(
        self, path: Path, message: str, hint: str = "", *, at_key: bool = False, offset: int | None = None
    ) -> Problem:
        """A problem at a path: at its value, at its key, or `offset` characters into its text."""
        line, column = self._position(path, at_key, offset)
        return Problem(message, line + 1, column + 1, dotted(path), hint)

    def _position(self, path: Path, at_key: bool, offset: int | None) -> tuple[int, int]:
        node = self.root
        for depth, part in enumerate(path):
            last = depth == len(path) - 1
            if isinstance(node.children, dict) and isinstance(part, str) and part in node.children:
                if last and at_key:
                    return node.keys[part]
                node = node.children[part]
            elif isinstance(node.children, list) and isinstance(part, int) and part < len(node.children):
                node = node.children[part]
            else:
                break
        return _within(node, self.lines, offset) if offset is not None else (node.line, node.column)


def parse_document(text: str | bytes) -> Document:
    """The document in a text of at most 256 KiB.

    Raises:
        TooLarge: before parsing.
        InvalidDefinition: when there is no one readable document.
    """
    source = _decode(text)
    reader = _Reader(source)
    try:
        root = reader.read()
    except yaml.YAMLError as error:
        raise InvalidDefinition([*reader.problems, _syntax_problem(error)]) from None
    except _Stop as stop:
        raise InvalidDefinition([*reader.problems, stop.problem]) from None
    return Document(root.value, root, source.splitlines(), reader.problems)


def dotted(path: Path) -> str:
    """A path as people write it: steps[0].with.text"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _decode(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        raise _too_large()
    if isinstance(text, str):
        try:
            text = text.encode()
        except UnicodeEncodeError:
            problem = Problem("the text contains a lone surrogate, which is not valid Unicode", 1, 1)
            raise InvalidDefinition([problem]) from None
    if len(text) > MAX_BYTES:
        raise _too_large()
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _counted(text[: error.start].decode("utf-8-sig"))
        problem = Problem("the text is not UTF-8", line, column, hint="save the file as UTF-8")
        raise InvalidDefinition([problem]) from None
    if control := _CONTROL.search(source):
        line, column = _counted(source[: control.start()])
        message = f"the text contains the control character U+{ord(control.group()):04X}"
        raise InvalidDefinition([Problem(message, line, column, hint="remove it, or escape it in double quotes")])
    # JSON writes characters beyond the first plane as two escapes, YAML as one.
    return _SURROGATE_PAIR.sub(_one_escape, source) if source.lstrip().startswith("{") else source


def _counted(before: str) -> tuple[int, int]:
    """The line and column, from 1, of what follows a text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _one_escape(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"


def _too_large() -> TooLarge:
    return TooLarge(f"the document is larger than {MAX_BYTES // 1024} KiB", hint="split it into several workflows")


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    context = getattr(error, "context", None)
    message = f"not valid YAML: {what}" + (f" {context}" if context else "")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(message, line, column, hint="check indentation, quotes and brackets here and just above")


class _Stop(Exception):
    """Reading cannot go on."""

    def __init__(self, event: Any, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(message, event.start_mark.line + 1, event.start_mark.column + 1, hint=hint)


class _Reader:
    """Builds nodes from parser events, so that depth and size are bounded while reading."""

    def __init__(self, source: str) -> None:
        self.problems: list[Problem] = []
        self._events: Iterator[Any] = iter(yaml.parse(source, Loader=_LOADER))
        self._anchors: dict[str, Node] = {}
        self._size = 0

    def read(self) -> Node:
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise _Stop(event, "the document is empty", "begin with: name: my-workflow")
        root = self._node(self._next(), 0)
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _Stop(event, "there is more than one document", 'remove what follows "---"')
        return root

    def _next(self) -> Any:
        return next(self._events)

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if depth > MAX_DEPTH:
            raise _Stop(event, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
        self._count(event, 1)
        node = self._read(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _read(self, event: Any, depth: int) -> Node:
        start, end = event.start_mark, event.end_mark
        tag = event.tag if event.tag not in (None, "!") else None
        if tag is not None and not (tag == "tag:yaml.org,2002:str" and isinstance(event, yaml.ScalarEvent)):
            self._report(event, f'the tag "{tag}" is not supported', "remove it")
            tag = None
        if isinstance(event, yaml.ScalarEvent):
            is_text = not event.implicit[0] or tag is not None or event.tag == "!"
            value = self._text(event) if is_text else self._plain(event)
            return Node(value, start.line, start.column, event.style, end.line)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        return self._mapping(event, depth)

    def _list(self, start: Any, depth: int) -> Node:
        children: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            children.append(self._node(event, depth + 1))
        node = Node([child.value for child in children], start.start_mark.line, start.start_mark.column)
        node.children = children
        return _measured(node, children)

    def _mapping(self, start: Any, depth: int) -> Node:
        children: dict[str, Node] = {}
        node = Node({}, start.start_mark.line, start.start_mark.column, children=children)
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event)
            child = self._node(self._next(), depth + 1)
            if key in children:
                first = node.keys[key][0] + 1
                self._report(event, f'the key "{key[:60]}" is given twice', f"the first is in line {first}; remove one")
            elif key == "<<" and event.implicit[0]:
                self._report(event, 'merge keys ("<<") are not supported', "write the keys out")
            else:
                children[key] = child
                node.keys[key] = (event.start_mark.line, event.start_mark.column)
        node.value = {key: child.value for key, child in children.items()}
        return _measured(node, list(children.values()))

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            what = "an alias" if isinstance(event, yaml.AliasEvent) else "a list or mapping"
            raise _Stop(event, f"{what} cannot be a key", "keys are text")
        self._count(event, 1)
        return self._text(event)

    def _alias(self, event: Any, depth: int) -> Node:
        target = self._anchors.get(event.anchor)
        if target is None:
            raise _Stop(
                event, f'the alias "*{event.anchor}" has no anchor before it', f'mark a value with "&{event.anchor}"'
            )
        if depth + target.height > MAX_DEPTH:
            raise _Stop(event, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
        self._count(event, target.size)
        return target

    def _count(self, event: Any, size: int) -> None:
        self._size += size
        if self._size > MAX_NODES:
            raise _Stop(event, f"the document has more than {MAX_NODES:,} values, aliases written out", "split it")

    def _text(self, event: Any) -> str:
        text = str(event.value)
        if "\x00" in text:
            self._report(event, "the text contains a NUL character, which cannot be stored", "remove it")
        return text

    def _plain(self, event: Any) -> Any:
        text = str(event.value)
        if text in _NULL:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.fullmatch(text) or _OTHER_INTEGER.fullmatch(text):
            return self._integer(event, text)
        if _SPECIAL_FLOAT.fullmatch(text):
            self._report(event, f"{text} is not a JSON number", "quote it for text")
        elif _FLOAT.fullmatch(text):
            return self._float(event, text)
        return self._text(event)

    def _integer(self, event: Any, text: str) -> Any:
        digits = text.lstrip("+-")
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            self._report(event, f"the number {text[:40]} has leading zeros", "quote it for text, or drop the zeros")
            return text
        value = int(text, 0) if len(text) <= 24 else MAX_INTEGER + 1
        if abs(value) > MAX_INTEGER:
            self._report(event, f"the number {text[:40]} is beyond 64 bits", "quote it for text")
            return text
        return value

    def _float(self, event: Any, text: str) -> Any:
        value = float(text)
        if abs(value) == float("inf"):
            self._report(event, f"the number {text[:40]} is too large", "quote it for text")
            return text
        return value

    def _report(self, event: Any, message: str, hint: str) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop(event, f"more than {MAX_PROBLEMS} problems", "begin with those above")
        mark = event.start_mark
        self.problems.append(Problem(message, mark.line + 1, mark.column + 1, hint=hint))


def _measured(node: Node, children: list[Node]) -> Node:
    node.size = 1 + len(node.keys) + sum(child.size for child in children)
    node.height = 1 + max((child.height for child in children), default=-1)
    return node


def _within(node: Node, lines: list[str], offset: int) -> tuple[int, int]:
    """The position `offset` characters into a text: exact on one line and in literal blocks, else where it begins."""
    text = node.value if isinstance(node.value, str) else ""
    if node.style == "|" and "\n" in text:
        line = node.line + 1 + text.count("\n", 0, offset)
        first = next((row for row in lines[node.line + 1 :] if row.strip()), "")
        indent = len(first) - len(first.lstrip(" "))
        return line, indent + offset - (text.rfind("\n", 0, offset) + 1)
    if node.end_line != node.line:
        return node.line, node.column
    begin = node.column + (1 if node.style in ("'", '"') else 0)
    row = lines[node.line] if node.line < len(lines) else ""
    return node.line, begin + offset if row[begin : begin + len(text)] == text else node.column
