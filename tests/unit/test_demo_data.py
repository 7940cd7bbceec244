"""What the demo reads: any JSONL or CSV with a text, and a clear word about what it cannot read."""

from pathlib import Path

import pytest

from contracts.errors import InvalidInput, NotFound
from local.demo import EXAMPLE, read_messages


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_the_samples_can_be_read() -> None:
    assert len(read_messages(EXAMPLE / "messages.jsonl")) > 300


def test_jsonl_keeps_line_separators_that_are_part_of_a_text(tmp_path: Path) -> None:
    path = write(tmp_path, "mails.jsonl", '{"text": "one\u2028two", "label": "x"}\n\n{"message": "three"}\n')
    assert read_messages(path) == ["one\u2028two", "three"]


def test_csv_is_read_by_its_heading(tmp_path: Path) -> None:
    path = write(tmp_path, "mails.csv", 'label,text\r\nrefund,"two\nlines, one cell"\r\n,plain\r\n')
    assert read_messages(path) == ["two\nlines, one cell", "plain"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", "{}\n", r"a.jsonl:1: no text"),
        ("a.jsonl", '{"text": "fine"}\nnonsense\n', "a.jsonl:2: not valid JSON"),
        ("a.jsonl", '{"text": 5}\n', r"a.jsonl:1: no text"),
        ("a.jsonl", '{"text": "\\u0000"}\n', "a.jsonl:1: the text contains a NUL"),
        ("a.jsonl", '{"text": "\\ud800"}\n', "a.jsonl:1: the text contains a lone surrogate"),
        ("a.csv", "label\nrefund\n", r"a.csv:2: no text"),
        ("a.csv", "text\n" + "x" * 200_000 + "\n", r"a.csv:.*field larger"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_messages(write(tmp_path, name, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.csv"):
        read_messages(tmp_path / "nowhere.csv")
