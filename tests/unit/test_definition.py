"""The workflow language: what is accepted, and every rule with the message and place of its failing example."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.definition import Definition, Step, definition_from_snapshot, json_schema, parse_definition
from contracts.documents import parse_document
from contracts.durations import MAX_DURATION, format_duration, parse_duration, parse_timestamp
from contracts.errors import InvalidDefinition, TooLarge
from contracts.proposals import Thresholds
from tests.unit.problems import said

EXAMPLE = """\
name: support-inbox
description: Route customer messages; answer the easy ones.
input:
  type: object
  required: [message]
  properties: {message: {type: string, maxLength: 10000}}
vars: {helpdesk_url: "http://localhost:8080"}
steps:
  - id: intent
    agent: classifier
    with: {text: "${ input.message }", collection: intents}
    gate: {auto: 0.95, notify: 0.70, approvers: {roles: [approver]}, expires_after: 72h}
    retry: {max_attempts: 3, initial_interval: 500ms, backoff: 1.5, max_interval: 1m30s}
    timeout: 45s
    action:
      connector: http.request
      with: {method: POST, url: "${ vars.helpdesk_url }/tickets", json: {queue: "${ proposal.label }"}}
  - id: check
    when: ${ intent.output.label != "other" }
    approval: {title: "Call ${ run.started_by }?", form: {type: object, properties: {note: {type: string}}}}
    on_reject: continue
  - id: pause
    needs: [check]
    wait: {for: 1h}
  - id: note
    transform: {label: "${ intent.output.label }", after: "${ pause.status }"}
    on_error: skip
outputs: {note: "${ note.output }"}
"""


def test_a_definition_is_read_with_its_defaults() -> None:
    definition = parse_definition(EXAMPLE)
    intent, check, pause, note = definition.steps
    assert (intent.kind, intent.uses, intent.timeout) == ("agent", "classifier", 45.0)
    assert intent.with_ == {"text": "${ input.message }", "collection": "intents"}
    assert intent.gate is not None
    assert intent.gate.thresholds == Thresholds(auto=0.95, notify=0.70, always_ask=False)
    assert (intent.gate.expires_after, intent.gate.on_expiry) == (259_200.0, "reject")
    assert (intent.gate.approvers.roles, intent.gate.approvers.users) == (("approver",), ())
    assert (intent.retry.max_attempts, intent.retry.initial_interval, intent.retry.max_interval) == (3, 0.5, 90.0)
    assert intent.action is not None
    assert intent.action.connector == "http.request"
    assert (check.kind, check.uses, check.timeout, check.on_reject, check.on_error) == (
        "approval",
        "",
        30.0,
        "continue",
        "fail",
    )
    assert pause.wait is not None
    assert pause.wait.for_ == 3600.0
    assert (note.kind, note.on_error) == ("transform", "skip")
    assert definition.step("pause") is pause
    with pytest.raises(KeyError):
        definition.step("nope")


def test_definitions_cannot_be_changed() -> None:
    first = parse_definition(EXAMPLE).steps[0]
    with pytest.raises(ValidationError, match="frozen"):
        setattr(first, "timeout", 1.0)  # noqa: B010


def test_a_snapshot_gives_the_same_definition_and_is_itself_a_document() -> None:
    definition = parse_definition(EXAMPLE)
    snapshot = definition.snapshot()
    assert definition_from_snapshot(json.loads(json.dumps(snapshot))) == definition
    assert parse_definition(json.dumps(snapshot)) == definition
    assert snapshot["steps"][2] == {"id": "pause", "wait": {"for": "1h"}, "needs": ["check"]}


def step(text: str) -> str:
    """A document with one step, `a`, whose further keys are given; they begin in column 5 of line 4."""
    return "name: x\nsteps:\n  - id: a\n    " + text.replace("\n", "\n    ")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("42", ["1:1: a workflow definition is a mapping of keys (begin with: name: my-workflow)"]),
        ("steps: [{id: a, transform: 1}]", ['1:1: the definition needs the key "name"']),
        ("name: x", ['1:1: the definition needs the key "steps"']),
        ("name: x\nsteps: []", ["2:8: steps must have at least 1 item"]),
        ("name: x\nsteps: {}", ["2:8: steps must be a list, not a mapping"]),
        ("name: x\nsteps: [5]", ["2:9: the step must be a mapping, not a number"]),
        (
            "name: My flow\nsteps: [{id: a, transform: 1}]",
            ['1:7: name cannot be "My flow" (small letters, digits and -, a letter first, at most 63)'],
        ),
        (
            "name: x\nstep: 1\nsteps: [{id: a, transform: 1}]",
            ['2:1: unknown key "step" (did you mean "steps"? known: description, input, name, outputs, steps, vars)'],
        ),
        (
            "name: x\nsteps: [{id: A, transform: 1}]",
            ['2:14: id cannot be "A" (small letters, digits and _, a letter first, at most 63)'],
        ),
        ("name: x\nsteps: [{id: 7, transform: 1}]", ["2:14: id must be text, not a number (quote it)"]),
        ("name: x\nsteps: [{transform: 1}]", ['2:9: the step needs the key "id"']),
        (
            "name: x\nsteps: [{id: input, transform: 1}]",
            ['2:14: "input" is a word of the language (choose another id)'],
        ),
        (
            "name: x\nsteps:\n- {id: a, transform: 1}\n- {id: a, transform: 2}",
            ['4:8: the id "a" is given twice (the first is in line 3)'],
        ),
        (
            step("with: {}"),
            ['3:5: step "a" has no kind (give it exactly one of agent, connector, approval, transform, wait)'],
        ),
        (
            step("agent: x\ntransform: 1"),
            [
                '3:5: step "a" has 2 kinds: agent, transform '
                "(give it exactly one of agent, connector, approval, transform, wait)"
            ],
        ),
        (
            step("transform: 1\nneds: []"),
            [
                '5:5: unknown key "neds" (did you mean "needs"? known: action, agent, approval, connector, gate, id, '
                "needs, on_error, on_reject, retry, timeout, transform, ...)"
            ],
        ),
        (
            step("agent: x\nwith_: {}"),
            [
                '5:5: unknown key "with_" (did you mean "with"? known: action, agent, approval, connector, gate, id, '
                "needs, on_error, on_reject, retry, timeout, transform, ...)"
            ],
        ),
        (step("agent: ''"), ["4:12: agent must have at least 1 character"]),
        (step("agent: x\nwith: [1]"), ["5:11: with must be a mapping, not a list"]),
        (step("agent: x\nwhen: true"), ["5:11: when must be text, not true or false (quote it)"]),
        (
            step("agent: x\nwhen: always"),
            ["5:11: when must be one expression (such as ${ intent.output.label == 'other' })"],
        ),
        (
            step("agent: x\ntimeout: 30"),
            ['5:14: timeout must be a duration with its unit (write it as "500ms", "30s", "1m30s", "72h" or "7d")'],
        ),
        (
            step("agent: x\ntimeout: 30 s"),
            ['5:14: timeout is not a duration: "30 s" (write it as "500ms", "30s", "1m30s", "72h" or "7d")'],
        ),
        (
            step("agent: x\ntimeout: 0s"),
            [
                "5:14: timeout must be longer than 0s and at most ten years "
                '(write it as "500ms", "30s", "1m30s", "72h" or "7d")'
            ],
        ),
        (step("agent: x\nretry: {max_attempts: 0}"), ["5:27: retry.max_attempts must be at least 1"]),
        (
            step("agent: x\nretry: {max_attempts: 1.5}"),
            ["5:27: retry.max_attempts must be a whole number, not a number"],
        ),
        (step("agent: x\nretry: {backoff: 0.5}"), ["5:22: retry.backoff must be at least 1"]),
        (
            step("agent: x\nretry: {initial_interval: 2m}"),
            ["5:12: retry: max_interval must be at least initial_interval (raise max_interval)"],
        ),
        (step("agent: x\ngate: {auto: 1.5}"), ["5:18: gate.auto must be at most 1"]),
        (step("agent: x\ngate: {always_ask: yes}"), ["5:24: gate.always_ask must be true or false, not text"]),
        (
            step("agent: x\ngate: {auto: 0.5}"),
            [
                "5:11: gate: auto (0.5) must be at least notify (0.7) "
                "(a proposal sure enough to act must also be sure enough to act and notify)"
            ],
        ),
        (
            step("agent: x\ngate: {on_expiry: escalate}"),
            ["5:23: gate.on_expiry cannot be \"escalate\" (one of 'reject' or 'fail')"],
        ),
        (step("agent: x\ngate: {approvers: {roles: x}}"), ["5:31: gate.approvers.roles must be a list, not text"]),
        (
            step("agent: x\non_error: ignore"),
            ["5:15: on_error cannot be \"ignore\" (one of 'fail', 'skip' or 'continue')"],
        ),
        (step("agent: x\naction: {with: {}}"), ['5:13: action needs the key "connector"']),
        (
            step("connector: x\naction: {connector: y}"),
            ['5:5: "action" has no meaning for a connector step (the connector call is the action)'],
        ),
        (
            step("approval: {title: t}\ntimeout: 1s"),
            [
                '5:5: "timeout" has no meaning for an approval step '
                "(use gate.expires_after for how long people have to decide)"
            ],
        ),
        (
            step("transform: 1\ngate: {}"),
            ['5:5: "gate" has no meaning for a transform step (it only computes a value)'],
        ),
        (step("wait: {for: 1s}\nwith: {}"), ['5:5: "with" has no meaning for a wait step (it only waits)']),
        (
            step("wait: {}"),
            ['4:11: wait needs either "for" or "until" (such as {for: 1h} or {until: "2026-01-31T09:00:00Z"})'],
        ),
        (
            step("wait: {until: tomorrow}"),
            [
                '4:19: until is not a timestamp with an offset: "tomorrow" '
                '(write it as "2026-01-31T09:00:00Z", or one expression)'
            ],
        ),
        (
            step("wait: {until: 2026-02-30T09:00:00Z}"),
            ['4:19: until day is out of range for month (write it as "2026-01-31T09:00:00Z", or one expression)'],
        ),
        (step("approval: yes"), ["4:15: approval must be a mapping, not text"]),
        (
            step("approval: {title: t, form: {type: strin}}"),
            ["4:39: not a valid JSON Schema: unknown type (array, boolean, integer, null, number, object or string)"],
        ),
        (
            "name: x\ninput: {properties: {a: {minLength: -1}}}\nsteps: [{id: a, transform: 1}]",
            ["2:37: not a valid JSON Schema: -1 is less than the minimum of 0"],
        ),
        (
            "name: x\ninput: {$ref: 'http://localhost/x'}\nsteps: [{id: a, transform: 1}]",
            [
                "2:15: not a valid JSON Schema: a reference must stay inside the schema "
                '(put the schema under "$defs" and refer to "#/$defs/...")'
            ],
        ),
        (
            "name: x\nvars: {v: '${ 1 }'}\nsteps: [{id: a, transform: 1}]",
            ["2:12: vars cannot hold expressions (vars are constants; compute values in a transform step)"],
        ),
        (step("transform: 1\nneeds: [b]"), ['5:13: unknown step "b" (steps: a)']),
        (
            step("transform: x ${ 1 + }"),
            [
                "4:24: not a CEL expression: the expression ends too early "
                "(see https://cel.dev for the language of expressions)"
            ],
        ),
        (
            step("transform: ${ imput.x }"),
            ['4:19: unknown name "imput" (did you mean "input"? known: a, input, run, vars)'],
        ),
        (step("transform: ${ proposal }"), ['4:19: unknown name "proposal" (only action.with can read the proposal)']),
        (step("transform: ${ run.name }"), ['4:19: "run" has no "name" (known: id, revision, started_by, workflow)']),
        (step("transform: ${ vars['v'] }"), ['4:19: "vars" has no "v" (vars is empty)']),
        (
            "name: x\nsteps: [{id: a, transform: 1}]\noutputs: {o: '${ a.outputs }'}",
            ['3:18: "a" has no "outputs" (did you mean "output"? known: decision, output, status)'],
        ),
        (
            "name: x\ninput: {properties: {message: {}}}\nsteps: [{id: a, transform: '${ input.mesage }'}]",
            [
                '3:32: "input" has no "mesage" (did you mean "message"? '
                "known: message; declare it under input.properties)"
            ],
        ),
        (step("transform: ${ a.output }"), ['3:9: the step "a" waits for itself (a step cannot read its own output)']),
        (
            "name: x\nsteps:\n- {id: a, transform: '${ b.output }'}\n"
            "- {id: b, transform: 1, needs: [c]}\n- {id: c, transform: '${ a.status }'}",
            ["3:8: the steps wait for each other in a cycle: a -> b -> c -> a (remove one of these references)"],
        ),
    ],
)
def test_each_rule_says_what_is_wrong_where_and_what_to_do(text: str, problems: list[str]) -> None:
    assert said(text, parse_definition) == problems


def test_all_problems_are_reported_together_in_document_order() -> None:
    text = (
        step("agent: x\nwith: {a: '${ nope }', b: '${ 1 + }'}\ntimeout: 3\nneeds: [z]")
        + "\n  - {id: b, wiat: {}}\n  - 5\nfoo: 1"
    )
    with pytest.raises(InvalidDefinition) as caught:
        parse_definition(text)
    places = [(problem.line, problem.column, problem.path) for problem in caught.value.problems]
    assert places == [
        (5, 19, "steps[0].with.a"),
        (5, 38, "steps[0].with.b"),
        (6, 14, "steps[0].timeout"),
        (7, 13, "steps[0].needs[0]"),
        (8, 13, "steps[1].wiat"),
        (9, 5, "steps[2]"),
        (10, 1, "foo"),
    ]


def test_names_of_agents_and_connectors_are_checked_where_they_are_known() -> None:
    text = step("agent: clasifier\naction: {connector: http.get}") + "\n  - {id: b, connector: mail}"
    assert said(text, parse_definition) == []
    assert said(text, lambda source: parse_definition(source, agents=["classifier"], connectors=["http.request"])) == [
        '4:12: unknown agent "clasifier" (did you mean "classifier"? agents: classifier)',
        '5:25: unknown connector "http.get" (did you mean "http.request"? connectors: http.request)',
        '6:24: unknown connector "mail" (connectors: http.request)',
    ]


def test_an_input_that_allows_more_may_be_read_beyond_its_properties() -> None:
    text = (
        "name: x\ninput: {properties: {a: {}}, additionalProperties: true}\nsteps: [{id: s, transform: '${ input.b }'}]"
    )
    assert said(text, parse_definition) == []


def test_who_has_too_many_problems_begins_with_the_first_hundred() -> None:
    steps = "".join(f"- {{id: s{n}, transform: '${{ q{n}.output }}'}}\n" for n in range(1000))
    started = time.perf_counter()
    assert len(said(f"name: x\nsteps:\n{steps}", parse_definition)) == 100
    assert time.perf_counter() - started < 2


def test_a_thousand_steps_in_one_chain_are_read() -> None:
    steps = "".join(f"- {{id: s{n}, transform: '${{ s{n - 1}.output }}'}}\n" for n in range(1, 1000))
    definition = parse_definition(f"name: x\nsteps:\n- {{id: s0, transform: 1}}\n{steps}")
    assert len(definition.steps) == 1000


def test_the_committed_json_schema_of_the_language_is_current() -> None:
    committed = json.loads((Path(__file__).parents[2] / "contracts" / "definition.schema.json").read_text())
    assert committed == json_schema(), "run: python -m contracts.definition > contracts/definition.schema.json"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (EXAMPLE, True),
        (step("transform: 1\nagent: x"), False),
        (step("neds: 1\nagent: x"), False),
        (step("agent: x\ntimeout: 30"), False),
        (step("agent: x\ntimeout: soon"), False),
        (step("wait: {for: 1s, until: x}"), False),
    ],
)
def test_editors_see_what_the_parser_sees(text: str, fits: bool) -> None:
    assert jsonschema_rs.Draft202012Validator(json_schema()).is_valid(parse_document(text).value) is fits
    assert (said(text, parse_definition) == []) is fits


@given(st.integers(1, int(MAX_DURATION * 1000)))
def test_durations_are_written_as_they_are_read(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds / 1000)) == milliseconds / 1000


@pytest.mark.parametrize(
    "text", ["", "s", "1", "-1s", "1.5s", "1s1m", "1 s", "1S", "11y", "4000d", "99999999999999d", "١s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        parse_duration(text)


def test_timestamps_need_their_offset() -> None:
    assert parse_timestamp("2026-01-31T09:00:00+01:00") == parse_timestamp("2026-01-31t08:00:00.000z")
    for text in ("2026-01-31", "2026-01-31T09:00:00", "tomorrow", "2026-13-01T00:00:00Z"):
        with pytest.raises(ValueError, match=r"timestamp|month"):
            parse_timestamp(text)


durations = st.integers(1, 10**9).map(lambda milliseconds: milliseconds / 1000)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 100) | st.text("abc $", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=5,
)
mappings = st.dictionaries(st.text("abc", min_size=1, max_size=3), values, max_size=3)


@st.composite
def steps(draw: st.DrawFn, step_id: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["agent", "connector", "approval", "transform", "wait"]))
    content: Any = {
        "agent": st.just("classifier"),
        "connector": st.just("http.request"),
        "approval": st.just({"title": "Sure?"}),
        "transform": values.filter(lambda value: value is not None),
        "wait": durations.map(lambda seconds: {"for": seconds}),
    }[kind]
    options: dict[str, Any] = {kind: draw(content)}
    if kind == "agent":
        options |= {
            "with": draw(mappings),
            "timeout": draw(durations),
            "gate": draw(st.none() | st.just({"auto": 0.8})),
        }
        options |= {"retry": {"initial_interval": 0.5, "max_attempts": draw(st.integers(1, 1000))}}
    return {"id": step_id, "on_error": draw(st.sampled_from(["fail", "skip", "continue"])), **options}


@given(st.integers(1, 5).flatmap(lambda count: st.tuples(*(steps(f"s{n}") for n in range(count)))), mappings, mappings)
def test_every_definition_survives_its_snapshot(
    drawn: tuple[dict[str, Any], ...], constants: dict[str, Any], outputs: dict[str, Any]
) -> None:
    definition = Definition(
        name="x", vars=constants, outputs=outputs, steps=tuple(Step.model_validate(each) for each in drawn)
    )
    stored = json.loads(json.dumps(definition.snapshot()))
    assert definition_from_snapshot(stored) == definition
    assert definition_from_snapshot(stored).snapshot() == stored


@given(st.data())
def test_a_mutated_document_gives_a_definition_or_problems_with_places(data: st.DataObject) -> None:
    text = EXAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        new = data.draw(
            st.sampled_from(["", " ", "\n", "${", "}", "*a", "&a ", "- ", ": ", "[", "null", "'", "\t", "0", "ä"])
            | st.text(max_size=3)
        )
        text = text[:start] + new + text[end:]
    with suppress(TooLarge):
        for problem in _problems(text):
            assert problem.line
            assert problem.column
            assert problem.message


def _problems(text: str) -> list[Any]:
    try:
        parse_definition(text)
    except InvalidDefinition as error:
        return error.problems
    return []
