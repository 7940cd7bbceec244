"""`assent publish`: a workflow file, or a folder with one and the label collections that it uses."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.collections import SaveLabels, parse_labels
from contracts.errors import InvalidDefinition, InvalidInput, NotFound, TooLarge
from local.client import ApiClient

MAX_FILE_BYTES = 1_048_576


@dataclass(frozen=True)
class Bundle:
    """What a path holds: a workflow's source, and the labels of collections."""

    source: str
    labels: tuple[SaveLabels, ...] = ()


def read_bundle(path: Path) -> Bundle:
    """Read a workflow file, or a folder with `workflow.yaml` and label files beside it.

    Raises:
        NotFound, TooLarge, InvalidInput: naming the file.
    """
    if not path.is_dir():
        return Bundle(source=read_text(path))
    workflow = path / "workflow.yaml"
    others = sorted(file for file in path.glob("*.yaml") if file != workflow)
    return Bundle(source=read_text(workflow), labels=tuple(_read_labels(file) for file in others))


def read_text(path: Path, limit: int = MAX_FILE_BYTES) -> str:
    """A text file of at most `limit` bytes, by default 1 MiB.

    Raises:
        NotFound, TooLarge, InvalidInput: naming the file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}") from None
    if len(data) > limit:
        raise TooLarge(f"{path} is larger than {limit} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text (byte {error.start})", hint="save it as UTF-8") from None


def _read_labels(path: Path) -> SaveLabels:
    try:
        return parse_labels(read_text(path))
    except InvalidDefinition as error:
        raise InvalidInput("\n".join(f"{path}:{problem}" for problem in error.problems)) from None


async def publish(api: ApiClient, bundle: Bundle, variables: dict[str, Any]) -> dict[str, Any]:
    """Save the labels, then the workflow that uses them; the published workflow."""
    for collection in bundle.labels:
        labels = [label.model_dump(mode="json") for label in collection.labels]
        await api.send("PUT", f"/collections/{collection.collection}/labels", {"labels": labels})
    body = {"source": bundle.source, "variables": variables}
    published: dict[str, Any] = await api.send("PUT", "/workflows", body)
    return published
