"""Templates and CEL: values, determinism, limits, and what is said when something is wrong."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.cel_functions import MAX_ITEMS
from contracts.cel_syntax import MAX_SOURCE, MAX_TOKENS, surface
from contracts.errors import ExpressionError
from contracts.expressions import evaluate, findings, is_true, references, render

SCOPE: dict[str, Any] = {
    "input": {"message": "my card was stolen", "n": 3, "nothing": None},
    "intent": {"output": {"label": "lost_card", "scores": {"b": 2, "a": 1}}, "status": "completed"},
    "xs": [3, 1, 2],
}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        (5, 5),
        (None, None),
        ("${ input.n }", 3),
        ("${input.n > 2}", True),
        ("n=${ input.n }!", "n=3!"),
        ("${ input.n }${ input.n }", "33"),
        (" ${ input.n }", " 3"),
        ("$${ input.n }", "${ input.n }"),
        ("$${ ${ input.n }", "${ 3"),
        ("costs $5 {x}", "costs $5 {x}"),
        ("${ xs } ${ intent.output.scores } ${ true }", '[3, 1, 2] {"a": 1, "b": 2} true'),
        ("${ '}' + \"${\" + '''}''' + r'\\' }", "}${}\\"),
        ("${ {'a': {'b': 1}}.a.b }", 1),
        ("${ // a comment }\n input.n }", 3),
        ({"a": ["${ input.n }", {"${ input.n }": True}]}, {"a": [3, {"${ input.n }": True}]}),
        ("${ has(input.gone) ? 1 : 0 }", 0),
        ("${ timestamp('2026-01-31T10:00:00+01:00') }", "2026-01-31T09:00:00Z"),
        ("${ duration('1h30m') }", "5400s"),
        ("${ duration('-1ms') }", "-0.001s"),
        ("${ b'abc' }", "YWJj"),
        ("${ 3u }", 3),
        ("${ 1.0 }", 1.0),
    ],
)
def test_templates_render_to_json_values(template: Any, value: Any) -> None:
    rendered = render(template, SCOPE)
    assert rendered == value
    assert type(rendered) is type(value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("intent.output.scores.map(k, k)", ["a", "b"]),
        ("intent.output.scores.filter(k, intent.output.scores[k] > 1)", ["b"]),
        ("intent.output.scores.exists(k, k == 'b') && intent.output.scores.all(k, size(k) == 1)", True),
        ("intent.output.scores.exists_one(k, k > 'a')", True),
        ("xs.filter(xs, xs > 1)", [3, 2]),
        ("xs.map(x, x > 1, x * 2)", [6, 4]),
        ("xs.map(x, xs.filter(y, y < x).map(y, {'x': x, 'y': y}))[1]", []),
        ("[].map(x, x)", []),
        ("keys(intent.output.scores)", ["a", "b"]),
        ("intent.output.scores.values()", [1, 2]),
        ("xs.sort()", [1, 2, 3]),
        ("[min(xs), max(xs), sum(xs)]", [1, 3, 6]),
        ("sum([0.1, 0.2, 0.3])", 0.6),
        ("distinct(['b', 'a', 'b'])", ["b", "a"]),
        ("' A,b '.trim().lower().split(',').join('-').upper()", "A-B"),
        ("'aXbX'.replace('X', '')", "ab"),
        ("substring('hello', 1, 3) + 'hello'.substring(4)", "elo"),
        ("round(2.345, 2)", 2.35),
        ("true || 1 / 0 == 1", True),
    ],
)
def test_expressions_evaluate(source: str, value: Any) -> None:
    assert evaluate(source, SCOPE) == value


def test_maps_come_out_in_sorted_order_in_every_process() -> None:
    code = (
        "import json; from contracts.expressions import render\n"
        "m = {c: i for i, c in enumerate('qwertzuiop')}\n"
        "t = {'t': '${ m } ${ m.map(k, k) }', 'v': '${ {\"z\": m, \"a\": m.filter(k, m[k] > 3)} }'}\n"
        "print(json.dumps(render(t, {'m': m})))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    (output,) = outputs
    assert list(json.loads(output)["v"]["z"]) == sorted("qwertzuiop")


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("${ input.gone }", "${ input.gone }: no such key: 'gone'"),
        ("${ nope }", '${ nope }: unknown name "nope"'),
        ("a ${ input.nothing }", "${ input.nothing }: is null, which cannot be written into text"),
        ({"a": [{"b": "${ 1 / 0 }"}]}, "a[0].b: ${ 1 / 0 }: division by zero"),
        ("${ xs[9] }", "${ xs[9] }: index out of bounds: 9"),
        ("${ input + 1 }", "${ input + 1 }: Unsupported operation: map + int"),
        ("${ size(1) }", "${ size(1) }: size() does not take such values"),
        ("${ {1: 2} }", "${ {1: 2} }: makes a map whose keys are not text"),
        ("${ 1.0 / 0.0 }", "${ 1.0 / 0.0 }: makes a number that is not finite"),
        ("${ '\\000' }", "${ '\\000' }: makes a text with a NUL character, which cannot be stored"),
        ("${ 'abc'.map(c, c) }", "${ 'abc'.map(c, c) }: only a list or a map has items to visit"),
        ("${ max([]) }", "${ max([]) }: max(): the list is empty"),
        ("${ timestamp('0001-01-01T00:00:00+10:00') }", None),
        ("${ 'a'.matches('(') }", None),
        ("${ x", '${ x: "${" is not closed'),
    ],
)
def test_what_fails_names_the_expression_and_the_place(template: Any, error: str | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        render(template, SCOPE)
    assert error is None or caught.value.message == error


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("ab ${ 1 + }", 9, "not a CEL expression: the expression ends too early", "see https://cel.dev"),
        ("${ a b }", 5, "not a CEL expression: extraneous input 'b'", "see https://cel.dev"),
        ("${ \n  1 @ 2 }", 8, "not a CEL expression: token recognition error at: '@'", "see https://cel.dev"),
        ("${ }", 2, "the expression is empty", "write one such as"),
        ("x ${ 'a", 2, '"${" is not closed', 'end it with "}"'),
        ("${ lowr('a') }", 3, 'unknown function "lowr"', 'did you mean "lower"? functions: '),
        ("${ _each([1]) }", 3, 'unknown function "_each"', "functions: "),
        ("${ [1].all(x, y, true) }", 7, '"all" is not called as it must be', "write list.all(x, ...)"),
        ("${ .x }", 3, "a name cannot begin with a dot", ""),
        ("${ Foo{} }", 3, "cannot make a Foo", "write a map: "),
        ("${ " + "a" * MAX_SOURCE + " }", 0, '"${" is not closed', "end it with"),
        (
            "${ " + "1+" * MAX_TOKENS + "1 }",
            3,
            "the expression has more than 500 words and signs",
            "compute it in several",
        ),
        ("${ " + "(" * 120 + "1" + ")" * 120 + " }", 2, "the expression is nested too deeply", "compute it in several"),
        (
            "${ " + "[1].map(x," * 40 + "x" + ")" * 40 + " }",
            2,
            "the expression is nested too deeply",
            "compute it in several",
        ),
    ],
)
def test_a_template_is_checked_without_evaluating_it(text: str, offset: int, message: str, hint: str) -> None:
    (finding,) = findings(text)
    assert (finding.offset, finding.message) == (offset, message)
    assert finding.hint.startswith(hint)


def test_all_expressions_of_a_text_are_checked() -> None:
    assert [finding.offset for finding in findings("${ a. } and ${ f() } and ${ g() }")] == [5, 15, 28]


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("${ a.b + c[0] }", {"a", "c"}),
        ({"x": ["${ a }", "text ${ b.output }"]}, {"a", "b"}),
        ("${ xs.map(i, i + y) }", {"xs", "y"}),
        ("${ xs.map(i, i) + [i] }", {"xs", "i"}),
        ("${ i.map(i, i) }", {"i"}),
        ("${ xs.filter(a, ys.exists(b, a == b && z)) }", {"xs", "ys", "z"}),
        ("${ {'k': v, k: 1} }", {"v", "k"}),
        ("${ type(a) == int && has(b.c) && 'x' in d && true }", {"a", "b", "d"}),
        ("${ 'a.b' + r'c' + \"${d}\" }", set()),
        ("${ a // b\n + c }", {"a", "c"}),
        ("$${ a } ${ b }", {"b"}),
        (["plain", 1, None], set()),
    ],
)
def test_references_are_the_names_read_from_outside(template: Any, names: set[str]) -> None:
    assert references(template) == names


def test_conditions_must_be_true_or_false() -> None:
    assert is_true("${ input.n == 3 }", SCOPE) is True
    assert is_true("${ input.n == 4 }\n", SCOPE) is False
    with pytest.raises(ExpressionError, match="must be true or false, not a number"):
        is_true("${ input.n }", SCOPE)
    with pytest.raises(ExpressionError, match="must be true or false, not text"):
        is_true("always", SCOPE)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("['abcdefghijkl']" + ".map(a, a + a)" * 40, "makes a value of more than 4,000,000 characters"),
        ("[[1]]" + ".map(a, a + a)" * 40, "makes a value of more than 4,000,000 characters"),
        ("xs.map(a, text)", "makes a value of more than 4,000,000 characters"),
        ("text.replace('a', text)", "makes a value of more than 4,000,000 characters"),
        ("texts.join(text)", "makes a value of more than 4,000,000 characters"),
        ("xs.map(a, xs.map(b, xs.map(c, 1)))", "visits more than 20,000 items"),
        ("xs.exists(a, xs.exists(b, xs.exists(c, false)))", "visits more than 20,000 items"),
        ("xs.exists(a, xs.all(b, xs.all(c, true)) && false) || true", "visits more than 20,000 items"),
    ],
)
def test_what_one_evaluation_visits_and_makes_is_bounded(source: str, refusal: str) -> None:
    scope = {"xs": list(range(1000)), "text": "a" * 100_000, "texts": ["a"] * 10_000}
    started = time.perf_counter()
    with pytest.raises(ExpressionError, match=refusal):
        evaluate(source, scope)
    assert time.perf_counter() - started < 2


def test_a_long_list_is_mapped_in_well_under_the_time_a_replay_may_block() -> None:
    numbers = list(range(MAX_ITEMS))
    started = time.perf_counter()
    assert evaluate("xs.map(x, x + 1)", {"xs": numbers}) == [number + 1 for number in numbers]
    assert time.perf_counter() - started < 1.5


@pytest.mark.parametrize("term", ["1 + ", "x == ", "x && ", "!", "- "])
def test_the_longest_expressions_fit_the_stack_of_a_small_thread(term: str) -> None:
    count = (MAX_TOKENS - 1) // len(term.split())
    source = term * count + "x"
    before = threading.stack_size(1024 * 1024)
    try:
        thread = threading.Thread(target=lambda: _quietly(source))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert findings("${" + source + "}") == []


def _quietly(source: str) -> None:
    with suppress(ExpressionError):
        evaluate(source, {"x": True})


names = st.sampled_from(["a", "b", "x", "y"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    macro = st.sampled_from(["map", "filter", "all", "exists", "exists_one"])
    return (
        st.builds("{}.{}({}, {})".format, inner, macro, names, inner)
        | st.builds("({} {} {})".format, inner, st.sampled_from(["+", "==", "&&", "in", "?true:"]), inner)
        | st.builds("[{}, {}]".format, inner, inner)
        | st.builds("{{'k': {}}}".format, inner)
        | st.builds("{}.k".format, inner)
        | st.builds("size({})".format, inner)
    )


expressions = st.recursive(names | st.sampled_from(["1", "'s'", "[1, 2]", "{'k': true}"]), _grown, max_leaves=8)


@given(expressions, st.fixed_dictionaries({name: st.sampled_from([1, True, "t", [1, 2], {"k": 1}]) for name in "abxy"}))
def test_guarding_an_expression_does_not_change_its_value(source: str, scope: dict[str, Any]) -> None:
    import cel

    assert {reference.name for reference in surface(source).references} <= set(cel.compile(source).variables())
    try:
        expected = cel.compile(source).execute(scope)
    except Exception:
        with pytest.raises(ExpressionError):
            evaluate(source, scope)
    else:
        assert evaluate(source, scope) == expected


@given(st.text(max_size=60) | st.text(alphabet="${}()[].,'\"\\ab1+?:!-/\n", max_size=60))
def test_any_text_is_a_template_or_an_expression_error(text: str) -> None:
    for template in (text, "${" + text + "}"):
        wrong = findings(template)
        assert all(0 <= finding.offset <= len(template) for finding in wrong)
        references(template)
        with suppress(ExpressionError):
            render(template, {"a": 1, "b": [1]})
            assert not wrong
