"""`assent publish`: a workflow file, or a folder with one and the label collections that it uses."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import InvalidInput, NotFound, TooLarge
from contracts.ports import Label
from local.client import ApiClient

MAX_FILE_BYTES = 1_048_576


class LabelFile(BaseModel):
    """A collection's labels as a YAML file: `collection: NAME` and `labels: [{name, description, examples}]`."""

    model_config = ConfigDict(extra="forbid")

    collection: str
    labels: list[Label] = Field(min_length=1)


class Bundle(BaseModel):
    """What a path holds: a workflow's source, and label files."""

    source: str
    labels: list[LabelFile] = []


def read_bundle(path: Path) -> Bundle:
    """Read a workflow file, or a folder with `workflow.yaml` and label files beside it.

    Raises:
        NotFound, TooLarge, InvalidInput: naming the file.
    """
    if not path.is_dir():
        return Bundle(source=read_text(path))
    workflow = path / "workflow.yaml"
    others = sorted(file for file in path.glob("*.yaml") if file != workflow)
    return Bundle(source=read_text(workflow), labels=[_read_labels(file) for file in others])


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


def _read_labels(path: Path) -> LabelFile:
    try:
        return LabelFile.model_validate(yaml.safe_load(read_text(path)))
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path}: {str(error).splitlines()[0]}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path}: {place}: {first['msg']}", hint="it needs `collection` and `labels`") from None


async def publish(api: ApiClient, bundle: Bundle, variables: dict[str, Any]) -> dict[str, Any]:
    """Save the labels, then the workflow that uses them; the published workflow."""
    for file in bundle.labels:
        labels = [label.model_dump(mode="json") for label in file.labels]
        await api.send("PUT", f"/collections/{file.collection}/labels", {"labels": labels})
    body = {"source": bundle.source, "variables": variables}
    published: dict[str, Any] = await api.send("PUT", "/workflows", body)
    return published
