"""Collections of labelled texts: what passes when their labels are saved."""

from pydantic import BaseModel, ConfigDict

from contracts.ports import Label


class SaveLabels(BaseModel):
    """Replace the labels of a collection."""

    model_config = ConfigDict(frozen=True)

    collection: str
    labels: tuple[Label, ...]


def label_texts(label: Label) -> list[str]:
    """The texts that stand for a label before anybody has decided: its words, and its typical examples."""
    words = label.name.replace("_", " ")
    return [f"{words}: {label.description}" if label.description else words, *label.examples]
