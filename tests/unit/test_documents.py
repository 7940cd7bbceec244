"""YAML text to plain values: what is read, what is refused, and where."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.documents import MAX_BYTES, MAX_DEPTH, MAX_NODES, parse_document
from contracts.errors import InvalidDefinition, TooLarge
from tests.unit.problems import said


def value_of(text: str | bytes) -> object:
    document = parse_document(text)
    assert document.problems == []
    return document.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("a:", {"a": None}),
        ("2026-01-31", "2026-01-31"),
        ("12:30:45", "12:30:45"),
        ("0o17", 15),
        ("0x1F", 31),
        ("+5", 5),
        ("-0", 0),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'010'", "010"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("{1: a, true: b}", {"1": "a", "true": "b"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["1:1: the document is empty (begin with: name: my-workflow)"]),
        ("a: 1\n---\nb: 2", ['2:1: there is more than one document (remove what follows "---")']),
        ("a: 1\nb: 2\na: 3", ['3:1: the key "a" is given twice (the first is in line 1; remove one)']),
        ("<<: {a: 1}", ['1:1: merge keys ("<<") are not supported (write the keys out)']),
        ("a: !mine x", ['1:4: the tag "!mine" is not supported (remove it)']),
        (
            "a: !!python/object/apply:os.system [x]",
            ['1:4: the tag "tag:yaml.org,2002:python/object/apply:os.system" is not supported (remove it)'],
        ),
        ("a: 010", ["1:4: the number 010 has leading zeros (quote it for text, or drop the zeros)"]),
        ("a: .nan", ["1:4: .nan is not a JSON number (quote it for text)"]),
        ("a: 1e999", ["1:4: the number 1e999 is too large (quote it for text)"]),
        ("a: 9223372036854775808", ["1:4: the number 9223372036854775808 is beyond 64 bits (quote it for text)"]),
        ('a: "\\0"', ["1:4: the text contains a NUL character, which cannot be stored (remove it)"]),
        ("? [x]\n: 1", ["1:3: a list or mapping cannot be a key (keys are text)"]),
        ("a: &x 1\n*x : 2", ["2:1: an alias cannot be a key (keys are text)"]),
        ("a: *x", ['1:4: the alias "*x" has no anchor before it (mark a value with "&x")']),
        ("a: &x {b: *x}", ['1:11: the alias "*x" has no anchor before it (mark a value with "&x")']),
        (b"name: \xc3\xa4\xff", ["1:8: the text is not UTF-8 (save the file as UTF-8)"]),
        (
            "a\n b\x01",
            ["2:3: the text contains the control character U+0001 (remove it, or escape it in double quotes)"],
        ),
        ("a\ud800", ["1:1: the text contains a lone surrogate, which is not valid Unicode"]),
        (
            "a: b: c",
            [
                "1:5: not valid YAML: mapping values are not allowed in this context "
                "(check indentation, quotes and brackets here and just above)"
            ],
        ),
        ("[" * 60, [f"1:{MAX_DEPTH + 2}: nested deeper than {MAX_DEPTH} levels (flatten it)"]),
    ],
)
def test_what_would_surprise_is_refused_with_its_place(text: str | bytes, problems: list[str]) -> None:
    assert said(text, parse_document) == problems


def test_several_problems_of_one_document_are_found_together() -> None:
    assert len(parse_document("a: 010\nb: .inf\na: 1").problems) == 3


@pytest.mark.parametrize("text", ["x" * 5_000_000, b"\xff" * 5_000_000, "ä" * (MAX_BYTES // 2 + 1)])
def test_five_megabytes_are_refused_before_parsing(text: str | bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(TooLarge, match="larger than 256 KiB"):
        parse_document(text)
    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
        "[x" + ",x" * MAX_NODES + "]",
    ],
)
def test_a_billion_laughs_are_counted_as_if_written_out(text: str) -> None:
    started = time.perf_counter()
    (problem,) = said(text, parse_document)
    assert "the document has more than 50,000 values, aliases written out (split it)" in problem
    assert time.perf_counter() - started < 2


def test_aliases_cannot_nest_deeper_than_brackets_may() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))
    assert said(text, parse_document) == ["48:12: nested deeper than 48 levels (flatten it)"]


@pytest.mark.parametrize("text", ["[" * 250_000, "{" * 250_000, "- " * 125_000, "? " * 125_000, "a: [" * 60_000])
def test_depth_is_refused_at_once_and_without_recursion(text: str) -> None:
    started = time.perf_counter()
    assert len(said(text, parse_document)) == 1
    assert time.perf_counter() - started < 1


def test_problems_point_into_texts() -> None:
    document = parse_document("a: x\nb:\n  - 'quoted'\n  - |\n    one\n      two\nc: \"esc\\taped\"\n")
    where = [
        document.problem(path, "", offset=offset)
        for path, offset in [(("a",), 0), (("b", 0), 2), (("b", 1), 6), (("c",), 4), (("b", 9), 3)]
    ]
    assert [(problem.line, problem.column) for problem in where] == [(1, 4), (3, 8), (6, 7), (7, 4), (3, 3)]
    assert [problem.path for problem in where] == ["a", "b[0]", "b[1]", "c", "b[9]"]
    assert document.problem(("b",), "", at_key=True).column == 1


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\u2028\u2029"), max_size=20
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4),
    max_leaves=12,
)


@given(json_values, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_json_text_reads_as_json(value: object, ascii_only: bool, indent: int | str | None) -> None:
    text = json.dumps({"value": value}, ensure_ascii=ascii_only, indent=indent)
    assert value_of(text) == {"value": value}


@given(st.text() | st.binary() | st.text(alphabet="[]{}:-&*!|>'\"#%@`,? \n\tab01~."))
def test_any_text_gives_a_document_or_problems(text: str | bytes) -> None:
    with suppress(InvalidDefinition):
        parse_document(text)
