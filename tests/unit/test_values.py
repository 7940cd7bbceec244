"""JSON values: one canonical form, what may be stored; and JSON Schemas checked against values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import InvalidInput
from contracts.schemas import check_against_schema, schema_problems
from contracts.values import MAX_DEPTH, MAX_INTEGER, canonical, check_storable, content_hash

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT | FINITE
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@given(VALUES)
def test_the_canonical_form_is_json_of_the_same_value_and_can_be_stored(value: Any) -> None:
    assert json.loads(canonical(value)) == value
    check_storable(value)


@given(st.dictionaries(TEXT, SCALARS, min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(list(value.items())))
    assert canonical(turned) == canonical(value)
    assert content_hash(turned) == content_hash(value)


def test_different_values_have_different_hashes() -> None:
    values: list[Any] = [None, 0, "", "0", [], {}, [0], {"a": 0}, {"a": None}, False, 0.5, "é", "e\u0301"]
    assert len({content_hash(value) for value in values}) == len(values)
    assert len(content_hash(None)) == 64


BAD: dict[str, Any] = {
    "NUL": "a\x00b",
    "NUL in a key": {"a\x00": 1},
    "lone surrogate": "\ud800",
    "lone surrogate in a key": {"\udfff": 1},
    "NaN": float("nan"),
    "infinity": float("-inf"),
    "2^63": 2**63,
    "-2^64": -(2**64),
    "too deep": nested(MAX_DEPTH + 1),
    "bytes": b"x",
    "a set": {1},
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"a": [value]}], ids=["plain", "inside"])
def test_what_cannot_be_stored_is_refused_by_name(value: Any, wrap: Any) -> None:
    with pytest.raises(InvalidInput, match="input"):
        check_storable(wrap(value), "input")


def test_the_message_names_the_place() -> None:
    with pytest.raises(InvalidInput, match=r"^input\.orders\[1\]\.note contains a NUL"):
        check_storable({"orders": [1, {"note": "\x00"}]}, "input")


def test_depth_beyond_the_stack_is_refused() -> None:
    check_storable(nested(MAX_DEPTH))
    with pytest.raises(InvalidInput, match="deeper than 64"):
        check_storable(nested(200_000))


SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 1}}}


def test_a_value_that_fits_passes_and_one_that_does_not_names_every_field() -> None:
    check_against_schema({"n": 1}, SCHEMA, "the input")
    with pytest.raises(InvalidInput, match=r"^the input does not fit its schema: n: "):
        check_against_schema({"n": 0}, SCHEMA, "the input")
    with pytest.raises(InvalidInput, match='"n" is a required property'):
        check_against_schema({}, SCHEMA, "the input")


def test_at_most_five_mismatches_are_told() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    with pytest.raises(InvalidInput, match=r"\(and 4 more\)"):
        check_against_schema({f"k{n}": "x" for n in range(9)}, schema, "it")


def test_a_long_value_is_not_repeated_whole() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_against_schema("x" * 100_000, {"type": "integer"}, "it")
    assert len(refused.value.message) < 500


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"a": {"$dynamicRef": "other.json"}}},
        {"$schema": "http://json-schema.org/draft-04/schema#"},
        {"type": "text"},
        {"pattern": "("},
        {"required": "n"},
    ],
)
def test_a_schema_that_cannot_be_used_has_problems(schema: dict[str, Any]) -> None:
    assert schema_problems(schema)


def test_a_usable_schema_has_none() -> None:
    assert schema_problems(SCHEMA) == []
    assert schema_problems({"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"}) == []


def test_patterns_take_linear_time() -> None:
    with pytest.raises(InvalidInput):
        check_against_schema("a" * 5_000 + "!", {"type": "string", "pattern": "^(a+)+$"}, "it")
