"""The example is a valid workflow whose files fit together, and it behaves as its README says."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.collections import parse_labels
from contracts.definition import parse_definition
from contracts.expressions import is_true, render
from contracts.plan import make_plan

FOLDER = Path(__file__).parents[2] / "examples" / "support-inbox"
DEFINITION = parse_definition(
    (FOLDER / "workflow.yaml").read_bytes(), agents=["classifier"], connectors=["http.request"]
)
LABELS = [label.name for label in parse_labels((FOLDER / "intents.yaml").read_bytes()).labels]
MESSAGES: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "messages.jsonl").read_text().splitlines()]


def test_intent_and_alert_run_side_by_side_and_review_follows() -> None:
    assert make_plan(DEFINITION).levels == (("triage",), ("intent", "alert"), ("review",))


def test_messages_are_distinct_and_carry_labels_of_the_collection() -> None:
    assert len({message["text"] for message in MESSAGES}) == len(MESSAGES) >= 300
    assert {message["label"] for message in MESSAGES} == set(LABELS)


def test_labels_named_in_the_workflow_exist() -> None:
    when = DEFINITION.step("review").when
    assert when is not None
    reviewed = [label for label in LABELS if is_true(when, {"intent": {"output": {"label": label}}})]
    assert reviewed == ["refund_request", "double_charge"]


@pytest.mark.parametrize(
    ("message", "urgent"),
    [
        ("The charger was SMOKING when I plugged it in", True),
        ("Smoke came out of the charger", True),
        ("My password was stolen", True),
        ("Where is my order?", False),
    ],
)
def test_triage_tells_what_is_urgent(message: str, urgent: bool) -> None:
    triage = render(DEFINITION.step("triage").transform, {"input": {"message": message}, "vars": DEFINITION.vars})
    assert triage == {"urgent": urgent, "summary": message}


def test_the_ticket_names_the_accepted_label() -> None:
    action = DEFINITION.step("intent").action
    assert action is not None
    scope = {
        "input": {"message": "m" * 200},
        "vars": {"helpdesk_url": "http://desk"},
        "triage": {"output": {"urgent": True}},
        "proposal": {"label": "parcel_late"},
    }
    inputs = render(action.with_, scope)
    assert inputs["url"] == "http://desk/tickets"
    assert inputs["json"] == {"queue": "parcel_late", "priority": "high", "message": "m" * 200}
