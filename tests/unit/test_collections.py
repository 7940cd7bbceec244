"""The file that describes a collection's labels: what it may hold, and where it is wrong."""

import pytest

from contracts.collections import label_texts, parse_labels
from contracts.errors import InvalidDefinition, TooLarge
from contracts.ports import Label


def test_a_file_gives_the_collection_and_its_labels_in_order() -> None:
    parsed = parse_labels(
        "collection: intents\nlabels:\n- {name: late, description: d, examples: [e]}\n- name: other\n"
    )
    assert parsed.collection == "intents"
    assert parsed.labels == (Label(name="late", description="d", examples=("e",)), Label(name="other"))


def test_every_problem_is_reported_with_its_place() -> None:
    text = "collection: ''\nlabels:\n  - nam: late\n  - {name: ok, examples: many}\n"
    with pytest.raises(InvalidDefinition) as caught:
        parse_labels(text)
    places = {(problem.line, problem.path) for problem in caught.value.problems}
    assert {
        (1, "collection"), (3, "labels[0].name"), (3, "labels[0].nam"), (4, "labels[1].examples"),
    } <= places  # fmt: skip


def test_a_label_that_is_there_twice_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match=r'4:11: the label "a" is there twice'):
        parse_labels("collection: c\nlabels:\n  - name: a\n  - name: a\n")


@pytest.mark.parametrize("text", ["", "[]", "collection: c", "collection: c\nlabels: []", "collection: [", b"\xff"])
def test_what_is_no_such_file_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidDefinition):
        parse_labels(text)


def test_a_file_that_is_too_large_is_refused_unparsed() -> None:
    with pytest.raises(TooLarge):
        parse_labels("collection: " + "x" * 300_000)


def test_a_label_stands_for_its_words_and_examples() -> None:
    assert label_texts(Label(name="parcel_late", description="Not there.", examples=("Where is it?",))) == [
        "parcel late: Not there.",
        "Where is it?",
    ]
    assert label_texts(Label(name="parcel_late")) == ["parcel late"]
