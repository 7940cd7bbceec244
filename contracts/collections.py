"""Collections of labelled texts: the file that describes their labels, and what passes when labels are saved.

collection: intents
labels:
  - name: parcel_late
    description: The parcel has not arrived in time.
    examples: ["Where is my order?"]
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from contracts.documents import Document, parse_document
from contracts.errors import InvalidDefinition, Problem
from contracts.ports import Label

MAX_LABELS = 1000

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class SaveLabels(BaseModel):
    """Replace the labels of a collection."""

    model_config = ConfigDict(frozen=True)

    collection: str
    labels: tuple[Label, ...]


class _Label(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    description: str = Field(default="", max_length=2000)
    examples: list[Text] = Field(default_factory=list, max_length=50)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    collection: Name
    labels: list[_Label] = Field(min_length=1, max_length=MAX_LABELS)


def parse_labels(text: str | bytes) -> SaveLabels:
    """The collection and labels that a YAML or JSON text of at most 256 KiB describes.

    Raises:
        TooLarge: before parsing.
        InvalidDefinition: with every problem and its place.
    """
    document = parse_document(text)
    problems = list(document.problems)
    try:
        parsed = _File.model_validate(document.value)
    except ValidationError as error:
        found = [
            document.problem(item["loc"], f"{_last(item['loc'])}: {item['msg']}", hint="see examples/support-inbox")
            for item in error.errors()
        ]
        raise InvalidDefinition(problems + found) from None
    problems += _repeated(document, parsed)
    if problems:
        raise InvalidDefinition(problems)
    labels = tuple(
        Label(name=label.name, description=label.description, examples=tuple(label.examples)) for label in parsed.labels
    )
    return SaveLabels(collection=parsed.collection, labels=labels)


def label_texts(label: Label) -> list[str]:
    """The texts that stand for a label before anybody has decided: its words, and its typical examples."""
    words = label.name.replace("_", " ")
    return [f"{words}: {label.description}" if label.description else words, *label.examples]


def _repeated(document: Document, parsed: _File) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for index, label in enumerate(parsed.labels):
        if label.name in seen:
            message = f'the label "{label.name}" is there twice'
            problems.append(document.problem(("labels", index, "name"), message, "give each label its own name"))
        seen.add(label.name)
    return problems


def _last(path: tuple[int | str, ...]) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "document")
