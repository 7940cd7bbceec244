"""The surface of CEL: where an expression ends, which names it reads, and the guarded source that is evaluated.

The CEL library compiles and evaluates, but shows no syntax tree, and it walks maps in an order that differs between
processes. Here the source is cut into tokens, which is enough to know three things about an expression that compiles:

- the names it reads from outside, each with the member read from it (`intent.output` -> intent, output);
- the macros (`map`, `filter`, `all`, `exists`, `exists_one`), and so the names that are bound inside;
- the same source with every macro guarded: `xs.all(x, p)` becomes `xs._each().all(x, p)`, and `xs.map(x, f)` becomes
  `xs._chunks().map(_c, _c.map(x, _weigh(f)))._flat()`. `_each` gives a map's keys in sorted order and counts the items,
  `_weigh` counts what is made of them; chunks, because the library's map and filter take time quadratic in the length
  (see `contracts/cel_functions.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_SOURCE = 4096
"""Longest expression, in characters."""

MAX_TOKENS = 500
"""Longest expression, in tokens: the library's evaluation is recursive, and crashes when the stack of a thread ends."""

MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
TYPE_NAMES = frozenset({"bool", "bytes", "double", "dyn", "int", "list", "map", "null_type", "string", "type", "uint"})
KEYWORDS = frozenset({"true", "false", "null", "in"})
RESERVED = frozenset(
    """
    as break const continue else for function if import let loop package namespace return var void while
    """.split()  # noqa: SIM905
)

BUILDING = frozenset({"filter", "map"})

EACH = "_each"
CHUNKS = "_chunks"
FLAT = "_flat"
WEIGH = "_weigh"

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<text>(?:[bB]?[rR]|[rR][bB])(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"[^"\n]*"|'[^'\n]*')
           |[bB]?(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<number>0[xX][0-9a-fA-F]+[uU]?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[uU]?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>[=!<>]=|&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A name read from outside the expression, the member read from it (if any), and where it stands."""

    name: str
    member: str | None
    start: int


@dataclass(frozen=True, slots=True)
class Surface:
    """What the tokens of an expression tell."""

    references: tuple[Reference, ...]
    guarded: str
    tokens: int
    structs: tuple[Token, ...]
    """Message literals such as `Foo{x: 1}`, which cannot be evaluated here."""


@dataclass(slots=True)
class _Bracket:
    """An open bracket; `variable` is the name that a macro binds, from its first comma on."""

    close: str
    macro: str = ""
    variable: str = ""
    bound: bool = False
    body: int = -1


def tokens(source: str, start: int = 0) -> Iterator[Token]:
    """The tokens from `start`, without spaces and comments."""
    for match in _TOKEN.finditer(source, start):
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match.group(), match.start())


def closing_brace(source: str, start: int) -> int:
    """Where the `}` stands that closes a `${` whose content begins at `start`; -1 when there is none in reach."""
    depth = 0
    for token in tokens(source[: start + MAX_SOURCE + 2], start):
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            if depth == 0:
                return token.start
            depth -= 1
    return -1


@lru_cache(maxsize=4096)
def surface(source: str) -> Surface:
    """Names, macros and guarded form of a source. Any text is accepted; only for one that compiles it is exact."""
    reader = _Reader(source)
    for index in range(len(reader.tokens)):
        reader.read(index)
    return Surface(tuple(reader.references), reader.guarded(), len(reader.tokens), tuple(reader.structs))


class _Reader:
    """One pass over the tokens, with the open brackets as its state."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(tokens(source))
        self.open: list[_Bracket] = []
        self.references: list[Reference] = []
        self.structs: list[Token] = []
        self.insertions: list[tuple[int, str]] = []

    def read(self, index: int) -> None:
        token = self.tokens[index]
        if token.text in _OPENING:
            self.open.append(self._bracket(index))
        elif token.text in _CLOSING:
            self._close(token)
        elif token.text == "," and self.open and self.open[-1].macro:
            self._comma(token)
        elif token.kind == "name":
            self._name(index)

    def guarded(self) -> str:
        parts, last = [], 0
        for position, text in sorted(self.insertions, key=lambda insertion: insertion[0]):
            parts += [self.source[last:position], text]
            last = position
        return "".join([*parts, self.source[last:]])

    def _text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def _kind(self, index: int) -> str:
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else ""

    def _bracket(self, index: int) -> _Bracket:
        bracket = _Bracket(_OPENING[self._text(index)])
        is_macro = (
            self._text(index) == "("
            and self._text(index - 1) in MACROS
            and self._text(index - 2) == "."
            and self._kind(index + 1) == "name"
            and self._text(index + 2) == ","
        )
        if is_macro:
            bracket.macro, bracket.variable = self._text(index - 1), self._text(index + 1)
            guard = f".{CHUNKS}().map(_c, _c" if bracket.macro in BUILDING else f".{EACH}()"
            self.insertions.append((self.tokens[index - 2].start, guard))
        return bracket

    def _close(self, token: Token) -> None:
        bracket = self.open.pop() if self.open else None
        if bracket and bracket.macro == "map" and bracket.bound:
            self.insertions += [(bracket.body, f" {WEIGH}("), (token.start, ")")]
        if bracket and bracket.macro in BUILDING:
            self.insertions.append((token.start + 1, f").{FLAT}()"))

    def _comma(self, token: Token) -> None:
        self.open[-1].bound = True
        self.open[-1].body = token.start + 1

    def _name(self, index: int) -> None:
        token, before, after = self.tokens[index], self._text(index - 1), self._text(index + 1)
        if token.text in KEYWORDS or self._binds(index):
            return
        if after == "{":
            self.structs.append(token)
        if before == "." or after in ("(", "{") or self._is_bound(token):
            return
        member = self._text(index + 2) if after == "." and self._kind(index + 2) == "name" else None
        if member and self._text(index + 3) == "(":
            member = None
        if after == "[" and self._kind(index + 2) == "text" and self._text(index + 3) == "]":
            member = self._text(index + 2)[1:-1]
        if token.text not in TYPE_NAMES or member:
            self.references.append(Reference(token.text, member, token.start))

    def _binds(self, index: int) -> bool:
        return bool(self.open) and bool(self.open[-1].macro) and not self.open[-1].bound

    def _is_bound(self, token: Token) -> bool:
        return any(bracket.bound and bracket.variable == token.text for bracket in self.open)
